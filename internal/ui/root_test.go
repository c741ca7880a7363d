package ui

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
)

func TestASessionThatTakesNoIntentsIsNotWaitedFor(t *testing.T) {
	f := running(t, 120, 40)
	for range cap(f.sent) + 1 {
		f.press("r")
	}
	f.sees("the session is busy")
}

func TestThePaletteFindsEveryAction(t *testing.T) {
	f := running(t, 120, 40)
	f.crash()
	for _, a := range f.m.actions {
		if a.do == nil || a.when != nil && !a.when(f.m) || strings.Contains(a.keys(), "Ctrl-P") {
			continue
		}
		f.press(":", a.title())
		l, ok := f.m.dialogs[0].(*list)
		if !ok || len(l.shown) == 0 || l.shown[0].text != a.title() {
			t.Errorf("typing %q does not find it", a.title())
		}
		f.press("<esc>")
	}
}

func TestFuzzyFinding(t *testing.T) {
	choices := []choice{{text: "restart the service"}, {text: "rebuild the images"}, {text: "write the shown lines to a file"}, {text: "open a shell"}}
	for _, test := range []struct{ typed, first string }{
		{"shell", "open a shell"},
		{"rb", "rebuild the images"},
		{"wtf", "write the shown lines to a file"},
		{"RESTART", "restart the service"},
		{"xyz", ""},
	} {
		got := ""
		if list := match(choices, test.typed); len(list) > 0 {
			got = list[0].text
		}
		if got != test.first {
			t.Errorf("%q finds %q, want %q", test.typed, got, test.first)
		}
	}
}

func TestQuitAsksOnceWhatItMeans(t *testing.T) {
	f := running(t, 120, 40)
	f.press("q")
	f.sees("What should q do?")
	f.press("<esc>")
	f.seesNot("What should q do?")
	if f.stopped != 0 {
		t.Error("giving the question up stops the environment")
	}
	f.press("q", "l")
	if in := f.wished(); in.Wish != session.WishLeave {
		t.Errorf("leaving sends %+v", in)
	}
	if len(f.saved) != 1 || f.saved[0].Quit != QuitLeaves {
		t.Errorf("kept %+v", f.saved)
	}
	again := running(t, 120, 40)
	again.m.prefs.Quit = QuitStops
	again.press("q")
	if again.stopped != 1 || again.m.interrupted {
		t.Errorf("q stopped %d times, as an interruption: %t", again.stopped, again.m.interrupted)
	}
}

func TestCtrlCIsPoliteOnceAndThenNot(t *testing.T) {
	f := running(t, 120, 40)
	f.press("<ctrl+c>")
	f.sees("stopping…")
	if f.stopped != 1 || f.killed != 0 {
		t.Errorf("the first one stopped %d and killed %d times", f.stopped, f.killed)
	}
	f.press("<ctrl+c>")
	f.sees("killing…")
	if f.stopped != 1 || f.killed != 1 {
		t.Errorf("the second one stopped %d and killed %d times", f.stopped, f.killed)
	}
	f.press("<ctrl+c>")
	if !f.m.outcome.Abandoned {
		t.Error("the third one waits")
	}
}

func TestTheEndOfTheSessionIsTheEnd(t *testing.T) {
	f := running(t, 80, 24)
	failed := errors.New("port 3000 is taken")
	_, cmd := f.m.Update(endedMsg{failed})
	if cmd == nil || !f.m.finished || !errors.Is(f.m.outcome.Err, failed) {
		t.Errorf("ended with %+v", f.m.outcome)
	}
}

func TestACrashIsShownWithItsReasonUntilItIsMended(t *testing.T) {
	f := running(t, 120, 40)
	f.crash()
	f.sees("Problem", "SyntaxError: Unexpected token ';'", "src/index.js:7   const port = ;", "save a file to start it again", "crashed · exit 1")
	f.happen(session.Event{Kind: session.Restarting, Service: "web", Files: []string{"src/index.js"}}, session.Event{Kind: session.Started, Service: "web"})
	f.seesNot("Problem")
	f.overview(overview(session.AppListening))
	f.happen(session.Event{Kind: session.Restarted, Service: "web", Files: []string{"src/index.js"}, MS: 118})
	f.sees("listening", "src/index.js 118 ms", "×2")
	f.seesNot("crashed · exit 1  ")
}

func TestALostEngineIsSaidUntilItIsBack(t *testing.T) {
	f := running(t, 120, 40)
	f.crash()
	f.happen(session.Event{Kind: session.EngineLost, Text: "no answer"})
	f.sees("Docker does not answer", "goes on by itself", "+1 more")
	f.happen(session.Event{Kind: session.EngineBack})
	f.seesNot("Docker does not answer")
	f.sees("web crashed")
}

