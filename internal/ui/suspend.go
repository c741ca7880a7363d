package ui

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// suspender gives the terminal back before the process is stopped, whether
// Ctrl-Z asked for that or `kill -TSTP`, and takes it again afterwards.
type suspender struct {
	resumed chan struct{}
}

func newSuspender() *suspender { return &suspender{resumed: make(chan struct{}, 1)} }

// run waits for the signal until ctx ends.
//
// The program that is asked to suspend restores the terminal, sends the signal
// once more to tell so, and waits for SIGCONT. The Go runtime never gives a
// signal that was once listened to its default action back, so the stop itself
// is SIGSTOP.
func (s *suspender) run(ctx context.Context, p *tea.Program) {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, syscall.SIGTSTP)
	defer signal.Stop(stops)
	for {
		select {
		case <-ctx.Done():
			return
		case <-stops:
		}
		if !canSuspend() {
			continue
		}
		p.Send(tea.SuspendMsg{})
		select {
		case <-ctx.Done():
			return
		case <-stops:
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.resumed:
		}
	}
}

// back says that the process goes on.
func (s *suspender) back() {
	select {
	case s.resumed <- struct{}{}:
	default:
	}
}

// canSuspend tells whether a shell is there that could continue the process:
// the kernel stops nothing in a process group that has nobody to do so.
func canSuspend() bool {
	parent, err := syscall.Getpgid(os.Getppid())
	if err != nil || parent == syscall.Getpgrp() {
		return false
	}
	own, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	other, err := unix.Getsid(os.Getppid())
	return err == nil && own == other
}

// suspend asks for it as the terminal would.
func (m *root) suspend() tea.Cmd {
	if !canSuspend() {
		m.sayTone("no shell to go back to", toneWarn)
		return nil
	}
	return func() tea.Msg {
		_ = syscall.Kill(os.Getpid(), syscall.SIGTSTP)
		return nil
	}
}
