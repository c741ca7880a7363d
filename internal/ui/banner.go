package ui

import (
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// bannerRows shows the problem that matters most: what, why and what to do.
func bannerRows(p problem, more int, s *styles, w, h int) []string {
	style := s.bannerBad
	if p.tone == toneWarn {
		style = s.bannerWarn
	}
	mark := "✗ "
	if p.tone == toneWarn {
		mark = "! "
	}
	what := p.text
	if p.service != "" {
		what = term.Clean(p.service) + " " + what
	}
	right := s.faint.Render("esc dismiss ")
	const roomy = 56
	if w < roomy {
		right = s.faint.Render("esc ")
	}
	if more > 0 {
		right = s.quiet.Render("+"+itoa(more)+" more · ") + right
	}
	room := w - s.width(right) - 3
	if h == 1 {
		text := what
		if p.hint != "" {
			text += " · " + p.hint
		}
		return []string{" " + style.Render(s.cut(mark+text, w-2))}
	}
	rows := []string{s.between(" "+style.Render(s.cut(mark+what, room)), right, w)}
	for _, l := range p.lines {
		if len(rows) < h-1 || p.hint == "" && len(rows) < h {
			rows = append(rows, "   "+s.plain.Render(s.cut(strings.ReplaceAll(l, "\t", "  "), w-4)))
		}
	}
	if p.hint != "" {
		rows = append(rows, "   "+s.key.Render("→ ")+s.plain.Render(s.cut(p.hint, w-6)))
	}
	return rows
}

// bannerDemand is how many rows a problem would like.
func bannerDemand(p problem) int {
	n := 1 + len(p.lines)
	if p.hint != "" {
		n++
	}
	return n
}

// progressRows shows what is being built or installed: the steps that are under
// way, those that were done before them, and what was printed last.
func progressRows(p *progress, s *styles, w, h int, now time.Time, turn string) []string {
	output := 0
	if p.output != "" && h > 2 {
		output = 1
	}
	list := p.steps
	if n := len(list) - (h - output); n > 0 {
		list = list[n:]
	}
	var rows []string
	for _, st := range list {
		mark, style, spent := s.good.Render("✓"), s.quiet, st.took
		if !st.done {
			mark, style, spent = s.busy.Render(turn), s.plain, now.Sub(st.began)
		}
		length := ""
		if spent >= 50*time.Millisecond || st.done {
			length = took(max(spent.Milliseconds(), 1))
		}
		name := ""
		if st.service != "" {
			name = s.faint.Render(term.Clean(st.service) + " ")
		}
		room := w - s.width(term.Clean(st.service)) - 18
		rows = append(rows, s.between(" "+mark+" "+name+style.Render(s.cut(term.Clean(st.text), room)), s.faint.Render(length)+" ", w))
	}
	if output > 0 {
		rows = append(rows, "   "+s.faint.Render(s.cut(term.Line(p.output, term.Options{}), w-4)))
	}
	return rows
}

// progressDemand is how many rows progress would like.
func progressDemand(p *progress) int {
	if !p.busy() {
		return 0
	}
	const most = 8
	n := min(len(p.steps), most)
	if p.output != "" {
		n++
	}
	return n
}
