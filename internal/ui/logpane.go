package ui

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// logPane shows the lines of output. (thin: the store of package logs replaces it)
type logPane struct {
	o    Options
	mu   sync.Mutex
	all  []session.Event
	w, h int
	up   int
	one  string
	q    string
	flt  string
	idx  map[string]int
	wrap bool
}

func newLogPane(o Options) *logPane { return &logPane{o: o, idx: map[string]int{}} }
func (p *logPane) append(events []session.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if e.Kind == session.Log {
			p.all = append(p.all, e)
		}
	}
	if len(p.all) > 10000 {
		p.all = p.all[len(p.all)-5000:]
	}
}
func (p *logPane) setServices(names []string) {
	for i, n := range names {
		p.idx[n] = i
	}
}
func (p *logPane) setSize(w, h int) { p.w, p.h = w, h }
func (p *logPane) lines() []session.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []session.Event
	for _, e := range p.all {
		if (p.one == "" || e.Service == p.one) && strings.Contains(e.Line, p.flt) {
			out = append(out, e)
		}
	}
	return out
}
func (p *logPane) view(s *styles) []string {
	l := p.lines()
	p.up = max(0, min(p.up, len(l)-p.h))
	end := len(l) - p.up
	var rows []string
	for _, e := range l[max(0, end-p.h):end] {
		rows = append(rows, " "+s.services[p.idx[e.Service]%len(s.services)].Render(e.Service)+s.faint.Render(" │ ")+term.Line(e.Line, term.Options{}))
	}
	return rows
}
func (p *logPane) emptyRows(s *styles, ph phase) []string {
	return []string{"", " " + s.faint.Render("no output yet")}
}
func (p *logPane) title(s *styles, active bool) (string, string) {
	t := "Logs · " + orElse(p.one, "all")
	if p.up == 0 {
		t += " · following"
	}
	return s.title.Render(t), s.faint.Render(count(len(p.all), "line"))
}
func (p *logPane) only(n string)     { p.one = n }
func (p *logPane) solo() string      { return p.one }
func (p *logPane) next(int)          {}
func (p *logPane) bottom()           { p.up = 0 }
func (p *logPane) top()              { p.up = 1 << 30 }
func (p *logPane) page(by int)       { p.scroll(by * p.h) }
func (p *logPane) scroll(by int)     { p.up -= by }
func (p *logPane) toggleTimes() string { return "" }
func (p *logPane) toggleWrap() string  { return "" }
func (p *logPane) toggleRaw() string   { return "" }
func (p *logPane) clear()              {}
func (p *logPane) searching() bool     { return p.q != "" }
func (p *logPane) filtered() bool      { return p.flt != "" || p.one != "" }
func (p *logPane) endSearch()          { p.q = "" }
func (p *logPane) query() string       { return p.q }
func (p *logPane) search(t string)     { p.q = t }
func (p *logPane) filterText() string  { return p.flt }
func (p *logPane) setFilter(t string)  { p.flt = t }
func (p *logPane) matchWords() (string, tone)  { return "", toneQuiet }
func (p *logPane) filterWords() (string, tone) { return "", toneQuiet }
func (p *logPane) nextLevel() string           { return "" }
func (p *logPane) visibleText() []string       { return nil }
func (p *logPane) exporter() exportFunc {
	return func(_ context.Context, w io.Writer) (int, error) {
		l := p.lines()
		for _, e := range l {
			fmt.Fprintln(w, e.Line)
		}
		return len(l), nil
	}
}
