package katydid

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	scenario "katydid/internal/bindings/katydid_load_scenario"
	"katydid/katydidtest"
)

// fresh forgets what other tests have registered.
func fresh(t *testing.T) *katydidtest.World {
	before, beforeMistakes, beforeHooks, beforeParameters := classes, mistakes, hooks, parameters
	classes, mistakes, parameters = nil, nil, nil
	hooks = struct {
		setup    func(*Client) (any, error)
		teardown func(*Client) error
		shape    func(Status) Load
	}{}
	t.Cleanup(func() { classes, mistakes, hooks, parameters = before, beforeMistakes, beforeHooks, beforeParameters })
	return katydidtest.New(t)
}

type noting struct{ notes []string }

func (user *noting) OnStart(*Client) error { user.notes = append(user.notes, "start"); return nil }
func (user *noting) OnStop(*Client) error  { user.notes = append(user.notes, "stop"); return nil }

func note(text string) func(*noting, *Client) error {
	return func(user *noting, _ *Client) error {
		user.notes = append(user.notes, text)
		return nil
	}
}

func failing(err error) func(*noting, *Client) error {
	return func(*noting, *Client) error { return err }
}

func TestSetsAreEnteredAndLeft(t *testing.T) {
	world := fresh(t)
	Register(User[noting]{
		Tasks: []Task[noting]{{Name: "plain", Run: note("plain")}},
		Sets: []Set[noting]{
			{
				Name: "Outer", OnStart: note("+outer"), OnStop: note("-outer"),
				Tasks: []Task[noting]{{Name: "one", Run: note("one")}, {Name: "out", Run: failing(Interrupt)}},
				Sets: []Set[noting]{{
					Name: "Inner", OnStart: note("+inner"), OnStop: note("-inner"),
					Tasks: []Task[noting]{{Name: "deep", Run: note("deep")}},
				}},
			},
			{Name: "Closed", OnStart: failing(Interrupt), OnStop: note("never"), Tasks: []Task[noting]{{Name: "no", Run: note("no")}}},
		},
	})
	user := world.User("noting")
	must(t, user.Start())
	for _, step := range []struct{ task, next string }{
		{"plain", "proceed"},
		{"Inner.deep", "proceed"},
		{"one", "proceed"},
		{"out", "interrupt"},
		{"plain", "proceed"},
		{"no", "interrupt"},
		{"deep", "proceed"},
	} {
		if next, err := user.Run(step.task); err != nil || next != step.next {
			t.Error(step.task, next, err)
		}
	}
	must(t, user.Stop())
	want := "start plain +outer +inner deep -inner one -outer plain +outer +inner deep -inner -outer stop"
	if found := strings.Join(user.Object().(*noting).notes, " "); found != want {
		t.Error(found)
	}
}

