package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// focus is the pane that the arrow keys are for.
type focus int

const (
	focusServices focus = iota
	focusLogs
	focusTimeline
	panes
)

// root is the one Bubble Tea model. It routes messages, lays out and holds what
// the panes show. It belongs to the program's goroutine.
type root struct {
	opts    Options
	actions []action
	s       styles
	dark    bool
	profile colorprofile.Profile
	board   *board
	now     time.Time
	lay     layout
	w, h    int

	focus    focus
	services servicesPane
	timeline timelinePane
	logs     *logPane
	dialogs  []dialog
	prompt   *prompt
	// owner says which service each row of the services' pane belongs to.
	owner []int

	notice     string
	noticeTone tone
	noticeTill time.Time

	zoom      bool
	freeMouse bool
	turn      int
	ticking   time.Duration
	// clock numbers the clocks that tick was asked for; only the last one goes on.
	clock int
	// working says that a workMsg is on its way.
	working bool
	memory  memory
	prefs   Prefs

	// stops counts how often the user asked for the end.
	stops       int
	interrupted bool
	leaving     bool
	outcome     Result
	finished    bool
	// after is the clock of commands.
	after func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
	// panicOn makes a test's panic.
	panicOn string
}

func newRoot(o Options) *root {
	m := &root{opts: o, dark: true, profile: colorprofile.TrueColor, prefs: o.Prefs, now: o.Now(), panicOn: o.panicOn, after: tea.Tick}
	m.actions = allActions(o.Panels)
	m.board = newBoard(m.now, plain.Stream{ASCII: o.ASCII, Terminal: true})
	m.board.overview.Project = m.board.clean(o.Project)
	m.restyle()
	m.logs = newLogPane(o)
	m.board.tail = m.logs.store.Tail
	return m
}

func (m *root) restyle() { m.s = newStyles(m.dark, m.profile, m.opts.ASCII); m.s.wide = m.opts.wide }

// The messages of the program, beside those of keys and mouse.
type (
	// feedMsg is what came from the session since the last one.
	feedMsg struct {
		events   []session.Event
		overview *session.Overview
		samples  []session.Sample
		lines    bool
		// stayed says that the session goes on though it was asked to leave.
		stayed bool
	}
	// endedMsg says that the session has ended.
	endedMsg struct{ err error }
	// stopMsg asks for a polite stop, as a signal does.
	stopMsg struct{}
	// tickMsg is a clock's tick, with the clock's number.
	tickMsg   struct{ clock int }
	noticeMsg struct {
		text string
		tone tone
	}
	// panelMsg is the text of a panel that was asked for.
	panelMsg struct {
		panel *panel
		text  string
		err   error
	}
	// scriptsMsg has the scripts of a service.
	scriptsMsg struct {
		service string
		scripts []Script
		err     error
	}
	// backMsg says that what had the terminal has ended.
	backMsg struct {
		what string
		err  error
	}
	prefsMsg struct{ err error }
	// workMsg asks to go on with filtering and searching.
	workMsg struct{}
)

// Init starts the clock and asks for the background's colour.
func (m *root) Init() tea.Cmd {
	return tea.Batch(m.tick(), tea.RequestBackgroundColor)
}

const (
	calm = time.Second
	busy = 120 * time.Millisecond
	// idle is for when only minutes are shown that go by.
	idle = 5 * time.Second
)

// tick keeps ages moving: once a second, faster while something is under way,
// and slower when nothing is.
func (m *root) tick() tea.Cmd {
	every := calm
	switch {
	case m.busy():
		every = busy
	case m.notice == "" && m.now.Sub(m.board.began) > time.Minute:
		every = idle
	}
	m.ticking = every
	m.clock++
	tick := tickMsg{m.clock}
	return m.after(every, func(time.Time) tea.Msg { return tick })
}

