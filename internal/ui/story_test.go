package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/session"
)

var update = flag.Bool("update", false, "write the golden files anew")

// noon is when the tests' sessions begin.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fixture is a dashboard without a terminal: it is fed messages and its frames
// are looked at.
type fixture struct {
	t   *testing.T
	m   *root
	now time.Time
	// sent are the intents, stopped how often the session was stopped.
	sent            chan session.Intent
	stopped, killed int
	saved           []Prefs
	opened          []string
}

func newFixture(t *testing.T, w, h int) *fixture {
	t.Helper()
	f := &fixture{t: t, now: noon, sent: make(chan session.Intent, 4)}
	o := Options{
		Project: "chat", Dir: "/home/ada/chat", Zone: time.UTC, Now: func() time.Time { return f.now },
		Kill: func() { f.killed++ }, OpenURL: func(url string) error { f.opened = append(f.opened, url); return nil },
		SavePrefs: func(p Prefs) error { f.saved = append(f.saved, p); return nil },
		Scripts: func(service string) ([]Script, error) {
			return []Script{{"test", "node --test " + service, []string{"npm", "run", "test"}}}, nil
		},
		intents: f.sent, stop: func() { f.stopped++ }, suspender: newSuspender(),
	}
	o.fill()
	f.m = newRoot(o)
	f.m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil } // the clock stands still
	f.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	f.send(tea.WindowSizeMsg{Width: w, Height: h})
	return f
}

// send feeds a message and what the commands that follow answer at once.
func (f *fixture) send(msg tea.Msg) {
	f.t.Helper()
	_, cmd := f.m.Update(msg)
	for _, follow := range answers(cmd) {
		f.send(follow)
	}
}

// answers runs a command and gives what it says to the model's own.
func answers(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		var all []tea.Msg
		for _, c := range msg {
			all = append(all, answers(c)...)
		}
		return all
	case workMsg, noticeMsg, panelMsg, prefsMsg, scriptsMsg:
		return []tea.Msg{msg}
	}
	return nil
}

