// Package drive is how tests drive a scenario in the host's place.
package drive

import "katydid/internal/host"

// Scenario is that of this program; the package katydid puts it here.
var Scenario interface {
	Setup() ([]byte, error)
	Teardown() error
	NewUser(class string) (User, error)
	// Encode writes values as a document, and Decode reads one.
	Encode(values ...any) ([]host.Node, error)
	Decode(document []host.Node) ([]any, error)
	// Failure puts what a handler returned in place of a value into the contract's words.
	Failure(err error) (host.Failure, bool)
}

// User is one virtual user.
type User interface {
	Start(state []byte, hasState bool) error
	Task(name string) (uint32, error)
	Run(task uint32) (string, error)
	WaitUs() uint64
	Save() []byte
	Stop() error
	Object() any
}
