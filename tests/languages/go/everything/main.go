// Everything that a scenario can say and ask. Each iteration that finds something else than it expects fails with
// what it found. Run it against `katydid target` with the rules of `../rules.txt`, with `--param text='a=b ž'` and
// with `--data people=../people.csv,per-user`.
package main

import (
	"errors"
	"fmt"
	"reflect"

	"katydid"
)

var (
	text   = katydid.RequiredParam[string]("text", "any text; must be given")
	count  = katydid.Param("count", 3, "a whole number")
	share  = katydid.Param("share", 0.5, "a number")
	whole  = katydid.Param("whole", 1<<53+1, "a whole number of 64 bits")
	strict = katydid.Param("strict", true, "true or false")
)

// SetUp is what Setup answers.
type SetUp struct {
	Text  string           `xmlrpc:"text"`
	None  *int             `xmlrpc:"none"`
	Big   int64            `xmlrpc:"big"`
	Bytes []byte           `xmlrpc:"bytes"`
	At    katydid.DateTime `xmlrpc:"at"`
	List  []any            `xmlrpc:"list"`
	Share float64          `xmlrpc:"share"`
}

var wanted = SetUp{"žluť 🦗 \"\\\n", nil, 1 << 62, []byte{0, 255}, "19980717T14:08:55", []any{1, []any{2}}, 2}

func init() {
	katydid.Setup(func(client *katydid.Client) (any, error) {
		answer, err := client.Call("echo", "setup")
		fmt.Println("set up by user", katydid.UserID())
		return wanted, all(err, expect(answer, "setup"))
	})
	katydid.Teardown(func(client *katydid.Client) error {
		_, err := client.Call("echo", "teardown")
		return all(err, expectSetUp())
	})
}

func expectSetUp() error {
	var found SetUp
	return all(katydid.SetupData(&found), expect(found, wanted))
}

// expect is an error where two values, or their types, differ.
func expect(found, wanted any) error {
	if reflect.DeepEqual(found, wanted) {
		return nil
	}
	return fmt.Errorf("%.200s in place of %.200s", fmt.Sprintf("%#v", found), fmt.Sprintf("%#v", wanted))
}

// all is the first error of several.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// raised finds an error of a type in what a call returned.
func raised[E error](err error) (E, error) {
	found, is := errors.AsType[E](err)
	if !is {
		return found, fmt.Errorf("no %T but %v", found, err)
	}
	return found, nil
}

// steps are tasks of a user that carries each out once, in their order, and then ends.
func steps[U any](tasks ...katydid.Task[U]) []katydid.Task[U] {
	return append(tasks, katydid.Task[U]{
		Name: "leave", Run: func(*U, *katydid.Client) error { return katydid.StopUser },
	})
}

func main() {}
