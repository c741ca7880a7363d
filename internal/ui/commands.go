package ui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// wish sends an intent to the session.
func (m *root) wish(in session.Intent, notice string) {
	if m.stops > 0 || m.leaving {
		return
	}
	if !m.opts.send(in) {
		m.sayTone("the session is busy; try again", toneWarn)
		return
	}
	m.say(notice)
}

// interrupt stops: the first time politely, the second time at once, and the
// third time it only leaves.
func (m *root) interrupt() tea.Cmd {
	m.interrupted = true
	return m.end()
}

func (m *root) end() tea.Cmd {
	m.stops++
	switch m.stops {
	case 1:
		m.leaving = false
		m.board.phase = phaseStopping
		m.board.problems = problems{}
		m.dialogs, m.prompt = nil, nil
		m.opts.stop()
	case 2:
		m.opts.Kill()
	default:
		m.outcome = Result{Err: context.Canceled, Abandoned: true}
		return tea.Quit
	}
	if m.ticking != busy {
		return m.tick()
	}
	return nil
}

// What q means, as Prefs has it.
const (
	QuitStops  = "stop"
	QuitLeaves = "leave"
)

// quit does what the user wants of q, and asks for it the first time.
func (m *root) quit() tea.Cmd {
	switch m.prefs.Quit {
	case QuitStops:
		return m.end()
	case QuitLeaves:
		return m.detach()
	}
	m.dialogs = append(m.dialogs, &question{
		title: "Quit",
		text:  []string{"What should q do? devbox remembers the answer.", "D always leaves it running, Ctrl-C always stops."},
		answers: []answer{
			{"s", "stop the environment", func(m *root) tea.Cmd { return m.remember(QuitStops) }},
			{"l", "leave it running, with a watcher in the background", func(m *root) tea.Cmd { return m.remember(QuitLeaves) }},
		},
	})
	return nil
}

// remember keeps what q means, and does it.
func (m *root) remember(what string) tea.Cmd {
	m.prefs.Quit = what
	return tea.Batch(m.savePrefs(), m.quit())
}

func (m *root) savePrefs() tea.Cmd {
	if m.opts.SavePrefs == nil {
		return nil
	}
	p := m.prefs
	return func() tea.Msg { return prefsMsg{m.opts.SavePrefs(p)} }
}

func (m *root) forgetQuit() tea.Cmd {
	m.prefs.Quit = ""
	m.say("q asks again")
	return m.savePrefs()
}

// detach ends the dashboard and leaves the environment running.
func (m *root) detach() tea.Cmd {
	if m.stops > 0 || m.leaving {
		return nil
	}
	if !m.opts.send(session.Intent{Wish: session.WishLeave}) {
		m.sayTone("the session is busy; try again", toneWarn)
		return nil
	}
	m.leaving = true
	if m.board.phase == phaseStarting {
		m.say("leaving as soon as it is up")
	}
	return nil
}

// shell steps aside for a shell of the selected service.
func (m *root) shell() tea.Cmd {
	name := m.selected().Name
	return m.aside("shell of "+name, false, "shell", name)
}

// aside gives the terminal to another run of devbox and takes it back.
func (m *root) aside(what string, pause bool, args ...string) tea.Cmd {
	return tea.Exec(newAside(m.opts, pause, args), func(err error) tea.Msg { return backMsg{what, err} })
}

func (m *root) back(msg backMsg) {
	if msg.err != nil {
		m.sayTone(fmt.Sprintf("%s: %v", msg.what, msg.err), toneWarn)
		return
	}
	m.say(msg.what + " ended")
}

// readScripts reads the scripts of the selected service's package.json.
func (m *root) readScripts() tea.Cmd {
	name := m.selected().Name
	return func() tea.Msg {
		scripts, err := m.opts.Scripts(name)
		return scriptsMsg{name, scripts, err}
	}
}

// pickScript lists the scripts that were read, if nothing else was begun since.
func (m *root) pickScript(msg scriptsMsg) {
	if m.stops > 0 || len(m.dialogs) > 0 || m.prompt != nil {
		return
	}
	switch {
	case msg.err != nil:
		m.sayTone("cannot read the scripts: "+msg.err.Error(), toneWarn)
		return
	case len(msg.scripts) == 0:
		m.sayTone("package.json has no scripts", toneWarn)
		return
	}
	name := msg.service
	var choices []choice
	for _, sc := range msg.scripts {
		choices = append(choices, choice{text: term.Clean(sc.Name), detail: m.s.cut(term.Clean(sc.Command), 40), do: func(m *root) tea.Cmd {
			return m.aside("script "+term.Clean(sc.Name), true, append([]string{"run", name, "--"}, sc.Run...)...)
		}})
	}
	m.dialogs = append(m.dialogs, newList("Run a script in "+term.Clean(name), "script ", choices))
}

