package ui

import (
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// timelinePane shows what happened, newest at the bottom.
type timelinePane struct {
	// up is how many moments below the last visible one are hidden.
	up int
}

func (p *timelinePane) scroll(by int, b *board, h int) {
	p.up = max(0, min(p.up-by, len(b.moments)-h))
}

// clock is a time of day, for lines that are of today.
const clock = "15:04:05"

func (p *timelinePane) view(b *board, s *styles, w, h int, names map[string]int, zone *time.Location) []string {
	p.up = max(0, min(p.up, len(b.moments)-h))
	end := len(b.moments) - p.up
	var rows []string
	for _, m := range b.moments[max(0, end-h):end] {
		rows = append(rows, momentRow(m, s, w, names, zone, len(b.services) > 1))
	}
	return rows
}

func momentRow(m moment, s *styles, w int, names map[string]int, zone *time.Location, named bool) string {
	row := " " + s.faint.Render(m.at.In(zone).Format(clock)) + " " + s.tone(m.tone).Render(m.mark) + " "
	if m.service != "" && named {
		row += s.services[names[m.service]%len(s.services)].Render(s.cut(term.Clean(m.service), w/3)) + " "
	}
	text := s.plain
	if m.tone == toneQuiet {
		text = s.quiet
	}
	if m.tone == toneBad {
		text = s.bad
	}
	detail := ""
	if m.detail != "" {
		detail = " " + m.detail
	}
	room := w - s.width(row) - 1
	if d := s.width(detail); m.tone != toneBad && m.tone != toneWarn && room-d >= room/2 {
		room -= d
		return row + text.Render(s.cut(m.text, room)) + s.faint.Render(detail)
	}
	what := s.cut(m.text, room)
	return row + text.Render(what) + s.faint.Render(s.cut(detail, room-s.width(what)))
}