func TestAFailureIsDataAndAnErrorIsNot(t *testing.T) {
	world := fresh(t)
	Register(User[noting]{Tasks: []Task[noting]{
		{Name: "fault", Run: func(_ *noting, client *Client) error {
			_, err := client.Call("buy")
			return fmt.Errorf("we tried: %w", err)
		}},
		{Name: "error", Run: failing(os.ErrNotExist)},
		{Name: "panic", Run: func(*noting, *Client) error { var none map[string]int; none["x"] = 1; return nil }},
		{Name: "stop", Run: failing(fmt.Errorf("enough: %w", StopUser))},
	}})
	world.Answer("buy", func([]any) (any, error) { return nil, &Fault{4, "out of stock"} })
	user := world.User("noting")
	must(t, user.Start())
	if next, err := user.Run("fault"); next != "proceed" || err != nil {
		t.Error(next, err)
	}
	if _, err := user.Run("error"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	_, err := user.Run("panic")
	if err == nil || !strings.HasPrefix(err.Error(), "panic: assignment to entry in nil map\n  scenario_test.go:") {
		t.Error(err)
	}
	if next, err := user.Run("stop"); next != "stop user" || err != nil {
		t.Error(next, err)
	}
	if len(world.Requests) != 1 || world.Requests[0].Failure != "fault 4: out of stock" {
		t.Error(world.Requests)
	}
}

func TestEachCallIsCountedOnce(t *testing.T) {
	world := fresh(t)
	world.Answer("echo", func(args []any) (any, error) { world.Pass(time.Second); return args, nil })
	Register(User[noting]{Tasks: []Task[noting]{{Name: "all", Run: func(_ *noting, client *Client) error {
		client.Call("echo", 1i)
		client.Send(Request{Method: "echo", Label: "open"})
		passed := client.Send(Request{Method: "nobody", Label: "passed"})
		passed.Pass()
		passed.Fail("too late")
		late := client.Send(Request{Method: "echo", Label: "late", Timeout: time.Millisecond})
		if _, err := late.Reply(); err.Error() != "timeout: total" {
			return err
		}
		late.Fail("slow")
		return Measure("sql", "select", func() (int, error) { return 0, errors.New("no table") })
	}}}})
	must(t, world.RunTask("noting", "all"))
	var found []string
	for _, request := range world.Requests {
		found = append(found, request.Name+": "+request.Failure)
	}
	want := []string{
		"echo: reported: rejected: argument 1: a complex128 cannot be written as XML-RPC",
		"passed: ", "late: judged: slow", "select: reported: no table", "open: ",
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("%q", found)
	}
}

type keeping struct{ Notes []string }

func (user *keeping) SaveState() (any, error) {
	if len(user.Notes) == 0 {
		return nil, nil
	}
	return user, nil
}

func (user *keeping) RestoreState(state any, _ *Client) error { return Decode(state, user) }
func (user *keeping) WaitTime() time.Duration                 { return time.Duration(len(user.Notes)) * time.Second }

func TestAStateLivesOn(t *testing.T) {
	world := fresh(t)
	Register(User[keeping]{Tasks: []Task[keeping]{{Name: "note", Run: func(user *keeping, _ *Client) error {
		user.Notes = append(user.Notes, "ž")
		return nil
	}}}})
	old, young := world.User("keeping"), world.User("keeping")
	must(t, old.Start())
	if old.Save() != nil {
		t.Error("there was something to keep")
	}
	_, err := old.Run("note")
	must(t, err)
	must(t, young.Resume(old.Save()))
	if young.Wait() != time.Second {
		t.Error(young.Wait())
	}
	if err := world.User("keeping").Resume([]byte("not JSON")); err == nil {
		t.Error("a foreign state was read")
	}
	if classes[0].wit.Wait.Tag() != scenario.WaitTimeAsked || !classes[0].keeps {
		t.Error(classes[0].wit.Wait)
	}
}

func TestSetupParametersAndRows(t *testing.T) {
	world := fresh(t)
	peak := Param("peak", 100, "users at noon")
	tenant := RequiredParam[string]("tenant", "whose shop it is")
	Setup(func(client *Client) (any, error) {
		return map[string]any{"tenant": tenant.Value(), "n": peak.Value()}, nil
	})
	world.Parameters["tenant"] = "acme"
	world.Parameters["peak"] = "7"
	world.Rows["users"] = []any{map[string]any{"pin": "12"}}
	must(t, world.Setup())
	var data struct {
		Tenant string `xmlrpc:"tenant"`
		N      int    `xmlrpc:"n"`
	}
	must(t, SetupData(&data))
	if data.Tenant != "acme" || data.N != 7 {
		t.Error(data)
	}
	var row struct {
		Pin int `xmlrpc:"pin"`
	}
	must(t, Row("users", &row))
	if err := Row("users", &row); row.Pin != 12 || !errors.Is(err, StopUser) {
		t.Error(row, err)
	}
	if err := Row("nobody", &row); err == nil || err.Error() != `there is no set of data "nobody"` {
		t.Error(err)
	}
	if parameters[0].Default.Some() != "100" || parameters[1].Default.IsSome() {
		t.Error(parameters)
	}
}

func TestTheLogHasLevels(t *testing.T) {
	world := fresh(t)
	log.Printf("plain %d", 1)
	slog.Info("said", "n", 2)
	slog.With("a", "b").Warn("half \xff")
	slog.Error("bad")
	want := "[{info plain 1} {info said n=2} {warn half \uFFFD a=b} {error bad}]"
	if found := fmt.Sprint(world.Lines); found != want {
		t.Error(found)
	}
}

type misshapen struct{}

func (*misshapen) OnStart() {}

func TestMistakesAreToldAtOnce(t *testing.T) {
	fresh(t)
	Register(User[misshapen]{
		Weight: -3, FixedCount: -1, Wait: Between(2*time.Second, time.Second),
		Tasks: []Task[misshapen]{{Then: Then{"nobody": 1}}},
		Sets:  []Set[misshapen]{{}},
	})
	Register(User[misshapen]{})
	Register(User[keeping]{Wait: Constant(1), Order: 9, Tasks: []Task[keeping]{{Name: "x", Run: func(*keeping, *Client) error { return nil }}}})
	want := []string{
		"misshapen: a weight of -3; it is a number from 1, or katydid.Never",
		"misshapen: Between(2s, 1s): the longer pause comes second",
		"misshapen: a FixedCount of -1; it is a number of users",
		"misshapen has a method that would not be called; it needs the shape OnStart(client *katydid.Client) error",
		"task 1 of misshapen has no name",
		"the task misshapen. has no function Run",
		`misshapen.: there is no task "nobody" beside it to follow`,
		"misshapen: a chain has no sets inside,  would never be entered",
		"a set of misshapen. has no name",
		"misshapen has a method that would not be called; it needs the shape OnStart(client *katydid.Client) error",
		"misshapen has no task",
		"two user classes are called misshapen",
		"keeping has both a Wait and a method WaitTime: one of them says how long it pauses",
		"keeping: there is no order 9",
	}
	if !reflect.DeepEqual(mistakes, want) {
		t.Errorf("%q", mistakes)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
