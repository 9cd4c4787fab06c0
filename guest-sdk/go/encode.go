package katydid

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/host"
)

// DateTime is a `<dateTime.iso8601>`, kept as the text it was: XML-RPC names no time zone.
type DateTime string

// dateTimes are the forms that servers send, the first of them that of the specification.
var dateTimes = [...]string{"20060102T15:04:05", "2006-01-02T15:04:05", "20060102T15:04:05Z07:00", time.RFC3339}

// Time reads the date; where it names no zone, as one in UTC.
func (date DateTime) Time() (time.Time, error) {
	for _, form := range dateTimes {
		if read, err := time.Parse(form, string(date)); err == nil {
			return read, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date such as %q", string(date), dateTimes[0])
}

// unfit is a value that cannot be written as XML-RPC, and where it is.
type unfit struct {
	path, why string
	// The path would be endless.
	nowhere bool
}

func (wrong *unfit) Error() string { return wrong.path + ": " + wrong.why }

// inside puts where it was found before the path.
func (wrong *unfit) inside(step string) *unfit {
	if !wrong.nowhere {
		wrong.path = step + wrong.path
	}
	return wrong
}

// encode appends the arguments of a call, as nodes in document order.
func encode(nodes []host.Node, args []any) ([]host.Node, error) {
	out := writer{nodes: nodes}
	for place, arg := range args {
		if wrong := out.write(arg); wrong != nil {
			wrong.path = "argument " + strconv.Itoa(place+1) + wrong.path
			return out.nodes, wrong
		}
	}
	return out.nodes, nil
}

type writer struct {
	nodes []host.Node
	depth int
}

// deepest is how many arrays and structs may be in one another here; the host's own limit is lower.
const deepest = 500

func (out *writer) put(node host.Node) *unfit {
	out.nodes = append(out.nodes, node)
	return nil
}

// write writes what is common without reflection.
func (out *writer) write(value any) *unfit {
	switch value := value.(type) {
	case nil:
		return out.put(data.MakeNodeNil())
	case bool:
		return out.put(data.MakeNodeBoolean(value))
	case int:
		return out.integer(int64(value))
	case int64:
		return out.integer(value)
	case float64:
		return out.put(data.MakeNodeDouble(value))
	case string:
		return out.text(value)
	case []byte:
		return out.put(data.MakeNodeBinary(value))
	case DateTime:
		return out.date(string(value))
	case time.Time:
		return out.date(value.Format(dateTimes[0]))
	case []any:
		return array(out, value, out.write)
	case map[string]any:
		return members(out, value, out.write)
	default:
		return out.reflected(reflect.ValueOf(value))
	}
}

func (out *writer) integer(value int64) *unfit {
	if math.MinInt32 <= value && value <= math.MaxInt32 {
		return out.put(data.MakeNodeInt(int32(value)))
	}
	return out.put(data.MakeNodeLong(value))
}

func (out *writer) text(text string) *unfit {
	if !utf8.ValidString(text) {
		return &unfit{why: "a text that is no UTF-8; send it as []byte"}
	}
	return out.put(data.MakeNodeText(text))
}

func (out *writer) date(text string) *unfit {
	if !utf8.ValidString(text) {
		return &unfit{why: "a date that is no UTF-8"}
	}
	return out.put(data.MakeNodeDateTime(text))
}

// deeper counts arrays and structs in one another.
func (out *writer) deeper(write func() *unfit) *unfit {
	if out.depth++; out.depth > deepest {
		why := fmt.Sprintf("more than %d values inside one another, perhaps one within itself", deepest)
		return &unfit{why: why, nowhere: true}
	}
	wrong := write()
	out.depth--
	return wrong
}

func array[T any](out *writer, items []T, write func(T) *unfit) *unfit {
	return out.deeper(func() *unfit {
		out.put(data.MakeNodeArray(uint32(len(items))))
		for place, item := range items {
			if wrong := write(item); wrong != nil {
				return wrong.inside("[" + strconv.Itoa(place) + "]")
			}
		}
		return nil
	})
}

// members writes a struct, its names in their order: a map has none, and a seed is to repeat what is sent.
func members[T any](out *writer, items map[string]T, write func(T) *unfit) *unfit {
	names := make([]string, 0, len(items))
	for name := range items {
		names = append(names, name)
	}
	slices.Sort(names)
	return out.deeper(func() *unfit {
		out.put(data.MakeNodeMembers(uint32(len(names))))
		for _, name := range names {
			if wrong := out.member(name, func() *unfit { return write(items[name]) }); wrong != nil {
				return wrong
			}
		}
		return nil
	})
}

func (out *writer) member(name string, write func() *unfit) *unfit {
	if !utf8.ValidString(name) {
		return &unfit{why: fmt.Sprintf("the name %q of a member is no UTF-8", name)}
	}
	out.put(data.MakeNodeMember(name))
	if wrong := write(); wrong != nil {
		return wrong.inside("[" + strconv.Quote(name) + "]")
	}
	return nil
}

// reflected writes all other types by what they are made of.
func (out *writer) reflected(value reflect.Value) *unfit {
	switch value.Kind() {
	case reflect.Bool:
		return out.write(value.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return out.integer(value.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if value.Uint() > math.MaxInt64 {
			return &unfit{why: fmt.Sprintf("%d does not fit the 64 bits that an integer of XML-RPC has", value.Uint())}
		}
		return out.integer(int64(value.Uint()))
	case reflect.Float32, reflect.Float64:
		return out.write(value.Float())
	case reflect.String:
		return out.text(value.String())
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return out.write(nil)
		}
		return out.deeper(func() *unfit { return out.write(value.Elem().Interface()) })
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return out.write(value.Bytes())
		}
		return out.items(value)
	case reflect.Array:
		return out.items(value)
	case reflect.Map:
		return out.mapped(value)
	case reflect.Struct:
		if value.Type().ConvertibleTo(timeType) {
			return out.write(value.Convert(timeType).Interface())
		}
		return out.fields(value)
	default:
		return &unfit{why: fmt.Sprintf("a %s cannot be written as XML-RPC", value.Type())}
	}
}

var timeType = reflect.TypeFor[time.Time]()

func (out *writer) items(value reflect.Value) *unfit {
	items := make([]any, value.Len())
	for place := range items {
		items[place] = value.Index(place).Interface()
	}
	return array(out, items, out.write)
}

func (out *writer) mapped(value reflect.Value) *unfit {
	if value.Type().Key().Kind() != reflect.String {
		return &unfit{why: fmt.Sprintf("the names of a struct are texts, a %s is none", value.Type().Key())}
	}
	items := make(map[string]any, value.Len())
	for entry := value.MapRange(); entry.Next(); {
		items[entry.Key().String()] = entry.Value().Interface()
	}
	return members(out, items, out.write)
}

// fields writes a struct of Go: its exported fields, in their order.
func (out *writer) fields(value reflect.Value) *unfit {
	var kept []field
	for _, field := range fieldsOf(value.Type()) {
		if !field.omitZero || !value.FieldByIndex(field.index).IsZero() {
			kept = append(kept, field)
		}
	}
	return out.deeper(func() *unfit {
		out.put(data.MakeNodeMembers(uint32(len(kept))))
		for _, field := range kept {
			write := func() *unfit { return out.write(value.FieldByIndex(field.index).Interface()) }
			if wrong := out.member(field.name, write); wrong != nil {
				return wrong
			}
		}
		return nil
	})
}
