package session

import (
	"context"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// restart asks a supervisor to restart its app. A container that does not run
// is brought up instead.
func (r *run) restart(ctx context.Context, a *app, files []string, text string, seen time.Time) {
	if r.stopping || r.heldDown(a) {
		return
	}
	if a.container.State != engine.Running {
		r.converge(files, seen)
		return
	}
	if a.pending != nil && a.untold {
		files = union(a.pending.files, files) // it has heard of neither
	}
	a.pending, a.halted = &restart{id: r.words.id(), container: a.container.ID, files: files, text: text, seen: seen}, ""
	r.env.Emit(Event{Kind: Restarting, Service: a.service, Files: files, Text: text})
	if a.plain {
		r.restartContainer(a)
		return
	}
	err := r.tell(ctx, a)
	switch {
	case err == nil:
	case r.converging:
		// Its container is being replaced. Whether the new one started before the
		// edit or after it, the converge that follows finds out.
		a.pending, a.untold = nil, false
		r.waiting = append(r.waiting, files...)
	default:
		r.env.Emit(failure(a.service, err))
	}
}

// tell says the word for the restart that is pending. Where it cannot be said, it
// will be when the engine is back: the pending one stays.
func (r *run) tell(ctx context.Context, a *app) error {
	id, err := r.words.say(ctx, a.container.ID, "restart", a.pending.id)
	if a.untold = err != nil; !a.untold {
		a.pending.id = id
	}
	return err
}

// tellAgain says the word once more to an app that has not heard it, or may not
// have: the connection that it went to has broken.
func (r *run) tellAgain(ctx context.Context, a *app, broken bool) {
	if a.plain || a.pending == nil || a.pending.container != a.container.ID || !a.untold && !broken {
		return
	}
	if last, ok := r.env.lastRecord(ctx, a.container); ok && last.ID == a.pending.id {
		return // it has heard it, and its answer is on the way
	}
	_ = r.tell(ctx, a)
}

// restartContainer restarts an app that has no supervisor, unless the session stops
// its container.
func (r *run) restartContainer(a *app) {
	if r.stopping {
		return
	}
	p := *a.pending
	a.pending = nil
	if !a.again.begin(p) {
		return // the one that is under way does it next
	}
	event := Event{Kind: Restarted, Service: a.service, Port: a.port, URL: a.url}
	service, compose := a.service, r.desired.Compose
	r.restarts.Add(1)
	r.plainRestarts.Add(1)
	r.tasks.start(func() {
		defer r.restarts.Done()
		for more := true; more; {
			err := r.env.Engine.Restart(r.background, compose.Name, compose, []string{service}, nil)
			event.Files, event.Text = p.files, p.text
			event.MS = r.opts.Now().Sub(p.seen).Milliseconds()
			if p, more = a.again.next(); more {
				r.plainRestarts.Add(1)
			}
			if err != nil {
				r.env.Emit(failure(service, err))
				continue // and it stays open, for the next session to do
			}
			r.plainRestarts.Add(-1)
			r.env.Emit(event)
		}
	})
}

// union is a list with what of another it lacks.
func union(list, more []string) []string {
	all := slices.Clone(list)
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