// press types keys: names in angle brackets, all else as it is.
func (f *fixture) press(keys ...string) {
	f.t.Helper()
	named := map[string]tea.KeyPressMsg{
		"<enter>": {Code: tea.KeyEnter}, "<esc>": {Code: tea.KeyEscape}, "<tab>": {Code: tea.KeyTab},
		"<up>": {Code: tea.KeyUp}, "<down>": {Code: tea.KeyDown}, "<pgup>": {Code: tea.KeyPgUp}, "<pgdown>": {Code: tea.KeyPgDown},
		"<ctrl+c>": {Code: 'c', Mod: tea.ModCtrl}, "<ctrl+p>": {Code: 'p', Mod: tea.ModCtrl},
	}
	for _, k := range keys {
		if msg, ok := named[k]; ok {
			f.send(msg)
			continue
		}
		for _, r := range k {
			f.send(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
}

// happen feeds events, a tenth of a second apart.
func (f *fixture) happen(events ...session.Event) {
	f.t.Helper()
	for i := range events {
		f.now = f.now.Add(100 * time.Millisecond)
		if events[i].Time.IsZero() {
			events[i].Time = f.now
		}
	}
	f.m.logs.append(events)
	var rest []session.Event
	for _, e := range events {
		if e.Kind != session.Log {
			rest = append(rest, e)
		}
	}
	f.send(feedMsg{events: rest, lines: len(rest) < len(events)})
}

// print makes a service print lines.
func (f *fixture) print(service string, lines ...string) {
	f.t.Helper()
	events := make([]session.Event, len(lines))
	for i, l := range lines {
		events[i] = session.Event{Kind: session.Log, Service: service, Line: l, Stream: "stdout"}
	}
	f.happen(events...)
}

// frame is the screen without colours.
func (f *fixture) frame() string { return ansi.Strip(f.m.frame()) }

func (f *fixture) sees(texts ...string) {
	f.t.Helper()
	frame := f.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			f.t.Errorf("the screen does not show %q:\n%s", text, frame)
		}
	}
}

func (f *fixture) seesNot(text string) {
	f.t.Helper()
	if frame := f.frame(); strings.Contains(frame, text) {
		f.t.Errorf("the screen shows %q:\n%s", text, frame)
	}
}

// wished is the intent that was sent last.
func (f *fixture) wished() session.Intent {
	f.t.Helper()
	select {
	case in := <-f.sent:
		return in
	default:
		f.t.Fatal("no intent was sent")
		return session.Intent{}
	}
}

// golden compares the frame with a file of the test.
func (f *fixture) golden(name string) {
	f.t.Helper()
	path := filepath.Join("testdata", f.t.Name(), name+".txt")
	if i := strings.IndexByte(f.t.Name(), '/'); i > 0 {
		path = filepath.Join("testdata", f.t.Name()[:i], name+".txt")
	}
	got := f.frame() + "\n"
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			f.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		f.t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}

func overview(state session.AppState) session.Overview {
	return session.Overview{
		Project: "chat", Dir: "/home/ada/chat", Engine: engine.Info{Version: "28.5.2"},
		Services: []session.ServiceOverview{
			{
				Name: "web", Node: "26.10.0", State: state, Running: true, Port: 3000, URL: "http://127.0.0.1:3000",
				Published: []engine.Port{{Host: 3000}}, Volume: "chat_web_node_modules_a1b2c3d4e5", InStep: true, StartedAt: noon,
			},
			{Name: "db", Image: "postgres:15-bookworm", State: session.AppRunning, Running: true, Health: "healthy", StartedAt: noon},
		},
	}
}

func (f *fixture) overview(o session.Overview) { f.send(feedMsg{overview: &o}) }

// running is a dashboard of an environment that is up and has seen something.
func running(t *testing.T, w, h int) *fixture {
	t.Helper()
	f := newFixture(t, w, h)
	f.happen(
		session.Event{Kind: session.Rendered, Files: []string{"Dockerfile", "compose.yaml"}},
		session.Event{Kind: session.Built, Service: "web", Text: "chat-web:dev", MS: 7500},
		session.Event{Kind: session.Installed, Service: "web", Volume: "chat_web_node_modules_a1b2c3d4e5", MS: 653},
		session.Event{Kind: session.WatchedMode, Text: "events", Count: 14},
		session.Event{Kind: session.Started, Service: "web"},
	)
	f.overview(overview(session.AppListening))
	f.print("web", "listening on port 3000")
	f.happen(session.Event{Kind: session.Ready, Service: "web", Port: 3000, URL: "http://127.0.0.1:3000", MS: 300}, session.Event{Kind: session.Ready, Service: "db"})
	f.print("db", "database system is ready to accept connections")
	f.happen(session.Event{Kind: session.Restarting, Service: "web", Files: []string{"src/index.js"}}, session.Event{Kind: session.Started, Service: "web"})
	f.print("web", "listening on port 3000", `{"level":30,"time":1772625600000,"msg":"request completed","method":"GET","url":"/","status":200,"ms":3}`)
	f.happen(session.Event{Kind: session.Restarted, Service: "web", Files: []string{"src/index.js"}, MS: 38, Port: 3000})
	for i := range 12 {
		f.send(feedMsg{samples: []session.Sample{
			{Service: "web", CPU: float64(i * i % 17), Memory: 84 << 20}, {Service: "db", CPU: 0.4, Memory: 31 << 20},
		}})
	}
	f.now = noon.Add(12 * time.Minute)
	return f
}

// crash makes the app of web end as Node.js does for a wrong source file.
func (f *fixture) crash() {
	f.t.Helper()
	f.happen(session.Event{Kind: session.Restarting, Service: "web", Files: []string{"src/index.js"}}, session.Event{Kind: session.Started, Service: "web"})
	f.print("web", "file:///app/src/index.js:7", "const port = ;", "             ^", "", "SyntaxError: Unexpected token ';'",
		"    at compileSourceTextModule (node:internal/modules/esm/utils:346:16)", "", "Node.js v26.10.0")
	code := 1
	f.happen(session.Event{Kind: session.Crashed, Service: "web", Code: &code, Files: []string{"src/index.js"}})
	f.overview(overview(session.AppCrashed))
}

var sizes = []struct{ w, h int }{{40, 10}, {80, 24}, {120, 40}, {200, 60}}

func sizeName(w, h int) string { return fmt.Sprintf("%dx%d", w, h) }
