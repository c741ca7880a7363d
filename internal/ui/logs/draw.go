package logs

import (
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// maxLaid is how many entries' rows are kept beyond those of the last frame.
const maxLaid = 512

// rows are the rows of an entry, at least one.
func (v *View) rows(seq Seq) []Row {
	if rows, ok := v.laid[seq]; ok {
		return rows
	}
	if len(v.laid) >= maxLaid+v.height {
		v.relay()
	}
	c, i := v.store.at(seq)
	var rows []Row
	if c.records[i].kind.Output() {
		rows = v.outputRows(c, i, seq)
	} else {
		rows = []Row{v.separator(c, i, seq)}
	}
	v.laid[seq] = rows
	return rows
}

func (v *View) outputRows(c *chunk, i int, seq Seq) []Row {
	r := &c.records[i]
	prefix, width := v.prefix(c.time(i), v.store.services[r.service])
	lay := layout{width: v.width - width, wrap: v.opts.Wrap, skip: v.column, mark: v.more()}
	row := Row{Seq: seq, Kind: r.kind, Service: int(r.service), Current: v.has && v.current == seq}
	lines := v.decoded(c, i)
	v.markMatches(lines, row.Current)
	var rows []Row
	for _, line := range lines {
		for _, spans := range lay.lay(line) {
			row.Part = len(rows)
			row.Spans = append(prefix[:len(prefix):len(prefix)], spans...)
			rows = append(rows, row)
			if row.Part == 0 {
				prefix = indent(prefix)
			}
		}
	}
	return rows
}

// more marks where a line is cut.
func (v *View) more() string {
	if v.opts.ASCII {
		return ">"
	}
	return "…"
}

// timeLayout is the time in front of lines.
const timeLayout = "15:04:05.000"

// minText is the least room for text beside the time and the service's name; a
// view that is narrower leaves them out.
const minText = 20

// prefix is what stands in front of a line, and its width.
func (v *View) prefix(at time.Time, service string) ([]Span, int) {
	var spans []Span
	width := 0
	if n := len(timeLayout) + 1; v.opts.Times && v.width-n-v.barWidth() >= minText {
		text := strings.Repeat(" ", len(timeLayout))
		if !at.IsZero() {
			text = at.In(v.zone()).Format(timeLayout)
		}
		spans = append(spans, Span{Text: text + " ", Role: RoleTime})
		width += n
	}
	if n := v.barWidth(); n > 0 {
		bar := " │ "
		if v.opts.ASCII {
			bar = " | "
		}
		name := cut(service, v.opts.ServiceWidth, v.more())
		spans = append(spans, Span{Text: term.Pad(name, v.opts.ServiceWidth), Role: RoleService}, Span{Text: bar, Role: RoleBar})
		width += n
	}
	return spans, width
}

// barWidth is the width of the column of names, 0 where there is no room for it.
func (v *View) barWidth() int {
	n := v.opts.ServiceWidth + len(" | ")
	if v.opts.ServiceWidth <= 0 || v.width-n < minText {
		return 0
	}
	return n
}

// cut is term.Cut for widths in which the mark itself may have no room.
func cut(text string, width int, mark string) string {
	if width < term.Width(mark) {
		mark = ""
	}
	return term.Cut(text, width, mark)
}

// indent is what stands in front of the further rows of a line.
func indent(prefix []Span) []Span {
	spans := append([]Span(nil), prefix...)
	for i := range spans {
		if spans[i].Role != RoleBar {
			spans[i].Text = strings.Repeat(" ", term.Width(spans[i].Text))
		}
	}
	return spans
}

// separator draws what happened to a service: `↻ web  src/index.js · 38 ms ────`.
func (v *View) separator(c *chunk, i int, seq Seq) Row {
	r := &c.records[i]
	role, mark, line := RoleSeparator, "↻", "─"
	if r.kind == Trouble {
		role, mark = RoleTrouble, "✗"
	}
	if v.opts.ASCII {
		mark, line = map[Role]string{RoleSeparator: "@", RoleTrouble: "x"}[role], "-"
	}
	service := v.store.services[r.service]
	text := mark + " "
	if service != "" {
		text += service + "  "
	}
	text = cut(text+string(c.line(i))+" ", v.width, v.more())
	if v.opts.Times && v.width >= len(timeLayout)+1+minText && !c.time(i).IsZero() {
		text = cut(c.time(i).In(v.zone()).Format(timeLayout)+" "+text, v.width, v.more())
	}
	text += strings.Repeat(line, max(0, v.width-term.Width(text)))
	return Row{Seq: seq, Kind: r.kind, Service: int(r.service), Spans: []Span{{Text: text, Role: role}}}
}
