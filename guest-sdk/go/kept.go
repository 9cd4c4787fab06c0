package katydid

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	data "katydid/internal/bindings/katydid_load_data"
	"katydid/internal/host"
)

// What a scenario keeps beside its users, the answer of Setup and states that outlive an exchange of modules, is
// any value that a call may have, as JSON that the SDKs of other languages can read too. (The package
// encoding/json would make each scenario half as large again.)

// What JSON has no form for is an object of one member.
const keptBinary, keptDate = "$binary", "$date-time"

// keep writes a value.
func keep(value any) ([]byte, error) {
	nodes, err := encode(nil, []any{value})
	if err != nil {
		return nil, errors.New("what is kept, " + err.Error())
	}
	out := keeper{nodes: nodes}
	out.value()
	return out.text, out.wrong
}

type keeper struct {
	nodes []host.Node
	text  []byte
	wrong error
}

func (out *keeper) put(text string) { out.text = append(out.text, text...) }

// value writes the next value. That there is one the writer of the nodes has seen to.
func (out *keeper) value() {
	node := out.nodes[0]
	out.nodes = out.nodes[1:]
	switch node.Tag() {
	case data.NodeNil:
		out.put("null")
	case data.NodeBoolean:
		out.text = strconv.AppendBool(out.text, node.Boolean())
	case data.NodeInt:
		out.text = strconv.AppendInt(out.text, int64(node.Int()), 10)
	case data.NodeLong:
		out.text = strconv.AppendInt(out.text, node.Long(), 10)
	case data.NodeDouble:
		out.double(node.Double())
	case data.NodeText:
		out.quoted(node.Text())
	case data.NodeDateTime:
		out.put(`{"` + keptDate + `":`)
		out.quoted(node.DateTime())
		out.put("}")
	case data.NodeBinary:
		out.put(`{"` + keptBinary + `":"` + base64.StdEncoding.EncodeToString(node.Binary()) + `"}`)
	case data.NodeArray:
		out.list("[", int(node.Array()), out.value, "]")
	case data.NodeMembers:
		out.list("{", int(node.Members()), out.member, "}")
	}
}

func (out *keeper) list(begin string, count int, write func(), end string) {
	out.put(begin)
	for place := range count {
		if place > 0 {
			out.put(",")
		}
		write()
	}
	out.put(end)
}

func (out *keeper) member() {
	out.quoted(out.nodes[0].Member())
	out.nodes = out.nodes[1:]
	out.put(":")
	out.value()
}

// double writes a number that is read as one with a point again.
func (out *keeper) double(value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		out.wrong = fmt.Errorf("%v cannot be kept", value)
	}
	text := strconv.FormatFloat(value, 'e', -1, 64)
	out.put(text)
}

func (out *keeper) quoted(text string) {
	out.put(`"`)
	for _, char := range text {
		if char < ' ' || char == '"' || char == '\\' {
			out.put(fmt.Sprintf(`\u%04x`, char))
		} else {
			out.text = utf8.AppendRune(out.text, char)
		}
	}
	out.put(`"`)
}

// recall reads what was kept.
func recall(text []byte) (any, error) {
	in := recaller{text: text}
	value := in.value(0)
	in.blank()
	if in.wrong || len(in.text) > 0 {
		return nil, errors.New("what was kept is not JSON: another language's version wrote it")
	}
	return value, nil
}

type recaller struct {
	text  []byte
	wrong bool
}

func (in *recaller) blank() {
	for len(in.text) > 0 && (in.text[0] == ' ' || in.text[0] == '\n' || in.text[0] == '\t' || in.text[0] == '\r') {
		in.text = in.text[1:]
	}
}

// take consumes this text, if it comes next.
func (in *recaller) take(what string) bool {
	in.blank()
	if len(in.text) < len(what) || string(in.text[:len(what)]) != what {
		return false
	}
	in.text = in.text[len(what):]
	return true
}

func (in *recaller) value(depth int) any {
	switch {
	case in.wrong || depth > deepest:
		in.wrong = true
		return nil
	case in.take("null"):
		return nil
	case in.take("true"):
		return true
	case in.take("false"):
		return false
	case in.take("["):
		items := []any{}
		for !in.take("]") && !in.wrong {
			in.comma(len(items))
			items = append(items, in.value(depth+1))
		}
		return items
	case in.take("{"):
		return in.object(depth)
	case in.take(`"`):
		return in.quoted()
	}
	return in.number()
}

func (in *recaller) comma(before int) {
	if before > 0 && !in.take(",") {
		in.wrong = true
	}
}

func (in *recaller) object(depth int) any {
	items := map[string]any{}
	for count := 0; !in.take("}") && !in.wrong; count++ {
		in.comma(count)
		if !in.take(`"`) {
			in.wrong = true
		}
		name := in.quoted()
		if !in.take(":") {
			in.wrong = true
		}
		items[name] = in.value(depth + 1)
	}
	if len(items) == 1 {
		if text, is := items[keptDate].(string); is {
			return DateTime(text)
		}
		if text, is := items[keptBinary].(string); is {
			if bytes, err := base64.StdEncoding.DecodeString(text); err == nil {
				return bytes
			}
		}
	}
	return items
}

// quoted reads up to the closing quote.
func (in *recaller) quoted() string {
	for end := 0; end < len(in.text); end++ {
		switch in.text[end] {
		case '\\':
			end++
		case '"':
			text := unescaped(string(in.text[:end]))
			in.text = in.text[end+1:]
			return text
		}
	}
	in.wrong = true
	return ""
}

func (in *recaller) number() any {
	in.blank()
	end := 0
	for end < len(in.text) && (in.text[end] >= '+' && in.text[end] <= '9' && in.text[end] != ',' || in.text[end]|' ' == 'e') {
		end++
	}
	text := string(in.text[:end])
	in.text = in.text[end:]
	if whole, err := strconv.Atoi(text); err == nil {
		return whole
	}
	number, err := strconv.ParseFloat(text, 64)
	in.wrong = in.wrong || err != nil
	return number
}
