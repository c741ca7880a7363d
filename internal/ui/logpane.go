package ui

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/logs"
)

// logPane shows the output of the services. Its store is filled by the
// session's goroutine; everything else belongs to the program's.
type logPane struct {
	store      *logs.Store
	view       *logs.View
	opts       logs.Options
	separators separators
	// dir is the project's folder, for links to files.
	dir      string
	services []string

	one       string
	text      string
	filter    *logs.Filter
	filterErr error
	level     logs.Level
	wanted    string
	wantedErr error
	width     int
}

func newLogPane(o Options) *logPane {
	p := &logPane{
		store: logs.NewStore(logs.Limits{}), dir: o.Dir,
		separators: separators{why: map[string]session.Event{}, begun: map[string]bool{}},
	}
	p.view = logs.NewView(p.store)
	p.opts = logs.Options{Zone: o.Zone, ASCII: o.ASCII}
	p.view.SetOptions(p.opts)
	return p
}

// append takes in what a session said. It is for the session's goroutine.
func (p *logPane) append(events []session.Event) {
	entries := make([]logs.Entry, 0, len(events))
	for _, e := range events {
		if entry, ok := p.separators.entry(e); ok {
			entries = append(entries, entry)
		}
	}
	p.store.Append(entries...)
}

// separators put one line between the output of two runs of an app: where the
// new one begins, and with why it does. That it listens, and after how long,
// is known only behind its first lines, and the time line has that.
type separators struct {
	// why is what a restart is for, by service, until the app is started.
	why map[string]session.Event
	// begun are the services that have printed nothing since their separator.
	begun map[string]bool
}

func (s *separators) entry(e session.Event) (logs.Entry, bool) {
	switch e.Kind {
	case session.Log, session.Crashed, session.Exited:
		delete(s.begun, e.Service)
	case session.Restarting:
		s.why[e.Service] = e
		return logs.Entry{}, false
	case session.Started:
		if why, ok := s.why[e.Service]; ok {
			delete(s.why, e.Service)
			e.Kind, e.Files, e.Text = session.Restarted, why.Files, why.Text
		} else if s.begun[e.Service] {
			return logs.Entry{}, false
		}
		s.begun[e.Service] = true
	case session.Restarted:
		if _, ok := s.why[e.Service]; !ok {
			return logs.Entry{}, false
		}
		delete(s.why, e.Service)
	}
	return logs.FromEvent(e)
}

// workTime is how long filtering and searching may take in one update; the
// screen has about as much left for a frame.
const workTime = 6 * time.Millisecond

// work goes on with filtering and searching, and reports whether that is done.
func (p *logPane) work() bool { return p.view.Work(workTime) }

func (p *logPane) setServices(names []string) {
	if slices.Equal(p.services, names) {
		return
	}
	p.services = names
	p.prefix()
}

// prefix makes room for the names of services, where there are several to tell.
func (p *logPane) prefix() {
	const most = 14
	width := 0
	if len(p.services) > 1 && p.one == "" {
		for _, n := range p.services {
			width = max(width, term.Width(n))
		}
	}
	p.set(func(o *logs.Options) { o.ServiceWidth = min(width, most) })
}

func (p *logPane) set(change func(*logs.Options)) {
	change(&p.opts)
	p.view.SetOptions(p.opts)
}

// margin is the blank column at the left of the lines.
const margin = 1

func (p *logPane) setSize(w, h int) {
	p.width = max(0, w-margin)
	p.view.SetSize(p.width, h)
}

func (p *logPane) bottom()            { p.view.Bottom() }
func (p *logPane) top()               { p.view.Top() }
func (p *logPane) page(by int)        { p.view.Page(by) }
func (p *logPane) scroll(by int)      { p.view.Scroll(by, 0) }
func (p *logPane) sideways(by int)    { p.view.Scroll(0, by) }
func (p *logPane) clear()             { p.store.Clear() }
func (p *logPane) solo() string       { return p.one }
func (p *logPane) searching() bool    { return p.view.Searching() }
func (p *logPane) query() string      { return p.wanted }
func (p *logPane) filterText() string { return p.text }
func (p *logPane) filtered() bool     { return p.text != "" || p.one != "" || p.level != logs.LevelNone }

// only shows one service's lines, or with no name those of all.
func (p *logPane) only(name string) {
	p.one = name
	p.prefix()
	p.refilter()
}

// setFilter takes a filter as it is being typed. While it makes no sense, the
// last one that did stays.
func (p *logPane) setFilter(text string) {
	p.text = strings.TrimSpace(text)
	if p.text == "" {
		p.level = logs.LevelNone
	}
	p.refilter()
}

