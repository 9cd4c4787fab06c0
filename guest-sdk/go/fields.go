package katydid

import (
	"reflect"
	"strings"
)

// field is one member of a struct of Go.
type field struct {
	name     string
	index    []int
	omitZero bool
}

// known are the types that were seen before; a virtual user is one line of control, so nobody races.
var known = map[reflect.Type][]field{}

// fieldsOf lists what of a struct crosses the boundary: exported fields, by their name or that of the tag
// `xmlrpc:"name"`. The tag "-" leaves one out; `xmlrpc:"name,omitzero"` leaves it out where it is zero. Fields
// of embedded structs count as the struct's own.
func fieldsOf(kind reflect.Type) []field {
	if fields, seen := known[kind]; seen {
		return fields
	}
	var fields []field
	for _, one := range reflect.VisibleFields(kind) {
		tag, tagged := one.Tag.Lookup("xmlrpc")
		name, options, _ := strings.Cut(tag, ",")
		embedded := one.Anonymous && !tagged && one.Type.Kind() == reflect.Struct && one.Type != timeType
		if !one.IsExported() || tag == "-" || embedded || throughPointer(kind, one.Index) {
			continue
		}
		if name == "" {
			name = one.Name
		}
		fields = append(fields, field{name, one.Index, options == "omitzero"})
	}
	known[kind] = fields
	return fields
}

// throughPointer tells whether a field is only reached through an embedded pointer, which may be nil, or
// through a tagged struct, which is a member of its own.
func throughPointer(kind reflect.Type, index []int) bool {
	for _, place := range index[:len(index)-1] {
		one := kind.Field(place)
		if _, tagged := one.Tag.Lookup("xmlrpc"); tagged || one.Type.Kind() != reflect.Struct {
			return true
		}
		kind = one.Type
	}
	return false
}
