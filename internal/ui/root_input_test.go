package ui

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
)

func TestKeysSendIntents(t *testing.T) {
	for _, test := range []struct {
		keys []string
		want session.Intent
	}{
		{[]string{"r"}, session.Intent{Wish: session.WishRestart, Services: []string{"web"}}},
		{[]string{"<down>", "r"}, session.Intent{Wish: session.WishRestart, Services: []string{"db"}}},
		{[]string{"2", "x"}, session.Intent{Wish: session.WishStop, Services: []string{"db"}}},
		{[]string{"u"}, session.Intent{Wish: session.WishStart, Services: []string{"web"}}},
		{[]string{"R"}, session.Intent{Wish: session.WishRestart}},
		{[]string{"b"}, session.Intent{Wish: session.WishRebuild}},
		{[]string{"D"}, session.Intent{Wish: session.WishLeave}},
		{[]string{":", "rebuild", "<enter>"}, session.Intent{Wish: session.WishRebuild}},
		{[]string{"<ctrl+p>", "stop the sel", "<enter>"}, session.Intent{Wish: session.WishStop, Services: []string{"web"}}},
	} {
		t.Run(strings.Join(test.keys, " "), func(t *testing.T) {
			f := running(t, 120, 40)
			f.press(test.keys...)
			if got := f.wished(); got.Wish != test.want.Wish || !slices.Equal(got.Services, test.want.Services) {
				t.Errorf("sent %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestSearchFilterAndLevels(t *testing.T) {
	f := running(t, 120, 40)
	f.print("web", "needle one", "hay", "needle two", "ERROR it burns")
	f.press("/", "needle", "<enter>")
	f.sees("/needle 2 of 2 matches", "needle one")
	f.press("N")
	f.sees("1 of 2 matches")
	f.press("<esc>", "f", "hay", "<enter>")
	f.sees("filter hay", "1 of")
	f.seesNot("needle one")
	f.press("F", "e", "e")
	f.sees("≥ warn", "it burns")
	f.seesNot("needle")
	f.press("F", "f", "/(/")
	f.sees("missing closing")
	f.press("<esc>")
	f.sees("needle two")
}

func TestASearchThatIsGivenUpFollowsAgain(t *testing.T) {
	f := running(t, 80, 24)
	f.print("web", slices.Repeat([]string{"line"}, 100)...)
	f.press("/", "listening")
	f.sees("paused")
	f.press("<esc>")
	f.sees("following")
}

func TestOneServicesLogs(t *testing.T) {
	f := running(t, 120, 40)
	f.press("2", "<enter>")
	f.sees("Logs · db", "database system")
	f.seesNot("listening on port 3000 ")
	f.press("<enter>")
	f.sees("listening on port 3000 ")
}

func TestScrollingKeepsItsPlace(t *testing.T) {
	f := running(t, 80, 24)
	for i := range 100 {
		f.print("web", "line "+itoa(i)+".")
	}
	f.press("<pgup>", "<pgup>")
	f.sees("paused")
	before := strings.Split(f.frame(), "\n")[8]
	for i := range 50 {
		f.print("web", "more "+itoa(i)+".")
	}
	if after := strings.Split(f.frame(), "\n")[8]; after != before {
		t.Errorf("the place was lost: %q became %q", before, after)
	}
	f.press("G")
	f.sees("following", "more 49.")
}

func TestTheMouse(t *testing.T) {
	f := running(t, 120, 40)
	f.print("web", slices.Repeat([]string{"line"}, 100)...)
	_ = f.frame()
	f.send(tea.MouseClickMsg{X: 5, Y: 6, Button: tea.MouseLeft})
	if f.m.selected().Name != "db" {
		t.Errorf("a click on db selects %s:\n%s", f.m.selected().Name, f.frame())
	}
	f.send(tea.MouseWheelMsg{X: 80, Y: 20, Button: tea.MouseWheelUp})
	f.sees("paused")
	f.press("m")
	if v := f.m.View(); v.MouseMode != tea.MouseModeNone {
		t.Error("m does not leave the mouse to the terminal")
	}
}

func TestOpen(t *testing.T) {
	f := running(t, 120, 40)
	f.press("o")
	if !slices.Equal(f.opened, []string{"http://127.0.0.1:3000"}) {
		t.Errorf("opened %q", f.opened)
	}
	f.sees("opened http://127.0.0.1:3000")
}

func TestCtrlCStopsWhateverIsOpen(t *testing.T) {
	for name, keys := range map[string][]string{
		"search": {"/", "listen"}, "filter": {"f"}, "commands": {":"}, "scripts": {"p"}, "help": {"?"}, "quit": {"q"},
	} {
		t.Run(name, func(t *testing.T) {
			f := running(t, 120, 40)
			f.m.opts.Aside = func(...string) *exec.Cmd { return exec.Command("true") }
			f.press(keys...)
			if len(f.m.dialogs) == 0 && f.m.prompt == nil {
				t.Fatal("nothing is open")
			}
			f.press("<ctrl+c>")
			f.sees("stopping…")
			if f.stopped != 1 || len(f.m.dialogs) > 0 || f.m.prompt != nil {
				t.Errorf("stopped %d times, %d dialogs are open", f.stopped, len(f.m.dialogs))
			}
		})
	}
}
