package main

import (
	"errors"
	"strings"
	"time"

	"katydid"
)

// Sets has nested sets, one in order: where this user has been, a text for each step.
type Sets struct{ steps []string }

func (user *Sets) step(name string) func(*Sets, *katydid.Client) error {
	return func(user *Sets, _ *katydid.Client) error {
		user.steps = append(user.steps, name)
		return nil
	}
}

func init() {
	var step = (*Sets)(nil).step
	katydid.Register(katydid.User[Sets]{
		FixedCount: 1,
		Order:      katydid.Sequential,
		Tags:       []string{"sets"},
		Tasks:      []katydid.Task[Sets]{{Name: "begin", Run: (*Sets).begin}},
		Sets: []katydid.Set[Sets]{{
			Name: "Outer", Order: katydid.Sequential, OnStart: step("enter outer"), OnStop: step("leave outer"),
			Tasks: []katydid.Task[Sets]{
				{Name: "one", Run: step("one")},
				{Name: "two", Run: func(user *Sets, _ *katydid.Client) error {
					user.steps = append(user.steps, "two")
					if strings.Contains(strings.Join(user.steps, " "), "look") {
						return katydid.Interrupt
					}
					return nil
				}},
			},
			Sets: []katydid.Set[Sets]{{
				Name: "Inner", Tags: []string{"inner"}, OnStart: step("enter inner"), OnStop: step("leave inner"),
				Tasks: []katydid.Task[Sets]{
					{Name: "look", Run: func(user *Sets, _ *katydid.Client) error {
						user.steps = append(user.steps, "look")
						return katydid.Interrupt
					}},
					{Name: "never", Weight: katydid.Never, Run: func(*Sets, *katydid.Client) error {
						return errors.New("a task of the weight 0 was chosen")
					}},
				},
			}},
		}},
	})
}

func (user *Sets) begin(*katydid.Client) error {
	if len(user.steps) == 0 {
		return nil
	}
	found := strings.Join(user.steps, ", ")
	err := expect(found, "enter outer, one, two, enter inner, look, leave inner, one, two, leave outer")
	return all(err, katydid.StopUser)
}

// Walks goes from one task to the next.
type Walks struct{ Way string }

func init() {
	katydid.Register(katydid.User[Walks]{
		FixedCount: 1,
		Tags:       []string{"sets"},
		Tasks: []katydid.Task[Walks]{
			{Name: "first", Then: katydid.Then{"second": 1}, Run: walk("1")},
			{Name: "second", Then: katydid.Then{"third": 1, "first": katydid.Never}, Run: walk("2")},
			{Name: "third", Then: katydid.Then{"first": 1}, Run: walk("3")},
		},
	})
}

func walk(name string) func(*Walks, *katydid.Client) error {
	return func(user *Walks, _ *katydid.Client) error {
		user.Way += name
		if len(user.Way) < 7 {
			return nil
		}
		return all(expect(user.Way, "1231231"), katydid.StopUser)
	}
}

func (user *Walks) WaitTime() time.Duration { return time.Duration(len(user.Way)) * time.Millisecond }

func (user *Walks) SaveState() (any, error) { return user, nil }

func (user *Walks) RestoreState(state any, _ *katydid.Client) error {
	return katydid.Decode(state, user)
}

// Chains has a chain that ends: the user leaves it.
type Chains struct{ way string }

func init() {
	add := func(text string) func(*Chains, *katydid.Client) error {
		return func(user *Chains, _ *katydid.Client) error {
			user.way += text
			return nil
		}
	}
	katydid.Register(katydid.User[Chains]{
		FixedCount: 1,
		Tags:       []string{"sets"},
		Sets: []katydid.Set[Chains]{{
			Name: "Chain", OnStop: add("."),
			Tasks: []katydid.Task[Chains]{
				{Name: "a", Then: katydid.Then{"b": 1}, Run: add("a")},
				{Name: "b", Run: add("b")},
			},
		}},
		Tasks: []katydid.Task[Chains]{{Name: "out", Run: func(user *Chains, _ *katydid.Client) error {
			if len(user.way) <= 4 {
				return nil
			}
			return all(expect(strings.ReplaceAll(user.way, "ab.", ""), ""), katydid.StopUser)
		}}},
	})
}
