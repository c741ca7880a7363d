package lockfile

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// jsonReader walks through a JSON document once, handing values to whoever
// asks for them. Lock files are large and mostly looked at in parts, and the
// place of what is wrong counts: both are what encoding/json does not offer.
// Keys are taken as they are written. The first error stays; from then on
// every read is empty.
type jsonReader struct {
	file, data string
	pos, depth int
	// relaxed allows comments and commas after the last item, as bun writes.
	relaxed bool
	// twice is told of keys that their object holds already.
	twice func(offset int, key string)
	err   *Error
}

func (r *jsonReader) fail(offset int, kind error, format string, args ...any) {
	if r.err == nil {
		r.err = errorAt(r.file, r.data, offset, kind, fmt.Sprintf(format, args...))
		r.err.Remedy = restore(r.file)
	}
	r.pos = len(r.data)
}

// next is the first byte of what follows white space, 0 at the end.
func (r *jsonReader) next() byte {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			r.pos++
		case c == '/' && r.relaxed && r.comment():
		default:
			return c
		}
	}
	return 0
}

func (r *jsonReader) comment() bool {
	rest := r.data[r.pos:]
	switch {
	case strings.HasPrefix(rest, "//"):
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			i = len(rest)
		}
		r.pos += i
		return true
	case strings.HasPrefix(rest, "/*"):
		i := strings.Index(rest[2:], "*/")
		if i < 0 {
			r.fail(r.pos, ErrSyntax, "not JSON: this comment has no end")
			return true
		}
		r.pos += i + 4
		return true
	}
	return false
}

// unexpected is the error for what stands at the place that was reached.
func (r *jsonReader) unexpected(want string) {
	if r.err != nil {
		return
	}
	if c := r.next(); c == 0 && r.pos >= len(r.data) {
		r.fail(r.pos, ErrSyntax, "not JSON: the file ends where %s must follow: it was cut off", want)
	} else {
		r.fail(r.pos, ErrSyntax, "not JSON: %s where %s must stand", strconv.QuoteRune(firstRune(r.data[r.pos:])), want)
	}
}

func firstRune(s string) rune {
	for _, c := range s {
		return c
	}
	return 0
}

// take passes over one byte if it is next.
func (r *jsonReader) take(c byte) bool {
	if r.err == nil && r.next() == c && r.pos < len(r.data) {
		r.pos++
		return true
	}
	return false
}

// open begins an object or a list.
func (r *jsonReader) open(c byte) bool {
	if !r.take(c) {
		return false
	}
	if r.depth++; r.depth > maxDepth {
		r.fail(r.pos-1, ErrSyntax, "nested deeper than %d levels", maxDepth)
		return false
	}
	return true
}

// object calls member for each key; member must read its value, or leave it to
// be passed over. What is no object is an error that speaks of name.
func (r *jsonReader) object(name string, member func(key string)) {
	if r.err == nil && r.next() != '{' {
		r.mistyped(name, "an object")
		return
	}
	if !r.open('{') {
		return
	}
	var seen keySet
	for first := true; ; first = false {
		if r.take('}') {
			break
		}
		if !first && !r.take(',') {
			r.unexpected("a comma or }")
			return
		}
		if !first && r.relaxed && r.take('}') {
			break
		}
		r.next()
		offset := r.pos
		key, ok := r.literal()
		if !ok || !r.take(':') {
			r.unexpected("a key in quotes and a colon")
			return
		}
		if member == nil {
			r.value(nil)
		} else {
			if r.twice != nil && seen.add(key) {
				r.twice(offset, key)
			}
			r.value(func() { member(key) })
		}
		if r.err != nil {
			return
		}
	}
	r.depth--
}

// list calls item for each value of a list.
func (r *jsonReader) list(name string, item func()) {
	if r.err == nil && r.next() != '[' {
		r.mistyped(name, "a list")
		return
	}
	if !r.open('[') {
		return
	}
	for first := true; ; first = false {
		if r.take(']') {
			break
		}
		if !first && !r.take(',') {
			r.unexpected("a comma or ]")
			return
		}
		if !first && r.relaxed && r.take(']') {
			break
		}
		r.value(item)
		if r.err != nil {
			return
		}
	}
	r.depth--
}

// value lets read take a value and passes over it where read did not.
func (r *jsonReader) value(read func()) {
	r.next()
	if start := r.pos; read != nil {
		if read(); r.pos != start || r.err != nil {
			return
		}
	}
	r.skip()
}

func (r *jsonReader) mistyped(name, want string) {
	if got := r.kind(); got != "" {
		r.fail(r.pos, ErrContent, "%s must be %s, not %s", name, want, got)
		return
	}
	r.unexpected(want)
}

// kind is the type of the value that follows, in the words of messages.
func (r *jsonReader) kind() string {
	switch c := r.next(); {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "text"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	}
	return ""
}

// literal reads a string. Most have no escapes and are a part of the document.
func (r *jsonReader) literal() (string, bool) {
	if r.err != nil || r.next() != '"' || r.pos >= len(r.data) {
		return "", false
	}
	start := r.pos
	for i := start + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			return r.data[start+1 : i], true
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.fail(i, ErrSyntax, "not JSON: a control character in text; this text has no closing quote on its line")
			return "", false
		}
	}
	r.fail(start, ErrSyntax, "not JSON: the file ends within this text: it was cut off")
	return "", false
}

func (r *jsonReader) escaped(start int) (string, bool) {
	for i := start + 1; i < len(r.data); i++ {
		switch r.data[i] {
		case '\\':
			i++
		case '"':
			var s string
			if err := json.Unmarshal([]byte(r.data[start:i+1]), &s); err != nil {
				r.fail(start, ErrSyntax, "not JSON: this text holds what no JSON text may")
				return "", false
			}
			r.pos = i + 1
			return s, true
		}
	}
	r.fail(start, ErrSyntax, "not JSON: the file ends within this text: it was cut off")
	return "", false
}

// skip passes over one value and checks that it is one.
func (r *jsonReader) skip() {
	switch r.kind() {
	case "an object":
		r.object("", nil)
	case "a list":
		r.list("", nil)
	case "text":
		if _, ok := r.literal(); !ok {
			r.unexpected("text in quotes")
		}
	case "a number":
		r.number()
	default:
		for _, word := range []string{"true", "false", "null"} {
			if strings.HasPrefix(r.data[r.pos:], word) {
				r.pos += len(word)
				return
			}
		}
		r.unexpected("a value")
	}
}

// end makes sure that nothing follows.
func (r *jsonReader) end() {
	if r.err == nil && (r.next() != 0 || r.pos < len(r.data)) {
		r.unexpected("the end of the file")
	}
}
