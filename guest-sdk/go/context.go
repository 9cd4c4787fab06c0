package katydid

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"katydid/internal/host"
)

// Check counts a named assertion, and answers it. A check that fails fails nothing else.
func Check(name string, ok bool) bool {
	relieve()
	host.Current.Check(host.Fit(name), ok)
	return ok
}

// Sleep waits, on the host's clock. Unlike time.Sleep it ends early when the run does.
func Sleep(length time.Duration) {
	relieve()
	host.Current.SleepUs(micros(length))
}

// Now is the time since the run began, on the clock that times the requests.
func Now() time.Duration { return time.Duration(host.Current.NowUs()) * time.Microsecond }

// UserID is the number of this virtual user, from 0, unique in the run; 4294967295 in Setup, Teardown and
// Shape.
func UserID() int { return int(host.Current.UserID()) }

// Iteration is the number of this user's iteration, from 0.
func Iteration() int { return int(host.Current.Iteration()) }

// Rand draws from the host: determined by the run's seed, the user and the iteration, whatever was drawn in
// earlier iterations. (The functions of math/rand follow the seed, too, as one stream for each user.)
var Rand = rand.New(hostSource{})

type hostSource struct{}

func (hostSource) Uint64() uint64 { return host.Current.Random() }

// Parameter is what `--param name=value` gave, and whether it did. See also Param.
func Parameter(name string) (string, bool) { return host.Current.Parameter(host.Fit(name)) }

// NextRow answers the next row of a set of data (`--data set=file`), and whether there was one: not when the
// set is used up. An error where there is no such set.
func NextRow(set string) (row any, found bool, err error) {
	nodes, found, wrong := host.Current.Row(host.Fit(set))
	if wrong != "" {
		return nil, false, errors.New(wrong)
	}
	if !found {
		return nil, false, nil
	}
	row, err = decodeDocument(nodes)
	return row, true, err
}

// Row reads the next row of a set of data into what `into` points to, as Decode does; a text may stand for a
// number or a boolean, as all of a CSV file is text. When the rows are used up it returns StopUser.
func Row(set string, into any) error {
	row, found, err := NextRow(set)
	if err != nil {
		return err
	}
	if !found {
		return StopUser
	}
	if err := decodeInto(row, into, true); err != nil {
		return fmt.Errorf("a row of %s: %w", set, err)
	}
	return nil
}

// SetupData reads what Setup's function answered into what `into` points to, as Decode does. It is read anew
// each time: keep what you need.
func SetupData(into any) error {
	kept, there := host.Current.SetupData()
	if !there {
		return errors.New("there is no setup data: Setup has no function, or it answered nil")
	}
	value, err := recall(kept)
	if err == nil {
		err = Decode(value, into)
	}
	if err != nil {
		return fmt.Errorf("the setup data: %w", err)
	}
	return nil
}

// StopRun ends the whole run; the program's exit code then says that the scenario did it.
func StopRun(reason string) { host.Current.StopRun(host.Fit(reason)) }
