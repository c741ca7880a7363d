package logs

import (
	"bytes"
	"time"
)

// maxShown is how much of a line is shown. It bounds the work for a frame; the
// whole line is searched, filtered and exported.
const maxShown = 64 << 10

// decoded is a line as it is shown: one line for a text, several for JSON with a
// stack.
func (v *View) decoded(c *chunk, i int) []shown {
	line := c.line(i)
	if c.records[i].flags&isJSON != 0 && !v.opts.Raw && len(line) <= maxShown {
		if lines, ok := readable(line, v.zone(), !v.opts.Times); ok {
			v.locate(lines)
			return lines
		}
	}
	if n := v.needed(); len(line) > n {
		line = append(bytes.ToValidUTF8(line[:n:n], nil), "…"...)
	}
	l := uncoloured(line)
	switch level, begin, end := textLevel([]byte(l.text)); {
	case isFrame(l.text):
		l.roles = []run[Role]{{0, len(l.text), RoleStack}}
	case level != LevelNone && c.records[i].flags&isJSON == 0:
		l.roles = []run[Role]{{begin, end, level.role()}}
	}
	lines := []shown{l}
	v.locate(lines)
	return lines
}

// needed is how many bytes of a line are enough for its rows. Where it is cut, it
// is one row; colours and marks take bytes, but no cells.
func (v *View) needed() int {
	if v.opts.Wrap {
		return maxShown
	}
	const perCell, atLeast = 16, 2 << 10
	return min(maxShown, atLeast+perCell*(v.column+v.width))
}

func (v *View) locate(lines []shown) {
	root := v.opts.Root
	if root == "" {
		root = "/app"
	}
	for i := range lines {
		lines[i].files = locations(lines[i].text, root)
	}
}

func (v *View) zone() *time.Location {
	if v.opts.Zone == nil {
		return time.UTC
	}
	return v.opts.Zone
}

// uncoloured takes the colours out of a line and tells where they were.
func uncoloured(line []byte) shown {
	var l shown
	text := make([]byte, 0, len(line))
	sgr, begin := "", 0
	end := func() {
		if sgr != "" && len(text) > begin {
			l.colours = append(l.colours, run[string]{begin, len(text), sgr})
		}
		begin = len(text)
	}
	for {
		i := bytes.IndexByte(line, '\x1b')
		if i < 0 {
			break
		}
		text = append(text, line[:i]...)
		line = line[i:]
		m := bytes.IndexByte(line, 'm')
		if m < 2 {
			line = nil
			break
		}
		end()
		sgr = string(bytes.TrimPrefix(line[2:m], []byte("0;")))
		if sgr == "0" {
			sgr = ""
		}
		line = line[m+1:]
	}
	text = append(text, line...)
	end()
	l.text = string(text)
	return l
}
