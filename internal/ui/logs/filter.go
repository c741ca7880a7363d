package logs

import (
	"slices"
	"strconv"
	"strings"
)

// Filter decides which entries are kept. Its language is described in
// docs/logs.md. The nil Filter keeps everything.
type Filter struct {
	source     string
	conditions []condition
}

// condition is one condition of a filter. All must hold.
type condition struct {
	negated bool
	of      subject
	op      string   // of a level or a field
	level   Level    // of a level
	names   []string // services or streams
	field   string
	pattern *pattern // text, or a field's ~
	text    string   // a field's value
	number  float64  // the same, where it is a number
	numeric bool
	fold    bool // capitals are the same
}

// subject is what a condition is about.
type subject uint8

const (
	ofText subject = iota
	ofLevel
	ofService
	ofStream
	ofField
)

// String is the text that the filter was read from.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return f.source
}

// tester tests entries of one store. It keeps buffers, and is for one goroutine
// that has the store locked.
type tester struct {
	s        *Store
	filter   *Filter
	services []string // none: all
	plain    []byte
	formed   []byte
}

// keeps tests an entry: the members of one stack trace, or a line alone.
func (t *tester) keeps(members []Seq) bool {
	c, i := t.s.at(members[0])
	r := &c.records[i]
	service := t.s.services[r.service]
	if len(t.services) > 0 && !slices.Contains(t.services, service) {
		return false
	}
	if t.filter == nil {
		return true
	}
	for k := range t.filter.conditions {
		cond := &t.filter.conditions[k]
		if !r.kind.Output() && cond.of != ofService {
			continue
		}
		if t.holds(cond, members, c, i) == cond.negated {
			return false
		}
	}
	return true
}

// holds tells whether a condition is true of an entry, negated or not. The first line
// says where it is from and how serious it is; any line may have a text or field.
func (t *tester) holds(cond *condition, members []Seq, c *chunk, i int) bool {
	switch cond.of {
	case ofLevel:
		return compare(int(c.level(i))-int(cond.level), cond.op)
	case ofService:
		return slices.Contains(cond.names, t.s.services[c.records[i].service])
	case ofStream:
		return slices.Contains(cond.names, streamName(c.records[i].kind))
	}
	for n, seq := range members {
		if n > 0 {
			c, i = t.s.at(seq)
		}
		if cond.of == ofText && t.has(cond.pattern, c, i) || cond.of == ofField && t.field(cond, c, i) {
			return true
		}
	}
	return false
}

func streamName(k Kind) string {
	if k == Stderr {
		return "stderr"
	}
	return "stdout"
}

// has tells whether a line has a text, as it came or as it is shown.
func (t *tester) has(p *pattern, c *chunk, i int) bool {
	line := t.bare(c, i)
	if p.in(line) {
		return true
	}
	if c.records[i].flags&isJSON == 0 || !p.inForm(line) {
		return false
	}
	t.formed = readableText(t.formed[:0], line)
	return p.in(t.formed)
}

// bare is a line without its colours. It is valid until the next call.
func (t *tester) bare(c *chunk, i int) []byte {
	if c.records[i].flags&coloured == 0 {
		return c.line(i)
	}
	t.plain = plainText(t.plain[:0], c.line(i))
	return t.plain
}

// field tests a field of a JSON line, or `name=value` of any other.
func (t *tester) field(cond *condition, c *chunk, i int) bool {
	line := t.bare(c, i)
	var value []byte
	var found bool
	if c.records[i].flags&isJSON != 0 {
		value, found = lookup(line, cond.field)
	} else {
		value, found = logfmt(line, cond.field)
	}
	return found && cond.accepts(value)
}

// accepts compares a field's value.
func (t *condition) accepts(value []byte) bool {
	switch t.op {
	case "~", "!~":
		return t.pattern.in([]byte(unquote(value))) == (t.op == "~")
	case "=", "!=":
		return t.equals(value) == (t.op == "=")
	}
	n, err := strconv.ParseFloat(unquote(value), 64)
	return err == nil && t.numeric && compare(order(n, t.number), t.op)
}

// equals compares as numbers where both are, else as text, in which capitals are
// the same where the filter has none.
func (t *condition) equals(value []byte) bool {
	text := unquote(value)
	if t.numeric {
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n == t.number
		}
	}
	if t.fold {
		return strings.EqualFold(text, t.text)
	}
	return text == t.text
}

func order(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compare tells whether an order, below, at or above 0, is what op asks for.
func compare(order int, op string) bool {
	switch op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// members are the lines of the stack trace that an entry belongs to, or the entry
// alone, appended to dst. Those that were dropped are left out.
func (s *Store) members(dst []Seq, seq Seq) []Seq {
	for {
		c, i := s.at(seq)
		back := Seq(c.records[i].prev)
		if back == 0 || !s.holds(seq-back) {
			break
		}
		seq -= back
	}
	for {
		dst = append(dst, seq)
		c, i := s.at(seq)
		next := c.records[i].next
		if next == 0 {
			return dst
		}
		seq += Seq(next)
	}
}
