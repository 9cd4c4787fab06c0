package katydid

import "fmt"

// Multicall are several calls that are sent as one request of the method `system.multicall`.
//
//	var calls katydid.Multicall
//	calls.Add("get_time")
//	calls.Add("get_random_number", 0, 100)
//	answers, err := calls.Send(client)
type Multicall struct{ calls []any }

// Answer is what one call of a multicall answered: a value, or the Failure that it has in its place.
type Answer struct {
	Value any
	Err   error
}

const multicall = "system.multicall"

// Add adds a call.
func (calls *Multicall) Add(method string, args ...any) {
	if args == nil {
		args = []any{}
	}
	calls.calls = append(calls.calls, map[string]any{"methodName": method, "params": args})
}

// Send sends all calls, and waits: one answer for each, in their order. The error is that of the request
// itself. The request is counted once; the calls in it are counted beside it, by method and fault.
func (calls *Multicall) Send(client *Client) ([]Answer, error) {
	reply, err := client.Call(multicall, calls.calls)
	if err != nil {
		return nil, err
	}
	values, isArray := reply.([]any)
	if !isArray {
		return nil, &ProtocolError{fmt.Sprintf("%s of %d calls answered no array", multicall, len(calls.calls))}
	}
	if len(values) != len(calls.calls) {
		return nil, &ProtocolError{
			fmt.Sprintf("%s of %d calls answered %d results", multicall, len(calls.calls), len(values)),
		}
	}
	answers := make([]Answer, len(values))
	for place, value := range values {
		answers[place] = answerOf(value)
	}
	return answers, nil
}

// answerOf reads an array of the one result, or a struct with a fault.
func answerOf(value any) Answer {
	switch value := value.(type) {
	case []any:
		if len(value) == 1 {
			return Answer{Value: value[0]}
		}
	case map[string]any:
		if code, is := value["faultCode"].(int); is {
			message, _ := value["faultString"].(string)
			return Answer{Err: &Fault{code, message}}
		}
	}
	return Answer{Err: &ProtocolError{"neither a result nor a fault"}}
}
