package katydid

import (
	"fmt"
	"math"
	"reflect"
	"sort"

	scenario "katydid/internal/bindings/katydid_load_scenario"
	"katydid/internal/host"
	types "katydid/internal/wit/types"
)

// Register adds a user class to the scenario. Call it when the program is initialized: in a function init.
func Register[U any](user User[U]) {
	building := &building{class: class{make: func() any { return any(new(U)) }}}
	describe(building, user)
	for _, before := range classes {
		if before.name == building.class.name {
			mistake("two user classes are called %s", before.name)
		}
	}
	classes = append(classes, &building.class)
}

// class is a user class without its type.
type class struct {
	name  string
	wit   scenario.UserClass
	make  func() any
	sets  []setOf
	tasks []taskOf
	keeps bool
}

type setOf struct {
	name            string
	parent          int
	onStart, onStop func(user any, client *Client) error
}

type taskOf struct {
	set  int
	run  func(user any, client *Client) error
	ends bool
}

// classes and mistakes are what was registered, and what is wrong with it. Nobody could be told before the
// host asks for the description.
var (
	classes  []*class
	mistakes []string
)

// classCalled finds a class by its name.
func classCalled(name string) *class {
	for _, class := range classes {
		if class.name == name {
			return class
		}
	}
	return nil
}

func mistake(format string, args ...any) { mistakes = append(mistakes, fmt.Sprintf(format, args...)) }

// building is a class under construction.
type building struct{ class class }

func describe[U any](into *building, user User[U]) {
	kind := reflect.TypeFor[U]()
	class := &into.class
	class.name = host.Fit(user.Name)
	if class.name == "" {
		class.name = kind.Name()
	}
	class.wit = scenario.UserClass{
		Name:       class.name,
		Weight:     weight(class.name, user.Weight),
		FixedCount: types.None[uint32](),
		Host:       types.None[string](),
		Wait:       user.Wait.described(class.name, kind),
	}
	if user.FixedCount < 0 || user.FixedCount > math.MaxUint32 {
		mistake("%s: a FixedCount of %d; it is a number of users", class.name, user.FixedCount)
	} else if user.FixedCount > 0 {
		class.wit.FixedCount = types.Some(uint32(user.FixedCount))
	}
	if user.Host != "" {
		class.wit.Host = types.Some(host.Fit(user.Host))
	}
	_, class.keeps = any(new(U)).(Keeper)
	checkMethods(class.name, any(new(U)), reflect.PointerTo(kind))
	outermost := Set[U]{
		Name: class.name, Order: user.Order, Tags: user.Tags, Tasks: user.Tasks, Sets: user.Sets,
	}
	addSet(class, outermost, class.name, -1)
	if len(class.tasks) == 0 {
		mistake("%s has no task", class.name)
	}
}

// checkMethods tells of methods that are meant for the SDK, but would never be called.
func checkMethods(class string, user any, kind reflect.Type) {
	_, starts := user.(Starter)
	_, stops := user.(Stopper)
	_, waits := user.(Waiter)
	_, keeps := user.(Keeper)
	// Names as constants, and of no method the type: else the linker could leave out no method of the program.
	_, start := kind.MethodByName("OnStart")
	_, stop := kind.MethodByName("OnStop")
	_, wait := kind.MethodByName("WaitTime")
	_, save := kind.MethodByName("SaveState")
	_, restore := kind.MethodByName("RestoreState")
	for _, method := range []struct {
		wrong bool
		shape string
	}{
		{start && !starts, "OnStart(client *katydid.Client) error"},
		{stop && !stops, "OnStop(client *katydid.Client) error"},
		{wait && !waits, "WaitTime() time.Duration"},
		{(save || restore) && !keeps, "SaveState() (any, error)"},
		{(save || restore) && !keeps, "RestoreState(state any, client *katydid.Client) error"},
	} {
		if method.wrong {
			mistake("%s has a method that would not be called; it needs the shape %s", class, method.shape)
		}
	}
}

