package katydidtest

import (
	"fmt"
	"math"
	"time"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/drive"
	"katydid/internal/host"
)

// boundary is what the host would do, done by a world.
type boundary struct{ world *World }

func (at boundary) Call(method string, args []host.Node) ([]host.Node, *host.Failure) {
	judged := at.CallJudged(method, args, host.Options{})
	judged.Drop()
	return judged.Reply()
}

func (at boundary) CallJudged(method string, args []host.Node, options host.Options) host.Judged {
	world := at.world
	values, err := drive.Scenario.Decode(args)
	if err != nil {
		world.t.Fatalf("the arguments of %s: %v", method, err)
	}
	request := Request{Type: "xmlrpc", Name: method, Method: method, Args: values}
	if options.Label != nil {
		request.Name = *options.Label
	}
	began := world.now
	reply, failure := at.answer(method, args, values)
	if options.TimeoutMs != nil {
		if most := time.Duration(*options.TimeoutMs) * time.Millisecond; world.now-began > most {
			world.now = began + most
			late := data.MakeFailureTimeout("total")
			reply, failure = nil, &late
		}
	}
	request.Took = world.now - began
	if failure != nil {
		request.Failure = told(failure)
	}
	return &judged{world: world, request: &request, reply: reply, failure: failure}
}

func (at boundary) answer(method string, nodes []host.Node, args []any) ([]host.Node, *host.Failure) {
	fail := func(failure host.Failure) ([]host.Node, *host.Failure) { return nil, &failure }
	for _, node := range nodes {
		if node.Tag() == data.NodeDouble && (math.IsNaN(node.Double()) || math.IsInf(node.Double(), 0)) {
			return fail(data.MakeFailureRejected(fmt.Sprintf("%v cannot be written as XML-RPC", node.Double())))
		}
	}
	handler, known := at.world.answers[method]
	if !known {
		return fail(data.MakeFailureTransport(fmt.Sprintf("the test's world has no answer for %q", method)))
	}
	value, err := handler(args)
	if err != nil {
		failure, is := drive.Scenario.Failure(err)
		if !is {
			at.world.t.Fatalf("the answer for %s: %v is no katydid.Failure", method, err)
		}
		return fail(failure)
	}
	reply, err := drive.Scenario.Encode(value)
	if err != nil {
		at.world.t.Fatalf("the answer for %s: %v", method, err)
	}
	return reply, nil
}

// told is a failure as the reports say it.
func told(failure *host.Failure) string {
	switch failure.Tag() {
	case data.FailureFault:
		return fmt.Sprintf("fault %d: %s", failure.Fault().Code, failure.Fault().Message)
	case data.FailureStatus:
		return fmt.Sprintf("status %d", failure.Status())
	case data.FailureTimeout:
		return "timeout: " + failure.Timeout()
	case data.FailureTransport:
		return "transport: " + failure.Transport()
	case data.FailureProtocol:
		return "protocol: " + failure.Protocol()
	case data.FailureRejected:
		return "rejected: " + failure.Rejected()
	default:
		return "interrupted"
	}
}

// judged is counted when it is judged or let go.
type judged struct {
	world   *World
	request *Request
	reply   []host.Node
	failure *host.Failure
}

func (one *judged) Reply() ([]host.Node, *host.Failure) { return one.reply, one.failure }

func (one *judged) count(failure func(string) string) {
	if one.request != nil {
		one.request.Failure = failure(one.request.Failure)
		one.world.Requests = append(one.world.Requests, *one.request)
		one.request = nil
	}
}

func (one *judged) Pass() { one.count(func(string) string { return "" }) }

func (one *judged) Fail(reason string) {
	one.count(func(string) string { return "judged: " + reason })
}

func (one *judged) Drop() { one.count(func(failure string) string { return failure }) }

func (at boundary) Report(event host.Event) {
	request := Request{Type: event.Type, Name: event.Name, Took: time.Duration(event.Us) * time.Microsecond}
	if event.FailureReason != nil {
		request.Failure = "reported: " + *event.FailureReason
	}
	at.world.Requests = append(at.world.Requests, request)
}

func (at boundary) metric(kind, name string, value any) {
	at.world.Metrics = append(at.world.Metrics, Metric{kind, name, value})
}

func (at boundary) Counter(name string, add uint64)  { at.metric("counter", name, add) }
func (at boundary) Gauge(name string, value float64) { at.metric("gauge", name, value) }
func (at boundary) Rate(name string, hit bool)       { at.metric("rate", name, hit) }
func (at boundary) Trend(name string, value uint64)  { at.metric("trend", name, value) }
func (at boundary) UserID() uint64                   { return uint64(at.world.UserID) }
func (at boundary) Iteration() uint64                { return uint64(at.world.iteration) }

func (at boundary) Parameter(name string) (string, bool) {
	value, given := at.world.Parameters[name]
	return value, given
}

func (at boundary) Row(set string) ([]host.Node, bool, string) {
	rows, known := at.world.Rows[set]
	if !known {
		return nil, false, fmt.Sprintf("there is no set of data %q", set)
	}
	if len(rows) == 0 {
		return nil, false, ""
	}
	at.world.Rows[set] = rows[1:]
	row, err := drive.Scenario.Encode(rows[0])
	if err != nil {
		at.world.t.Fatalf("a row of %s: %v", set, err)
	}
	return row, true, ""
}

func (at boundary) SetupData() ([]byte, bool) { return at.world.setup, at.world.setup != nil }
func (at boundary) NowUs() uint64             { return uint64(at.world.now.Microseconds()) }

func (at boundary) Random() uint64 {
	at.world.drawn++
	mixed := at.world.Seed
	for _, key := range [...]uint64{uint64(at.world.UserID), uint64(at.world.iteration), at.world.drawn} {
		mixed = mix(mixed + 0x9E37_79B9_7F4A_7C15 ^ mix(key))
	}
	return mixed
}

// mix is Steele, Lea and Flood's SplitMix64.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58_476D_1CE4_E5B9
	z = (z ^ z>>27) * 0x94D0_49BB_1331_11EB
	return z ^ z>>31
}

func (at boundary) SleepUs(us uint64) {
	length := time.Duration(us) * time.Microsecond
	at.world.Sleeps = append(at.world.Sleeps, length)
	at.world.now += length
}

func (at boundary) Check(name string, ok bool) {
	at.world.Checks = append(at.world.Checks, Check{name, ok})
}

func (at boundary) StopRun(reason string) {
	if at.world.Stopped == "" {
		at.world.Stopped = reason
	}
}

func (at boundary) Log(level host.Level, message string) {
	name := [...]string{"debug", "info", "warn", "error"}[level]
	at.world.Lines = append(at.world.Lines, Line{name, message})
}

func (at boundary) Panicking(message string) { at.world.t.Fatal(message) }