func (p *logPane) refilter() {
	text := p.text
	if p.level != logs.LevelNone {
		text += " level>=" + strings.ToLower(p.level.String())
	}
	f, err := logs.ParseFilter(text)
	p.filterErr = err
	if err == nil {
		p.filter = f
	}
	p.view.SetFilter(p.filter, p.shown()...)
}

// shown are the services that are not left out; none stands for all.
func (p *logPane) shown() []string {
	if p.one == "" {
		return nil
	}
	return []string{p.one}
}

// nextLevel shows fewer lines: from a level on, and at last all again.
func (p *logPane) nextLevel() string {
	next := map[logs.Level]logs.Level{logs.LevelNone: logs.LevelInfo, logs.LevelInfo: logs.LevelWarn, logs.LevelWarn: logs.LevelError}
	p.level = next[p.level]
	p.refilter()
	if p.level == logs.LevelNone {
		return "lines of all levels"
	}
	return "lines from " + p.level.String() + " on"
}

// search looks for a text as it is being typed, or for an expression between
// slashes, and goes to the match that is nearest above.
func (p *logPane) search(text string) {
	p.wanted = text
	expression, regex := strings.CutPrefix(text, "/")
	if regex {
		text = strings.TrimSuffix(expression, "/")
	}
	if p.wantedErr = p.view.Search(text, regex); p.wantedErr != nil || text == "" {
		return
	}
	p.view.Work(workTime)
	p.view.Prev()
}

func (p *logPane) endSearch() {
	p.wanted, p.wantedErr = "", nil
	_ = p.view.Search("", false)
}

// next goes to another match, further down or up.
func (p *logPane) next(by int) {
	if by > 0 {
		p.view.Next()
		return
	}
	p.view.Prev()
}

func (p *logPane) matchWords() (string, tone) {
	st := p.view.Status()
	switch {
	case p.wantedErr != nil:
		return p.wantedErr.Error(), toneWarn
	case p.wanted == "":
		return "text, or /expression/", toneQuiet
	case st.Pending:
		return "searching… " + term.Thousands(st.Matches), toneQuiet
	case st.Matches == 0:
		return "no match", toneWarn
	case st.Match > 0:
		return term.Thousands(st.Match) + " of " + count(st.Matches, "match"), tonePlain
	}
	return count(st.Matches, "match"), tonePlain
}

func (p *logPane) filterWords() (string, tone) {
	if p.filterErr != nil {
		return p.filterErr.Error(), toneWarn
	}
	st := p.view.Status()
	if p.text == "" {
		return "text  /expression/  level>=warn  stream:stderr  service:web  -not  field=value", toneQuiet
	}
	return term.Thousands(st.Kept) + " of " + count(st.Held, "line"), tonePlain
}

func (p *logPane) toggleTimes() string {
	p.set(func(o *logs.Options) { o.Times = !o.Times })
	return onOff("timestamps", p.opts.Times)
}

func (p *logPane) toggleWrap() string {
	p.set(func(o *logs.Options) { o.Wrap = !o.Wrap })
	if p.opts.Wrap {
		return "long lines are wrapped"
	}
	return "long lines are cut; ← → move along them"
}

func (p *logPane) toggleRaw() string {
	p.set(func(o *logs.Options) { o.Raw = !o.Raw })
	if p.opts.Raw {
		return "JSON as it was printed"
	}
	return "JSON in readable form"
}

func onOff(what string, on bool) string {
	if on {
		return what + " on"
	}
	return what + " off"
}

// visibleText is the text of what is visible, in full and without times and names.
func (p *logPane) visibleText() string {
	rows := p.view.Rows()
	if len(rows) == 0 {
		return ""
	}
	return p.view.Copy(rows[0].Seq, rows[len(rows)-1].Seq)
}

// exporter writes what the filter keeps, and counts the lines.
func (p *logPane) exporter() exportFunc {
	o := logs.ExportOptions{Filter: p.filter, Services: p.shown(), Zone: p.opts.Zone}
	return func(ctx context.Context, w io.Writer) (int, error) {
		n := &lineCounter{w: w}
		err := p.store.Export(ctx, n, o)
		return n.lines, err
	}
}

type lineCounter struct {
	w     io.Writer
	lines int
}

func (c *lineCounter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	for _, x := range b[:n] {
		if x == '\n' {
			c.lines++
		}
	}
	return n, err
}
