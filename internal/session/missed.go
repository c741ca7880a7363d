package session

import (
	"context"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/watch"
)

// missed is what apps that run already have not been started with, when a
// session begins.
type missed struct {
	// files are those that a service's app is to be restarted for, by the service.
	files map[string][]string
	// why says it in words.
	why string
	// runs are the containers that ran then, each with the start of its run. What
	// starts later finds the source as it is.
	runs map[string]time.Time
}

const (
	editedUnseen = "edited while nobody watched"
	nobodyKnows  = "nobody knows what was edited since it started"
)

// recall finds out what was edited while nobody watched.
func (r *run) recall(ctx context.Context, now watch.Tree) {
	known, long, err := readMemory(r.env.Dir)
	if err != nil && r.stateDir() == "" {
		return // a folder that nothing can be kept in: each session would find the same
	}
	var files []string
	r.missed = missed{why: editedUnseen}
	if err == nil {
		files = known.Changed(now)
		r.missed.files = r.layout.Users(files)
	} else {
		r.missed.files, r.missed.why = r.layout.unsure(), nobodyKnows
	}
	if err == nil && len(files) == 0 && !long {
		return
	}
	r.memory.whole = now
	if len(r.missed.files) > 0 {
		r.missed.runs = r.running(ctx)
	}
	// Whoever converges anyway finds by itself what else they ask for.
	if reaction := r.layout.React(files); r.opts.Adopt && reaction.Converges() {
		r.missed = missed{}
		r.converge(files, r.opts.Now())
	}
}

// unsure are the services whose apps may run with any old source.
func (l Layout) unsure() map[string][]string {
	services := map[string][]string{}
	for _, u := range l.Uses {
		if u.Reloads == "" {
			services[u.Service] = nil
		}
	}
	return services
}

// running are the runs of the project's containers. What cannot be asked will
// fail, or be asked again, elsewhere.
func (r *run) running(ctx context.Context) map[string]time.Time {
	runs := map[string]time.Time{}
	list, _ := r.env.Engine.Containers(ctx, r.desired.Compose.Name)
	for _, c := range list {
		if c.State != engine.Running || c.OneOff {
			continue
		}
		if full, err := r.env.Engine.Inspect(ctx, c.ID); err == nil {
			runs[c.ID] = full.StartedAt
		}
	}
	return runs
}

// of tells whether the app in a container is to be restarted for what was missed,
// and for what files.
func (m missed) of(c engine.Container) (files []string, stale bool) {
	files, concerned := m.files[c.Service]
	began, ran := m.runs[c.ID]
	return files, concerned && ran && began.Equal(c.StartedAt)
}

// remember writes down what the apps were started with, as soon as they were.
func (r *run) remember() {
	if r.allTakenIn() {
		r.memory.write()
	}
}

// allTakenIn tells whether every app that runs has what the session has seen.
func (r *run) allTakenIn() bool {
	if r.converging || r.unapplied != nil || len(r.waiting) > 0 || len(r.loops.held) > 0 || r.plainRestarts.Load() > 0 {
		return false
	}
	for _, a := range r.apps {
		if !a.companion && !a.takenIn() {
			return false
		}
	}
	return true
}
