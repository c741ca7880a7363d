package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
)

func TestAPasteIsOneEdit(t *testing.T) {
	f := running(t, 80, 24)
	f.press("/")
	edits := 0
	typed := f.m.prompt.typed
	f.m.prompt.typed = func(m *root, text string) { edits++; typed(m, text) }
	f.send(tea.PasteMsg{Content: "\r\nlistening on\r\nand " + strings.Repeat("more ", 20_000)})
	if edits != 1 || f.m.prompt.input.Value() != "listening on" {
		t.Errorf("%d edits, and then %q", edits, f.m.prompt.input.Value())
	}
	f.sees("/listening on", "2 matches")
	f.send(tea.PasteMsg{Content: "\x1b[31m\x1b]0;x\a esc"})
	if got := f.m.prompt.input.Value(); !strings.HasPrefix(got, "listening on") || !strings.HasSuffix(got, " esc") || strings.ContainsAny(got, "\x1b\a") {
		t.Errorf("typed %q", got)
	}
}

// A pasted word that is also the name of a key is a word.
func TestAPasteIsNoKey(t *testing.T) {
	f := running(t, 80, 24)
	f.press("/")
	for _, text := range []string{"enter", "esc", "up", "ctrl+c"} {
		f.send(tea.PasteMsg{Content: text})
	}
	if f.m.prompt == nil || f.m.prompt.input.Value() != "enterescupctrl+c" {
		t.Fatalf("the prompt: %+v", f.m.prompt)
	}
	f.press("<esc>", ":")
	f.send(tea.PasteMsg{Content: "enter"})
	if len(f.m.dialogs) != 1 {
		t.Error("the palette was closed")
	}
}

// The cursor stays on the screen, and what is at it in sight.
func TestALongTextIsShownAtItsCursor(t *testing.T) {
	for _, size := range sizes {
		f := running(t, size.w, size.h)
		f.print("web", strings.Repeat("漢", 50))
		f.press("/")
		f.send(tea.PasteMsg{Content: strings.Repeat("漢字", 100) + "end"})
		checkFrame(t, f, size.w, size.h)
		f.sees("end")
		if c := f.m.View().Cursor; c == nil || c.X >= size.w || c.Y != f.m.lay.hints.y {
			t.Errorf("%dx%d: the cursor is at %+v", size.w, size.h, c)
		}
		f.press("<esc>", ":")
		f.send(tea.PasteMsg{Content: strings.Repeat("漢字", 100) + "end"})
		checkFrame(t, f, size.w, size.h)
		f.sees("end")
		if c := f.m.View().Cursor; c == nil || c.X >= size.w {
			t.Errorf("%dx%d: the palette's cursor is at %+v", size.w, size.h, c)
		}
	}
}

func TestTheCursorIsBehindWideCharacters(t *testing.T) {
	f := running(t, 80, 24)
	f.happen(session.Event{Kind: session.Ready, Service: "web"})
	f.press("/", "漢字")
	if c := f.m.View().Cursor; c == nil || c.X != len(" /")+4 {
		t.Errorf("the cursor is at %+v", c)
	}
}

func TestAListWithNothingInItCanBeMovedIn(t *testing.T) {
	f := running(t, 40, 10)
	f.press(":", "no such command")
	for _, key := range []string{"<down>", "<pgdown>", "<up>", "<pgup>"} {
		f.press(key)
		f.sees("nothing fits")
	}
	f.press("<enter>")
	f.seesNot("nothing fits")
}
