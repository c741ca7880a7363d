//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is the program while it runs.
type process struct {
	w    *world
	cmd  *exec.Cmd
	out  *lockedBuffer
	done chan struct{}
	code int
	// began is when it was started.
	began time.Time
}

// start starts the program and leaves it running.
func (w *world) start(args ...string) *process {
	w.t.Helper()
	cmd := w.command(context.WithoutCancel(w.t.Context()), args...)
	p := &process{w: w, cmd: cmd, out: &lockedBuffer{}, done: make(chan struct{}), began: time.Now()}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.note("$ devbox " + strings.Join(args, " ") + " &")
	go func() {
		defer close(p.done)
		p.code = exitCode(cmd.Wait())
	}()
	w.t.Cleanup(func() {
		select {
		case <-p.done:
		default:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-p.done
		}
		w.note(fmt.Sprintf("output of devbox %s (exit code %d):\n%s", strings.Join(args, " "), p.code, p.out.String()))
	})
	return p
}

// interrupt is Ctrl-C: it reaches the whole process group.
func (p *process) interrupt() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT) }

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// engineBusy is what devbox says where it has ended the apps and the engine is at
// something else: it deletes a volume of another scenario, say.
const engineBusy = "Docker is not done with their containers"

// wait waits for the end and gives the exit code. What an engine takes that is busy
// does not count.
func (p *process) wait(limit time.Duration) int {
	p.w.t.Helper()
	for late := time.After(limit); ; late = time.After(time.Second) {
		select {
		case <-p.done:
			return p.code
		case <-late:
		}
		if strings.Contains(p.out.String(), engineBusy) && time.Since(p.began) < runTime {
			continue
		}
		p.dump()
		p.w.t.Fatalf("devbox did not end within %s:\n%s", limit, p.out.String())
	}
}

// dump ends the program and has it say what each of its goroutines waits for.
func (p *process) dump() {
	const patience = 5 * time.Second
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.done:
	case <-time.After(patience):
	}
}

// says waits until the output has the words after a position, and gives the
// position behind them.
func (p *process) says(words string, from int) int {
	p.w.t.Helper()
	var at int
	p.w.eventually("devbox says "+words, 30*time.Second, func() error {
		text := p.out.String()
		if from > len(text) {
			from = len(text)
		}
		i := strings.Index(text[from:], words)
		if i < 0 {
			return fmt.Errorf("so far:\n%s", text[from:])
		}
		at = from + i + len(words)
		return nil
	})
	return at
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
