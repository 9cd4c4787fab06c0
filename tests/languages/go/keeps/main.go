// Counts its calls, over any number of versions of itself, and sees that its state arrives as it was saved.
package main

import (
	"fmt"
	"reflect"
	"time"

	"katydid"
)

const version = "v1"

// State is what one version leaves to the next.
type State struct {
	Calls int     `xmlrpc:"calls"`
	By    string  `xmlrpc:"by"`
	Big   int64   `xmlrpc:"big"`
	Share float64 `xmlrpc:"share"`
	Text  string  `xmlrpc:"text"`
	List  []any   `xmlrpc:"list"`
}

var kept = State{Big: 1 << 60, Share: 0.5, Text: "a \"ž\"\\\n🦗", List: []any{true, map[string]any{"of": []any{}}}}

type Keeper struct{ calls int }

func init() {
	katydid.Register(katydid.User[Keeper]{
		Wait:  katydid.Constant(10 * time.Millisecond),
		Tasks: []katydid.Task[Keeper]{{Name: "count", Weight: 1, Run: (*Keeper).count}},
	})
}

func (user *Keeper) OnStart(*katydid.Client) error {
	fmt.Println(version, "began")
	return nil
}

func (user *Keeper) count(client *katydid.Client) error {
	_, err := client.Call("get_random_number", 0, 100)
	if err == nil {
		user.calls++
	}
	return err
}

func (user *Keeper) SaveState() (any, error) {
	state := kept
	state.Calls, state.By = user.calls, version
	return state, nil
}

func (user *Keeper) RestoreState(state any, _ *katydid.Client) error {
	var got State
	if err := katydid.Decode(state, &got); err != nil {
		return err
	}
	calls, by := got.Calls, got.By
	got.Calls, got.By = 0, ""
	if !reflect.DeepEqual(got, kept) {
		return fmt.Errorf("%+v has arrived", got)
	}
	user.calls = calls
	fmt.Printf("%s goes on after %d, saved by %s\n", version, calls, by)
	return nil
}

func (user *Keeper) OnStop(*katydid.Client) error {
	fmt.Printf("%s stopped after %d\n", version, user.calls)
	return nil
}

func main() {}
