package katydid

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The garbage collector may not run while the host hands something over: it then calls functions of the
// component (`cabi_realloc`) that must not call back, as the collector does. So it is switched off, and called
// where nothing is under way: between two iterations, and before and after what the SDK asks of the host.
func init() { debug.SetGCPercent(-1) }

const (
	// slack is garbage that is always allowed, in bytes: less would collect too often, more would cost each
	// user so much memory.
	slack = 1 << 20
	// patience are looks at the heap's size that are saved, as each costs a microsecond, while the memory is
	// small and does not grow: where it is large, there is room for much garbage before it grows.
	patience = 16
	// small is such a memory, in pages of 64 KiB.
	small = 256
)

var heap = struct {
	sample []metrics.Sample
	// Bytes at which it is to be collected.
	limit uint64
	// Looks that were saved.
	saved int
	// Size of the memory at the last look.
	pages int32
}{
	sample: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}},
	limit:  2 * slack,
}

// memoryPages is how large the memory is.
var memoryPages = func() int32 { return 0 }

// relieve collects if the heap has grown by as much as there is in use, and by the slack at least.
func relieve() {
	pages := memoryPages()
	if heap.saved++; heap.saved < patience && pages == heap.pages && pages <= small {
		return
	}
	heap.saved, heap.pages = 0, pages
	if size() < heap.limit {
		return
	}
	runtime.GC()
	used := size()
	heap.limit = used + max(used, slack)
}

func size() uint64 {
	metrics.Read(heap.sample)
	return heap.sample[0].Value.Uint64()
}
