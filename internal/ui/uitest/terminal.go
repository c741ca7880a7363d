// Package uitest runs programs in a terminal for tests: a pseudo-terminal with
// an emulator behind it, whose screen can be read, waited for and drawn.
package uitest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// T is what a terminal needs of a test, or of a bench. Fatalf does not return.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(end func())
}

// Terminal is a program in a terminal of its own.
type Terminal struct {
	t   T
	cmd *exec.Cmd
	pty *os.File

	mu  sync.Mutex
	emu *vt.Emulator
	raw strings.Builder
	// copied is the clipboard.
	copied string
	// moved is closed when something was written, and then replaced.
	moved chan struct{}
	done  chan struct{}
	err   error
}

// Start runs a program in a terminal of a size. At the end of the test, what
// still runs of it is killed.
func Start(t T, cmd *exec.Cmd, width, height int) *Terminal {
	t.Helper()
	term := &Terminal{t: t, cmd: cmd, emu: vt.NewEmulator(width, height), moved: make(chan struct{}), done: make(chan struct{})}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)})
	if err != nil {
		t.Fatalf("start %s in a terminal: %v", cmd.Path, err)
	}
	term.pty = f
	term.emu.RegisterOscHandler(clipboardCommand, term.takeClipboard)
	var readers sync.WaitGroup
	readers.Go(term.read)
	var answers sync.WaitGroup
	answers.Go(term.answer)
	go func() {
		term.err = cmd.Wait()
		close(term.done)
	}()
	t.Cleanup(func() {
		select {
		case <-term.done:
		default:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-term.done
		}
		_ = f.Close()
		readers.Wait()
		// The emulator's own Close may not meet a Read; the end of its pipe may.
		if pipe, ok := term.emu.InputPipe().(io.Closer); ok {
			_ = pipe.Close()
		}
		answers.Wait()
		_ = term.emu.Close()
	})
	return term
}

// read feeds the emulator with what the program writes.
func (t *Terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.pty.Read(buf)
		t.mu.Lock()
		_, _ = t.emu.Write(buf[:n])
		t.raw.Write(buf[:n])
		close(t.moved)
		t.moved = make(chan struct{})
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// answer passes on what the terminal says to the program's questions.
func (t *Terminal) answer() {
	buf := make([]byte, 1024)
	for {
		n, err := t.emu.Read(buf)
		if err != nil {
			return
		}
		_, _ = t.pty.Write(buf[:n])
	}
}

// Send types; control characters and escape sequences are what keys send.
func (t *Terminal) Send(keys string) {
	t.t.Helper()
	if _, err := t.pty.WriteString(keys); err != nil {
		t.t.Fatalf("type %q: %v", keys, err)
	}
}

// Resize changes the terminal's size.
func (t *Terminal) Resize(width, height int) {
	t.mu.Lock()
	t.emu.Resize(max(width, 1), max(height, 1))
	t.mu.Unlock()
	_ = pty.Setsize(t.pty, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)})
}

// Screen is what can be seen, without colours.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen()
}

func (t *Terminal) screen() string {
	b := t.emu.Bounds()
	lines := make([]string, b.Dy())
	for y := range lines {
		var line strings.Builder
		for x := 0; x < b.Dx(); x++ {
			c := t.emu.CellAt(x, y)
			switch {
			case c == nil || c.Content == "":
				line.WriteByte(' ')
			default:
				line.WriteString(c.Content)
				x += max(c.Width, 1) - 1
			}
		}
		lines[y] = strings.TrimRight(line.String(), " ")
	}
	return strings.Join(lines, "\n")
}

// Raw is everything that the program has written.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// AltScreen tells whether the program has the terminal's other screen.
func (t *Terminal) AltScreen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.emu.IsAltScreen()
}

// Patience is how long a wait takes at most.
const Patience = 90 * time.Second

// Await waits until the screen is as it should be, and returns it.
func (t *Terminal) Await(what string, is func(screen string) bool) string {
	t.t.Helper()
	late := time.After(Patience)
	for {
		t.mu.Lock()
		screen, moved := t.screen(), t.moved
		t.mu.Unlock()
		if is(screen) {
			return screen
		}
		select {
		case <-moved:
		case <-late:
			t.t.Fatalf("the screen does not show %s:\n%s", what, screen)
		}
	}
}

// See waits until all of the texts are on the screen.
func (t *Terminal) See(texts ...string) string {
	t.t.Helper()
	return t.Await(fmt.Sprintf("%q", texts), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// Gone waits until a text is on the screen no longer.
func (t *Terminal) Gone(text string) {
	t.t.Helper()
	t.Await("no "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// Signal sends a signal to the program alone.
func (t *Terminal) Signal(s syscall.Signal) { _ = t.cmd.Process.Signal(s) }

// Wait waits for the program's end and gives its exit code; -1 where a signal
// ended it.
func (t *Terminal) Wait() int {
	t.t.Helper()
	select {
	case <-t.done:
	case <-time.After(Patience):
		t.t.Fatalf("the program does not end:\n%s", t.Screen())
	}
	return t.cmd.ProcessState.ExitCode()
}

// Modes are the terminal's modes, as `stty -g` would print them.
func (t *Terminal) Modes() string {
	t.t.Helper()
	m, err := unix.IoctlGetTermios(int(t.pty.Fd()), getModes)
	if err != nil {
		t.t.Fatalf("read the terminal's modes: %v", err)
	}
	return fmt.Sprintf("%x:%x:%x:%x:%x", m.Iflag, m.Oflag, m.Cflag, m.Lflag, m.Cc)
}

// AwaitModes waits until the terminal's modes are as they were.
func (t *Terminal) AwaitModes(want string) {
	t.t.Helper()
	late := time.Now().Add(Patience)
	for t.Modes() != want {
		if time.Now().After(late) {
			t.t.Fatalf("the terminal's modes are %s, and were %s", t.Modes(), want)
		}
		const interval = 5 * time.Millisecond
		time.Sleep(interval)
	}
}
