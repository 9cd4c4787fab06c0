package katydid

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// unescaped reads the escapes of a text of JSON; what is none stays as it is.
func unescaped(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, `\`)
		out.WriteString(before)
		if !found || rest == "" {
			break
		}
		text = rest[1:]
		switch rest[0] {
		case 'b':
			out.WriteByte('\b')
		case 'f':
			out.WriteByte('\f')
		case 'n':
			out.WriteByte('\n')
		case 'r':
			out.WriteByte('\r')
		case 't':
			out.WriteByte('\t')
		case 'u':
			char, _ := unit(rest)
			text = rest[min(5, len(rest)):]
			if utf16.IsSurrogate(char) && strings.HasPrefix(text, `\u`) {
				if second, is := unit(text[1:]); is {
					char = utf16.DecodeRune(char, second)
					text = text[6:]
				}
			}
			out.WriteRune(char)
		default:
			out.WriteByte(rest[0])
		}
	}
	return out.String()
}

// unit reads what follows the backslash of \u1234.
func unit(text string) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return '\uFFFD', false
	}
	value, err := strconv.ParseUint(text[1:5], 16, 16)
	if err != nil {
		return '\uFFFD', false
	}
	return rune(value), true
}
