package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/term"
)

func (m *root) key(k tea.KeyPressMsg) tea.Cmd {
	if m.panicOn != "" && k.String() == m.panicOn {
		panic("asked for by a test")
	}
	if k.String() == "ctrl+c" { // whatever is open
		return m.interrupt()
	}
	if n := len(m.dialogs); n > 0 {
		closed, cmd := m.dialogs[n-1].key(m, k)
		if closed && len(m.dialogs) >= n {
			m.dialogs = m.dialogs[:n-1]
		}
		return cmd
	}
	if m.prompt != nil {
		return m.prompt.key(m, k)
	}
	if by := sideways(k.String()); by != 0 {
		m.logs.sideways(by)
		return nil
	}
	if n := digit(k.String()); n > 0 && n <= len(m.board.services) {
		m.services.selected = n - 1
		return nil
	}
	if a, sensible := m.find(k); sensible {
		return a.do(m)
	}
	return nil
}

// sideways is how many columns a key moves along the lines.
func sideways(k string) int {
	const step = 8
	switch k {
	case "left":
		return -step
	case "right":
		return step
	}
	return 0
}

func digit(k string) int {
	if len(k) == 1 && k[0] >= '1' && k[0] <= '9' {
		return int(k[0] - '0')
	}
	return 0
}

// paste puts a text where something can be typed, at once and not by the
// character: what is typed takes effect each time.
func (m *root) paste(text string) {
	text = term.Clean(firstLine(text))
	if text == "" {
		return
	}
	msg := tea.PasteMsg{Content: text}
	switch n := len(m.dialogs); {
	case n > 0:
		if l, ok := m.dialogs[n-1].(*list); ok {
			l.edit(msg)
		}
	case m.prompt != nil:
		m.prompt.edit(m, msg)
	}
}

// firstLine is the first line with something in it, as far as a place to type
// takes: what was copied often ends with a line break, or begins with one.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	const most = 4096
	return strings.TrimRight(line[:min(len(line), most)], "\r")
}

const wheelRows = 3

func (m *root) wheel(e tea.Mouse) {
	by := wheelRows
	if e.Button == tea.MouseWheelUp {
		by = -by
	} else if e.Button != tea.MouseWheelDown {
		return
	}
	switch {
	case len(m.dialogs) > 0:
		m.dialogs[len(m.dialogs)-1].wheel(by)
	case m.lay.services.has(e.X, e.Y):
		m.services.move(by/wheelRows, m.board)
	case m.lay.timeline.has(e.X, e.Y):
		m.timeline.scroll(by, m.board, m.lay.inner(m.lay.timeline).h)
	case m.lay.logs.has(e.X, e.Y):
		m.logs.scroll(by)
	}
}

func (m *root) click(e tea.Mouse) tea.Cmd {
	if e.Button != tea.MouseLeft || len(m.dialogs) > 0 {
		return nil
	}
	switch {
	case m.lay.services.has(e.X, e.Y):
		m.focus = focusServices
		if row := e.Y - m.lay.inner(m.lay.services).y; row >= 0 && row < len(m.owner) {
			m.services.selected = m.owner[row]
		}
	case m.lay.timeline.has(e.X, e.Y):
		m.focus = focusTimeline
	case m.lay.logs.has(e.X, e.Y):
		m.focus = focusLogs
	case m.lay.banner.has(e.X, e.Y):
		m.board.problems.dismiss()
	}
	return nil
}

// turnFocus gives the focus to the next pane that is there.
func (m *root) turnFocus(by int) {
	for range panes {
		m.focus = (m.focus + focus(by) + panes) % panes
		if m.paneHeight(m.focus) > 0 {
			return
		}
	}
}

func (m *root) paneHeight(f focus) int {
	return [...]int{focusServices: m.lay.services.h, focusLogs: m.lay.logs.h, focusTimeline: m.lay.timeline.h}[f]
}

// move goes up or down in the pane that has the focus.
func (m *root) move(by int) {
	switch f := m.focus; {
	case f == focusTimeline && m.lay.timeline.h > 0:
		m.timeline.scroll(by, m.board, m.lay.inner(m.lay.timeline).h)
	case f == focusServices && m.lay.services.h > 0:
		m.services.move(by, m.board)
	default:
		m.logs.scroll(by)
	}
}
