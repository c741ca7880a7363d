package session

import (
	"fmt"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// app is one service at run time. Its methods take what was seen and return
// the events that follow; they do no I/O.
type app struct {
	service string
	port    int
	// alsoPublished are other ports of it that the Compose files publish.
	alsoPublished []int
	url           string
	container     engine.Container
	state         AppState
	startedAt     time.Time
	// listensAt is when the present run was seen to listen, crashedAt when the
	// last one was seen to end by itself.
	listensAt, crashedAt time.Time
	// plain says that no supervisor runs the app: it is as its container is.
	plain bool
	// stdin says that the container's standard input is the app's.
	stdin bool
	// companion says that only the Compose files know the service.
	companion bool
	// pending is the restart that was asked for last and has not ended yet.
	pending *restart
	// untold says that the word for it could not be said yet.
	untold bool
	// silenceTold says that somebody was told that it does not listen, since it did last.
	silenceTold bool
	// halted is the container whose app was stopped ahead of a batch that is to
	// restart it, empty once it was told to start.
	halted string
	// again are the restarts of a container without a supervisor.
	again again
}

// restart is one request to restart an app.
type restart struct {
	id string
	// container is whose app it is for.
	container string
	files     []string
	text      string
	// seen is when the change was noticed, or the wish uttered.
	seen time.Time
}

// on takes a supervisor's record in.
func (a *app) on(r record, now time.Time) []Event {
	switch r.Kind {
	case recordStarted:
		return a.started(r, now)
	case recordListening:
		return a.listening(r, now)
	case recordClosed:
		return a.closed(r)
	case recordExited:
		return a.exited(r, now)
	case recordUnsupported:
		return a.unsupervised("its shell cannot run the supervisor")
	case recordSlow:
		return []Event{{Kind: Warned, Service: a.service, Text: "the app did not end on SIGTERM and was killed", Hint: "end it on SIGTERM: process.on('SIGTERM', …)"}}
	}
	return nil
}

func (a *app) started(r record, now time.Time) []Event {
	a.state, a.startedAt, a.listensAt, a.untold, a.halted = AppRunning, now, time.Time{}, false, ""
	events := []Event{{Kind: Started, Service: a.service}}
	if a.port == 0 {
		events = append(events, a.up(r, now)...)
	}
	return events
}

func (a *app) listening(r record, now time.Time) []Event {
	if a.port == 0 {
		return nil
	}
	if r.Port != a.port {
		if slices.Contains(a.alsoPublished, r.Port) {
			return nil // one of several, and the other may still come
		}
		if a.state != AppListening {
			a.state = AppWrongPort
		}
		return []Event{{
			Kind: Warned, Service: a.service, Port: r.Port,
			Text: fmt.Sprintf("the app listens on port %d, but devbox.yaml says %d", r.Port, a.port),
			Hint: fmt.Sprintf("set `port: %d`, or listen on process.env.PORT", r.Port),
		}}
	}
	if a.state == AppListening && a.pending == nil {
		return nil
	}
	a.state, a.listensAt, a.silenceTold = AppListening, now, false
	events := a.up(r, now)
	if r.Loopback {
		events = append(events, Event{
			Kind: Warned, Service: a.service, Port: a.port,
			Text: "the app listens on 127.0.0.1 inside its container, where nobody else can reach it",
			Hint: "listen on 0.0.0.0, or on no address in particular",
		})
	}
	return events
}

// closed takes in that the command runs and what it served does not: a tool in
// it waits for an edit, perhaps, because the app has crashed.
func (a *app) closed(r record) []Event {
	if a.port == 0 || r.Port != a.port {
		return nil
	}
	a.state, a.startedAt = AppRunning, time.Time{} // the next Ready is not about this start
	return []Event{{
		Kind: Warned, Service: a.service, Port: a.port,
		Text: fmt.Sprintf("the app does not listen on port %d any more, but its command still runs", a.port),
		Hint: "its output says why",
	}}
}

// up is the moment that a start or a restart has reached its end.
func (a *app) up(r record, now time.Time) []Event {
	p := a.pending
	if p == nil || p.id != r.ID {
		e := Event{Kind: Ready, Service: a.service, Port: a.port, URL: a.url}
		if !a.startedAt.IsZero() {
			e.MS = now.Sub(a.startedAt).Milliseconds()
		}
		return []Event{e}
	}
	a.pending = nil
	return []Event{{
		Kind: Restarted, Service: a.service, Files: p.files, Text: p.text, Port: a.port, URL: a.url,
		MS: now.Sub(p.seen).Milliseconds(),
	}}
}

func (a *app) exited(r record, now time.Time) []Event {
	if r.Expected {
		return nil
	}
	a.state, a.crashedAt = AppCrashed, now
	if r.Code == 0 && r.Signal == "" {
		a.state = AppExited
	}
	e := Event{Kind: Crashed, Service: a.service, Code: &r.Code, Signal: r.Signal}
	if a.pending != nil {
		e.Files = a.pending.files
		a.pending = nil
	}
	return []Event{e}
}

// see takes in what the engine shows of the service's container.
func (a *app) see(c engine.Container) []Event {
	before := a.container
	a.container = c
	if before.ID != "" && before.ID != c.ID {
		a.state = AppUnknown // what its predecessor did says nothing of it
		a.forget(before.ID)
	}
	if c.State == engine.Running && (!a.plain || before.ID != c.ID) {
		if why := a.ownInput(); why != "" {
			return a.unsupervised(why)
		}
	}
	if c.State == engine.Running || c.State == engine.Created || before.State != engine.Running || before.ID != c.ID {
		return nil
	}
	a.state = AppStopped
	a.forget(c.ID)
	code := c.ExitCode
	e := Event{Kind: Exited, Service: a.service, Code: &code}
	const killed = 137
	if c.OOMKilled && code == killed {
		e.Text = "killed: out of memory"
	}
	return []Event{e}
}

// forget drops the restart that was asked of a container which has ended: what
// starts next has the edit.
func (a *app) forget(container string) {
	if a.pending != nil && a.pending.container == container {
		a.pending, a.untold = nil, false
	}
}

// ownInput says why the app has no supervisor, which takes words on the
// container's standard input.
func (a *app) ownInput() string {
	switch {
	case a.container.TTY:
		return "it has a terminal of its own"
	case a.stdin:
		return "it has a standard input of its own"
	}
	return ""
}

// unsupervised takes in that an edit can only restart the whole container.
func (a *app) unsupervised(why string) []Event {
	a.plain, a.state = true, AppRunning
	return []Event{
		{Kind: Warned, Service: a.service, Text: "edits restart the whole container: " + why},
		{Kind: Ready, Service: a.service, Port: a.port, URL: a.url},
	}
}

// comesUp tells whether the app was coming up at that time: what it writes when
// it starts is written then.
func (a *app) comesUp(at time.Time) bool {
	const (
		after   = 100 * time.Millisecond // what it writes once it listens, or an instant later
		without = time.Second            // an app without a port says no more than that it started
	)
	switch {
	case a.startedAt.IsZero() || at.Before(a.startedAt):
		return false
	case a.port == 0:
		return at.Sub(a.startedAt) < without
	case a.listensAt.IsZero():
		return !a.down()
	}
	return at.Sub(a.listensAt) < after
}

// awaitsSave tells whether a save at that time is to restart an app that ended. What
// it has written itself was written before its end.
func (a *app) awaitsSave(at time.Time) bool {
	return a.down() && a.pending == nil && at.After(a.crashedAt)
}

// takenIn tells whether the app runs with all that it was to be restarted for. One
// whose container does not run will.
func (a *app) takenIn() bool {
	switch {
	case a.container.ID == "" || a.pending != nil || a.untold:
		return false
	case a.container.State != engine.Running:
		return true
	}
	return a.state != AppUnknown && a.state != AppStarting
}
