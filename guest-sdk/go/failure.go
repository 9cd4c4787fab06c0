package katydid

import (
	"errors"
	"fmt"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/host"
)

// Failure is a request without a good reply. It is data: the host has counted the request by the time a task
// sees it. A task that returns one, wrapped or not, ends its iteration, but that is no failed iteration.
type Failure interface {
	error
	// Kind is the kind of failure in one word, as in the host's reports.
	Kind() string
}

// Fault is what the target answered in place of a value.
type Fault struct {
	// Code is `faultCode`.
	Code int
	// Message is `faultString`.
	Message string
}

// StatusError is an HTTP status other than 200.
type StatusError struct{ Status int }

// TimeoutError is a time-out that struck: Which is `connect`, `first byte` or `total`.
type TimeoutError struct{ Which string }

// TransportError is a connection that could not be made, or broke.
type TransportError struct{ Message string }

// ProtocolError is a reply that was not HTTP, or not XML-RPC.
type ProtocolError struct{ Message string }

// RejectedError is a call that was not sent: it cannot be written as XML-RPC, or breaks a limit.
type RejectedError struct{ Message string }

// InterruptedError is the end of the run: what is called now is neither sent nor counted.
type InterruptedError struct{}

// ReportedError is a request of the scenario's own that failed (see Measure).
type ReportedError struct{ Cause error }

func (*Fault) Kind() string            { return "fault" }
func (*StatusError) Kind() string      { return "status" }
func (*TimeoutError) Kind() string     { return "timeout" }
func (*TransportError) Kind() string   { return "transport" }
func (*ProtocolError) Kind() string    { return "protocol" }
func (*RejectedError) Kind() string    { return "rejected" }
func (*InterruptedError) Kind() string { return "interrupted" }
func (*ReportedError) Kind() string    { return "reported" }

func (fault *Fault) Error() string              { return fmt.Sprintf("fault %d: %s", fault.Code, fault.Message) }
func (failure *StatusError) Error() string      { return fmt.Sprintf("status %d", failure.Status) }
func (failure *TimeoutError) Error() string     { return "timeout: " + failure.Which }
func (failure *TransportError) Error() string   { return "transport: " + failure.Message }
func (failure *ProtocolError) Error() string    { return "protocol: " + failure.Message }
func (failure *RejectedError) Error() string    { return "rejected: " + failure.Message }
func (failure *InterruptedError) Error() string { return "interrupted" }
func (failure *ReportedError) Error() string    { return "reported: " + failure.Cause.Error() }

// Unwrap gives the error that was reported.
func (failure *ReportedError) Unwrap() error { return failure.Cause }

var (
	// Interrupt is returned by a task to leave the innermost task set; outside of all sets: go on.
	Interrupt = errors.New("interrupt")
	// StopUser is returned by a task, or by OnStart, of a user that has done enough: it ends with OnStop and
	// is not replaced.
	StopUser = errors.New("stop user")
)

// isFailure tells whether an error is data, however deep it is wrapped.
func isFailure(err error) bool {
	_, is := errors.AsType[Failure](err)
	return is
}

// failureOf puts the contract's failure into ours.
func failureOf(failure *host.Failure) Failure {
	switch failure.Tag() {
	case data.FailureFault:
		fault := failure.Fault()
		return &Fault{int(fault.Code), fault.Message}
	case data.FailureStatus:
		return &StatusError{int(failure.Status())}
	case data.FailureTimeout:
		return &TimeoutError{failure.Timeout()}
	case data.FailureTransport:
		return &TransportError{failure.Transport()}
	case data.FailureProtocol:
		return &ProtocolError{failure.Protocol()}
	case data.FailureRejected:
		return &RejectedError{failure.Rejected()}
	default:
		return &InterruptedError{}
	}
}
