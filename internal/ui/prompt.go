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
	case "esc":
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
		p.edit(m, k)
	}
	return nil
}

// edit passes a key or a paste on to the line to type in.
func (p *prompt) edit(m *root, msg tea.Msg) {
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	if now := p.input.Value(); now != before {
		p.typed(m, now)
	}
}

// typed is the part of what was typed that fits into so many cells, the cursor
// with it, and in which of them the cursor is.
func (s *styles) typed(in textinput.Model, w int) (string, int) {
	text := []rune(in.Value())
	at := min(in.Position(), len(text))
	from := 0
	for from < at && s.width(string(text[from:at])) > max(w-1, 0) {
		from++
	}
	return s.cut(string(text[from:]), max(w, 0)), s.width(string(text[from:at]))
}

// room is how many cells there are to type in beside the label and what stands
// at the right.
func (p *prompt) room(s *styles, w int, right string) int {
	return w - s.width(p.input.Prompt) - s.width(right) - 3
}

// right is what stands beside what is typed: all of it, less, or nothing, so
// that there is always room to type.
func (p *prompt) right(m *root, w int) string {
	const enough = 20
	text, t := p.status(m)
	status := m.s.tone(t).Render(text)
	for _, right := range []string{status + m.s.faint.Render("  Enter keep · Esc give up "), status + " "} {
		if p.room(&m.s, w, right) >= max(enough, min(m.s.width(p.input.Value())+1, w/2)) {
			return right
		}
	}
	return ""
}

func (p *prompt) view(m *root, w int) string {
	s := &m.s
	right := p.right(m, w)
	typed, _ := s.typed(p.input, p.room(s, w, right))
	return s.between(" "+s.input.Bold(true).Render(p.input.Prompt)+s.plain.Render(typed), right, w)
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
