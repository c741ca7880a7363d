package session

import (
	"context"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// outcome is how a converge ended.
type outcome struct {
	desired Desired
	// files are those that it was to take in, seen is when they were noticed.
	files []string
	seen  time.Time
	// before are the containers that the services had when it began.
	before map[string]string
	err    error
}

// converge plans anew in the background. Changes that come meanwhile wait and
// are taken in by the next one. A session that stops starts nothing any more.
func (r *run) converge(files []string, seen time.Time) {
	if r.stopping {
		return
	}
	if r.converging {
		r.waiting = append(r.waiting, files...)
		return
	}
	r.converging = true
	ctx, giveUp := context.WithCancel(r.background)
	r.giveUp = giveUp
	out := outcome{files: union(r.owed(), files), seen: seen, before: map[string]string{}}
	for name, a := range r.apps {
		out.before[name] = a.container.ID
	}
	before, name := r.desired.Project, r.desired.Compose.Name
	r.tasks.start(func() {
		defer giveUp()
		r.env.lookBefore(ctx, name, out.before)
		out.desired, out.err = r.env.Converge(ctx, project.Dev, PlanOptions{Start: true, Since: before})
		select {
		case r.converged <- out:
		case <-r.background.Done():
		}
	})
}

// convergeEnded goes on with what a converge has made, and begins the next one
// where changes wait for it.
func (r *run) convergeEnded(ctx context.Context, out outcome) {
	r.converging = false
	if out.err != nil {
		r.convergeFailed(ctx, out)
	} else {
		r.unapplied = nil
		r.desired = out.desired
		r.noteWritten(out.desired.Written)
		r.adoptServices()
		r.observe()
		r.rewatch()
		r.restartForConverge(ctx, out)
	}
	waiting := slices.DeleteFunc(r.waiting, r.isOwn)
	r.waiting = nil
	if len(waiting) > 0 {
		r.converge(waiting, r.opts.Now())
	}
}

// convergeFailed says why, once, and keeps what is owed for the next change. The
// apps go on with what they have, and with what was edited of their source.
func (r *run) convergeFailed(ctx context.Context, out outcome) {
	owed, e := r.owed(), failure("", out.err)
	u := &Unapplied{Since: out.seen, Files: out.files, Text: e.Text, Hint: e.Hint}
	if r.unapplied != nil && r.unapplied.Text == u.Text {
		u.Since = r.unapplied.Since
	}
	r.unapplied = u
	r.env.noteUnapplied(*u) // before it is told: who is told may ask
	if u.Since.Equal(out.seen) || stepFailed(out.err) {
		r.env.Emit(e)
	}
	fresh := slices.DeleteFunc(slices.Clone(out.files), func(f string) bool { return slices.Contains(owed, f) })
	r.restartAll(ctx, r.layout.React(fresh), out.seen)
}

// owed are the files that the last converge could not take in.
func (r *run) owed() []string {
	if r.unapplied == nil {
		return nil
	}
	return r.unapplied.Files
}

// lookBefore adds the containers that a session which has just taken them over has
// not seen yet: they are no news.
func (e *Environment) lookBefore(ctx context.Context, name string, before map[string]string) {
	for _, id := range before {
		if id == "" {
			list, _ := e.Engine.Containers(ctx, name)
			for _, c := range list {
				if known, app := before[c.Service]; app && known == "" && !c.OneOff {
					before[c.Service] = c.ID
				}
			}
			return
		}
	}
}

// restartForConverge sees to it that every app runs with the changed files that
// it uses: those in new containers start by themselves, the others are restarted.
func (r *run) restartForConverge(ctx context.Context, out outcome) {
	list, err := r.env.Engine.Containers(ctx, r.desired.Compose.Name)
	if err != nil {
		r.env.Emit(failure("", err))
		return
	}
	users := r.layout.Users(out.files)
	for _, c := range list {
		a := r.apps[c.Service]
		if a == nil || a.companion || c.OneOff {
			continue
		}
		switch {
		case c.ID != out.before[c.Service] && a.container.ID == c.ID && a.settled():
			// It was quicker than the news of its container.
			now := r.opts.Now()
			r.env.Emit(Event{Kind: Restarted, Service: a.service, Files: out.files, Port: a.port, URL: a.url, MS: now.Sub(out.seen).Milliseconds()})
		case c.ID != out.before[c.Service]:
			a.pending = &restart{container: c.ID, files: out.files, seen: out.seen}
		case len(users[c.Service]) > 0 && c.State == engine.Running:
			r.restart(ctx, a, users[c.Service], "", out.seen)
		case a.awaitsSave(out.seen) && c.State == engine.Running:
			r.restart(ctx, a, out.files, "", out.seen)
		}
	}
}