func (pause Wait) described(class string, kind reflect.Type) scenario.WaitTime {
	asks := reflect.PointerTo(kind).Implements(reflect.TypeFor[Waiter]())
	switch {
	case pause.wrong != "":
		mistake("%s: %s", class, pause.wrong)
	case pause.made && asks:
		mistake("%s has both a Wait and a method WaitTime: one of them says how long it pauses", class)
	case pause.made:
		return pause.time
	case asks:
		return scenario.MakeWaitTimeAsked()
	}
	return scenario.MakeWaitTimeNone()
}

func weight(of string, weight int) uint32 {
	switch {
	case weight == 0:
		return 1
	case weight == Never:
		return 0
	case weight < 0 || weight > math.MaxUint32:
		mistake("%s: a weight of %d; it is a number from 1, or katydid.Never", of, weight)
		return 0
	}
	return uint32(weight)
}

// addSet adds a set, its tasks, and the sets in it.
func addSet[U any](into *class, set Set[U], path string, parent int) {
	place := len(into.sets)
	made := scenario.TaskSet{
		Name: host.Fit(set.Name), Parent: types.None[uint32](), Weight: weight(path, set.Weight), Tags: tags(set.Tags),
	}
	if parent >= 0 {
		made.Parent = types.Some(uint32(parent))
	}
	if set.Name == "" {
		mistake("a set of %s has no name", path)
	}
	switch set.Order {
	case Weighted:
		made.Order = scenario.OrderWeighted
	case Sequential:
		made.Order = scenario.OrderSequential
	default:
		mistake("%s: there is no order %d", path, set.Order)
	}
	into.sets = append(into.sets, setOf{made.Name, parent, untyped(set.OnStart), untyped(set.OnStop)})
	first := len(into.tasks)
	for _, task := range set.Tasks {
		addTask(into, task, path, place)
	}
	follow(into, &made, set.Tasks, first, path)
	if made.Order == scenario.OrderTransitions && len(set.Sets) > 0 {
		mistake("%s: a chain has no sets inside, %s would never be entered", path, set.Sets[0].Name)
	}
	into.wit.Sets = append(into.wit.Sets, made)
	for _, inner := range set.Sets {
		addSet(into, inner, path+"."+inner.Name, place)
	}
}

func addTask[U any](into *class, task Task[U], path string, set int) {
	if task.Name == "" {
		mistake("task %d of %s has no name", len(into.tasks)+1, path)
	}
	if task.Run == nil {
		mistake("the task %s.%s has no function Run", path, task.Name)
	}
	into.wit.Tasks = append(into.wit.Tasks, scenario.Task{
		Id:     uint32(len(into.tasks)),
		Name:   host.Fit(task.Name),
		Set:    uint32(set),
		Weight: weight(path+"."+task.Name, task.Weight),
		Tags:   tags(task.Tags),
	})
	into.tasks = append(into.tasks, taskOf{set: set, run: untyped(task.Run)})
}

// follow notes which task follows which, where any says so.
func follow[U any](into *class, set *scenario.TaskSet, tasks []Task[U], first int, path string) {
	places := map[string]int{}
	chain := false
	for place, task := range tasks {
		chain = chain || task.Then != nil
		places[task.Name] = first + place
	}
	if !chain {
		return
	}
	if set.Order != scenario.OrderWeighted {
		mistake("%s is Sequential, so that no task can say by Then what follows", path)
	}
	set.Order = scenario.OrderTransitions
	for place, task := range tasks {
		leads := false
		for _, name := range sorted(task.Then) {
			after, known := places[name]
			if !known {
				mistake("%s.%s: there is no task %q beside it to follow", path, task.Name, name)
			}
			often := weight(path+"."+task.Name+": "+name, task.Then[name])
			leads = leads || often > 0
			set.Transitions = append(set.Transitions, scenario.Transition{
				Before: uint32(first + place), After: uint32(after), Weight: often,
			})
		}
		into.tasks[first+place].ends = !leads
	}
}

func sorted(then Then) []string {
	names := make([]string, 0, len(then))
	for name := range then {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func tags(given []string) []string {
	fit := make([]string, len(given))
	for place, tag := range given {
		fit[place] = host.Fit(tag)
	}
	return fit
}

func untyped[U any](run func(*U, *Client) error) func(any, *Client) error {
	if run == nil {
		return nil
	}
	return func(user any, client *Client) error { return run(user.(*U), client) }
}
