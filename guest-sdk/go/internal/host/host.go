// Package host is the boundary as the rest of the SDK sees it: the real host in WebAssembly, a fake one in
// tests.
package host

import (
	"strings"
	"unicode/utf8"

	data "katydid/internal/bindings/katydid_load_data"
)

// Node is one node of a document.
type Node = data.Node

// Failure is why a request has no good reply.
type Failure = data.Failure

// Level is how grave a line of the log is.
type Level uint8

// The levels, from the least grave.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Options of a judged call; the zero value says nothing.
type Options struct {
	Label     *string
	TimeoutMs *uint32
}

// Event is a request of the scenario's own.
type Event struct {
	Type, Name    string
	Us, Length    uint64
	FailureReason *string
}

// Judged is a call that waits for a verdict.
type Judged interface {
	Reply() ([]Node, *Failure)
	Pass()
	Fail(reason string)
	Drop()
}

// Host is what a scenario can ask for. Texts are UTF-8 (see Fit).
type Host interface {
	Call(method string, args []Node) ([]Node, *Failure)
	CallJudged(method string, args []Node, options Options) Judged
	Report(event Event)
	Counter(name string, add uint64)
	Gauge(name string, value float64)
	Rate(name string, hit bool)
	Trend(name string, value uint64)
	UserID() uint64
	Iteration() uint64
	Parameter(name string) (string, bool)
	Row(set string) (row []Node, found bool, wrong string)
	SetupData() ([]byte, bool)
	NowUs() uint64
	Random() uint64
	SleepUs(us uint64)
	Check(name string, ok bool)
	StopRun(reason string)
	Log(level Level, message string)
	Panicking(message string)
}

// Current is the host of this program. A test puts a world in its place.
var Current Host

// Fit makes a text of any string: the boundary takes no broken UTF-8.
func Fit(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
