package ui

import (
	"slices"
	"strings"
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
