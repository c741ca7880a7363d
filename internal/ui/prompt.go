package ui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// prompt is a line to type into, at the bottom of the screen. What is typed
// takes effect at once.
type prompt struct {
	input textinput.Model
	// typed is called with each change, and with what was there at the start when
	// it is given up.
	typed func(m *root, text string)
	// status is shown at the right: how many matches, or what is wrong.
	status func(m *root) (string, tone)
	before string
	// after is called when it is given up.
	after func(m *root)
}

func (m *root) ask(label, value string, typed func(*root, string), status func(*root) (string, tone)) {
	p := &prompt{input: newInput(label), typed: typed, status: status, before: value}
	p.input.SetValue(value)
	p.input.CursorEnd()
	m.prompt = p
}

func (p *prompt) key(m *root, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		m.prompt = nil
	case "esc", "ctrl+c":
		m.prompt = nil
		p.typed(m, p.before)
		if p.after != nil {
			p.after(m)
		}
	case "up":
		m.logs.scroll(-1)
	case "down":
		m.logs.scroll(1)
	case "pgup":
		m.logs.page(-1)
	case "pgdown":
		m.logs.page(1)
	default:
		value := p.input.Value()
		p.input, _ = p.input.Update(k)
		if now := p.input.Value(); now != value {
			p.typed(m, now)
		}
	}
	return nil
}

func (p *prompt) view(m *root, w int) string {
	s := &m.s
	text, t := p.status(m)
	right := s.tone(t).Render(text) + s.faint.Render("  Enter keep · Esc give up ")
	left := " " + s.input.Bold(true).Render(p.input.Prompt) + s.plain.Render(p.input.Value())
	if s.width(left)+s.width(right)+2 > w {
		right = s.tone(t).Render(text) + " "
	}
	return s.between(s.cut(left, w), right, w)
}

func (m *root) askSearch() tea.Cmd {
	following := m.logs.view.Following()
	m.ask("/", m.logs.query(), func(m *root, text string) { m.logs.search(text) }, func(m *root) (string, tone) { return m.logs.matchWords() })
	m.prompt.after = func(m *root) {
		if following {
			m.logs.bottom()
		}
	}
	return nil
}

func (m *root) askFilter() tea.Cmd {
	m.ask("filter ", m.logs.filterText(), func(m *root, text string) { m.logs.setFilter(text) }, func(m *root) (string, tone) { return m.logs.filterWords() })
	return nil
}

func (m *root) nextLevel() tea.Cmd {
	m.say(m.logs.nextLevel())
	return nil
}

func (m *root) dropFilter() tea.Cmd {
	m.logs.setFilter("")
	m.logs.endSearch()
	m.logs.only("")
	m.say("all lines are shown")
	return nil
}
