package katydid

import (
	"errors"
	"time"

	"katydid/internal/host"
)

// RequestSuccess counts a request that the scenario made and timed by its own means, and that had a good
// reply: its kind (`grpc`), what it is counted under, how long it took, and the length of the reply in bytes.
func RequestSuccess(kind, name string, took time.Duration, length int) {
	host.Current.Report(event(kind, name, took, length))
}

// RequestFailure counts one that failed for this reason.
func RequestFailure(kind, name string, took time.Duration, length int, reason string) {
	made := event(kind, name, took, length)
	reason = host.Fit(reason)
	made.FailureReason = &reason
	host.Current.Report(made)
}

func event(kind, name string, took time.Duration, length int) host.Event {
	return host.Event{
		Type: host.Fit(kind), Name: host.Fit(name), Us: micros(took), Length: uint64(max(length, 0)),
	}
}

// Measure times what a function does and counts it as one request: a success with a reply of the length that
// the function answers, or a failure for the reason of its error. That error comes back as a ReportedError:
// data, as every failed request.
func Measure(kind, name string, request func() (length int, err error)) error {
	began := Now()
	length, err := request()
	took := Now() - began
	if err == nil || errors.Is(err, Interrupt) || errors.Is(err, StopUser) {
		RequestSuccess(kind, name, took, length)
		return err
	}
	RequestFailure(kind, name, took, length, err.Error())
	if isFailure(err) {
		return err
	}
	return &ReportedError{err}
}

// Counter adds to a sum of the scenario's own, which stands in the statistics by its name.
func Counter(name string, add uint64) { host.Current.Counter(host.Fit(name), add) }

// Gauge sets a value that goes up and down: the statistics keep the latest, the least and the most.
func Gauge(name string, value float64) { host.Current.Gauge(host.Fit(name), value) }

// Rate counts whether something held: the statistics show the share.
func Rate(name string, hit bool) { host.Current.Rate(host.Fit(name), hit) }

// Trend records one value of a distribution, in a unit of your own.
func Trend(name string, value uint64) { host.Current.Trend(host.Fit(name), value) }
