package uitest

import (
	"bytes"
	"encoding/base64"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// clipboardCommand is the number of the sequence by which a program sets the
// clipboard (OSC 52).
const clipboardCommand = 52

// takeClipboard keeps what the program copies. It is called by the emulator, from
// within a write to it.
func (t *Terminal) takeClipboard(data []byte) bool {
	parts := bytes.SplitN(data, []byte(";"), 3) // 52;c;base64
	if len(parts) < 3 {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(string(parts[2]))
	if err != nil {
		return false
	}
	t.copied = string(text)
	return true
}

// Copied is what the program has put into the clipboard last.
func (t *Terminal) Copied() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.copied
}

// Find is where a text is on the screen, from the top left corner on; it waits
// until it is there.
func (t *Terminal) Find(text string) (x, y int) {
	t.t.Helper()
	screen := t.See(text)
	for y, line := range strings.Split(screen, "\n") {
		if before, _, found := strings.Cut(line, text); found {
			return len([]rune(before)), y
		}
	}
	return 0, 0
}

// Click presses and lets go the left button, where the program has asked for
// the mouse.
func (t *Terminal) Click(x, y int) {
	t.mouse(vt.MouseClick(uv.Mouse{X: x, Y: y, Button: uv.MouseLeft}), vt.MouseRelease(uv.Mouse{X: x, Y: y, Button: uv.MouseLeft}))
}

// Wheel turns the wheel by so many notches, down where it is more than 0.
func (t *Terminal) Wheel(x, y, notches int) {
	button := uv.MouseWheelDown
	if notches < 0 {
		button, notches = uv.MouseWheelUp, -notches
	}
	for range notches {
		t.mouse(vt.MouseWheel(uv.Mouse{X: x, Y: y, Button: button}))
	}
}

func (t *Terminal) mouse(events ...vt.Mouse) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range events {
		t.emu.SendMouse(e)
	}
}
