package ui

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
)

// aside is another run of devbox that has the terminal for a while.
type aside struct {
	cmd *exec.Cmd
	// pause waits for Enter at the end, so that what was printed can be read.
	pause bool
	in    io.Reader
	out   io.Writer
}

func newAside(o Options, pause bool, args []string) *aside {
	return &aside{cmd: o.Aside(args...), pause: pause}
}

// SetStdin, SetStdout and SetStderr give it the terminal.
func (a *aside) SetStdin(r io.Reader) { a.in, a.cmd.Stdin = r, r }

// SetStdout gives it the terminal.
func (a *aside) SetStdout(w io.Writer) { a.out, a.cmd.Stdout = w, w }

// SetStderr gives it the terminal.
func (a *aside) SetStderr(io.Writer) { a.cmd.Stderr = a.out }

// Run runs it to its end.
func (a *aside) Run() error {
	err := a.cmd.Run()
	if a.pause || a.failed(err) {
		word := "ended"
		if err != nil {
			word = err.Error()
		}
		fmt.Fprintf(a.out, "\n[%s; Enter goes back to the dashboard] ", word)
		_, _ = bufio.NewReader(a.in).ReadString('\n')
	}
	return err
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
