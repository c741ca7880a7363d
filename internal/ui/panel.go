package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/term"
)

// Panel is a text that cmd knows how to get: the state of the lock, the volumes.
type Panel struct {
	// Title says what it shows, Key opens it.
	Title, Key string
	// Hint is its word in the line at the bottom; empty leaves it out of there.
	Hint string
	// Load gets the text. It runs beside the screen and has some seconds.
	Load func(ctx context.Context) (string, error)
}

// panel is one that is open.
type panel struct {
	sheet
	text []string
	done bool
}

// panelTime is how long a panel's text may take.
const panelTime = 20 * time.Second

func (m *root) openPanel(p Panel) tea.Cmd {
	d := &panel{}
	d.title = p.Title
	d.rows = d.view2
	m.dialogs = append(m.dialogs, d)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), panelTime)
		defer cancel()
		text, err := p.Load(ctx)
		return panelMsg{d, text, err}
	}
}

func (p *panel) loaded(text string, err error) {
	if err != nil {
		text = strings.TrimSpace(text + "\n" + err.Error())
	}
	p.done = true
	p.text = nil
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p.text = append(p.text, strings.ReplaceAll(term.Line(line, term.Options{}), "\t", "  "))
	}
}

func (p *panel) view2(s *styles, w int) []string {
	if !p.done {
		return []string{s.faint.Render(" …")}
	}
	rows := make([]string, len(p.text))
	for i, t := range p.text {
		style := s.plain
		switch {
		case strings.HasPrefix(t, "+"):
			style = s.good
		case strings.HasPrefix(t, "-"):
			style = s.bad.Bold(false)
		}
		rows[i] = " " + style.Render(s.cut(t, w-2))
	}
	return rows
}
