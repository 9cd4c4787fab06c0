package export_katydid_load_scenario

import (
	"runtime"

	scenario "katydid/internal/bindings/katydid_load_scenario"
	types "katydid/internal/wit/types"
)

// This file is written by hand: what the generated ones beside it expect of whoever exports the interface.

// Guest is what a scenario does; the package katydid puts itself here before anything is called.
var Guest interface {
	Describe() scenario.Description
	Setup() types.Result[types.Option[[]uint8], string]
	Teardown() types.Result[types.Unit, string]
	Shape(now scenario.Status) scenario.Load
	NewUser(class string) Running
}

// Running is one virtual user at work.
type Running interface {
	OnStart(state types.Option[[]uint8]) types.Result[types.Unit, string]
	RunTask(task uint32) types.Result[scenario.Next, string]
	WaitUs() uint64
	Save() types.Option[[]uint8]
	OnStop() types.Result[types.Unit, string]
}

// User is the contract's resource: what it does is the other's, the handle is the bindings'.
type User struct {
	Running
	handle int32
	pinner runtime.Pinner
}

// OnDrop has nothing to let go.
func (*User) OnDrop() {}

func MakeUser(class string) *User { return &User{Running: Guest.NewUser(class)} }

func Describe() scenario.Description { return Guest.Describe() }

func Setup() types.Result[types.Option[[]uint8], string] { return Guest.Setup() }

func Teardown() types.Result[types.Unit, string] { return Guest.Teardown() }

func Shape(now scenario.Status) scenario.Load { return Guest.Shape(now) }
