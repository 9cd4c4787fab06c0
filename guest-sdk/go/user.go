package katydid

import "time"

// User is a kind of user: how many, against what, and what they do. U is a struct of your own; each virtual
// user has one, its zero value at first.
//
// What U may have beside its tasks are the methods of Starter, Stopper, Waiter and Keeper.
type User[U any] struct {
	// Name is what the class is called; U's own name where it is empty.
	Name string
	// Host is the URL of the target; a run may override it.
	Host string
	// Weight is the share of the users, against other classes: 0 stands for 1, see Never.
	Weight int
	// FixedCount is how many users there are exactly, counted before the weights; 0 for no such number.
	FixedCount int
	// Wait is the pause between two iterations.
	Wait Wait
	// Order is how the next task is chosen.
	Order Order
	// Tags are words by which a run may choose among tasks, as if each task had them.
	Tags []string
	// Tasks are what a user does.
	Tasks []Task[U]
	// Sets are sets of tasks that a user may enter.
	Sets []Set[U]
}

// Task is a named, weighted function.
type Task[U any] struct {
	// Name is for people, and must be there.
	Name string
	// Weight is how often the task is chosen, against its siblings: 0 stands for 1, see Never.
	Weight int
	// Tags are words by which a run may choose among tasks.
	Tags []string
	// Then says which tasks of the same set may follow this one, and how often. Where any task has it, the
	// set is a chain (Markov): it begins with its first task, and ends after one that nothing follows.
	Then Then
	// Run is one iteration. A Failure that it returns ends the iteration and no more: the host has counted
	// that request. Any other error, and a panic, make it a failed iteration; the user lives on. See also
	// Interrupt and StopUser.
	Run func(user *U, client *Client) error
}

// Then are names of tasks and how often each follows.
type Then map[string]int

// Set is a set of tasks, perhaps inside another one. A user that enters one stays there until a task returns
// Interrupt.
type Set[U any] struct {
	// Name is for people, and must be there.
	Name string
	// Weight is how often the set is entered, against its siblings and the tasks beside it.
	Weight int
	// Order is how the next task is chosen.
	Order Order
	// Tags stand for all that is in the set.
	Tags []string
	// Tasks of the set.
	Tasks []Task[U]
	// Sets inside this one.
	Sets []Set[U]
	// OnStart runs when a user enters the set; where it returns an error, the set is not entered.
	OnStart func(user *U, client *Client) error
	// OnStop runs when a user leaves the set.
	OnStop func(user *U, client *Client) error
}

// Never is the weight of what is never chosen.
const Never = -1

// Order is how the next task of a set is chosen.
type Order uint8

const (
	// Weighted is at random, by weight.
	Weighted Order = iota
	// Sequential is one after the other, over and over: tasks first, then sets.
	Sequential
)

// Starter is a user that does something before its first iteration. One that returns an error has not
// started, whatever the reason, and is tried anew.
type Starter interface{ OnStart(client *Client) error }

// Stopper is a user that does something after its last iteration.
type Stopper interface{ OnStop(client *Client) error }

// Waiter is a user that says itself how long it pauses before the next iteration.
type Waiter interface{ WaitTime() time.Duration }

// Keeper is a user whose state outlives the exchange of its module for another version.
type Keeper interface {
	// SaveState is called in the old version, in place of OnStop. It answers any value that a call may have;
	// with nil the user stops and starts anew.
	SaveState() (any, error)
	// RestoreState is called in the new version, in place of OnStart, with that value (see Decode). Expect that
	// of an earlier version.
	RestoreState(state any, client *Client) error
}
