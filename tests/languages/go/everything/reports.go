package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"log/slog"
	random "math/rand/v2"
	"time"

	"katydid"
)

// Reports is what a scenario tells and asks beside its calls.
type Reports struct{ started bool }

func init() {
	katydid.Register(katydid.User[Reports]{
		FixedCount: 2,
		Tags:       []string{"reports"},
		Tasks:      []katydid.Task[Reports]{{Name: "everything", Run: (*Reports).everything}},
	})
}

func (user *Reports) OnStart(client *katydid.Client) error {
	user.started = true
	return expectSetUp()
}

func (user *Reports) OnStop(client *katydid.Client) error {
	fmt.Println("stopped", user.started)
	return nil
}

func (user *Reports) everything(client *katydid.Client) error {
	given, there := katydid.Parameter("text")
	_, nobodys := katydid.Parameter("nobody's")
	err := all(
		expect([]any{user.started, katydid.Iteration(), katydid.UserID() >= 0}, []any{true, 0, true}),
		expect([]any{count.Value(), share.Value(), strict.Value(), whole.Value()}, []any{3, 0.5, true, 1<<53 + 1}),
		expect([]any{text.Value(), given, there, nobodys}, []any{"a=b ž", "a=b ž", true, false}),
		expect([]any{katydid.Check("holds", true), katydid.Check("does not hold", false)}, []any{true, false}),
		clocks(), chance(), rows(), requests(),
	)
	if err != nil {
		return err
	}
	lines()
	return katydid.StopUser
}

func clocks() error {
	began, clock := katydid.Now(), time.Now()
	time.Sleep(30 * time.Millisecond)
	katydid.Sleep(20 * time.Millisecond)
	select {
	case <-time.After(time.Millisecond):
	}
	for _, slept := range []time.Duration{katydid.Now() - began, time.Since(clock)} {
		if slept < 45*time.Millisecond || slept > 2*time.Second {
			return fmt.Errorf("slept %v", slept)
		}
	}
	return expect(clock.Year() >= 2024, true)
}

func chance() error {
	drawn := []int{random.IntN(1000), random.IntN(1000), katydid.Rand.IntN(1000), katydid.Rand.IntN(1000)}
	own := random.New(random.NewPCG(1, 2))
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		return err
	}
	// What differs for each user, and is the same for the same seed, is seen in the log.
	fmt.Println("user", katydid.UserID(), "drew", drawn, bytes[:3])
	return expect([]int{own.IntN(6), own.IntN(6)}, func() []int {
		again := random.New(random.NewPCG(1, 2))
		return []int{again.IntN(6), again.IntN(6)}
	}())
}

func lines() {
	fmt.Print("two\nlines")
	fmt.Println(" and its end")
	fmt.Print("what has no end")
	println("standard error")
	log.Printf("info %d", 1)
	slog.Debug("not shown")
	slog.Info("said", "by", "slog", "n", 2)
	slog.Warn("warn ž")
	slog.With("shop", "tea").Error("half a character: \xff")
}

func rows() error {
	type person struct {
		Name string `xmlrpc:"name"`
		Age  int    `xmlrpc:"age"`
	}
	var first person
	err := katydid.Row("people", &first)
	second, found, err2 := katydid.NextRow("people")
	_, third, err3 := katydid.NextRow("people")
	return all(
		err, err2, err3,
		expect([]any{first, second, found}, []any{person{"Ada", 36}, map[string]any{"name": "Žofie", "age": "7"}, true}),
		expect([]bool{third, errors.Is(katydid.Row("people", &first), katydid.StopUser)}, []bool{false, true}),
		expect(katydid.Row("nobody", &first) != nil, true),
	)
}

func requests() error {
	katydid.RequestSuccess("grpc", "Charge", 12*time.Millisecond, 7)
	katydid.RequestFailure("grpc", "Charge", time.Second, 0, "declined")
	err := katydid.Measure("sql", "select", func() (int, error) {
		time.Sleep(10 * time.Millisecond)
		return 3, nil
	})
	_, broken := raised[*katydid.ReportedError](katydid.Measure("sql", "broken", func() (int, error) {
		return 0, errors.New("no table")
	}))
	katydid.Counter("orders", 1)
	katydid.Counter("orders", 2)
	katydid.Gauge("stock", 4.5)
	katydid.Rate("found", true)
	katydid.Trend("basket", 12)
	return all(err, broken)
}
