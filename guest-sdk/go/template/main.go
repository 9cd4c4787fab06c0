// What the virtual users of this load test do. Build and run it: katydid run .
package main

import (
	"time"

	"katydid"
)

// Visitor is one virtual user: each has a struct of its own.
type Visitor struct {
	best int
}

func init() {
	katydid.Register(katydid.User[Visitor]{
		Host: "http://127.0.0.1:8877/", // where `katydid target` listens; katydid run --host URL
		Wait: katydid.Between(100*time.Millisecond, time.Second),
		Tasks: []katydid.Task[Visitor]{
			{Name: "get_time", Weight: 10, Run: (*Visitor).getTime},
			{Name: "get_random_number", Weight: 5, Run: (*Visitor).getRandomNumber},
		},
	})
}

func (visitor *Visitor) getTime(client *katydid.Client) error {
	_, err := client.Call("get_time")
	return err
}

func (visitor *Visitor) getRandomNumber(client *katydid.Client) error {
	number, err := katydid.Call[int](client, "get_random_number", 0, 100)
	if err != nil {
		return err
	}
	katydid.Check("is in range", 0 <= number && number <= 100)
	visitor.best = max(visitor.best, number)
	return nil
}

// The host calls the functions that are registered; main is only what Go asks of a program.
func main() {}
