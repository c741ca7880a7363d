package ui

import (
	"regexp"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/session"
)

// hostile are texts that would control a terminal or hide something in it.
var hostile = []string{
	"\x1b]0;owned\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "\x1b[2J\x1b[H", "\x1b[6n", "\x1bc",
	"\x1bPq#0\x1b\\", "\x1b_apc\x1b\\", "\x1b[?1049l", "\u009b31m", "\u009d0;x\u009c", "a\rb", "a\bb", "\x00", "\x7f", "\x1b]0;no end",
	"\u202eevil\u202c", "\u2066x", "a\xff\xfeb", "\x1b", "\x1b[", strings.Repeat("\u0301", 1000), "漢字👩‍👩‍👧‍👦🏳️‍🌈", "\v\f", "line\nbreak",
}

// allowed is what the dashboard itself puts among the text: colours, and links
// whose address has nothing but printable ASCII.
var allowed = regexp.MustCompile("\x1b\\[[0-9;:]*m|\x1b\\]8;[^;\x07\x1b]*;[!-~]*(\x07|\x1b\\\\)")

func TestNoTextFromOutsideControlsTheTerminal(t *testing.T) {
	for _, h := range hostile {
		f := newFixture(t, 120, 40)
		f.m = newRoot(hostileOptions(f, h))
		checkTitle(t, f, h)
		f = running(t, 120, 40)
		o := overview(session.AppListening)
		o.Project, o.Engine = "p"+h, engine.Info{Version: "28" + h}
		o.Services[0].Node, o.Services[0].URL = "26"+h, "http://127.0.0.1:3000"+h
		o.Services[1].Image, o.Services[1].Health = "image"+h, "healthy"+h
		o.Services = append(o.Services, session.ServiceOverview{Name: "svc" + h, Running: true, State: session.AppRunning})
		f.overview(o)
		for _, kind := range []session.Kind{
			session.Rendered, session.Building, session.Built, session.Installing, session.Installed, session.Creating, session.Started, session.Ready,
			session.Changed, session.Restarting, session.Restarted, session.Log, session.Crashed, session.Exited, session.Warned, session.Failed,
			session.WatchedMode, session.EngineLost, session.EngineBack,
		} {
			f.happen(session.Event{
				Kind: kind, Service: "web", Files: []string{"src/" + h + ".js"}, Line: "Error: " + h, Stream: "stderr",
				Signal: "SIG" + h, Volume: "chat_web_node_modules_" + h, Text: "text " + h, Hint: "hint " + h, URL: "http://" + h,
			})
			checkHarmless(t, f, h, 120, 40)
		}
		f.happen(session.Event{Kind: session.Failed, Service: "svc" + h, Text: "it failed"})
		f.press("/", "Error", "<enter>", "3", "<enter>")
		checkHarmless(t, f, h, 120, 40)
		f.press("p")
		checkHarmless(t, f, h, 120, 40)
	}
}

func checkHarmless(t *testing.T, f *fixture, what string, w, h int) {
	t.Helper()
	checkFrame(t, f, w, h)
	rest := allowed.ReplaceAllString(f.m.frame(), "")
	for i, r := range rest {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Fatalf("%q puts %q on the screen, behind %q", what, r, rest[max(0, i-30):i])
		}
	}
	checkTitle(t, f, what)
}

// hostileOptions are a fixture's, for a project that cannot be read: its name is
// that of its folder.
func hostileOptions(f *fixture, name string) Options {
	o := f.m.opts
	o.Project = "p" + name
	return o
}

func checkTitle(t *testing.T, f *fixture, what string) {
	t.Helper()
	if title := f.m.View().WindowTitle; strings.ContainsAny(title, "\x1b\x07\n") {
		t.Fatalf("%q is in the window's title: %q", what, title)
	}
}
