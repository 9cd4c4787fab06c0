package katydid

import (
	"errors"
	"fmt"
	"time"

	"katydid/internal/host"
)

// next is what a task wants to happen.
type next uint8

const (
	proceed next = iota
	interrupt
	stopUser
)

// running is one virtual user at work: the same code under the host and in tests.
//
// The host picks tasks, and it keeps to the sets: it names tasks of a set, or of one inside it, until one of
// them returns Interrupt. Which sets have been entered and left can thus be told from the set of each task.
type running struct {
	class  *class
	user   any
	client *Client
	// The sets that were entered, the outermost first; never the class's own.
	entered []int
	// This user has done enough before its first iteration.
	done bool
	// An error of a set's OnStop, which has no iteration of its own that could fail.
	owed error
}

func newRunning(class *class) *running {
	return &running{class: class, client: &Client{}}
}

// start is OnStart, or, with the state of another version's user, what restores it.
func (one *running) start(state []byte, hasState bool) error {
	defer one.between()
	err := guarded(func() error {
		one.user = one.class.make()
		if keeper, keeps := one.user.(Keeper); keeps && hasState {
			kept, err := recall(state)
			if err != nil {
				return err
			}
			return keeper.RestoreState(kept, one.client)
		}
		if starter, starts := one.user.(Starter); starts {
			return starter.OnStart(one.client)
		}
		return nil
	})
	_, interrupted := errors.AsType[*InterruptedError](err)
	switch {
	case errors.Is(err, StopUser) || interrupted:
		// Interrupted: the run was over before this user began, which is nobody's fault.
		one.done = true
		return nil
	case errors.Is(err, Interrupt):
		return nil
	}
	return err
}

// runTask is one iteration.
func (one *running) runTask(task uint32) (next, error) {
	if one.done {
		return stopUser, nil
	}
	defer one.between()
	if int(task) >= len(one.class.tasks) {
		return proceed, fmt.Errorf("there is no task %d", task)
	}
	entered, err := one.goTo(one.class.tasks[task].set)
	if entered {
		err = guarded(func() error { return one.class.tasks[task].run(one.user, one.client) })
		// The host, too, leaves a chain that is at its end, whatever came of its last task.
		if !errors.Is(err, StopUser) && (errors.Is(err, Interrupt) || one.class.tasks[task].ends) {
			one.leave()
		}
	}
	switch {
	case err == nil:
		return proceed, nil
	case errors.Is(err, StopUser):
		return stopUser, nil
	case errors.Is(err, Interrupt):
		return interrupt, nil
	case isFailure(err):
		// A failure is data: the host has counted that request.
		return proceed, nil
	}
	return proceed, err
}

// goTo leaves the sets that this one is not in, and enters those that it is in. Where the OnStart of one
// returns an error, that one is not entered.
func (one *running) goTo(set int) (bool, error) {
	if set == 0 && len(one.entered) == 0 {
		return true, nil
	}
	var path []int
	for ; set > 0; set = one.class.sets[set].parent {
		path = append([]int{set}, path...)
	}
	for !begins(path, one.entered) {
		one.leave()
	}
	for _, inner := range path[len(one.entered):] {
		if hook := one.class.sets[inner].onStart; hook != nil {
			if err := guarded(func() error { return hook(one.user, one.client) }); err != nil {
				return false, err
			}
		}
		one.entered = append(one.entered, inner)
	}
	return true, nil
}

func begins(path, with []int) bool {
	if len(with) > len(path) {
		return false
	}
	for place, set := range with {
		if path[place] != set {
			return false
		}
	}
	return true
}

// leave leaves the innermost set. The host hears of an error when the user stops; a person at once.
func (one *running) leave() {
	if len(one.entered) == 0 {
		return
	}
	set := one.class.sets[one.entered[len(one.entered)-1]]
	one.entered = one.entered[:len(one.entered)-1]
	if set.onStop == nil {
		return
	}
	err := guarded(func() error { return set.onStop(one.user, one.client) })
	if err != nil && !isEnd(err) && !isFailure(err) {
		err = fmt.Errorf("%s.OnStop: %w", set.name, err)
		host.Current.Log(host.Error, host.Fit(err.Error()))
		if one.owed == nil {
			one.owed = err
		}
	}
}

// waitUs is the pause before the next iteration, where the class leaves it to the user. A panic in it is no
// pause, and a line of the log.
func (one *running) waitUs() uint64 {
	defer one.between()
	var pause time.Duration
	err := guarded(func() error {
		if waiter, waits := one.user.(Waiter); waits {
			pause = waiter.WaitTime()
		}
		return nil
	})
	if err != nil {
		host.Current.Log(host.Error, host.Fit(one.class.name+".WaitTime: "+err.Error()))
	}
	return micros(pause)
}

// save is what a user of another version is to go on with; nil where it is rather to start anew.
func (one *running) save() []byte {
	// One that has done enough before its first iteration is to find that out anew.
	keeper, keeps := one.user.(Keeper)
	if one.done || !keeps {
		return nil
	}
	defer one.between()
	var state []byte
	err := guarded(func() error {
		value, err := keeper.SaveState()
		if err == nil && value != nil {
			state, err = keep(value)
		}
		return err
	})
	if err != nil {
		host.Current.Log(host.Error, host.Fit(one.class.name+".SaveState: "+err.Error()))
		return nil
	}
	return state
}

// stop is OnStop of the sets that the user is in, then of the class.
func (one *running) stop() error {
	defer one.between()
	for len(one.entered) > 0 {
		one.leave()
	}
	if stopper, stops := one.user.(Stopper); stops {
		err := guarded(func() error { return stopper.OnStop(one.client) })
		if err != nil && !isEnd(err) && !isFailure(err) && one.owed == nil {
			one.owed = err
		}
	}
	owed := one.owed
	one.owed = nil
	return owed
}

// between is done after each iteration and hook, whatever came of it.
func (one *running) between() {
	one.client.settle()
	relieve()
}

func runSetup() (kept []byte, err error) {
	client := &Client{}
	defer client.settle()
	err = guarded(func() error {
		answer, err := hooks.setup(client)
		if err != nil || answer == nil {
			return err
		}
		kept, err = keep(answer)
		return err
	})
	return kept, err
}

func runTeardown() error {
	client := &Client{}
	defer client.settle()
	return guarded(func() error { return hooks.teardown(client) })
}
