// Package katydidtest is for tests of scenarios, with plain `go test`: no component, no host, no target, no waiting.
//
//	func TestItChecksWhatIsLeft(t *testing.T) {
//		world := katydidtest.New(t)
//		world.Answer("buy", func(args []any) (any, error) { return map[string]any{"left": 0}, nil })
//		if err := world.RunTask("Buyer", "buy"); err != nil {
//			t.Fatal(err)
//		}
//		if !reflect.DeepEqual(world.Checks, []katydidtest.Check{{"something is left", false}}) {
//			t.Error(world.Checks)
//		}
//	}
package katydidtest

import (
	"fmt"
	"testing"
	"time"

	"katydid/internal/drive"
	"katydid/internal/host"
)

// World is what there is around a scenario in a test. While there is one, the scenario of the program speaks to
// it; tests with worlds do not run in parallel.
type World struct {
	// Parameters are those of the run.
	Parameters map[string]string
	// Rows are what is left of each set of data.
	Rows map[string][]any
	// Requests are those that were made or reported, in the order in which they were counted.
	Requests []Request
	// Checks are those that were made.
	Checks []Check
	// Metrics are figures of the scenario's own.
	Metrics []Metric
	// Lines are those of the log.
	Lines []Line
	// Sleeps are how long the scenario slept, which takes no time but the world's.
	Sleeps []time.Duration
	// Stopped is the reason that the scenario gave to end the run.
	Stopped string
	// Seed determines what katydid.Rand draws.
	Seed uint64
	// UserID is the number of the user.
	UserID int

	t         testing.TB
	answers   map[string]Handler
	setup     []byte
	now       time.Duration
	iteration int
	drawn     uint64
}

// Handler answers a call of a method: a value, or a Failure such as &katydid.Fault{4, "out of stock"}.
type Handler func(args []any) (any, error)

// Request is one that was counted.
type Request struct {
	// Type and Name are what it is counted under.
	Type, Name string
	// Method and Args are what was called; empty for a request of the scenario's own.
	Method string
	Args   []any
	// Failure is why there was no good reply, in the words of the reports; empty where there was one.
	Failure string
	// Took is how long it took, on the world's clock.
	Took time.Duration
}

// Check is one that was made.
type Check struct {
	Name string
	OK   bool
}

// Metric is a figure: its Kind is `counter`, `gauge`, `rate` or `trend`.
type Metric struct {
	Kind, Name string
	Value      any
}

// Line is one of the log.
type Line struct{ Level, Message string }

// New makes a world and puts it around the scenario until the test ends.
func New(t testing.TB) *World {
	world := &World{t: t, answers: map[string]Handler{}, Parameters: map[string]string{}, Rows: map[string][]any{}}
	before := host.Current
	host.Current = boundary{world}
	t.Cleanup(func() { host.Current = before })
	return world
}

// Answer says what the target answers when a method is called.
func (world *World) Answer(method string, handler Handler) { world.answers[method] = handler }

// Calls are the arguments of each call of a method.
func (world *World) Calls(method string) [][]any {
	var calls [][]any
	for _, request := range world.Requests {
		if request.Method == method {
			calls = append(calls, request.Args)
		}
	}
	return calls
}

// Pass lets time go by: in a Handler, what the target takes.
func (world *World) Pass(length time.Duration) { world.now += length }

// RunTask makes a user of a class, starts it, has it carry out one task, and stops it.
func (world *World) RunTask(class, task string) error {
	world.t.Helper()
	user := world.User(class)
	if err := user.Start(); err != nil {
		return err
	}
	if _, err := user.Run(task); err != nil {
		return err
	}
	return user.Stop()
}

// Setup runs the function that katydid.Setup was given; its answer is what katydid.SetupData reads from now on.
func (world *World) Setup() error {
	kept, err := drive.Scenario.Setup()
	world.setup = kept
	return err
}

// Teardown runs the function that katydid.Teardown was given.
func (world *World) Teardown() error { return drive.Scenario.Teardown() }

// User makes a user of a class, to be driven step by step.
func (world *World) User(class string) *User {
	world.t.Helper()
	made, err := drive.Scenario.NewUser(class)
	if err != nil {
		world.t.Fatal(err)
	}
	return &User{world, made}
}

// User is a virtual user in a test.
type User struct {
	world *World
	user  drive.User
}

// Next is what a task wants to happen: `proceed`, `interrupt` or `stop user`.
type Next = string

// Start is OnStart.
func (user *User) Start() error { return user.user.Start(nil, false) }

// Resume is RestoreState, with what Save of another user answered.
func (user *User) Resume(state []byte) error { return user.user.Start(state, true) }

// Run is one iteration with this task, which in sets is named with them: `Checkout.pay`. A Failure that the task
// returned is no error.
func (user *User) Run(task string) (Next, error) {
	user.world.t.Helper()
	id, err := user.user.Task(task)
	if err != nil {
		user.world.t.Fatal(err)
	}
	next, err := user.user.Run(id)
	user.world.iteration++
	user.world.drawn = 0
	return next, err
}

// Wait is what WaitTime says.
func (user *User) Wait() time.Duration { return time.Duration(user.user.WaitUs()) * time.Microsecond }

// Save is SaveState; nil where the user is rather to start anew.
func (user *User) Save() []byte { return user.user.Save() }

// Stop is OnStop, of the sets that the user is in and then of the user.
func (user *User) Stop() error { return user.user.Stop() }

// Object is the user itself, a pointer to a struct of the scenario's.
func (user *User) Object() any { return user.user.Object() }

func (request Request) String() string {
	return fmt.Sprintf("%s %s %v %s", request.Type, request.Name, request.Args, request.Failure)
}
