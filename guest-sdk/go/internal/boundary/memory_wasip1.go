package boundary

import _ "unsafe" // for linkname

// MemoryPages is how large the memory is, in pages of 64 KiB: one instruction.
//
//go:linkname MemoryPages runtime.currentMemory
func MemoryPages() int32
