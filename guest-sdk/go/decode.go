package katydid

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/host"
)

// decodeDocument reads the one value of a document.
func decodeDocument(nodes []host.Node) (any, error) {
	in := reader{nodes}
	value, err := in.read()
	if err == nil && len(in.rest) > 0 {
		err = errors.New("more than one value")
	}
	return value, err
}

type reader struct{ rest []host.Node }

var errShort = errors.New("the document ends too early")

func (in *reader) next() (host.Node, error) {
	if len(in.rest) == 0 {
		return host.Node{}, errShort
	}
	node := in.rest[0]
	in.rest = in.rest[1:]
	return node, nil
}

func (in *reader) read() (any, error) {
	node, err := in.next()
	if err != nil {
		return nil, err
	}
	switch node.Tag() {
	case data.NodeNil:
		return nil, nil
	case data.NodeBoolean:
		return node.Boolean(), nil
	case data.NodeInt:
		return int(node.Int()), nil
	case data.NodeLong:
		return int(node.Long()), nil
	case data.NodeDouble:
		return node.Double(), nil
	case data.NodeText:
		return node.Text(), nil
	case data.NodeDateTime:
		return DateTime(node.DateTime()), nil
	case data.NodeBinary:
		// Never nil, which stands for something else.
		return append([]byte{}, node.Binary()...), nil
	case data.NodeArray:
		return in.array(int(node.Array()))
	case data.NodeMembers:
		return in.members(int(node.Members()))
	default:
		return nil, errors.New("a member outside of a struct")
	}
}