// open shows the selected service in the browser, or else copies where it is.
func (m *root) open() tea.Cmd {
	url := m.selected().URL
	if m.opts.OpenURL == nil {
		m.say("copied " + url)
		return tea.SetClipboard(url)
	}
	return func() tea.Msg {
		if err := m.opts.OpenURL(url); err != nil {
			return noticeMsg{"cannot open a browser: " + err.Error() + "; it is at " + url, toneWarn}
		}
		return noticeMsg{"opened " + url, tonePlain}
	}
}

func (m *root) soloSelected() tea.Cmd {
	name := m.selected().Name
	if m.logs.solo() == name {
		name = ""
	}
	m.logs.only(name)
	return nil
}

// maxCopied is how much goes through the terminal: many cut a longer sequence
// off, or drop it.
const maxCopied = 74_000

// copyVisible copies the visible lines. The sequence is made here, of text that
// can hold no other.
func (m *root) copyVisible() tea.Cmd {
	text := m.logs.visibleText()
	if len(text) > maxCopied {
		m.sayTone("too much to copy; E writes it to a file", toneWarn)
		return nil
	}
	m.say("copied " + count(strings.Count(text, "\n")+1, "line"))
	return tea.SetClipboard(text)
}

func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ch"):
		return term.Thousands(n) + " " + noun + "es"
	}
	return term.Thousands(n) + " " + noun + "s"
}

// export writes the lines that the filter lets through to a file.
func (m *root) export() tea.Cmd {
	write := m.logs.exporter()
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		f, name, err := m.opts.Export()
		if err != nil {
			return noticeMsg{"cannot write a file: " + err.Error(), toneWarn}
		}
		n, err := write(ctx, f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return noticeMsg{"cannot write " + name + ": " + err.Error(), toneWarn}
		}
		return noticeMsg{"wrote " + count(n, "line") + " to " + name, tonePlain}
	}
}

// exportFunc writes lines and counts them.
type exportFunc func(ctx context.Context, w io.Writer) (int, error)

func (m *root) toggleMouse() tea.Cmd {
	m.freeMouse = !m.freeMouse
	if m.freeMouse {
		m.say("the mouse is the terminal's: select text; m takes it back")
	} else {
		m.say("the mouse is the dashboard's")
	}
	return nil
}

// escape closes what is nearest.
func (m *root) escape() tea.Cmd {
	switch {
	case m.notice != "" && m.noticeTone >= toneWarn:
		m.notice = ""
	case m.logs.searching():
		m.logs.endSearch()
	case len(m.board.problems.list) > 0:
		m.board.problems.dismiss()
	case m.logs.filtered():
		return m.dropFilter()
	case m.zoom:
		m.zoom = false
	}
	return nil
}

// openPalette lists everything that can be done now.
func (m *root) openPalette() tea.Cmd {
	var choices []choice
	for _, a := range m.actions {
		if a.do == nil || a.when != nil && !a.when(m) || slices.Contains(a.binding.Keys(), "ctrl+p") {
			continue
		}
		choices = append(choices, choice{text: a.title(), detail: a.keys(), group: a.group, do: a.do})
	}
	m.dialogs = append(m.dialogs, newList("Commands", ": ", choices))
	return nil
}

// openHelp shows all keys.
func (m *root) openHelp() tea.Cmd {
	m.dialogs = append(m.dialogs, &sheet{title: "Keys", rows: m.helpRows})
	return nil
}

func (m *root) helpRows(s *styles, w int) []string {
	var rows []string
	group := ""
	const roomy, few = 60, 16
	keys := few
	for _, a := range m.actions {
		if w >= roomy {
			keys = max(keys, s.width(a.keys())+len("   ")+2)
		}
	}
	for _, a := range m.actions {
		if a.keys() == "" {
			continue
		}
		if a.group != group {
			if group != "" {
				rows = append(rows, "")
			}
			group = a.group
			rows = append(rows, " "+s.title.Render(group))
		}
		rows = append(rows, s.fit(s.cut("   "+s.key.Render(a.keys()), keys-1), keys)+s.plain.Render(s.cut(a.title(), w-keys)))
	}
	rows = append(rows, "", " "+s.title.Render("Mouse"),
		s.plain.Render("   the wheel scrolls what is under it; a click selects a service or a pane"))
	return append(rows, "", s.faint.Render(" 1-9 select a service · any other key closes this"))
}
