//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// run passes input, output and the exit status, with and without a terminal.
func TestRunPassesStreamsAndStatus(t *testing.T) {
	w, _ := newApp(t, "minimal")
	if r := w.run("run", "--", "node", "-e", "process.exit(42)"); r.code != 42 {
		t.Errorf("exit code %d, want 42\n%s", r.code, r.stderr)
	}
	if r := w.run("run", "web", "--", "sh", "-c", "kill -TERM $$"); r.code != 143 {
		t.Errorf("exit code %d after a signal, want 143", r.code)
	}
	if r := w.runInput("a line\n", "run", "cat"); r.stdout != "a line\n" || r.code != 0 {
		t.Errorf("cat gives %q, %d", r.stdout, r.code)
	}
	r := w.ok("run", "sh", "-c", "echo out; echo err >&2")
	if r.stdout != "out\n" || !strings.Contains(r.stderr, "err\n") {
		t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
	}
	if r := w.run("run", "no-such-command"); r.code == 0 || strings.Contains(r.stderr, "goroutine") {
		t.Errorf("a command that is not there: %d\n%s", r.code, r.stderr)
	}
	w.fails(2, "no command", "run")
	w.fails(2, "no service", "run", "nope", "--", "true")
	if list := w.containers(w.name); len(list) != 0 {
		t.Errorf("containers are left: %v", list)
	}
}

// A shell at a terminal: prompt, echo, size, exit status.
func TestShellAtATerminal(t *testing.T) {
	w, _ := newApp(t, "minimal")
	w.ok("run", "true")
	cmd := w.command(t.Context(), "shell")
	cmd.SysProcAttr = nil
	cmd.Env = append(cmd.Env, "TERM=xterm")
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 33, Cols: 101})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	screen := &lockedBuffer{}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			_, _ = screen.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	sees := func(words string) {
		t.Helper()
		w.eventually("the terminal shows "+words, 20*time.Second, func() error {
			if !strings.Contains(screen.String(), words) {
				return fmt.Errorf("screen: %q", screen.String())
			}
			return nil
		})
	}
	sees("/app")
	t.Logf("shell to prompt: %s", time.Since(began).Round(time.Millisecond))
	fmt.Fprintln(tty, "stty size; echo $((40+2)) $PWD; id -u")
	sees("33 101")
	sees("42 /app")
	fmt.Fprintln(tty, "exit 9")
	if err := cmd.Wait(); exitCode(err) != 9 {
		t.Errorf("exit code %d, want 9", exitCode(err))
	}
}

// A shell whose devbox is killed is gone after the next command.
func TestKilledShellLeavesNothingAfterTheNextCommand(t *testing.T) {
	w, _ := newApp(t, "minimal")
	w.ok("run", "true")
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	defer cancel()
	cmd := w.command(ctx, "run", "sleep", "600")
	var out bytes.Buffer
	cmd.Stderr = &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("the container runs", 10*time.Second, func() error {
		if len(w.containers(w.name)) == 0 {
			return fmt.Errorf("no container: %s", out.String())
		}
		return nil
	})
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Error("it ended well")
	}
	w.ok("run", "true")
	w.eventually("the container is gone", 5*time.Second, func() error {
		if n := len(w.containers(w.name)); n != 0 {
			return fmt.Errorf("%d containers", n)
		}
		return nil
	})
}
