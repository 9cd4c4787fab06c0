// Everything that can go wrong inside a scenario. Choose what by tag: each class has one of its own.
package main

import (
	"errors"
	"fmt"
	"os"

	"katydid"
)

// one registers a class with a tag of its name.
func one[U any](tag string, order katydid.Order, tasks ...katydid.Task[U]) {
	katydid.Register(katydid.User[U]{Order: order, Tags: []string{tag}, Tasks: tasks})
}

type (
	// Panics: a panic is a failed iteration with its message and place; the user lives on.
	Panics struct{}
	// Unstarted is who does not start, and is tried anew.
	Unstarted struct{}
	// Loops, and what follows, ends its instance: the user is made anew.
	Loops    struct{}
	Hoards   struct{}
	Recurses struct{}
	Exits    struct{}
	Waits    struct{}
)

func init() {
	one("panics", katydid.Sequential,
		katydid.Task[Panics]{Name: "index", Run: (*Panics).index},
		katydid.Task[Panics]{Name: "nothing", Run: (*Panics).nothing},
		katydid.Task[Panics]{Name: "deep", Run: (*Panics).deep},
		katydid.Task[Panics]{Name: "error", Run: (*Panics).error},
		katydid.Task[Panics]{Name: "after", Run: func(*Panics, *katydid.Client) error {
			fmt.Println("still alive")
			return katydid.StopUser
		}},
	)
	one("unstarted", katydid.Weighted, katydid.Task[Unstarted]{Name: "never", Run: nothing[Unstarted]})
	one("loops", katydid.Weighted, katydid.Task[Loops]{Name: "forever", Run: func(*Loops, *katydid.Client) error {
		for n := 0; ; n++ {
			if n < 0 {
				return nil
			}
		}
	}})
	one("hoards", katydid.Weighted, katydid.Task[Hoards]{Name: "hoard", Run: func(*Hoards, *katydid.Client) error {
		var kept [][]byte
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	}})
	one("recurses", katydid.Weighted, katydid.Task[Recurses]{Name: "recurse", Run: func(*Recurses, *katydid.Client) error {
		return fmt.Errorf("%d", recurse(0))
	}})
	one("exits", katydid.Weighted, katydid.Task[Exits]{Name: "exit", Run: func(*Exits, *katydid.Client) error {
		os.Exit(3)
		return nil
	}})
	one("waits", katydid.Weighted, katydid.Task[Waits]{Name: "wait", Run: func(*Waits, *katydid.Client) error {
		<-make(chan int)
		return nil
	}})
}

func nothing[U any](*U, *katydid.Client) error { return nil }

func recurse(depth int) int { return 1 + recurse(depth+1) + depth }

func (*Panics) index(client *katydid.Client) error {
	_, err := client.Call("get_time")
	var none []int
	return fmt.Errorf("%d %v", none[len(os.Args)+3], err)
}

func (*Panics) nothing(*katydid.Client) error {
	var none *Panics2
	none.count++
	return nil
}

// Panics2 is what nothing points to.
type Panics2 struct{ count int }

func (*Panics) deep(*katydid.Client) error {
	inner := func() { panic(errors.New("from within")) }
	func() { inner() }()
	return nil
}

func (*Panics) error(*katydid.Client) error {
	return fmt.Errorf("outer: %w", os.ErrNotExist)
}

func (*Unstarted) OnStart(client *katydid.Client) error {
	_, err := client.Call("no.such.method")
	return err
}

func main() {}
