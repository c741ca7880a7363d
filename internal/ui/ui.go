package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
)

// Options are what the dashboard needs from outside.
type Options struct {
	// In and Out are the terminal.
	In, Out *os.File
	// Env is the process's environment, for what the terminal can do.
	Env []string
	// ASCII is for a terminal whose locale is not UTF-8.
	ASCII bool
	// Dir is the project's folder; Project is its name, as far as it is known before the session says it.
	Dir, Project string
	// Session runs the session until ctx ends or the environment is left or gone,
	// with these listeners and intents.
	Session func(ctx context.Context, l Link) error
	// Kill ends a polite stop at once.
	Kill func()
	// Aside prepares another run of devbox that gets the terminal; nil where there
	// is none.
	Aside func(args ...string) *exec.Cmd
	// SteppedAside is told when another program gets the terminal, and when it is
	// the dashboard's again: what Ctrl-C sends meanwhile is meant for the other one.
	SteppedAside func(bool)
	// Scripts lists the scripts of a service's package.json. It runs beside the screen.
	Scripts func(service string) ([]Script, error)
	// OpenURL shows a page in a browser; nil where there is none.
	OpenURL func(url string) error
	// Export makes a file for lines and names it.
	Export func() (io.WriteCloser, string, error)
	// CrashLog takes what the runtime says when the process dies of a panic;
	// CrashNote is what to tell the user then.
	CrashLog  *os.File
	CrashNote string
	Panels    []Panel
	Prefs     Prefs
	SavePrefs func(Prefs) error
	Now       func() time.Time
	Zone      *time.Location

	stop func()
	// over is closed when a signal asks for the end.
	over      <-chan struct{}
	intents   chan session.Intent
	suspender *suspender
	wide      bool
	panicOn   string
}

// Script is one of package.json's scripts, and the command that runs it.
type Script struct {
	Name, Command string
	Run           []string
}

// Link is what a session gets of the dashboard.
type Link struct {
	Listen   func(...session.Event)
	Overview func(session.Overview)
	Samples  func([]session.Sample)
	// Stayed is called when the session goes on though it was asked to leave.
	Stayed  func()
	Intents <-chan session.Intent
}

// Result is how the dashboard ended.
type Result struct {
	// Err is the session's error, or the screen's.
	Err error
	// Left says that the environment was left running, as the user wished.
	Left bool
	// Interrupted says that the user ended it by Ctrl-C, and not by q.
	Interrupted bool
	// Abandoned says that the user did not wait for the end.
	Abandoned bool
}

func (o *Options) send(in session.Intent) bool {
	select {
	case o.intents <- in:
		return true
	default:
		return false
	}
}

// ErrScreen is that the screen broke; the environment was stopped for it.
var ErrScreen = errors.New("the dashboard has failed")

// Run shows the dashboard and runs the session until either ends, and returns
// when both have and the terminal is as it was. The first frame is there before
// the session has asked anybody anything. ctx ending asks for a polite stop.
func Run(ctx context.Context, o Options) Result {
	sessionCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	const someIntents = 16
	o.intents = make(chan session.Intent, someIntents)
	o.stop, o.over = stop, ctx.Done()
	o.suspender = newSuspender()
	o.fill()

	m := newRoot(o)
	defer m.memory.reset()
	guard := startGuard(o)
	defer guard.release()
	defer crashesTo(o.CrashLog)()
	p := tea.NewProgram(m,
		tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(o.Env),
		tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond), tea.WithFilter(calmWheel(o.Now)))

	var wg sync.WaitGroup
	f := newFeed(m.logs.append)
	pumpCtx, stopPump := context.WithCancel(context.Background())
	wg.Go(func() { f.pump(pumpCtx, func(msg feedMsg) { p.Send(msg) }) })
	over := make(chan error, 1)
	wg.Go(func() {
		err := o.runSession(sessionCtx, f)
		over <- err
		stopPump()
		p.Send(endedMsg{err})
	})
	wg.Go(func() { forwardStops(ctx, pumpCtx, p) })
	wg.Go(func() { o.suspender.run(pumpCtx, p) })

	_, err := p.Run()
	res := m.outcome
	res.Interrupted = m.interrupted
	if res.Abandoned {
		return res // what runs on ends with the process
	}
	stop()
	if err != nil && !m.finished {
		// The screen is gone: what runs is stopped as for any other end.
		res = Result{Err: errors.Join(fmt.Errorf("%w: %w", ErrScreen, err), <-over)}
	}
	stopPump()
	wg.Wait()
	return res
}

// framesPerSecond is how often the screen is written at most. The renderer wakes
// up that often also when there is nothing to write, so more would cost an idle
// dashboard more than a person could see.
const framesPerSecond = 40

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Kill == nil {
		o.Kill = func() {}
	}
	if o.SteppedAside == nil {
		o.SteppedAside = func(bool) {}
	}
	if o.stop == nil {
		o.stop = func() {}
	}
	if o.Scripts == nil {
		o.Scripts = func(string) ([]Script, error) { return nil, nil }
	}
}

// runSession runs the session; a panic of its goroutine is an error like any
// other, so that the terminal is given back first.
func (o *Options) runSession(ctx context.Context, f *feed) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v\n%s", r, debug.Stack())
		}
	}()
	return o.Session(ctx, Link{Listen: f.listen, Overview: f.show, Samples: f.measure, Stayed: f.stay, Intents: o.intents})
}

// forwardStops makes a message of the end of ctx, which is how a signal shows.
func forwardStops(ctx, over context.Context, p *tea.Program) {
	select {
	case <-ctx.Done():
		p.Send(stopMsg{})
	case <-over.Done():
	}
}

// calmWheel drops what a wheel sends beyond 60 a second.
func calmWheel(now func() time.Time) func(tea.Model, tea.Msg) tea.Msg {
	const least = time.Second / 60
	var last time.Time
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		switch msg.(type) {
		case tea.MouseWheelMsg:
			at := now()
			if at.Sub(last) < least {
				return nil
			}
			last = at
		case tea.MouseMotionMsg, tea.MouseReleaseMsg:
			return nil
		}
		return msg
	}
}

// crashesTo sends what the runtime prints when a goroutine panics to a file: on
// the screen it would go with the screen. It returns what undoes that.
func crashesTo(f *os.File) func() {
	if f == nil || debug.SetCrashOutput(f, debug.CrashOptions{}) != nil {
		return func() {}
	}
	return func() { _ = debug.SetCrashOutput(nil, debug.CrashOptions{}) }
}
