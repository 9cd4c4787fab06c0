package katydid

import (
	"fmt"
	"math"
	"strconv"
	"time"

	scenario "katydid/internal/bindings/katydid_load_scenario"
	"katydid/internal/host"
	types "katydid/internal/wit/types"
)

// Setup has a function called once, in an instance of its own, before the first user exists. What it answers
// (any value that a call may have) every user reads by SetupData; an error ends the run before it begins.
func Setup(function func(client *Client) (any, error)) {
	once("Setup", hooks.setup != nil, function == nil)
	hooks.setup = function
}

// Teardown has a function called once, in an instance of its own, after the last user has gone.
func Teardown(function func(client *Client) error) {
	once("Teardown", hooks.teardown != nil, function == nil)
	hooks.teardown = function
}

// Shape has a function asked each second what load there is to be. It may read parameters and write to the
// log, all else comes to nothing; it stays in the same instance while the run goes on.
func Shape(function func(now Status) Load) {
	once("Shape", hooks.shape != nil, function == nil)
	hooks.shape = function
}

func once(name string, before, none bool) {
	if before {
		mistake("katydid.%s is called twice", name)
	}
	if none {
		mistake("katydid.%s is given no function", name)
	}
}

// hooks is what a scenario does beside its tasks.
var hooks struct {
	setup    func(*Client) (any, error)
	teardown func(*Client) error
	shape    func(Status) Load
}

// Status is where a run is.
type Status struct {
	// Elapsed is the time since the run began.
	Elapsed time.Duration
	// Users are those alive.
	Users int
	// Requests are those since the run began; Failed are those of them that failed.
	Requests, Failed int
	// RequestsPerSecond are those of the last second.
	RequestsPerSecond int
	// P95 is the 95th percentile of the response times of the last second.
	P95 time.Duration
}

// Load is what load there is to be: Users, Arrivals or Enough.
type Load struct{ load scenario.Load }

// Users is so many users.
func Users(count int) Load {
	return Load{scenario.MakeLoadUsers(uint32(min(max(count, 0), math.MaxUint32)))}
}

// Arrivals is so many iterations begun in each second, whoever is free.
func Arrivals(perSecond float64) Load {
	if !(perSecond >= 0) || math.IsInf(perSecond, 0) {
		perSecond = 0
	}
	return Load{scenario.MakeLoadArrivals(perSecond)}
}

// Enough says that the run has done enough.
func Enough() Load { return Load{scenario.MakeLoadStop()} }

// ParameterType is what a parameter may hold.
type ParameterType interface{ string | int | float64 | bool }

// DeclaredParameter is a parameter that the scenario has declared, see Param.
type DeclaredParameter[T ParameterType] struct {
	name     string
	fallback *T
}

// Param declares a parameter (`--param name=value`) with its value where the run gives none, and what it is
// for in one line. Declared parameters are listed by `katydid inspect` and checked before the run, which may
// then give no others. Call it for a variable of a package:
//
//	var peak = katydid.Param("peak", 100, "users at noon")
func Param[T ParameterType](name string, fallback T, about string) DeclaredParameter[T] {
	return declare(name, &fallback, about)
}

// RequiredParam declares a parameter that a run must give.
func RequiredParam[T ParameterType](name, about string) DeclaredParameter[T] {
	return declare[T](name, nil, about)
}

// Value is what the run gives, or else the parameter's value of its own.
func (one DeclaredParameter[T]) Value() T {
	given, there := Parameter(one.name)
	var value T
	if !there {
		if one.fallback != nil {
			return *one.fallback
		}
		panic(fmt.Sprintf("the run gives no parameter %q: --param %s=...", one.name, one.name))
	}
	// The host has checked its kind before the run.
	switch into := any(&value).(type) {
	case *string:
		*into = given
	case *int:
		*into, _ = strconv.Atoi(given)
	case *float64:
		*into, _ = strconv.ParseFloat(given, 64)
	case *bool:
		*into = given == "true"
	}
	return value
}

// parameters are all that were declared.
var parameters []scenario.Parameter

func declare[T ParameterType](name string, fallback *T, about string) DeclaredParameter[T] {
	made := scenario.Parameter{Name: host.Fit(name), About: host.Fit(about), Default: types.None[string]()}
	var value T
	if fallback != nil {
		value = *fallback
	}
	text := fmt.Sprint(value)
	switch value := any(value).(type) {
	case string:
		made.Kind, text = scenario.ParameterKindText, host.Fit(value)
	case int:
		made.Kind = scenario.ParameterKindInteger
	case float64:
		made.Kind, text = scenario.ParameterKindNumber, strconv.FormatFloat(value, 'g', -1, 64)
	case bool:
		made.Kind = scenario.ParameterKindBoolean
	}
	if fallback != nil {
		made.Default = types.Some(text)
	}
	for _, before := range parameters {
		if before.Name == made.Name {
			mistake("the parameter %q is declared twice", name)
		}
	}
	parameters = append(parameters, made)
	return DeclaredParameter[T]{name, fallback}
}
