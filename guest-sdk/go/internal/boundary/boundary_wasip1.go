// Package boundary is the real host, by the generated bindings.
package boundary

import (
	client "katydid/internal/bindings/katydid_load_client"
	context "katydid/internal/bindings/katydid_load_context"
	data "katydid/internal/bindings/katydid_load_data"
	events "katydid/internal/bindings/katydid_load_events"
	log "katydid/internal/bindings/katydid_load_log"
	metrics "katydid/internal/bindings/katydid_load_metrics"
	"katydid/internal/host"
	types "katydid/internal/wit/types"
)

// Host is the host of this component.
type Host struct{}

func reply(result types.Result[[]data.Node, data.Failure]) ([]host.Node, *host.Failure) {
	if result.IsErr() {
		failure := result.Err()
		return nil, &failure
	}
	return result.Ok(), nil
}

func (Host) Call(method string, args []host.Node) ([]host.Node, *host.Failure) {
	return reply(client.Call(method, args))
}

func (Host) CallJudged(method string, args []host.Node, options host.Options) host.Judged {
	made := client.Options{Label: option(options.Label), TimeoutMs: option(options.TimeoutMs)}
	return judged{client.CallJudged(method, args, made)}
}

func option[T any](value *T) types.Option[T] {
	if value == nil {
		return types.None[T]()
	}
	return types.Some(*value)
}

type judged struct{ *client.Exchange }

func (one judged) Reply() ([]host.Node, *host.Failure) { return reply(one.Exchange.Reply()) }

func (Host) Report(event host.Event) {
	made := events.RequestEvent{
		RequestType: event.Type, Name: event.Name, ResponseTimeUs: event.Us, ResponseLength: event.Length,
	}
	if event.FailureReason == nil {
		events.RequestSuccess(made)
	} else {
		events.RequestFailure(made, *event.FailureReason)
	}
}

func (Host) Counter(name string, add uint64)  { metrics.Counter(name, add) }
func (Host) Gauge(name string, value float64) { metrics.Gauge(name, value) }
func (Host) Rate(name string, hit bool)       { metrics.Rate(name, hit) }
func (Host) Trend(name string, value uint64)  { metrics.Trend(name, value) }

func (Host) UserID() uint64    { return context.UserId() }
func (Host) Iteration() uint64 { return context.Iteration() }

func (Host) Parameter(name string) (string, bool) {
	given := context.Parameter(name)
	return given.SomeOr(""), given.IsSome()
}

func (Host) Row(set string) ([]host.Node, bool, string) {
	row := context.Row(set)
	if row.IsErr() {
		return nil, false, row.Err()
	}
	return row.Ok().SomeOr(nil), row.Ok().IsSome(), ""
}

func (Host) SetupData() ([]byte, bool) {
	kept := context.SetupData()
	return kept.SomeOr(nil), kept.IsSome()
}

func (Host) NowUs() uint64                  { return context.NowUs() }
func (Host) Random() uint64                 { return context.Random() }
func (Host) SleepUs(us uint64)              { context.SleepUs(us) }
func (Host) Check(name string, ok bool)     { context.Check(name, ok) }
func (Host) StopRun(reason string)          { context.StopRun(reason) }
func (Host) Panicking(message string)       { log.Panicking(message) }
func (Host) Log(level host.Level, m string) { log.Write(uint8(level), m) }
