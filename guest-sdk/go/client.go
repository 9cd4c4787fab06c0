package katydid

import (
	"fmt"
	"math"
	"time"

	"katydid/internal/host"
)

// Client calls the target. The host sends each call, times it and counts it exactly once.
type Client struct {
	// Judged calls that nobody has closed yet: the end of the iteration does.
	open []*Exchange
	// Where arguments are written to; kept to spare an allocation.
	nodes []host.Node
}

// Call calls a method of the target and waits for the reply. It answers the value that came back (see Decode
// for what that may be), or a Failure.
func (client *Client) Call(method string, args ...any) (any, error) {
	nodes, err := client.encode(method, args)
	if err != nil {
		return nil, err
	}
	reply, failure := host.Current.Call(host.Fit(method), nodes)
	relieve()
	return answered(reply, failure)
}

// Call is the method of that name, and reads the reply into a T: what does not fit is an error that says
// where.
func Call[T any](client *Client, method string, args ...any) (T, error) {
	var into T
	value, err := client.Call(method, args...)
	if err != nil {
		return into, err
	}
	if err := Decode(value, &into); err != nil {
		return into, fmt.Errorf("the reply of %s: %w", method, err)
	}
	return into, nil
}

// Request is a call with a name, a time-out or a verdict of its own.
type Request struct {
	// Method is what is called.
	Method string
	// Args are its arguments.
	Args []any
	// Label is what the request is counted under, in place of the method; none where it is empty.
	Label string
	// Timeout is the longest that it may take, where the run's own is not shorter; none where it is 0.
	Timeout time.Duration
}

// Exchange is a call whose outcome the scenario judges after it has read the reply. The request is counted
// when it is passed or failed, or else by its reply when it is closed or the iteration ends. Times are those
// of the exchange: thinking about the verdict costs the target nothing.
type Exchange struct {
	judged   host.Judged
	rejected error
}

// Send sends a request at once and waits for its reply.
func (client *Client) Send(request Request) *Exchange {
	name := request.Method
	var options host.Options
	if request.Label != "" {
		name = request.Label
		label := host.Fit(request.Label)
		options.Label = &label
	}
	if request.Timeout > 0 {
		// Rounded up, so that a short time-out is not none.
		ms := uint32(min(math.Ceil(float64(request.Timeout)/1e6), math.MaxUint32))
		options.TimeoutMs = &ms
	}
	nodes, err := client.encode(name, request.Args)
	if err != nil {
		return &Exchange{rejected: err}
	}
	exchange := &Exchange{judged: host.Current.CallJudged(host.Fit(request.Method), nodes, options)}
	client.open = append(client.open, exchange)
	return exchange
}

// Reply answers the value that came back, or a Failure. It may be asked again, until there is a verdict.
func (exchange *Exchange) Reply() (any, error) {
	if exchange.rejected != nil {
		return nil, exchange.rejected
	}
	if exchange.judged == nil {
		return nil, fmt.Errorf("the request was judged or closed: read its reply before")
	}
	reply, failure := exchange.judged.Reply()
	relieve()
	return answered(reply, failure)
}

// Pass counts the request as a success, whatever the reply was. A second verdict is ignored.
func (exchange *Exchange) Pass() {
	if exchange.judged != nil {
		exchange.judged.Pass()
		exchange.Close()
	}
}

// Fail counts the request as a failure, for this reason. A second verdict is ignored.
func (exchange *Exchange) Fail(reason string) {
	if exchange.judged != nil {
		exchange.judged.Fail(host.Fit(reason))
		exchange.Close()
	}
}

// Close lets the request go: counted by its reply, where it was not judged.
func (exchange *Exchange) Close() {
	if exchange.judged != nil {
		exchange.judged.Drop()
		exchange.judged = nil
	}
}

// settle closes what an iteration has left open.
func (client *Client) settle() {
	for _, exchange := range client.open {
		exchange.Close()
	}
	clear(client.open)
	client.open = client.open[:0]
}

// encode writes arguments as nodes, which are good until the next call. What is none is counted here, since
// the host never sees it: each call is counted once.
func (client *Client) encode(name string, args []any) ([]host.Node, error) {
	nodes, err := encode(client.nodes[:0], args)
	if cap(nodes) <= mostKept {
		client.nodes = nodes
	}
	if err == nil {
		return nodes, nil
	}
	rejected := &RejectedError{err.Error()}
	reason := host.Fit(rejected.Error())
	host.Current.Report(host.Event{Type: "xmlrpc", Name: host.Fit(name), FailureReason: &reason})
	return nil, rejected
}

// mostKept are nodes that a client keeps room for.
const mostKept = 256

func answered(reply []host.Node, failure *host.Failure) (any, error) {
	if failure != nil {
		return nil, failureOf(failure)
	}
	value, err := decodeDocument(reply)
	if err != nil {
		return nil, &ProtocolError{"the host's reply: " + err.Error()}
	}
	return value, nil
}
