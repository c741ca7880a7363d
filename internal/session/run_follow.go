package session

import (
	"context"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// followed is the follower of a container's present run.
type followed struct {
	*follower
	live bool
}

// look takes in what the engine shows. It reports true when containers that
// were there have all been removed by somebody else.
func (r *run) look(ctx context.Context, s snapshot) (gone bool) {
	had := len(r.followers) > 0
	present := map[string]bool{}
	for _, c := range s {
		present[c.ID] = true
		a := r.apps[c.Service]
		if a == nil {
			continue
		}
		ended := r.endedUnseen(c)
		if ended {
			// It did run.
			a.container = c
			a.container.State = engine.Running
		}
		if a.companion {
			r.emitAll(a.seeCompanion(c))
		} else {
			r.emitAll(a.see(c))
		}
		if c.State == engine.Running || ended {
			r.follow(ctx, a, c)
		}
		if c.State == engine.Running {
			r.tellAgain(ctx, a, false)
		}
	}
	r.looked = true
	for id := range r.followers {
		if !present[id] {
			delete(r.followers, id)
			r.words.drop(id)
		}
	}
	return had && len(s) == 0 && !r.converging
}

// endedUnseen tells of a container that has run and ended since the session began,
// before anybody looked. What has ended before is none of its business: that is
// there only where it has started nothing itself.
func (r *run) endedUnseen(c engine.Container) bool {
	if c.State != engine.Exited || c.StartedAt.IsZero() || !r.looked && (r.opts.Adopt || r.unapplied != nil) {
		return false
	}
	f, known := r.followers[c.ID]
	return !known || !f.container.StartedAt.Equal(c.StartedAt)
}

// follow makes sure that the present run of a container is being followed.
func (r *run) follow(ctx context.Context, a *app, c engine.Container) {
	f, known := r.followers[c.ID]
	broken := false
	switch {
	case known && (f.live || r.stopping) && f.container.StartedAt.Equal(c.StartedAt):
		return
	case known && f.container.StartedAt.Equal(c.StartedAt):
		// The stream broke, so the other one has too: both are taken up again, this
		// one where it ended.
		r.words.drop(c.ID)
		broken = true
	case known:
		r.words.drop(c.ID)
		a.forget(c.ID)
		f.follower = &follower{service: a.service, container: c, since: c.StartedAt.Add(-time.Second), tail: -1}
	default:
		f.follower = r.firstFollower(ctx, a, c)
	}
	f.live = true
	r.followers[c.ID] = f
	next := *f.follower
	r.tasks.start(func() {
		next.broken = next.run(r.background, r.env.Engine, r.env.Emit, r.reports) != nil
		select {
		case r.ended <- &next:
		case <-r.background.Done():
		}
	})
	if c.State != engine.Running {
		return
	}
	if !a.plain && !r.opts.Detach {
		_ = r.words.connect(ctx, c.ID)
	}
	if broken {
		r.tellAgain(ctx, a, true)
	}
}

// firstFollower decides where reading begins for a container that is new to
// this session. An app that is up is asked how it is; of one that was up before the
// session only the last lines are shown.
func (r *run) firstFollower(ctx context.Context, a *app, c engine.Container) *follower {
	f := &follower{service: a.service, container: c, since: c.StartedAt.Add(-time.Second), tail: -1}
	if a.companion || c.State != engine.Running {
		return f
	}
	asked := r.opts.Now()
	files, stale := r.missedBy(c)
	last, ok := r.env.lastRecord(ctx, c)
	if !ok || !slices.Contains([]string{recordListening, recordClosed, recordStarted, recordExited}, last.Kind) {
		if stale {
			r.restart(ctx, a, files, r.missed.why, asked)
		}
		return f
	}
	if last.Kind == recordExited && !r.wasThere(c) {
		return f // it ended before it could be looked at: the output tells all of it
	}
	events := a.on(last, r.opts.Now())
	a.proven = r.wasThere(c)
	if a.down() && !r.opts.Adopt {
		// Whoever says up wants it tried again.
		why := "it had " + a.ending()
		a.state, f.since, f.adopted = AppStarting, asked, asked
		r.restart(ctx, a, nil, why, asked)
		return f
	}
	r.emitAll(events)
	if a.settled() || a.down() {
		f.adopted = asked
		if r.wasThere(c) {
			const shown = 20
			f.since, f.tail = time.Time{}, shown
		}
	}
	if stale {
		r.restart(ctx, a, files, r.missed.why, asked)
	}
	return f
}

func (r *run) followerEnded(f *follower) {
	if have, ok := r.followers[f.container.ID]; ok && have.container.StartedAt.Equal(f.container.StartedAt) {
		r.followers[f.container.ID] = followed{follower: f}
	}
}

func (r *run) report(rep report) {
	a := r.apps[rep.service]
	if a == nil || a.container.ID != rep.container {
		return
	}
	r.emitAll(a.on(rep.record, r.opts.Now()))
	if rep.record.Kind == recordExited && !rep.record.Expected {
		r.explainEnd(r.background, a)
	}
	if a.plain && a.pending != nil {
		r.restartContainer(a) // there was nobody to hear the word for it
	}
}

func (r *run) emitAll(events []Event) {
	for _, e := range events {
		r.env.Emit(e)
	}
}
