package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/devbox-node/devbox/internal/session"
)

func TestFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(sizeName(size.w, size.h), func(t *testing.T) {
			f := newFixture(t, size.w, size.h)
			f.golden(sizeName(size.w, size.h) + "-first")
			f.happen(
				session.Event{Kind: session.Building, Service: "web", Text: "[base 1/4] FROM node:26.10.0-bookworm-slim"},
				session.Event{Kind: session.Building, Service: "web", Text: "[base 1/4] FROM node:26.10.0-bookworm-slim", Done: true},
				session.Event{Kind: session.Building, Service: "web", Text: "[deps 3/4] RUN npm ci"},
				session.Event{Kind: session.Building, Service: "web", Text: "added 93 packages in 2s", Output: true},
			)
			f.golden(sizeName(size.w, size.h) + "-building")
			f = running(t, size.w, size.h)
			f.golden(sizeName(size.w, size.h) + "-running")
			f.crash()
			f.golden(sizeName(size.w, size.h) + "-crashed")
			f.press("?")
			f.golden(sizeName(size.w, size.h) + "-help")
			f.press("<esc>", ":", "re")
			f.golden(sizeName(size.w, size.h) + "-commands")
		})
	}
}

// TestEveryFrameFitsTheScreen draws at all small sizes and many others, in
// every state and with everything open.
func TestEveryFrameFitsTheScreen(t *testing.T) {
	open := map[string]func(*fixture){
		"nothing":  func(*fixture) {},
		"help":     func(f *fixture) { f.press("?") },
		"commands": func(f *fixture) { f.press(":") },
		"search":   func(f *fixture) { f.press("/", "listen") },
		"filter":   func(f *fixture) { f.press("f", "level>=warn") },
		"quit":     func(f *fixture) { f.press("q") },
		"crash":    func(f *fixture) { f.crash() },
		"zoom":     func(f *fixture) { f.press("z") },
		"wrapped":  func(f *fixture) { f.press("w", "t") },
		"stopping": func(f *fixture) { f.press("<ctrl+c>") },
	}
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			f := running(t, 80, 24)
			open(f)
			for w := 0; w < 130; w += 1 + w/12 {
				for h := 0; h < 50; h += 1 + h/8 {
					f.send(tea.WindowSizeMsg{Width: w, Height: h})
					checkFrame(t, f, w, h)
				}
			}
		})
	}
}

func checkFrame(t *testing.T, f *fixture, w, h int) {
	t.Helper()
	frame := f.m.frame()
	_ = f.m.View()
	if w == 0 || h == 0 {
		return
	}
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: the frame has %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidthWc(l); n > w {
			t.Fatalf("%dx%d: line %d is %d cells wide:\n%s", w, h, i, n, f.frame())
		}
	}
}

func TestColoursAreLeftOutWhereTheTerminalHasNone(t *testing.T) {
	f := running(t, 120, 40)
	if !strings.Contains(f.m.frame(), "38;2;") {
		t.Error("a terminal with all colours gets none")
	}
	f.send(tea.ColorProfileMsg{Profile: colorprofile.ANSI})
	if frame := f.m.frame(); strings.Contains(frame, "38;2;") || !strings.Contains(frame, "\x1b[") {
		t.Error("a terminal with 16 colours does not get those of its theme")
	}
}

func TestATerminalWithoutUTF8GetsASCII(t *testing.T) {
	f := running(t, 120, 40)
	o := f.m.opts
	o.ASCII, o.Project = true, "čaj"
	f.m = newRoot(o)
	f.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	// It may say so also of a terminal that is told to take no UTF-8.
	f.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeSet})
	if title := f.m.View().WindowTitle; title != "devbox ?aj" {
		t.Errorf("the window is called %q", title)
	}
	shown := overview(session.AppListening)
	shown.Services = append(shown.Services, session.ServiceOverview{Name: "kafić", Running: true, State: session.AppRunning})
	f.overview(shown)
	f.print("kafić", "café", "ћирилица", "漢字 is two cells wide", "e\u0301", "👩‍👩‍👧‍👦", `{"level":50,"msg":"né"}`)
	f.happen(session.Event{Kind: session.Failed, Service: "kafić", Text: "ошибка"})
	f.sees("caf?", "????????", "???? is two", "kafi?", "????? ")
	checkFrame(t, f, 120, 40)
	for i, r := range f.frame() {
		if r > '~' {
			t.Fatalf("%q at byte %d:\n%s", r, i, f.frame())
		}
	}
}
