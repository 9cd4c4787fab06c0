package katydid

import (
	"fmt"
	"math"
	"time"

	scenario "katydid/internal/bindings/katydid_load_scenario"
	types "katydid/internal/wit/types"
)

// Wait is the pause between two iterations of a user. The zero value is none, unless the user has a method
// WaitTime, which is then asked.
type Wait struct {
	made  bool
	time  scenario.WaitTime
	wrong string
}

// Constant is a pause that is always so long.
func Constant(pause time.Duration) Wait {
	return wait("Constant", scenario.MakeWaitTimeConstant(micros(pause)), pause)
}

// Between is a pause of a random length between the two.
func Between(least, most time.Duration) Wait {
	made := types.Tuple2[uint64, uint64]{F0: micros(least), F1: micros(most)}
	one := wait("Between", scenario.MakeWaitTimeBetween(made), least, most)
	if least > most {
		one.wrong = fmt.Sprintf("Between(%v, %v): the longer pause comes second", least, most)
	}
	return one
}

// ConstantPacing lets an iteration start so long after the one before it started.
func ConstantPacing(period time.Duration) Wait {
	return wait("ConstantPacing", scenario.MakeWaitTimePacing(micros(period)), period)
}

// ConstantThroughput lets so many iterations start in each second, where they are fast enough.
func ConstantThroughput(perSecond float64) Wait {
	if !(perSecond > 0) || math.IsInf(perSecond, 0) {
		return Wait{made: true, wrong: fmt.Sprintf("ConstantThroughput(%v): a number above 0 is needed", perSecond)}
	}
	return Wait{made: true, time: scenario.MakeWaitTimePacing(uint64(math.Round(1e6 / perSecond)))}
}

// Poisson is a random pause, so long on average: exponentially distributed, as between those who do not know
// of each other.
func Poisson(mean time.Duration) Wait {
	return wait("Poisson", scenario.MakeWaitTimePoisson(micros(mean)), mean)
}

func wait(name string, time scenario.WaitTime, lengths ...time.Duration) Wait {
	made := Wait{made: true, time: time}
	for _, length := range lengths {
		if length < 0 {
			made.wrong = fmt.Sprintf("%s(%v): a pause is not negative", name, length)
		}
	}
	return made
}

// micros rounds to the contract's unit; what is negative is none.
func micros(length time.Duration) uint64 {
	return uint64(max(length.Round(time.Microsecond), 0).Microseconds())
}
