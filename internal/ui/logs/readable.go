package logs

import (
	"strconv"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// run is a part of a text that something is known of.
type run[T any] struct {
	begin, end int
	value      T
}

// shown is one line as it is shown, and what its parts mean.
type shown struct {
	text    string
	roles   []run[Role]
	colours []run[string]
	files   []run[*Location]
	matches []run[Match]
}

// writer puts a shown line together.
type writer struct {
	text  []byte
	roles []run[Role]
}

func (w *writer) add(role Role, text string) {
	if text == "" {
		return
	}
	begin := len(w.text)
	w.text = append(w.text, text...)
	if role != RoleText {
		w.roles = append(w.roles, run[Role]{begin, len(w.text), role})
	}
}

func (w *writer) blank() {
	if len(w.text) > 0 {
		w.text = append(w.text, ' ')
	}
}

// maxFields is how many fields of a JSON line are shown; raw, all are.
const maxFields = 64

// jsonLine gathers the parts of a line of JSON in the order in which they come.
type jsonLine struct {
	time, level, name, text []byte
	stack                   string
	rest                    []field
}

type field struct {
	under       string // the name of the object it is in, with a dot
	name, value []byte
}

// readJSON takes a line apart. It reports false where it is no JSON object.
func readJSON(line []byte) (j jsonLine, ok bool) {
	ok = fields(line, func(name, value []byte) bool {
		switch {
		case isOne(name, levelKeys) && j.level == nil && valueLevel(value) != LevelNone:
			j.level = value
		case isOne(name, timeKeys) && j.time == nil && value[0] != '{' && value[0] != '[':
			j.time = value
		case isOne(name, textKeys) && j.text == nil && value[0] == '"':
			j.text = value
		case string(name) == "name" && value[0] == '"':
			j.name = value
		case string(name) == "stack" && value[0] == '"':
			j.stack = unquote(value)
		case isOne(name, dullKeys):
		case isOne(name, errorKeys) && value[0] == '{':
			j.readError(name, value)
		default:
			j.add(name, value)
		}
		return true
	})
	return j, ok
}

// readError takes an error apart: its stack is shown below the line, and repeats
// its type and message.
func (j *jsonLine) readError(name, value []byte) {
	stack, _ := lookup(value, "stack")
	if len(stack) == 0 || stack[0] != '"' {
		j.add(name, value)
		return
	}
	j.stack = unquote(stack)
	fields(value, func(member, v []byte) bool {
		if !isOne(member, []string{"stack", "type", "name", "message"}) {
			j.rest = append(j.rest, field{string(name) + ".", member, v})
		}
		return true
	})
}

// add adds a field. The members of an object become fields of their own, those
// within them do not.
func (j *jsonLine) add(name, value []byte) {
	if value[0] != '{' || len(value) == 2 {
		j.rest = append(j.rest, field{"", name, value})
		return
	}
	fields(value, func(member, v []byte) bool {
		j.rest = append(j.rest, field{string(name) + ".", member, v})
		return len(j.rest) <= maxFields
	})
}

// readable is a line of JSON as lines for a reader. It reports false where it is
// none. Where withTime is false, the line's own time is left out.
func readable(line []byte, zone *time.Location, withTime bool) ([]shown, bool) {
	j, ok := readJSON(line)
	if !ok {
		return nil, false
	}
	var w writer
	if withTime && j.time != nil {
		w.add(RoleTime, clock(j.time, zone))
	}
	if j.level != nil {
		l := valueLevel(j.level)
		w.blank()
		w.add(l.role(), l.String())
	}
	if j.name != nil && j.level != nil {
		w.blank()
		w.add(RoleKey, term.Clean(unquote(j.name))+":")
	} else if j.name != nil {
		j.rest = append([]field{{"", []byte("name"), j.name}}, j.rest...)
	}
	text, more, _ := strings.Cut(unquote(j.text), "\n")
	if text = term.Line(text, term.Options{}); text != "" {
		w.blank()
		w.add(RoleText, text)
	}
	w.fields(j.rest)
	lines := []shown{{text: string(w.text), roles: w.roles}}
	lines = below(lines, more, RoleText)
	return below(lines, j.stack, RoleStack), true
}

func (w *writer) fields(list []field) {
	for i, f := range list {
		w.blank()
		if i == maxFields {
			w.add(RoleMore, "…")
			return
		}
		w.add(RoleKey, term.Clean(f.under+string(f.name))+"=")
		w.add(RoleValue, fieldValue(f.value))
	}
}

// maxHard is how many lines of its own one entry may have.
const maxHard = 500

// below adds the lines of a text below the first.
func below(lines []shown, text string, role Role) []shown {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return lines
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(lines) >= maxHard {
			return append(lines, shown{text: "…", roles: []run[Role]{{0, len("…"), RoleMore}}})
		}
		line = term.Line(line, term.Options{})
		l := shown{text: line}
		if role != RoleText {
			l.roles = []run[Role]{{0, len(line), role}}
		}
		lines = append(lines, l)
	}
	return lines
}

// fieldValue is a value in a line: a string with quotes only where they are
// needed, what is nested only where it is short.
func fieldValue(value []byte) string {
	const short = 60
	switch {
	case value[0] == '"':
		s := unquote(value)
		if s == "" || strings.ContainsAny(s, " \t\"=") {
			return strconv.Quote(term.Clean(s))
		}
		return term.Clean(s)
	case value[0] == '{' && len(value) > 2:
		return "{…}"
	case value[0] == '[' && len(value) > short:
		return "[…]"
	}
	return term.Clean(string(value))
}

// clock is the time of day of a value: an ISO time, or seconds or milliseconds
// since 1970.
func clock(value []byte, zone *time.Location) string {
	text := unquote(value)
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.In(zone).Format(time.TimeOnly)
	}
	n, err := strconv.ParseFloat(text, 64)
	const (
		seconds      = 1e8  // 1973
		milliseconds = 1e11 // 1973, too; seconds until the year 5138
		microseconds = 1e14
	)
	switch {
	case err != nil || n < seconds || n >= microseconds:
		return term.Clean(text)
	case n < milliseconds:
		n *= 1000
	}
	return time.UnixMilli(int64(n)).In(zone).Format(time.TimeOnly)
}

// readableText is a line of JSON as one text, for the search.
func readableText(dst, line []byte) []byte {
	lines, ok := readable(line, time.UTC, true)
	if !ok {
		return append(dst, line...)
	}
	for i, l := range lines {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = append(dst, l.text...)
	}
	return dst
}