func (m *root) busy() bool {
	if m.board.phase == phaseStarting || m.board.phase == phaseStopping || m.board.progress.busy() {
		return true
	}
	return slices.ContainsFunc(m.board.services, func(s *service) bool {
		_, t := s.status(m.board.phase)
		return t == toneBusy
	})
}

// Update takes one message in.
func (m *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.opts.Now()
	cmd := m.handle(msg)
	m.arrange()
	return m, tea.Batch(cmd, m.work(msg))
}

// work goes on with filtering and searching, a little with each message, so
// that keys come through in between.
func (m *root) work(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(workMsg); ok {
		m.working = false
	}
	if m.logs.work() || m.working {
		return nil
	}
	m.working = true
	return func() tea.Msg { return workMsg{} }
}

func (m *root) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.restyle()
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.restyle()
	case tea.ModeReportMsg:
		if msg.Mode == ansi.ModeUnicodeCore && !m.opts.ASCII && (msg.Value == ansi.ModeReset || msg.Value == ansi.ModeSet || msg.Value == ansi.ModePermanentlySet) {
			m.opts.wide = true
			m.restyle()
		}
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case tea.MouseWheelMsg:
		m.wheel(msg.Mouse())
	case tea.MouseClickMsg:
		return m.click(msg.Mouse())
	case tickMsg:
		return m.ticked(msg)
	default:
		return m.handleOwn(msg)
	}
	return nil
}

func (m *root) handleOwn(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case feedMsg:
		return m.fed(msg)
	case endedMsg:
		m.finished = true
		m.outcome = Result{Err: msg.err, Left: m.leaving && msg.err == nil}
		return tea.Quit
	case stopMsg:
		return m.interrupt()
	case tea.ResumeMsg:
		m.opts.suspender.back()
	case noticeMsg:
		m.sayTone(msg.text, msg.tone)
	case panelMsg:
		msg.panel.loaded(msg.text, msg.err)
	case scriptsMsg:
		m.pickScript(msg)
	case backMsg:
		m.back(msg)
	case prefsMsg:
		if msg.err != nil {
			m.sayTone("cannot remember that: "+msg.err.Error(), toneWarn)
		}
	}
	return nil
}

func (m *root) ticked(msg tickMsg) tea.Cmd {
	if msg.clock != m.clock {
		return nil // a clock that was replaced
	}
	m.turn++
	m.memory.look(m.logs.store.Counts().Bytes)
	if !m.noticeTill.IsZero() && m.now.After(m.noticeTill) {
		m.notice, m.noticeTill = "", time.Time{}
	}
	return m.tick()
}

// fed takes in what the session said.
func (m *root) fed(msg feedMsg) tea.Cmd {
	was := m.ticking
	if msg.stayed {
		m.leaving = false
	}
	for _, e := range msg.events {
		m.board.on(e)
	}
	if msg.overview != nil {
		m.board.show(*msg.overview)
		m.logs.setServices(serviceNames(m.board.services))
	}
	m.board.measure(msg.samples)
	if m.board.phase == phaseRunning {
		m.board.progress.settle()
	}
	if m.busy() && was != busy {
		return m.tick()
	}
	return nil
}

func serviceNames(list []*service) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}

// arrange works the layout out anew and tells the panes their sizes.
func (m *root) arrange() {
	d := demand{services: rowsOf(m.board.services), count: max(1, len(m.board.services)), zoom: m.zoom}
	if m.board.phase < phaseStopping {
		d.progress = progressDemand(&m.board.progress)
	}
	if p, ok := m.board.problems.first(); ok {
		d.banner = bannerDemand(p)
	}
	m.lay = arrange(m.w, m.h, d)
	r := m.lay.logRows()
	m.logs.setSize(r.w, r.h)
}

func (m *root) selected() *service { return m.services.current(m.board) }

const noticeTime = 4 * time.Second

func (m *root) say(text string) { m.sayTone(text, tonePlain) }

func (m *root) sayTone(text string, t tone) {
	m.notice, m.noticeTone, m.noticeTill = term.Clean(text), t, m.now.Add(noticeTime)
}
