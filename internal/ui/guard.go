package ui

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// guardScript waits until its input ends. Where nothing was said before, the
// process has died without giving the terminal back, by a panic of any goroutine
// or by SIGKILL; then the script does that: it leaves the screen, turns mouse,
// paste and key modes off, shows the cursor and sets the modes that were saved.
// It is a shell because that costs a megabyte, and a second devbox would cost
// thirty.
const guardScript = `trap '' HUP INT QUIT TERM TSTP TTOU
saved=$2
[ "$saved" ] || saved=$(stty -g <&3) || exit 0
echo saved
if ! read -r word; then
	printf '\033[<u\033[>4;0m\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?2026l\033[?1049l\033[?25h\033[0m' >&3
	stty "$saved" <&3
	printf '%s\n' "$1" >&3
fi`

// guard gives the terminal back where the process cannot do it any more.
type guard struct {
	stdin io.WriteCloser
	cmd   *exec.Cmd
}

// startGuard starts the guard with the terminal's modes, or waits until it has
// saved them itself: what it would save later are the dashboard's. Without a
// shell there is none, and nothing is lost but the guard.
func startGuard(o Options) *guard {
	modes := sttyModes(o.Out)
	cmd := exec.Command("/bin/sh", "-c", guardScript, "devbox-guard", o.CrashNote, modes) //nolint:noctx // it outlives this process on purpose
	cmd.ExtraFiles = []*os.File{o.Out}
	// A session of its own: no signal of the terminal reaches it, and it may set
	// the terminal's modes from behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return &guard{}
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return &guard{}
	}
	g := &guard{stdin, cmd}
	if modes != "" {
		return g
	}
	saved := make(chan struct{})
	go func() {
		defer close(saved)
		_, _ = bufio.NewReader(stdout).ReadString('\n')
	}()
	const patience = 2 * time.Second
	select {
	case <-saved:
		return g
	case <-time.After(patience):
		g.dismiss()
		return &guard{}
	}
}

// dismiss ends a guard that does not know the terminal's modes.
func (g *guard) dismiss() {
	_ = g.cmd.Process.Kill()
	_ = g.stdin.Close()
	_ = g.cmd.Wait()
}

// release ends the guard: the terminal is as it was.
func (g *guard) release() {
	if g.cmd == nil {
		return
	}
	_, _ = io.WriteString(g.stdin, "released\n")
	_ = g.stdin.Close()
	_ = g.cmd.Wait()
}
