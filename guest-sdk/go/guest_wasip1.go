package katydid

import (
	"fmt"
	"os"
	"strings"
	"time"

	export "katydid/internal/bindings/export_katydid_load_scenario"
	scenario "katydid/internal/bindings/katydid_load_scenario"
	_ "katydid/internal/bindings/wit_exports"
	"katydid/internal/boundary"
	"katydid/internal/host"
	types "katydid/internal/wit/types"
)

func init() {
	host.Current = boundary.Host{}
	export.Guest = guest{}
	memoryPages = boundary.MemoryPages
}

// guest is the contract's exports.
type guest struct{}

func (guest) Describe() scenario.Description {
	if len(classes) == 0 {
		mistake("there is no user class: call katydid.Register in a function init")
	}
	if len(mistakes) > 0 {
		trap(strings.Join(mistakes, "; "))
	}
	said := scenario.Description{Parameters: parameters}
	for _, class := range classes {
		said.Classes = append(said.Classes, class.wit)
		if class.keeps {
			said.Hooks |= scenario.HooksState
		}
	}
	if hooks.setup != nil {
		said.Hooks |= scenario.HooksSetup
	}
	if hooks.teardown != nil {
		said.Hooks |= scenario.HooksTeardown
	}
	if hooks.shape != nil {
		said.Hooks |= scenario.HooksShape
	}
	return said
}

func (guest) Setup() types.Result[types.Option[[]uint8], string] {
	kept, err := runSetup()
	switch {
	case err != nil:
		return types.Err[types.Option[[]uint8], string](told(err))
	case kept == nil:
		return types.Ok[types.Option[[]uint8], string](types.None[[]uint8]())
	}
	return types.Ok[types.Option[[]uint8], string](types.Some(kept))
}

func (guest) Teardown() types.Result[types.Unit, string] {
	return outcome(runTeardown())
}

func (guest) Shape(now scenario.Status) (load scenario.Load) {
	status := Status{
		Elapsed:           time.Duration(now.ElapsedUs) * time.Microsecond,
		Users:             int(now.Users),
		Requests:          int(now.Requests),
		Failed:            int(now.Failed),
		RequestsPerSecond: int(now.RequestsPerSecond),
		P95:               time.Duration(now.P95Us) * time.Microsecond,
	}
	err := guarded(func() error {
		load = hooks.shape(status).load
		return nil
	})
	if err != nil {
		trap(err.Error())
	}
	relieve()
	return load
}

func (guest) NewUser(name string) export.Running {
	if class := classCalled(name); class != nil {
		return exported{newRunning(class)}
	}
	trap(fmt.Sprintf("there is no user class %q", name))
	return nil
}

// exported is a virtual user in the contract's words.
type exported struct{ *running }

func (user exported) OnStart(state types.Option[[]uint8]) types.Result[types.Unit, string] {
	return outcome(user.start(state.SomeOr(nil), state.IsSome()))
}

func (user exported) RunTask(task uint32) types.Result[scenario.Next, string] {
	next, err := user.runTask(task)
	if err != nil {
		return types.Err[scenario.Next, string](told(err))
	}
	return nexts[next]
}

// nexts are made once: they are the answers of nearly every iteration.
var nexts = [...]types.Result[scenario.Next, string]{
	proceed:   types.Ok[scenario.Next, string](scenario.MakeNextProceed()),
	interrupt: types.Ok[scenario.Next, string](scenario.MakeNextInterrupt()),
	stopUser:  types.Ok[scenario.Next, string](scenario.MakeNextStopUser()),
}

func (user exported) WaitUs() uint64 { return user.waitUs() }

func (user exported) Save() types.Option[[]uint8] {
	state := user.save()
	if state == nil {
		return types.None[[]uint8]()
	}
	return types.Some(state)
}

func (user exported) OnStop() types.Result[types.Unit, string] { return outcome(user.stop()) }

func outcome(err error) types.Result[types.Unit, string] {
	if err != nil {
		return types.Err[types.Unit, string](told(err))
	}
	return types.Ok[types.Unit, string](types.Unit{})
}

func told(err error) string { return host.Fit(headline(err)) }

// trap ends the instance with these words.
func trap(message string) {
	host.Current.Panicking(host.Fit(message))
	os.Exit(1)
}
