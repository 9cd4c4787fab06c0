package main

import (
	"reflect"
	"testing"

	"katydid/katydidtest"
)

func TestEachTaskMakesItsCall(t *testing.T) {
	world := katydidtest.New(t)
	world.Answer("get_time", func([]any) (any, error) { return 1.5, nil })
	world.Answer("get_random_number", func([]any) (any, error) { return 42, nil })
	for _, task := range []string{"get_time", "get_random_number"} {
		if err := world.RunTask("ApiUser", task); err != nil {
			t.Error(task, err)
		}
	}
	if calls := world.Calls("get_random_number"); !reflect.DeepEqual(calls, [][]any{{0, 100}}) {
		t.Error(calls)
	}
}

func TestATargetThatIsDownIsNoErrorOfTheScenario(t *testing.T) {
	world := katydidtest.New(t)
	if err := world.RunTask("ApiUser", "get_time"); err != nil {
		t.Error(err)
	}
	if len(world.Requests) != 1 || world.Requests[0].Failure == "" {
		t.Error(world.Requests)
	}
}
