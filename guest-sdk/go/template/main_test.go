package main

import (
	"testing"

	"katydid/katydidtest"
)

func TestItChecksTheRange(t *testing.T) {
	world := katydidtest.New(t)
	world.Answer("get_random_number", func([]any) (any, error) { return 101, nil })
	if err := world.RunTask("Visitor", "get_random_number"); err != nil {
		t.Fatal(err)
	}
	if len(world.Checks) != 1 || world.Checks[0].OK {
		t.Error(world.Checks)
	}
}
