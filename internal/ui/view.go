package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/term"
)

// View draws the screen.
func (m *root) View() tea.View {
	v := tea.NewView(m.frame())
	v.AltScreen = true
	v.WindowTitle = "devbox " + m.board.overview.Project
	if !m.freeMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.Cursor = m.cursor()
	return v
}

// frame is the whole screen as text.
func (m *root) frame() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	c := newScreen(&m.s, m.w, m.h)
	if m.lay.shape == shapeTiny {
		m.tiny(c)
		return c.String()
	}
	c.put(m.lay.header, []string{m.header()})
	m.putServices(c)
	m.putTimeline(c)
	m.putMain(c)
	c.put(m.lay.hints, []string{m.bottom()})
	if n := len(m.dialogs); n > 0 {
		m.putDialog(c, m.dialogs[n-1])
	}
	return c.String()
}

// tiny is all that a very small screen can show.
func (m *root) tiny(c *screen) {
	word := "devbox"
	if s := m.selected(); s != nil {
		state, _ := s.status(m.board.phase)
		word = s.label() + " " + state
	}
	rows := append([]string{m.s.cut(word, m.w)}, m.logs.rows(&m.s)...)
	c.put(rect{0, 0, m.w, m.h}, rows)
}

func (m *root) spin() string {
	r := []rune(spinner)
	return string(r[m.turn%len(r)])
}

func (m *root) header() string {
	s := &m.s
	left := " " + s.brand.Render("devbox") + "  " + s.strong.Render(term.Clean(m.board.overview.Project))
	var facts []string
	add := func(t string) { facts = append(facts, s.faint.Render(t)) }
	switch m.board.phase {
	case phaseStarting:
		facts = append(facts, s.busy.Render("starting "+age(m.now.Sub(m.board.began))))
	case phaseStopping:
		facts = append(facts, s.busy.Render(m.spin()+" "+m.stoppingWords()))
	case phaseStopped:
		facts = append(facts, s.quiet.Render("stopped"))
	default:
		add("up " + age(m.now.Sub(m.board.began)))
	}
	if m.board.lost {
		facts = append(facts, s.bad.Render("✗ Docker does not answer"))
	} else if v := m.board.overview.Engine.Version; v != "" {
		add("Docker " + v)
	}
	if m.board.overview.Unapplied != nil && m.board.phase == phaseRunning {
		facts = slices.Insert(facts, 0, s.bad.Render("✗ last change not applied"))
	}
	if m.board.watching != "" {
		if m.board.polling {
			facts = append(facts, s.warn.Render(m.board.watching+" (polling)"))
		} else {
			add(m.board.watching)
		}
	}
	for n := len(facts); n >= 0; n-- {
		right := strings.Join(facts[:n], s.faint.Render(" · ")) + " "
		if s.width(left)+s.width(right)+1 <= m.w || n == 0 {
			return s.between(left, right, m.w)
		}
	}
	return left
}

func (m *root) stoppingWords() string {
	switch {
	case m.leaving:
		return "leaving it running…"
	case m.stops > 1:
		return "killing…"
	}
	return "stopping… Ctrl-C again stops at once"
}

// age is a time that goes on: 42 s, 12 min, 3 h 5 min.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return itoa(max(0, int(d.Seconds()))) + " s"
	case d < time.Hour:
		return itoa(int(d.Minutes())) + " min"
	}
	return itoa(int(d.Hours())) + " h " + itoa(int(d.Minutes())%60) + " min"
}

// put places a pane, framed where frames are.
func (m *root) put(c *screen, r rect, b box, rows []string) {
	if r.h == 0 {
		return
	}
	if m.lay.shape == shapeCompact {
		c.put(r, rows)
		return
	}
	c.put(r, m.s.box(b, r, rows))
}

func (m *root) putServices(c *screen) {
	in := m.lay.inner(m.lay.services)
	if in.h <= 0 {
		return
	}
	rows, owner := m.services.view(m.board, &m.s, m.lay.shape, in.w, in.h, m.spin())
	m.owner = owner
	if len(rows) == 0 {
		rows = []string{"  " + m.s.faint.Render("reading the project…")}
	}
	right := ""
	if hidden := len(m.board.services) - countOwners(owner); hidden > 0 && len(m.board.services) > 0 {
		right = m.s.faint.Render("+" + itoa(hidden))
	}
	m.put(c, m.lay.services, box{title: m.title("Services", focusServices), right: right, active: m.focus == focusServices}, rows)
}

func countOwners(owner []int) int {
	n := 0
	for i, o := range owner {
		if i == 0 || owner[i-1] != o {
			n++
		}
	}
	return n
}

func (m *root) title(text string, f focus) string {
	if m.focus == f {
		return m.s.title.Render(text)
	}
	return m.s.quiet.Render(text)
}

