package ui

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

	"github.com/muesli/cancelreader"
)

// aside is another run of devbox that has the terminal for a while.
type aside struct {
	cmd *exec.Cmd
	// pause waits for Enter at the end, so that what was printed can be read.
	pause bool
	// stepped is told when it gets the terminal and when it gives it back.
	stepped func(bool)
	// over ends it before its time.
	over <-chan struct{}
	in   io.Reader
	out  io.Writer
}

func newAside(o Options, pause bool, args []string) *aside {
	return &aside{cmd: o.Aside(args...), pause: pause, stepped: o.SteppedAside, over: o.over}
}

// SetStdin, SetStdout and SetStderr give it the terminal.
func (a *aside) SetStdin(r io.Reader) { a.in, a.cmd.Stdin = r, r }

// SetStdout gives it the terminal.
func (a *aside) SetStdout(w io.Writer) { a.out, a.cmd.Stdout = w, w }

// SetStderr gives it the terminal.
func (a *aside) SetStderr(io.Writer) { a.cmd.Stderr = a.out }

// Run runs it to its end, or until devbox itself is to end.
func (a *aside) Run() error {
	a.stepped(true)
	defer a.stepped(false)
	err := a.cmd.Start()
	if err == nil {
		ended := make(chan struct{})
		told := make(chan struct{})
		go func() {
			defer close(told)
			a.endWithUs(ended)
		}()
		err = a.cmd.Wait()
		close(ended)
		<-told
	}
	if a.pause || a.failed(err) {
		word := "ended"
		if err != nil {
			word = err.Error()
		}
		fmt.Fprintf(a.out, "\n[%s; Enter goes back to the dashboard] ", word)
		a.awaitEnter()
	}
	return err
}

// endWithUs ends the program when devbox is to end: politely, and at once where
// that does not help.
func (a *aside) endWithUs(ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-a.over:
	}
	_ = a.cmd.Process.Signal(syscall.SIGTERM)
	const patience = 5 * time.Second
	select {
	case <-ended:
	case <-time.After(patience):
		_ = a.cmd.Process.Kill()
	}
}

// awaitEnter waits for a line, or for the end of devbox.
func (a *aside) awaitEnter() {
	in, err := cancelreader.NewReader(a.in)
	if err != nil {
		return
	}
	defer in.Close()
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = bufio.NewReader(in).ReadString('\n')
	}()
	select {
	case <-read:
	case <-a.over:
		in.Cancel()
		<-read
	}
}

// failed tells whether it ended with words of devbox's own: a shell ends with
// the status of its last command, which is nobody's business.
func (a *aside) failed(err error) bool {
	const leastOwn, mostOwn = 2, 9
	code := 0
	if a.cmd.ProcessState != nil {
		code = a.cmd.ProcessState.ExitCode()
	}
	return err != nil && code >= leastOwn && code <= mostOwn
}