func TestEscapeDismissesTheFirstProblem(t *testing.T) {
	f := running(t, 120, 40)
	f.happen(session.Event{Kind: session.Warned, Service: "web", Text: "the app listens on port 4000, but devbox.yaml says 3000", Hint: "set `port: 4000`"})
	f.sees("port 4000", "set `port: 4000`")
	f.press("<esc>")
	f.seesNot("Problem")
}

func TestAServiceStoppedOnPurposeIsNoProblem(t *testing.T) {
	f := running(t, 120, 40)
	code := 143
	f.happen(session.Event{Kind: session.Stopping, Service: "web"}, session.Event{Kind: session.Exited, Service: "web", Code: &code})
	o := overview(session.AppStopped)
	o.Services[0].Running, o.Services[0].Held = false, true
	f.overview(o)
	f.seesNot("Problem")
	f.sees("web  stopped")
}

func TestAPanelShowsWhatItsFunctionSays(t *testing.T) {
	f := running(t, 120, 40)
	f.m.actions = append(f.m.actions, panelActions([]Panel{
		{Title: "lock status", Key: "l", Load: func(context.Context) (string, error) {
			return "in step: no\n\x1b]0;owned\x07evil\n", errors.New("it disagrees")
		}},
	})...)
	f.press("l")
	f.sees("lock status", "in step: no", "evil", "it disagrees")
	if strings.Contains(f.m.frame(), "\x1b]0") {
		t.Error("a panel controls the terminal")
	}
	f.press("<esc>")
	f.seesNot("in step: no")
}

func TestFiftyServices(t *testing.T) {
	f := running(t, 120, 40)
	o := overview(session.AppListening)
	for i := range 50 {
		o.Services = append(o.Services, session.ServiceOverview{Name: "service-" + itoa(i), State: session.AppRunning, Running: true})
	}
	f.overview(o)
	checkFrame(t, f, 120, 40)
	for range 51 {
		f.press("<down>")
	}
	f.sees("service-49")
	checkFrame(t, f, 120, 40)
}

// TestOneClockTicks counts the clocks that go on when the dashboard is busy now
// and then: those that were replaced end, at whatever pace they were.
func TestOneClockTicks(t *testing.T) {
	f := running(t, 80, 24)
	var clocks []tea.Msg
	f.m.after = func(_ time.Duration, tick func(time.Time) tea.Msg) tea.Cmd {
		clocks = append(clocks, tick(f.now))
		return nil
	}
	f.send(tickMsg{f.m.clock})
	for range 3 {
		f.happen(session.Event{Kind: session.Restarting, Service: "web"})
		f.happen(session.Event{Kind: session.Restarted, Service: "web"})
		f.send(clocks[len(clocks)-1])
	}
	all := clocks
	clocks = nil
	for _, tick := range all {
		f.send(tick)
	}
	if len(clocks) != 1 {
		t.Errorf("%d of %d clocks go on, want 1", len(clocks), len(all))
	}
}

func TestScriptsAreThoseOfTheSelectedService(t *testing.T) {
	f := running(t, 120, 40)
	f.m.opts.Aside = func(...string) *exec.Cmd { return exec.Command("true") }
	o := overview(session.AppListening)
	o.Services[1].Node = "26.10.0"
	f.overview(o)
	f.press("2", "p")
	f.sees("Run a script in db", "node --test db")
	f.press("<esc>")
	f.m.opts.Scripts = func(string) ([]Script, error) { return nil, errors.New("no package.json") }
	f.press("p")
	f.sees("cannot read the scripts: no package.json")
}

func TestALeaveThatFailsGoesOn(t *testing.T) {
	f := running(t, 120, 40)
	f.press("D")
	_ = f.wished()
	f.send(feedMsg{stayed: true, events: []session.Event{{Kind: session.Failed, Text: "the watcher in the background did not start", Time: f.now}}})
	f.sees("the watcher in the background did not start")
	f.press("r")
	if in := f.wished(); in.Wish != session.WishRestart {
		t.Errorf("sent %+v", in)
	}
}

func TestALogPaneWithoutLinesSaysWhy(t *testing.T) {
	f := newFixture(t, 120, 40)
	f.overview(overview(session.AppStarting))
	f.sees("what the services print comes here")
	f.happen(session.Event{Kind: session.Ready, Service: "db"})
	f.sees("nothing was printed yet")
	f.print("web", "a line")
	f.seesNot("nothing was printed yet")
	f.press("2", "<enter>")
	f.sees("no line fits the filter · F drops it")
	f.press("F")
	f.sees("a line")
}
