package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// outcome is how a converge ended.
type outcome struct {
	desired Desired
	files   []string
	before  map[string]string
	seen    time.Time
	err     error
}

// changed acts on a settled batch of changed files.
func (r *run) changed(ctx context.Context, b watch.Batch) {
	var files []string
	for _, c := range b.Changes {
		// A folder says nothing to an app; what is in it comes by itself.
		if c.Dir {
			continue
		}
		if r.written[c.Path] {
			delete(r.written, c.Path)
			continue
		}
		files = append(files, c.Path)
	}
	if b.Rescan {
		r.env.Emit(Event{Kind: Warned, Text: "file events were lost, so the whole tree was looked at again"})
	}
	reaction := React(r.breakLoop(files, b.Seen))
	switch reaction.Action {
	case Nothing:
		if len(files) > 0 {
			r.env.Emit(Event{Kind: Changed, Files: files})
		}
	case RestartApp:
		for _, name := range r.desired.Project.Model.Names() {
			r.restart(ctx, r.apps[name], reaction.Files, "", b.Seen)
		}
	case Converge:
		r.converge(reaction.Files, b.Seen)
	}
}

// breakLoop leaves out the files that the apps write whenever they start, and
// names them.
func (r *run) breakLoop(files []string, seen time.Time) []string {
	if len(files) == 0 {
		return nil
	}
	starting := false
	for _, a := range r.apps {
		starting = starting || a.comesUp(seen)
	}
	act, found := r.loops.sift(files, starting, seen)
	if len(found) > 0 {
		r.env.Emit(Event{
			Kind: Warned, Files: found,
			Text: fmt.Sprintf("restart loop: %s changed at each of the last %d starts, so restarts for it are put off", found[0], loopRestarts),
			Hint: fmt.Sprintf("if the app writes it, add to the service in devbox.yaml: `watch: {ignore: [%q]}`", found[0]),
		})
	}
	return act
}

// restartHeld does what was put off to break a loop.
func (r *run) restartHeld(ctx context.Context, now time.Time) {
	files := r.loops.take()
	for _, name := range r.desired.Project.Model.Names() {
		r.restart(ctx, r.apps[name], files, "", now)
	}
}

// restart asks a supervisor to restart its app. A container that does not run
// is brought up instead.
func (r *run) restart(ctx context.Context, a *app, files []string, text string, seen time.Time) {
	if a.container.State != engine.Running {
		r.converge(files, seen)
		return
	}
	a.pending = &restart{id: r.words.id(), files: files, text: text, seen: seen}
	r.env.Emit(Event{Kind: Restarting, Service: a.service, Files: files, Text: text})
	if a.plain {
		r.restartContainer(a)
		return
	}
	id, err := r.words.say(ctx, a.container.ID, "restart", a.pending.id)
	if err != nil {
		a.pending = nil
		r.env.Emit(failure(a.service, err))
		return
	}
	a.pending.id = id
}

// restartContainer restarts an app that has no supervisor.
func (r *run) restartContainer(a *app) {
	p := a.pending
	a.pending = nil
	event := Event{Kind: Restarted, Service: a.service, Files: p.files, Text: p.text, Port: a.port, URL: a.url}
	service, compose := a.service, r.desired.Compose
	r.tasks.start(func() {
		if err := r.env.Engine.Restart(r.background, compose.Name, compose, []string{service}, nil); err != nil {
			r.env.Emit(failure(service, err))
			return
		}
		event.MS = r.opts.Now().Sub(p.seen).Milliseconds()
		r.env.Emit(event)
	})
}

// converge plans anew in the background. Changes that come meanwhile wait and
// are taken in by the next one.
func (r *run) converge(files []string, seen time.Time) {
	if r.converging {
		r.waiting = append(r.waiting, files...)
		return
	}
	r.converging = true
	ctx, giveUp := context.WithCancel(r.background)
	r.giveUp = giveUp
	out := outcome{files: files, seen: seen, before: map[string]string{}}
	for name, a := range r.apps {
		out.before[name] = a.container.ID
	}
	r.tasks.start(func() {
		defer giveUp()
		out.desired, out.err = r.env.Converge(ctx, project.Dev, PlanOptions{Start: true})
		select {
		case r.converged <- out:
		case <-r.background.Done():
		}
	})
}

// renderedOnly are files that only the environment is made of: an app that was
// not recreated for them has nothing to restart for.
var renderedOnly = append([]string{project.ModelFile, project.DockerFile, project.IgnoreFile, project.ComposeFile, project.ComposeProdFile}, overrideFiles...)

func (r *run) convergeEnded(ctx context.Context, out outcome) {
	r.converging = false
	if out.err != nil {
		r.env.Emit(failure("", out.err))
	} else {
		r.desired = out.desired
		for _, name := range out.desired.Written {
			r.written[name] = true
		}
		r.adoptServices()
		r.restartForConverge(ctx, out)
	}
	if waiting := r.waiting; len(waiting) > 0 {
		r.waiting = nil
		r.converge(waiting, r.opts.Now())
	}
}

// restartForConverge sees to it that every app runs with the changed files:
// those in new containers start by themselves, the others are restarted.
func (r *run) restartForConverge(ctx context.Context, out outcome) {
	list, err := r.env.Engine.Containers(ctx, r.desired.Compose.Name)
	if err != nil {
		r.env.Emit(failure("", err))
		return
	}
	files := slices.DeleteFunc(slices.Clone(out.files), func(f string) bool { return slices.Contains(renderedOnly, f) })
	for _, c := range list {
		a := r.apps[c.Service]
		if a == nil || c.OneOff {
			continue
		}
		switch {
		case c.ID != out.before[c.Service] && a.container.ID == c.ID && a.settled():
			// It was quicker than the news of its container.
			now := r.opts.Now()
			r.env.Emit(Event{Kind: Restarted, Service: a.service, Files: out.files, Port: a.port, URL: a.url, MS: now.Sub(out.seen).Milliseconds()})
		case c.ID != out.before[c.Service]:
			a.pending = &restart{files: out.files, seen: out.seen}
		case len(files) > 0 && c.State == engine.Running:
			r.restart(ctx, a, files, "", out.seen)
		}
	}
}
