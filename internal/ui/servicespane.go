package ui

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/devbox-node/devbox/internal/ui/plain"
)

// servicesPane lists the services and has one of them selected.
type servicesPane struct {
	selected int
	first    int
}

// rowsFor is how many rows a service takes when it is shown in full.
func rowsFor(s *service) int {
	rows := 2
	if s.why != "" {
		rows++
	}
	if s.Node != "" {
		rows++
	}
	return rows
}

// rowsOf is how many rows all services take in full.
func rowsOf(list []*service) int {
	n := 0
	for _, s := range list {
		n += rowsFor(s)
	}
	return n
}

// move selects another service.
func (p *servicesPane) move(by int, b *board) {
	p.selected = max(0, min(p.selected+by, len(b.services)-1))
}

// current is the selected service; nil where there is none.
func (p *servicesPane) current(b *board) *service {
	if len(b.services) == 0 {
		return nil
	}
	return b.services[min(p.selected, len(b.services)-1)]
}

// view is the pane's rows, and which service each belongs to.
func (p *servicesPane) view(b *board, s *styles, shape shape, w, h int, turn string) (rows []string, owner []int) {
	full := shape == shapeWide && rowsOf(b.services) <= h
	starts := make([]int, len(b.services))
	for i, svc := range b.services {
		starts[i] = len(rows)
		var lines []string
		switch {
		case shape != shapeWide:
			lines = []string{serviceLine(svc, i, i == p.selected, b, s, w, turn)}
		case full || i == p.selected:
			lines = serviceBlock(svc, i, i == p.selected, b, s, w, turn)
		default:
			lines = serviceBlock(svc, i, false, b, s, w, turn)[:1]
		}
		for range lines {
			owner = append(owner, i)
		}
		rows = append(rows, lines...)
	}
	if len(rows) <= h || h <= 0 {
		p.first = 0
		return rows, owner
	}
	// The selected service stays in sight.
	from := starts[min(p.selected, len(starts)-1)]
	to := from
	for to < len(owner) && owner[to] == p.selected {
		to++
	}
	p.first = max(min(p.first, from), to-h)
	p.first = max(0, min(p.first, len(rows)-h))
	return rows[p.first : p.first+h], owner[p.first : p.first+h]
}

// nameWidth is the room for names, in a column.
func nameWidth(b *board, s *styles, most int) int {
	n := 3
	for _, svc := range b.services {
		n = max(n, s.width(svc.label()))
	}
	return min(n, most)
}

// lead is what a row of a service begins with: whether it is selected, how it
// is, its name and its state.
func lead(svc *service, index int, selected bool, b *board, s *styles, name int, turn string) string {
	word, t := svc.status(b.phase)
	bar, dot := " ", "●"
	if selected {
		bar = s.borderActive.Render("▌")
	}
	switch t {
	case toneBusy:
		dot = turn
	case toneQuiet:
		dot = "○"
	case toneBad:
		dot = "✗"
	}
	style := s.services[index%len(s.services)]
	if selected {
		style = style.Bold(true)
	}
	state := s.tone(t)
	if t == toneGood {
		state = s.plain
	}
	return bar + s.tone(t).Render(dot) + " " + style.Render(s.fit(svc.label(), name)) + "  " + state.Render(word)
}

// serviceBlock shows a service on as many rows as rowsFor says.
func serviceBlock(svc *service, index int, selected bool, b *board, s *styles, w int, turn string) []string {
	// Beside a name there is room for the mark, a state, and a port.
	const least, beside = 8, 3 + len("  listening  :65535 ")
	mostName := max(least, w-beside)
	bar := "   "
	if selected {
		bar = s.borderActive.Render("▌") + "  "
	}
	rows := []string{s.between(lead(svc, index, selected, b, s, nameWidth(b, s, mostName), turn), ports(svc, s)+" ", w)}
	rows = append(rows, bar+usage(svc, s))
	if svc.why != "" {
		right := s.faint.Render("×"+itoa(svc.restarts)) + " "
		why := s.busy.Render("↻ ") + s.quiet.Render(s.cut(svc.why, max(0, w-s.width(right)-len(" 38 min 10 s")-6))) + s.faint.Render(" "+took(svc.took))
		rows = append(rows, s.between(bar+why, right, w))
	}
	if svc.Node != "" {
		rows = append(rows, bar+s.faint.Render("node "+svc.Node)+deps(svc, s))
	}
	return rows
}

// deps says whether node_modules is what the folder asks for.
func deps(svc *service, s *styles) string {
	if svc.Volume == "" {
		return ""
	}
	sign := s.good.Render("✓")
	switch {
	case svc.doing == "installing":
		sign = s.busy.Render("⇣")
	case !svc.Running:
		sign = ""
	case !svc.InStep:
		sign = s.warn.Render("out of step")
	}
	return s.faint.Render(" · deps "+plain.ShortKey(svc.Volume)+" ") + sign
}

// usage is what a service uses, with a small graph.
func usage(svc *service, s *styles) string {
	if !svc.sampled {
		image := svc.Image
		if svc.Node != "" || image == "" {
			return s.faint.Render("–")
		}
		return s.faint.Render(image)
	}
	const graphWidth, floor, columns = 10, 10, 7
	style := s.good
	const much, tooMuch = 60, 150
	switch {
	case svc.percent > tooMuch:
		style = s.bad
	case svc.percent > much:
		style = s.warn
	}
	return style.Render(svc.cpu.graph(graphWidth, floor, bars)) + s.quiet.Render(" "+s.right(percent(svc.percent), columns)+"  "+s.right(bytes(svc.memory), columns))
}

func (s *styles) right(text string, width int) string {
	return strings.Repeat(" ", max(0, width-s.width(text))) + text
}

// ports are what a service publishes, as links where it answers to a browser.
func ports(svc *service, s *styles) string {
	if svc.URL != "" && svc.Running {
		_, port, _ := cutLast(svc.URL, ":")
		return s.linked(s.link, ":"+port, svc.URL)
	}
	if len(svc.Published) > 0 {
		return s.quiet.Render(":" + itoa(svc.Published[0].Host))
	}
	return ""
}

// linked makes a text a link for terminals that have them. An address that is
// not as addresses are written makes none.
func (s *styles) linked(style lipgloss.Style, text, url string) string {
	if strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return style.Render(text)
	}
	return style.Hyperlink(url).Render(text)
}

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}

// serviceLine shows a service on one row.
func serviceLine(svc *service, index int, selected bool, b *board, s *styles, w int, turn string) string {
	const mostName, roomy, state = 16, 70, 18
	name := nameWidth(b, s, max(mostName, w/4))
	left := lead(svc, index, selected, b, s, name, turn)
	if w < roomy {
		right := ports(svc, s)
		if svc.sampled && w >= stackedAt-frame {
			right = s.quiet.Render(percent(svc.percent)+"  "+bytes(svc.memory)+"  ") + right
		}
		return s.between(left, right+" ", w)
	}
	left = s.fit(left, name+state+3)
	switch {
	case svc.URL != "" && svc.Running:
		left += s.linked(s.link, svc.URL, svc.URL)
	default:
		left += ports(svc, s)
	}
	right := ""
	if svc.sampled {
		right = usage(svc, s) + " "
	}
	if svc.why != "" {
		room := w - s.width(left) - s.width(right) - len("  ↻  ") - len(took(svc.took))
		if room > 0 {
			left += "  " + s.busy.Render("↻ ") + s.quiet.Render(s.cut(svc.why, room)) + s.faint.Render(" "+took(svc.took))
		}
	}
	return s.between(left, right, w)
}
