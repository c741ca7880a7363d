package ui

import (
	"net/url"
	"path"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/logs"
)

// rows are the visible lines, drawn.
func (p *logPane) rows(s *styles) []string {
	visible := p.view.Rows()
	names := p.store.Services()
	colours := make([]lipgloss.Style, len(names))
	for i, n := range names {
		colours[i] = s.services[p.index(n)%len(s.services)]
	}
	out := make([]string, len(visible))
	for i, r := range visible {
		service := s.quiet
		if r.Service >= 0 && r.Service < len(colours) {
			service = colours[r.Service]
		}
		out[i] = p.row(r, service, s)
	}
	return out
}

// index is a service's place in the services' pane, for its colour.
func (p *logPane) index(name string) int {
	for i, n := range p.services {
		if n == name {
			return i
		}
	}
	return len(p.services)
}

func (p *logPane) row(r logs.Row, service lipgloss.Style, s *styles) string {
	var b strings.Builder
	lead := strings.Repeat(" ", margin)
	if r.Current {
		lead = s.borderActive.Render("▌")
	}
	b.WriteString(lead)
	for _, sp := range r.Spans {
		b.WriteString(p.span(sp, service, s))
	}
	return b.String()
}

func (p *logPane) span(sp logs.Span, service lipgloss.Style, s *styles) string {
	switch {
	case sp.Match == logs.Current:
		return s.matchHere.Render(sp.Text)
	case sp.Match == logs.Matched:
		return s.match.Render(sp.Text)
	case sp.SGR != "":
		// Canonical parameters of package term; nothing else can be in them.
		return "\x1b[" + sp.SGR + "m" + sp.Text + "\x1b[m"
	}
	switch sp.Role {
	case logs.RoleText:
		return sp.Text
	case logs.RoleService:
		return service.Render(sp.Text)
	case logs.RoleFile:
		if sp.File != nil && p.dir != "" {
			to := url.URL{Scheme: "file", Path: path.Join(p.dir, sp.File.Path)}
			return s.link.Hyperlink(to.String()).Render(sp.Text)
		}
	}
	return s.role(sp.Role).Render(sp.Text)
}

// role is the style of a piece of a line.
func (s *styles) role(r logs.Role) lipgloss.Style {
	switch r {
	case logs.RoleTime, logs.RoleBar, logs.RoleStack, logs.RoleMore, logs.RoleTrace, logs.RoleSeparator:
		return s.faint
	case logs.RoleDebug, logs.RoleKey, logs.RoleValue:
		return s.quiet
	case logs.RoleInfo:
		return s.good
	case logs.RoleWarn:
		return s.warn
	case logs.RoleError, logs.RoleFatal, logs.RoleTrouble:
		return s.bad
	case logs.RoleFile:
		return s.link
	}
	return s.plain
}

// title says what is shown, and how much there is.
func (p *logPane) title(s *styles, active bool) (title, right string) {
	st := p.view.Status()
	style := s.quiet
	if active {
		style = s.title
	}
	dot := s.faint.Render(" · ")
	title = style.Render("Logs")
	if p.one != "" {
		title += dot + s.services[p.index(p.one)%len(s.services)].Render(term.Clean(p.one))
	}
	switch {
	case st.Following:
		title += dot + s.good.Render("following")
	default:
		title += dot + s.warn.Render("paused") + s.faint.Render(" · G follows")
	}
	if p.level != logs.LevelNone {
		title += dot + s.warn.Render("≥ "+strings.ToLower(p.level.String()))
	}
	if p.text != "" {
		title += dot + s.key.Render("filter ") + s.plain.Render(s.cut(p.text, 30))
	}
	if p.wanted != "" {
		words, t := p.matchWords()
		title += dot + s.key.Render("/") + s.plain.Render(s.cut(p.wanted, 20)) + " " + s.tone(t).Render(words)
	}
	return title, p.amount(s, st)
}

// amount is how many lines there are, shown and lost.
func (p *logPane) amount(s *styles, st logs.Status) string {
	right := count(st.Held, "line")
	if p.filtered() {
		right = term.Thousands(st.Kept) + " of " + right
	}
	if st.Pending {
		right = "… " + right
	}
	if !st.Following && st.Below > 0 {
		right = "↓ " + term.Thousands(st.Below) + " · " + right
	}
	right = s.faint.Render(right)
	if st.Dropped > 0 {
		right += s.faint.Render(" · ") + s.warn.Render(term.Thousands(st.Dropped)+" dropped")
	}
	return right
}

// emptyRows say why there are no lines.
func (p *logPane) emptyRows(s *styles, ph phase) []string {
	st := p.view.Status()
	text := "nothing was printed yet"
	switch {
	case st.Pending:
		text = "looking…"
	case p.filtered() && st.Held > 0:
		text = "no line fits the filter · F drops it"
	case ph == phaseStarting:
		text = "what the services print comes here"
	}
	return []string{"", "  " + s.faint.Render(text)}
}
