package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// ErrNotReady is the kind of every NotReadyError.
var ErrNotReady = errors.New("not ready")

// NotReadyError says that a service was not ready in time, or crashed first.
type NotReadyError struct {
	Service string
	// Text says what it did instead.
	Text string
	// Step says that it was not started, because its migration or its seed failed.
	Step bool
	// Mode is the side that it is of.
	Mode project.Mode
	// Remedy is what the user can do, where that is known.
	Remedy string
	// Last are the lines that it printed last.
	Last []string
}

func (e *NotReadyError) Error() string { return fmt.Sprintf("service %q %s", e.Service, e.Text) }

// Unwrap is ErrNotReady.
func (e *NotReadyError) Unwrap() error { return ErrNotReady }

// Hint says what to do about it.
func (e *NotReadyError) Hint() string {
	switch {
	case e.Remedy != "":
		return e.Remedy
	case e.Step && e.Mode == project.Prod:
		return "mend it, and run `devbox prod up` again: the app starts when it has ended well"
	case e.Step:
		return "mend it and save: it is tried again, and the app starts when it has ended well"
	}
	return ""
}

// Details are the lines that a person wants to see with the error.
func (e *NotReadyError) Details() []string { return e.Last }

// lastLines reads what a container printed last.
func (e *Environment) lastLines(ctx context.Context, c engine.Container) []string {
	const (
		lines    = 20
		patience = 2 * time.Second
	)
	if c.ID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var last []string
	f := follower{service: c.Service, container: c, tail: lines, once: true}
	_ = f.run(ctx, e.Engine, func(e Event) { last = append(last, e.Line) }, nil)
	return last
}
