package logs

import (
	"math"
	"strings"
)

// maxTrace is how many lines one stack trace may have. Node prints 10 frames by
// default; the rest is room for causes and for a raised limit.
const maxTrace = 200

// traceState is where a stream of a service is within a stack trace.
type traceState struct {
	last   Seq // its last line, where lines > 0
	lines  int // of the entry so far, its first line too
	braces bool
}

// link makes a line part of the entry before it, of the same service and
// stream, where it goes on with its stack trace.
func (s *Store) link(c *chunk, r *record, text string) {
	if !r.kind.Output() {
		s.states[r.service].traces = [2]traceState{}
		return
	}
	t := &s.states[r.service].traces[r.kind]
	distance := s.next - t.last
	goesOn := t.lines > 0 && t.lines < maxTrace && distance <= math.MaxUint16 && t.last >= s.first() && continues(text, t.braces)
	if !goesOn {
		*t = traceState{last: s.next, lines: 1}
		return
	}
	before := c
	if t.last < c.first {
		before, _ = s.at(t.last)
	}
	before.records[t.last-before.first].next = uint16(distance)
	r.prev = uint16(distance)
	frame := isFrame(text)
	t.braces = t.braces && text != "}" || frame && strings.HasSuffix(text, "{")
	t.last = s.next
	t.lines++
}

// continues tells whether a line belongs to the stack trace before it. Behind a
// frame that ends with a brace, Node prints the error's fields, indented.
func continues(text string, braces bool) bool {
	if text == "" {
		return false
	}
	if braces && (text[0] == ' ' || text == "}") {
		return true
	}
	return isFrame(text) || strings.HasPrefix(text, "Caused by: ") || strings.HasPrefix(text, "  [cause]: ")
}

// isFrame tells whether a line is a frame of a stack trace: `    at f (file:1:2)`,
// or the `    ... 7 lines matching cause stack trace ...` of Node.
func isFrame(text string) bool {
	rest := strings.TrimLeft(text, " \t")
	indent := len(text) - len(rest)
	if indent == 0 || indent == 1 && text[0] == ' ' {
		return false
	}
	return strings.HasPrefix(rest, "at ") || strings.HasPrefix(rest, "... ") && strings.HasSuffix(rest, "...")
}
