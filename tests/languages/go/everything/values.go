package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"katydid"
)

// Values sends every kind of value there and back.
type Values struct{}

func init() {
	katydid.Register(katydid.User[Values]{
		FixedCount: 1,
		Order:      katydid.Sequential,
		Wait:       katydid.Constant(0),
		Tags:       []string{"values"},
		Tasks: steps(
			katydid.Task[Values]{Name: "scalars", Run: (*Values).scalars},
			katydid.Task[Values]{Name: "parts", Run: (*Values).parts},
			katydid.Task[Values]{Name: "otherwise", Run: (*Values).otherwise},
			katydid.Task[Values]{Name: "structs", Run: (*Values).structs},
			katydid.Task[Values]{Name: "large", Run: (*Values).large},
		),
	})
}

// same expects each value to come back as it is.
func same(client *katydid.Client, values ...any) error {
	for _, value := range values {
		found, err := client.Call("echo", value)
		if err := all(err, expect(found, value)); err != nil {
			return err
		}
	}
	return nil
}

func (*Values) scalars(client *katydid.Client) error {
	bytes := make([]byte, 256)
	for place := range bytes {
		bytes[place] = byte(place)
	}
	return all(
		same(client, true, false, nil, 0, -1, math.MaxInt32, math.MinInt32, math.MaxInt32+1, math.MinInt32-1),
		same(client, 1<<53+1, math.MaxInt64, math.MinInt64),
		same(client, -0.1, 1.0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64),
		same(client, katydid.DateTime("19980717T14:08:55"), katydid.DateTime("19980717T14:08:55Z")),
		same(client, katydid.DateTime("yesterday"), []byte{}, bytes),
		same(client, "", "  \t a \n b ", "a\r\nb\r", "<a href='x'>&amp; ]]> \"</a>"),
		same(client, "žluťoučký 🦗 кузнечик \U0010fffd"),
	)
}

func (*Values) parts(client *katydid.Client) error {
	several, err := client.Call("echo", 1, "two", nil)
	none, errNone := client.Call("echo")
	maps, errMaps := client.Call("interopEchoTests.echoStructArray", []any{map[string]any{"a": 1}})
	methods, errMethods := katydid.Call[[]string](client, "system.listMethods")
	return all(
		same(client, []any{}, []any{1, "two", []any{false, []any{}}}, map[string]any{}),
		same(client, map[string]any{"list": []any{1, []any{}}, "last": 1.5, "inner": map[string]any{"<&>": "x", "": 0}}),
		err, expect(several, []any{1, "two", nil}),
		errNone, expect(none, ""),
		errMaps, expect(maps, []any{map[string]any{"a": 1}}),
		errMethods, expect(strings.Contains(strings.Join(methods, " "), "get_time"), true),
	)
}

// otherwise is what comes back as something else than it was sent.
func (*Values) otherwise(client *katydid.Client) error {
	type kind uint8
	date := time.Date(1998, 7, 17, 14, 8, 55, 5000, time.UTC)
	seven := 7
	var none *int
	for _, row := range [][2]any{
		{kind(7), 7},
		{uint64(math.MaxInt64), math.MaxInt64},
		{float32(0.5), 0.5},
		{&seven, 7},
		{none, nil},
		{[]string{"a"}, []any{"a"}},
		{[2]int{1, 2}, []any{1, 2}},
		{map[kind2]bool{"x": true}, map[string]any{"x": true}},
		{date, katydid.DateTime("19980717T14:08:55")},
	} {
		found, err := client.Call("echo", row[0])
		if err := all(err, expect(found, row[1])); err != nil {
			return fmt.Errorf("%v: %w", row[0], err)
		}
	}
	at, err := katydid.Call[time.Time](client, "echo", date)
	return all(err, expect(at, date.Truncate(time.Second)))
}

type kind2 string

type base struct {
	ID int `xmlrpc:"id"`
}

type order struct {
	base
	Items  []string `xmlrpc:"items"`
	Note   *string  `xmlrpc:"note"`
	Gift   bool     `xmlrpc:"gift,omitzero"`
	Secret string   `xmlrpc:"-"`
	At     time.Time
	Prices map[string]float64
}

func (*Values) structs(client *katydid.Client) error {
	sent := order{
		base: base{7}, Items: []string{"tea"}, Secret: "s", At: time.Unix(0, 0).UTC(), Prices: map[string]float64{"tea": 2},
	}
	plain, err := client.Call("echo", sent)
	if err := all(err, expect(plain, map[string]any{
		"id": 7, "items": []any{"tea"}, "note": nil,
		"At": katydid.DateTime("19700101T00:00:00"), "Prices": map[string]any{"tea": 2.0},
	})); err != nil {
		return err
	}
	found, err := katydid.Call[order](client, "echo", sent)
	sent.Secret = ""
	if err := all(err, expect(found, sent)); err != nil {
		return err
	}
	_, wrong := katydid.Call[order](client, "echo", map[string]any{"id": "seven"})
	_, missing := katydid.Call[base](client, "echo", map[string]any{})
	_, narrow := katydid.Call[int8](client, "echo", 128)
	return all(
		expect(fmt.Sprint(wrong), `the reply of echo: ["id"]: the text "seven" is no int`),
		expect(fmt.Sprint(missing), `the reply of echo: ["id"]: there is no such member`),
		expect(fmt.Sprint(narrow), `the reply of echo: the int 128 is no int8`),
	)
}

func (*Values) large(client *katydid.Client) error {
	var deep any = 1
	for depth := range 100 {
		if depth%2 == 0 {
			deep = []any{deep}
		} else {
			deep = map[string]any{"deep": deep}
		}
	}
	many := make([]any, 1000)
	for id := range many {
		many[id] = map[string]any{"id": id, "name": fmt.Sprint("item number ", id), "price": float64(id) + 0.5}
	}
	return same(client, strings.Repeat("katydid ", 131_072), deep, many)
}
