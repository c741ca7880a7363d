package ui

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// driver makes messages of bytes: each of them picks one, and those behind it
// are what it needs. Every sequence of bytes is a sequence of messages.
type driver struct {
	f    *fixture
	in   []byte
	text string
	// lines takes what a container prints, in pieces.
	lines *term.Splitter
	w, h  int
}

func newDriver(t *testing.T, in []byte, text string) *driver {
	d := &driver{f: running(t, 80, 24), in: in, text: text, w: 80, h: 24}
	d.f.m.opts.Panels = nil
	d.lines = term.NewSplitter(func(_ term.Kind, line string) { d.f.print("web", line) })
	return d
}

func (d *driver) next() int {
	if len(d.in) == 0 {
		return 0
	}
	b := d.in[0]
	d.in = d.in[1:]
	return int(b)
}

var fuzzKeys = []tea.KeyPressMsg{
	{Code: tea.KeyEnter},
	{Code: tea.KeyEscape},
	{Code: tea.KeyTab},
	{Code: tea.KeyTab, Mod: tea.ModShift},
	{Code: tea.KeyUp},
	{Code: tea.KeyDown},
	{Code: tea.KeyLeft},
	{Code: tea.KeyRight},
	{Code: tea.KeyPgUp},
	{Code: tea.KeyPgDown},
	{Code: tea.KeyHome},
	{Code: tea.KeyEnd},
	{Code: tea.KeyBackspace},
	{Code: tea.KeyDelete},
	{Code: tea.KeySpace, Text: " "},
	{Code: 'p', Mod: tea.ModCtrl},
	{Code: 'u', Mod: tea.ModCtrl},
	{Code: 'w', Mod: tea.ModCtrl},
}

var fuzzKinds = []session.Kind{
	session.Rendered, session.Building, session.Built, session.Installing, session.Installed, session.Creating, session.Started, session.Ready,
	session.Changed, session.Restarting, session.Restarted, session.Crashed, session.Exited, session.Warned, session.Failed, session.WatchedMode,
	session.EngineLost, session.EngineBack, session.LockChanged,
}

// step sends one message.
func (d *driver) step() {
	switch d.next() % 12 {
	case 0:
		d.f.send(fuzzKeys[d.next()%len(fuzzKeys)])
	case 1, 2: // every printable key, so every action that has one
		r := rune(' ' + d.next()%('~'-' '))
		d.f.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	case 3:
		d.w, d.h = d.next(), d.next()%80
		d.f.send(tea.WindowSizeMsg{Width: d.w, Height: d.h})
	case 4:
		sizes := [][2]int{{0, 0}, {1, 1}, {1, 50}, {200, 1}, {2, 2}, {40, 10}, {0, 30}, {30, 0}}
		size := sizes[d.next()%len(sizes)]
		d.w, d.h = size[0], size[1]
		d.f.send(tea.WindowSizeMsg{Width: d.w, Height: d.h})
	case 5: // the text comes in two pieces
		at := d.next() * (len(d.text) + 1) / 256
		_, _ = d.lines.Write([]byte(d.text[:at]))
		_, _ = d.lines.Write([]byte(d.text[at:] + "\n"))
	case 6:
		d.f.send(tea.MouseClickMsg{X: d.next(), Y: d.next() % 80, Button: tea.MouseLeft})
	case 7:
		d.f.send(tea.MouseWheelMsg{X: d.next(), Y: d.next() % 80, Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[d.next()%2]})
	case 8:
		d.event()
	case 9:
		d.overview()
	case 10:
		d.f.send(tea.PasteMsg{Content: d.text})
	case 11:
		d.f.now = d.f.now.Add(time.Duration(d.next()) * time.Second)
		d.f.send(tickMsg{d.f.m.clock})
	}
}

func (d *driver) event() {
	code := d.next()
	d.f.happen(session.Event{
		Kind: fuzzKinds[d.next()%len(fuzzKinds)], Service: []string{"web", "db", "", d.text}[d.next()%4], Files: []string{d.text, "src/" + d.text},
		Line: d.text, Stream: "stderr", Signal: d.text, Volume: d.text, Text: d.text, Hint: d.text, URL: "http://" + d.text, Code: &code,
		Count: d.next(), MS: int64(d.next()) * 100, Done: d.next()%2 == 0,
	})
}

func (d *driver) overview() {
	o := overview([]session.AppState{session.AppListening, session.AppCrashed, session.AppStarting, session.AppStopped, session.AppUnknown}[d.next()%5])
	o.Project = d.text
	o.Services = o.Services[:d.next()%3]
	for range d.next() % 60 {
		o.Services = append(o.Services, session.ServiceOverview{
			Name: "svc" + strconv.Itoa(d.next()) + d.text, Image: d.text, Health: d.text, URL: d.text, State: session.AppRunning, Running: d.next()%2 == 0,
		})
	}
	if d.next()%2 == 0 {
		o.Unapplied = &session.Unapplied{Files: []string{d.text}, Text: d.text, Hint: d.text}
	}
	d.f.overview(o)
}

// FuzzDashboard sends any messages in any order: none makes the model panic, no
// line of a frame is wider than the screen, and nothing of what containers and
// files say reaches the terminal but text.
func FuzzDashboard(f *testing.F) {
	sequence := []byte{5, 100, 9, 0, 3, 4, 1, 0, 3, 2, 0, 8, 1, 14, 3, 0, 1, 15, 0, 0, 4, 6, 3, 3, 7, 50, 9, 0, 10, 4, 0, 5, 7, 3, 120, 40, 11, 200}
	for _, h := range append(corpusTexts(f), hostile...) {
		f.Add(sequence, h)
	}
	for key := range byte('~' - ' ') { // every key, at sizes from small to none
		f.Add([]byte{5, 0, 1, key, 10, 4, 5, 4, 1, 7, 10, 10, 1, 4, 0, 0, 0, 3, 90, 20, 6, 20, 5, 0, 1, 8, 1, 11, 0}, "a漢\u0301\u202e\x1b[2J")
	}
	// The palette, a text that nothing fits, and ways to move in that.
	f.Add([]byte{1, ':' - ' ', 10, 0, 5, 0, 9, 0, 4, 0, 12, 4, 1, 0, 5, 0, 0}, "no such command")
	f.Fuzz(func(t *testing.T, in []byte, text string) {
		const most, longest = 400, 4096
		d := newDriver(t, in[:min(len(in), most)], text[:min(len(text), longest)])
		for len(d.in) > 0 && !d.f.m.finished {
			d.step()
			checkHarmless(t, d.f, text, d.w, d.h)
		}
	})
}

// FuzzSplitOutput has a container print a text that comes in two pieces, split
// at every byte.
func FuzzSplitOutput(f *testing.F) {
	for _, h := range append(corpusTexts(f), hostile...) {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const longest = 200
		text = text[:min(len(text), longest)]
		d := newDriver(t, nil, text)
		for at := range len(text) + 1 {
			_, _ = d.lines.Write([]byte(text[:at]))
			_, _ = d.lines.Write([]byte(text[at:]))
			d.lines.Flush()
		}
		checkHarmless(t, d.f, text, d.w, d.h)
	})
}

// corpusTexts are the inputs of package term's corpus.
func corpusTexts(t testing.TB) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../term/testdata/TestHostileTextIsHarmless/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if quoted, ok := strings.CutPrefix(line, "in "); ok {
				text, err := strconv.Unquote(strings.TrimSpace(quoted))
				if err != nil {
					t.Fatalf("%s: %s: %v", file, line, err)
				}
				all = append(all, text)
			}
		}
	}
	return all
}
