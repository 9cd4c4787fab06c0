package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"katydid"
)

// Failures meets every way in which a call fails.
type Failures struct{ stopped bool }

func init() {
	katydid.Register(katydid.User[Failures]{
		FixedCount: 1,
		Order:      katydid.Sequential,
		Tags:       []string{"failures"},
		Tasks: steps(
			katydid.Task[Failures]{Name: "kinds", Run: (*Failures).kinds},
			katydid.Task[Failures]{Name: "unfit", Run: (*Failures).unfit},
			katydid.Task[Failures]{Name: "data", Run: (*Failures).data},
			katydid.Task[Failures]{Name: "judged", Run: (*Failures).judged},
			katydid.Task[Failures]{Name: "batch", Run: (*Failures).batch},
		),
	})
}

func (*Failures) kinds(client *katydid.Client) error {
	call := func(method string, args ...any) error {
		_, err := client.Call(method, args...)
		return err
	}
	fault, err := raised[*katydid.Fault](call("no.such.method", 1))
	own, err2 := raised[*katydid.Fault](fmt.Errorf("wrapped: %w", call("validator1.countTheEntities", "x")))
	if err := all(err, err2); err != nil {
		return err
	}
	status, err := raised[*katydid.StatusError](call("validator1.easyStructTest", map[string]any{}))
	if err != nil {
		return err
	}
	exchange := client.Send(katydid.Request{
		Method: "validator1.echoStructTest", Args: []any{map[string]any{}}, Timeout: 200 * time.Millisecond,
	})
	_, late := exchange.Reply()
	exchange.Close()
	timeout, err := raised[*katydid.TimeoutError](late)
	if err != nil {
		return err
	}
	_, dropped := raised[*katydid.TransportError](call("validator1.manyTypesTest"))
	_, garbage := raised[*katydid.ProtocolError](call("validator1.nestedStructTest", map[string]any{}))
	_, nan := raised[*katydid.RejectedError](call("echo", math.NaN()))
	_, nul := raised[*katydid.RejectedError](call("echo", "\x00"))
	return all(
		expect([]any{fault.Code, fault.Kind()}, []any{-32601, "fault"}),
		expect([]any{own.Code, own.Message, own.Error()}, []any{42, "out of luck", "fault 42: out of luck"}),
		expect(status.Status, 503),
		expect(timeout.Which, "total"),
		dropped, garbage, nan, nul,
	)
}

// unfit is what cannot be written; it says where it is.
func (*Failures) unfit(client *katydid.Client) error {
	itself := []any{nil}
	itself[0] = itself
	for _, row := range []struct {
		value any
		why   string
	}{
		{uint64(math.MaxUint64), "argument 1: 18446744073709551615 does not fit the 64 bits"},
		{[]any{map[string]any{"price": 1i}}, `argument 1[0]["price"]: a complex128 cannot be written`},
		{map[int]int{7: 1}, "argument 1: the names of a struct are texts, a int is none"},
		{"\xff", "argument 1: a text that is no UTF-8"},
		{itself, "argument 1: more than 500 values inside one another"},
		{make(chan int), "argument 1: a chan int cannot be written"},
	} {
		_, err := client.Call("echo", row.value)
		rejected, err := raised[*katydid.RejectedError](err)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(rejected.Message, row.why) {
			return fmt.Errorf("%.100q in place of %q", rejected.Message, row.why)
		}
	}
	return nil
}

// data: a failure that is returned ends the iteration, and is no failed one.
func (*Failures) data(client *katydid.Client) error {
	if _, err := client.Call("no.such.method"); err != nil {
		return fmt.Errorf("what we wanted to know: %w", err)
	}
	return fmt.Errorf("this is not reached")
}

func (*Failures) judged(client *katydid.Client) error {
	exchange := client.Send(katydid.Request{Method: "echo", Args: []any{false}, Label: "refused"})
	once, err := exchange.Reply()
	again, err2 := exchange.Reply()
	exchange.Fail("the answer was no")
	exchange.Pass() // A second verdict is ignored.
	expected := client.Send(katydid.Request{Method: "no.such.method", Label: "expected fault"})
	_, fault := expected.Reply()
	_, err3 := raised[*katydid.Fault](fault)
	expected.Pass()
	client.Send(katydid.Request{Method: "echo", Args: []any{1}, Label: "unjudged good"}).Close()
	// The end of the iteration closes it.
	client.Send(katydid.Request{Method: "no.such.method", Label: "unjudged bad"})
	unfit := client.Send(katydid.Request{Method: "echo", Args: []any{1i}, Label: "unjudged rejected"})
	_, rejected := unfit.Reply()
	_, err4 := raised[*katydid.RejectedError](rejected)
	unfit.Fail("it was counted already")
	return all(err, err2, err3, err4, expect([]any{once, again}, []any{false, false}))
}

func (*Failures) batch(client *katydid.Client) error {
	var calls katydid.Multicall
	calls.Add("echo", 7)
	calls.Add("system.methodHelp", "get_time")
	calls.Add("no.such.method", 1)
	answers, err := calls.Send(client)
	if err != nil {
		return err
	}
	_, isText := answers[1].Value.(string)
	fault, err := raised[*katydid.Fault](answers[2].Err)
	return all(err, expect([]any{answers[0].Value, isText, fault.Code}, []any{7, true, -32601}))
}
