package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// The exit codes of devbox, documented in docs/exit-codes.md. `run` and `shell`
// end with the status of the command that they ran.
const (
	exitOK         = 0
	exitFailure    = 1
	exitUsage      = 2
	exitProject    = 3  // devbox.yaml, package.json or another file of the project is wrong
	exitEngine     = 4  // the Docker engine cannot be used
	exitNotRunning = 5  // the environment is not running
	exitBuild      = 6  // a build or an install failed
	exitPort       = 7  // a port is taken
	exitDisk       = 8  // a disk is full
	exitNotReady   = 9  // a service crashed or did not get ready in time
	exitLock       = 10 // the lock disagrees with package.json, with a tree or with a revision
	exitData       = 11 // the data of a service cannot be used as they are
	signalBase     = 128
)

// usageError is a command line that makes no sense.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.hint }

// statusError carries the exit status of a command that ran in a container. It
// is not printed: the command has said what there was to say.
type statusError struct{ code int }

func (e *statusError) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// codeOf maps an error to an exit code. It is the only place that does.
func codeOf(err error) int {
	var (
		status  *statusError
		usage   *usageError
		sig     *signalError
		stopped *session.NotRunningError
		lock    *lockError
		invalid interface{ ProjectInvalid() bool }
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &lock):
		return exitLock
	case errors.As(err, &status):
		return status.code
	case errors.As(err, &sig):
		return signalBase + int(sig.sig)
	case errors.Is(err, context.Canceled):
		return exitFailure
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &invalid) && invalid.ProjectInvalid():
		return exitProject
	case errors.As(err, &stopped):
		return exitNotRunning
	case errors.Is(err, session.ErrNotReady):
		return exitNotReady
	case errors.Is(err, session.ErrDataUnusable):
		return exitData
	}
	return codeOfEngine(err)
}

func codeOfEngine(err error) int {
	codes := []struct {
		kind engine.Kind
		code int
	}{
		{engine.ErrNoEngine, exitEngine},
		{engine.ErrNoPermission, exitEngine},
		{engine.ErrNotResponding, exitEngine},
		{engine.ErrTooOld, exitEngine},
		{engine.ErrBadHost, exitEngine},
		{engine.ErrPortTaken, exitPort},
		{engine.ErrDiskFull, exitDisk},
		{engine.ErrBuild, exitBuild},
		{engine.ErrImageNotFound, exitBuild},
	}
	for _, c := range codes {
		if errors.Is(err, c.kind) {
			return c.code
		}
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return exitDisk
	}
	return exitFailure
}

// exitCode prints an error, with what led to it and what to do, and gives the
// code that the process ends with.
func exitCode(d *deps, err error) int {
	code := codeOf(err)
	var (
		status *statusError
		sig    *signalError
		longer interface{ Details() []string }
		hinted interface{ Hint() string }
	)
	if err == nil || errors.As(err, &status) || errors.As(err, &sig) {
		return code
	}
	if errors.As(err, &longer) {
		d.sayLines("  ", longer.Details())
	}
	d.sayLines("devbox: ", strings.Split(err.Error(), "\n"))
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		d.sayLines("hint: ", strings.Split(hinted.Hint(), "\n"))
	}
	return code
}

// sayLines prints lines that may hold what others wrote.
func (d *deps) sayLines(first string, lines []string) {
	o := term.Options{ASCII: d.stderr().ASCII}
	for i, line := range lines {
		prefix := first
		if i > 0 {
			prefix = "  "
		}
		fmt.Fprintln(d.err, prefix+term.Line(line, o))
	}
}