func (m *root) putTimeline(c *screen) {
	in := m.lay.inner(m.lay.timeline)
	if in.h <= 0 {
		return
	}
	names := map[string]int{}
	for i, s := range m.board.services {
		names[s.Name] = i
	}
	rows := m.timeline.view(m.board, &m.s, in.w, in.h, names, m.opts.Zone)
	right := ""
	if m.timeline.up > 0 {
		right = m.s.faint.Render("↓ " + itoa(m.timeline.up))
	}
	m.put(c, m.lay.timeline, box{title: m.title("Timeline", focusTimeline), right: right, active: m.focus == focusTimeline}, rows)
}

func (m *root) putMain(c *screen) {
	s := &m.s
	if in := m.lay.inner(m.lay.progress); in.h > 0 {
		rows := progressRows(&m.board.progress, s, in.w, in.h, m.now, m.spin())
		m.put(c, m.lay.progress, box{title: s.title.Render("Progress")}, rows)
	}
	title, right := m.logs.title(s, m.focus == focusLogs || m.zoom)
	rows := m.logs.rows(s)
	if len(rows) == 0 {
		rows = m.logs.emptyRows(s, m.board.phase)
	}
	if m.lay.shape == shapeCompact && m.lay.logs.h > 1 {
		rows = append([]string{s.rule(s.border.Render, title, right, m.lay.logs.w)}, rows...)
	}
	m.put(c, m.lay.logs, box{title: title, right: right, active: m.focus == focusLogs}, rows)
	if p, ok := m.board.problems.first(); ok && m.lay.banner.h > 0 {
		in := m.lay.inner(m.lay.banner)
		m.put(c, m.lay.banner, box{title: s.tone(p.tone).Render("Problem"), tone: p.tone}, bannerRows(p, len(m.board.problems.list)-1, s, in.w, in.h))
	}
}

// bottom is the last line: what is being typed, what just happened, or the
// keys that matter now.
func (m *root) bottom() string {
	s := &m.s
	if m.prompt != nil {
		return m.prompt.view(m, m.w)
	}
	right := ""
	if m.notice != "" {
		right = s.tone(m.noticeTone).Render(s.cut(m.notice, m.w*2/3)) + " "
	}
	room := m.w - s.width(right) - 1
	return s.between(m.hints(room), right, m.w)
}

// hints are the keys of the actions that have a word for this line, as many as
// there is room for. Help is always among them.
func (m *root) hints(room int) string {
	s := &m.s
	var parts []string
	last := ""
	used := 0
	for _, a := range m.actions {
		if a.hint == "" || a.when != nil && !a.when(m) {
			continue
		}
		k, _, _ := strings.Cut(a.keys(), " ")
		part := s.key.Render(k) + " " + s.quiet.Render(a.hint)
		if a.hint == "help" {
			last = part
			continue
		}
		parts = append(parts, part)
	}
	gap := "  "
	out := " " + last
	used = s.width(out)
	for _, p := range parts {
		if used+len(gap)+s.width(p) > room {
			break
		}
		out += gap + p
		used += len(gap) + s.width(p)
	}
	return out
}

// putDialog lays a dialog into the middle, a little above it.
func (m *root) putDialog(c *screen, d dialog) {
	r, rows := m.dialogRect(d)
	c.over(r, rows)
}

func (m *root) dialogRect(d dialog) (rect, []string) {
	b, rows, w := d.view(&m.s, max(1, m.w-2*frame), max(1, m.h-2*frame))
	r := rect{w: w + frame, h: min(len(rows)+frame, m.h)}
	r.x, r.y = max(0, (m.w-r.w)/2), max(0, (m.h-r.h)*2/5)
	return r, m.s.box(b, r, rows)
}

// cursor is where something can be typed.
func (m *root) cursor() *tea.Cursor {
	if n := len(m.dialogs); n > 0 {
		l, ok := m.dialogs[n-1].(*list)
		if !ok || m.lay.shape == shapeTiny {
			return nil
		}
		r, _ := m.dialogRect(l)
		cur := l.input.Cursor()
		if cur != nil {
			_, at := m.s.typed(l.input, r.w-frame-2-m.s.width(l.input.Prompt))
			cur.X, cur.Y = r.x+2+m.s.width(l.input.Prompt)+at, r.y+1
		}
		return cur
	}
	if m.prompt == nil || m.lay.shape == shapeTiny {
		return nil
	}
	cur := m.prompt.input.Cursor()
	if cur != nil {
		_, at := m.s.typed(m.prompt.input, m.prompt.room(&m.s, m.w, m.prompt.right(m, m.w)))
		cur.X, cur.Y = 1+m.s.width(m.prompt.input.Prompt)+at, m.lay.hints.y
	}
	return cur
}