func (in *reader) array(count int) (any, error) {
	// Never more room than there are nodes.
	items := make([]any, 0, min(count, len(in.rest)))
	for range count {
		item, err := in.read()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (in *reader) members(count int) (any, error) {
	items := make(map[string]any, min(count, len(in.rest)))
	for range count {
		name, err := in.next()
		if err != nil {
			return nil, err
		}
		if name.Tag() != data.NodeMember {
			return nil, errors.New("a struct with something else than a member")
		}
		if items[name.Member()], err = in.read(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Decode reads a value that came back into what `into` points to: a bool, any integer that it fits, a float
// (also from an integer), a string, []byte, time.Time or DateTime, a slice or array, a map by strings, a
// struct (see the tag `xmlrpc:"name"`), a pointer to one of them (nil for nil), or any. Members that a struct
// has no field for are left out. Nothing else is converted; the error says where what was found.
//
// A value is nil, bool, int, float64, string, DateTime, []byte, []any or map[string]any.
func Decode(value any, into any) error { return decodeInto(value, into, false) }

// decodeInto is Decode, and, where the value comes from a file in which all is text, reads texts as numbers
// and booleans.
func decodeInto(value any, into any, lenient bool) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("cannot decode into a %T: it must be a pointer", into)
	}
	if wrong := (fitter{lenient}).fit(value, target.Elem()); wrong != nil {
		if wrong.path == "" {
			return errors.New(wrong.why)
		}
		return wrong
	}
	return nil
}

type fitter struct{ lenient bool }

func (how fitter) fit(value any, target reflect.Value) *unfit {
	if target.Kind() == reflect.Interface && target.NumMethod() == 0 {
		if value == nil {
			target.SetZero()
		} else {
			target.Set(reflect.ValueOf(value))
		}
		return nil
	}
	if target.Kind() == reflect.Pointer {
		if value == nil {
			target.SetZero()
			return nil
		}
		made := reflect.New(target.Type().Elem())
		if wrong := how.fit(value, made.Elem()); wrong != nil {
			return wrong
		}
		target.Set(made)
		return nil
	}
	if text, is := value.(string); is && how.lenient {
		value = read(text, target.Kind())
	}
	if how.scalar(value, target) {
		return nil
	}
	switch value := value.(type) {
	case []any:
		switch target.Kind() {
		case reflect.Slice:
			target.Set(reflect.MakeSlice(target.Type(), len(value), len(value)))
			return how.items(value, target)
		case reflect.Array:
			if target.Len() == len(value) {
				return how.items(value, target)
			}
			return &unfit{why: fmt.Sprintf("an array of %d, not %d", len(value), target.Len())}
		}
	case map[string]any:
		switch {
		case target.Kind() == reflect.Map && target.Type().Key().Kind() == reflect.String:
			return how.members(value, target)
		case target.Kind() == reflect.Struct && target.Type() != timeType:
			return how.fields(value, target)
		}
	}
	return &unfit{why: fmt.Sprintf("%s is no %s", shown(value), target.Type())}
}

// scalar sets what has no parts, if it fits.
func (how fitter) scalar(value any, target reflect.Value) bool {
	kind := target.Kind()
	switch value := value.(type) {
	case bool:
		if kind == reflect.Bool {
			target.SetBool(value)
			return true
		}
	case int:
		switch {
		case target.CanInt() && !target.OverflowInt(int64(value)):
			target.SetInt(int64(value))
			return true
		case target.CanUint() && value >= 0 && !target.OverflowUint(uint64(value)):
			target.SetUint(uint64(value))
			return true
		case target.CanFloat() && int(float64(value)) == value && math.Abs(float64(value)) <= 1<<53:
			target.SetFloat(float64(value))
			return true
		}
	case float64:
		if target.CanFloat() {
			target.SetFloat(value)
			return true
		}
	case string:
		if kind == reflect.String && target.Type() != dateType {
			target.SetString(value)
			return true
		}
	case DateTime:
		if target.Type() == dateType {
			target.SetString(string(value))
			return true
		}
		if target.Type() == timeType {
			read, err := value.Time()
			target.Set(reflect.ValueOf(read))
			return err == nil
		}
	case []byte:
		if kind == reflect.Slice && target.Type().Elem().Kind() == reflect.Uint8 {
			target.SetBytes(value)
			return true
		}
	}
	return false
}

var dateType = reflect.TypeFor[DateTime]()

func (how fitter) items(items []any, target reflect.Value) *unfit {
	for place, item := range items {
		if wrong := how.fit(item, target.Index(place)); wrong != nil {
			return wrong.inside("[" + strconv.Itoa(place) + "]")
		}
	}
	return nil
}

func (how fitter) members(items map[string]any, target reflect.Value) *unfit {
	target.Set(reflect.MakeMapWithSize(target.Type(), len(items)))
	for name, item := range items {
		made := reflect.New(target.Type().Elem()).Elem()
		if wrong := how.fit(item, made); wrong != nil {
			return wrong.inside("[" + strconv.Quote(name) + "]")
		}
		target.SetMapIndex(reflect.ValueOf(name).Convert(target.Type().Key()), made)
	}
	return nil
}

func (how fitter) fields(items map[string]any, target reflect.Value) *unfit {
	for _, field := range fieldsOf(target.Type()) {
		item, there := items[field.name]
		if !there {
			if field.omitZero || target.FieldByIndex(field.index).Kind() == reflect.Pointer {
				continue
			}
			return (&unfit{why: "there is no such member"}).inside("[" + strconv.Quote(field.name) + "]")
		}
		if wrong := how.fit(item, target.FieldByIndex(field.index)); wrong != nil {
			return wrong.inside("[" + strconv.Quote(field.name) + "]")
		}
	}
	return nil
}

// read makes of a text what a target of this kind wants, where it is one.
func read(text string, kind reflect.Kind) any {
	switch kind {
	case reflect.Bool:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if number, err := strconv.Atoi(text); err == nil {
			return number
		}
	case reflect.Float32, reflect.Float64:
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	}
	return text
}

// shown is a value for a person, with what it is.
func shown(value any) string {
	switch value := value.(type) {
	case nil:
		return "nil"
	case []any:
		return fmt.Sprintf("an array of %d", len(value))
	case map[string]any:
		return fmt.Sprintf("a struct of %d", len(value))
	case []byte:
		return fmt.Sprintf("%d bytes", len(value))
	case string:
		return "the text " + cut(value)
	case DateTime:
		return "the date " + cut(string(value))
	default:
		return fmt.Sprintf("the %T %v", value, value)
	}
}

func cut(text string) string {
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return strconv.Quote(text)
}
