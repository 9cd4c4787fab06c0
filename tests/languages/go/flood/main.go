// Calls get_random_number(0, 100) without a pause and looks at each reply: what a request costs in Go.
package main

import (
	"errors"

	"katydid"
)

type Flood struct{}

func init() {
	katydid.Register(katydid.User[Flood]{
		Tasks: []katydid.Task[Flood]{{Name: "get_random_number", Weight: 1, Run: (*Flood).getRandomNumber}},
	})
}

func (user *Flood) getRandomNumber(client *katydid.Client) error {
	reply, err := client.Call("get_random_number", 0, 100)
	if err != nil {
		return err
	}
	switch reply.(type) {
	case int, float64:
		return nil
	}
	return errors.New("the reply is no number")
}

func main() {}
