//go:build !wasip1

package katydid

import (
	"errors"
	"fmt"
	"strings"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/drive"
	"katydid/internal/host"
)

func init() { drive.Scenario = driven{} }

// driven is this scenario for whoever tests it (see katydidtest).
type driven struct{}

func (driven) Setup() ([]byte, error) {
	if hooks.setup == nil {
		return nil, errors.New("katydid.Setup was given no function")
	}
	return runSetup()
}

func (driven) Teardown() error {
	if hooks.teardown == nil {
		return errors.New("katydid.Teardown was given no function")
	}
	return runTeardown()
}

func (driven) NewUser(name string) (drive.User, error) {
	if len(mistakes) > 0 {
		return nil, errors.New(strings.Join(mistakes, "; "))
	}
	class := classCalled(name)
	if class == nil {
		return nil, fmt.Errorf("there is no user class %q", name)
	}
	return &drivenUser{newRunning(class)}, nil
}

func (driven) Encode(values ...any) ([]host.Node, error) { return encode(nil, values) }

func (driven) Decode(document []host.Node) (values []any, err error) {
	in := reader{document}
	for len(in.rest) > 0 && err == nil {
		var value any
		value, err = in.read()
		values = append(values, value)
	}
	return values, err
}

func (driven) Failure(err error) (host.Failure, bool) {
	failure, is := errors.AsType[Failure](err)
	switch failure := failure.(type) {
	case *Fault:
		return data.MakeFailureFault(data.Fault{Code: int32(failure.Code), Message: failure.Message}), is
	case *StatusError:
		return data.MakeFailureStatus(uint16(failure.Status)), is
	case *TimeoutError:
		return data.MakeFailureTimeout(failure.Which), is
	case *TransportError:
		return data.MakeFailureTransport(failure.Message), is
	case *ProtocolError:
		return data.MakeFailureProtocol(failure.Message), is
	case *RejectedError:
		return data.MakeFailureRejected(failure.Message), is
	default:
		return data.MakeFailureInterrupted(), is
	}
}

type drivenUser struct{ *running }

func (user *drivenUser) Start(state []byte, hasState bool) error { return user.start(state, hasState) }

// Task finds a task by its name, or by the end of its path such as `Checkout.pay`.
func (user *drivenUser) Task(name string) (uint32, error) {
	var paths []string
	for id, task := range user.class.wit.Tasks {
		path := task.Name
		for set := int(task.Set); set > 0; set = user.class.sets[set].parent {
			path = user.class.sets[set].name + "." + path
		}
		if path == name || strings.HasSuffix(path, "."+name) {
			return uint32(id), nil
		}
		paths = append(paths, path)
	}
	return 0, fmt.Errorf("%s has no task %q, only %s", user.class.name, name, strings.Join(paths, ", "))
}

func (user *drivenUser) Run(task uint32) (string, error) {
	next, err := user.runTask(task)
	return [...]string{proceed: "proceed", interrupt: "interrupt", stopUser: "stop user"}[next], err
}

func (user *drivenUser) WaitUs() uint64 { return user.waitUs() }
func (user *drivenUser) Save() []byte   { return user.save() }
func (user *drivenUser) Stop() error    { return user.stop() }
func (user *drivenUser) Object() any    { return user.user }
