package katydid

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

type inner struct {
	ID int `xmlrpc:"id"`
}

type outer struct {
	inner
	Name   string   `xmlrpc:"name"`
	Note   *string  `xmlrpc:"note"`
	Gift   bool     `xmlrpc:"gift,omitzero"`
	Hidden string   `xmlrpc:"-"`
	Tags   []string `xmlrpc:"tags"`
	secret int
}

func TestValuesCrossTheBoundary(t *testing.T) {
	type small int8
	seven := 7
	for _, row := range []struct{ sent, back any }{
		{nil, nil},
		{true, true},
		{math.MaxInt32, math.MaxInt32},
		{math.MaxInt32 + 1, math.MaxInt32 + 1},
		{math.MinInt64, math.MinInt64},
		{uint64(math.MaxInt64), math.MaxInt64},
		{small(-7), -7},
		{&seven, 7},
		{(*int)(nil), nil},
		{float32(0.5), 0.5},
		{"ž\x00", "ž\x00"},
		{[]byte(nil), []byte{}},
		{[]byte{1, 2}, []byte{1, 2}},
		{DateTime("yesterday"), DateTime("yesterday")},
		{time.Date(1998, 7, 17, 14, 8, 55, 9, time.UTC), DateTime("19980717T14:08:55")},
		{[]any{}, []any{}},
		{[2]string{"a", "b"}, []any{"a", "b"}},
		{map[string]int{"b": 2, "a": 1}, map[string]any{"a": 1, "b": 2}},
		{map[string]any{}, map[string]any{}},
		{
			outer{inner{7}, "tea", nil, false, "h", []string{"x"}, 1},
			map[string]any{"id": 7, "name": "tea", "note": nil, "tags": []any{"x"}},
		},
	} {
		nodes, err := encode(nil, []any{row.sent})
		if err != nil {
			t.Errorf("%#v: %v", row.sent, err)
			continue
		}
		back, err := decodeDocument(nodes)
		if err != nil || !reflect.DeepEqual(back, row.back) {
			t.Errorf("%#v came back as %#v (%v)", row.sent, back, err)
		}
		// What is kept is the same, as another text.
		text, err := keep(row.sent)
		if err != nil {
			t.Errorf("%#v: %v", row.sent, err)
		}
		if again, err := recall(text); err != nil || !reflect.DeepEqual(again, row.back) {
			t.Errorf("%#v was kept as %s and is %#v (%v)", row.sent, text, again, err)
		}
	}
}

func TestWhatCannotBeWrittenSaysWhere(t *testing.T) {
	itself := []any{nil}
	itself[0] = itself
	for _, row := range []struct {
		sent any
		why  string
	}{
		{uint64(math.MaxUint64), "argument 2: 18446744073709551615 does not fit the 64 bits that an integer of XML-RPC has"},
		{[]any{1, map[string]any{"p": 1i}}, `argument 2[1]["p"]: a complex128 cannot be written as XML-RPC`},
		{outer{Tags: []string{"\xff"}}, `argument 2["tags"][0]: a text that is no UTF-8; send it as []byte`},
		{map[int]int{}, "argument 2: the names of a struct are texts, a int is none"},
		{map[string]any{"\xff": 1}, `argument 2: the name "\xff" of a member is no UTF-8`},
		{itself, "argument 2: more than 500 values inside one another, perhaps one within itself"},
	} {
		if _, err := encode(nil, []any{0, row.sent}); err == nil || err.Error() != row.why {
			t.Errorf("%v in place of %s", err, row.why)
		}
	}
}

func TestDecodeFitsOrSaysWhatDoesNot(t *testing.T) {
	var found outer
	value := map[string]any{"id": 7, "name": "tea", "note": "n", "tags": []any{"a"}, "more": 1}
	if err := Decode(value, &found); err != nil || found.ID != 7 || *found.Note != "n" || found.Tags[0] != "a" {
		t.Error(found, err)
	}
	var at time.Time
	if err := Decode(DateTime("19980717T14:08:55"), &at); err != nil || at.Unix() != 900684535 {
		t.Error(at, err)
	}
	for _, row := range []struct {
		value, into any
		why         string
	}{
		{300, new(int8), "the int 300 is no int8"},
		{-1, new(uint), "the int -1 is no uint"},
		{1 << 60, new(float64), "the int 1152921504606846976 is no float64"},
		{1.5, new(int), "the float64 1.5 is no int"},
		{nil, new(int), "nil is no int"},
		{"7", new(int), `the text "7" is no int`},
		{DateTime("x"), new(string), `the date "x" is no string`},
		{[]any{1}, new([2]int), "an array of 1, not 2"},
		{[]any{1, "x"}, new([]int), `[1]: the text "x" is no int`},
		{map[string]any{"a": "x"}, new(map[string]int), `["a"]: the text "x" is no int`},
		{map[string]any{}, new(inner), `["id"]: there is no such member`},
		{1, 1, "cannot decode into a int: it must be a pointer"},
	} {
		if err := Decode(row.value, row.into); err == nil || err.Error() != row.why {
			t.Errorf("%v in place of %s", err, row.why)
		}
	}
	// All of a CSV file is text.
	row := struct {
		Age  int
		Open bool
		Name string
	}{}
	text := map[string]any{"Age": "36", "Open": "true", "Name": "7"}
	if err := decodeInto(text, &row, true); err != nil || row.Age != 36 || !row.Open || row.Name != "7" {
		t.Error(row, err)
	}
}

func TestBrokenDocumentsAreRefused(t *testing.T) {
	nodes, _ := encode(nil, []any{[]any{1, map[string]any{"a": 1}}})
	for cut := range nodes {
		if _, err := decodeDocument(nodes[:cut]); err == nil {
			t.Errorf("%d nodes were enough", cut)
		}
	}
	if _, err := decodeDocument(append(nodes, nodes...)); err == nil {
		t.Error("two values were one")
	}
}

func TestWhatIsKeptIsJSON(t *testing.T) {
	for _, text := range []string{
		"", "nul", "[1", "[1,]", "{", `{"a"`, `{"a":`, `{1:2}`, `"a`, "1 2", "1x", strings.Repeat("[", 2000),
	} {
		if value, err := recall([]byte(text)); err == nil {
			t.Errorf("%q is %#v", text, value)
		}
	}
	value, err := recall([]byte(` { "a" : [ 1 , -2.5e3 , true , null ] , "\u017e\n\ud83e\udd97\/" : "" } `))
	wanted := map[string]any{"a": []any{1, -2500.0, true, nil}, "ž\n🦗/": ""}
	if err != nil || !reflect.DeepEqual(value, wanted) {
		t.Errorf("%#v (%v)", value, err)
	}
	if _, err := keep(math.NaN()); err == nil {
		t.Error("NaN was kept")
	}
}
