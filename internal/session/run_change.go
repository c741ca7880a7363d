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
	defer r.startHalted(ctx)
	r.memory.note(b.Stamps)
	var files []string
	for _, c := range b.Changes {
		// A folder says nothing to an app; what is in it comes by itself.
		if c.Dir {
			continue
		}
		if r.isOwn(c.Path) {
			continue
		}
		files = append(files, c.Path)
	}
	if b.Rescan {
		r.env.Emit(Event{Kind: Warned, Text: "file events were lost, so the whole tree was looked at again"})
	}
	touched := slices.DeleteFunc(slices.Clone(b.Touched), r.isOwn)
	if len(b.Changes) > 0 {
		// What devbox has written is in the first batch that comes after it, or not at
		// all: a later edit by hand counts.
		clear(r.written)
	}
	if len(files) == 0 {
		r.retry(ctx, touched, b.Seen)
		return
	}
	// What an app writes whenever it starts is no reason to converge either.
	if files = r.breakLoop(files, b.Seen); len(files) == 0 {
		return
	}
	reaction := r.layout.React(files)
	if reaction.Converges() {
		r.converge(reaction.Files(), b.Seen)
		return
	}
	if r.unapplied != nil {
		r.converge(nil, b.Seen) // what failed then may go well now; the edit does not wait for it
	}
	r.restartAll(ctx, reaction, b.Seen)
	r.explain(reaction, len(reaction.Restarts()) == 0)
	r.retry(ctx, append(files, touched...), b.Seen)
}

// retry restarts crashed apps for files of theirs that were saved, also where
// that changed nothing or is left to a tool: who saves wants to see the app
// tried again, and a tool that has crashed takes nothing in.
func (r *run) retry(ctx context.Context, files []string, seen time.Time) {
	saved := map[string][]string{}
	for _, step := range r.layout.React(files) {
		for _, name := range step.Services {
			saved[name] = append(saved[name], step.Files...)
		}
	}
	for _, name := range r.desired.Project.Model.Names() {
		if a := r.apps[name]; len(saved[name]) > 0 && a.awaitsSave(seen) {
			r.restart(ctx, a, saved[name], "", seen)
		}
	}
}

// restartAll restarts the apps that a reaction names.
func (r *run) restartAll(ctx context.Context, reaction Reaction, seen time.Time) {
	restarts := reaction.Restarts()
	for _, name := range r.desired.Project.Model.Names() {
		if files := restarts[name]; len(files) > 0 {
			r.restart(ctx, r.apps[name], files, "", seen)
		}
	}
}

// explain says what files ask for nothing: of a service whose edits are left to
// a tool once, of all others where nothing else is done.
func (r *run) explain(reaction Reaction, idle bool) {
	for _, s := range reaction {
		if s.Action != Nothing {
			continue
		}
		if len(s.Services) == 0 && idle {
			r.env.Emit(Event{Kind: Changed, Files: s.Files})
		}
		for _, name := range s.Services {
			if !r.told[name] {
				r.told[name] = true
				r.env.Emit(Event{Kind: Changed, Service: name, Files: s.Files, Text: s.Why})
			}
		}
	}
}

// breakLoop leaves out the files that the apps write whenever they start, and
// names them.
func (r *run) breakLoop(files []string, seen time.Time) []string {
	if len(files) == 0 {
		return nil
	}
	act, found := r.loops.sift(files, r.comingUp(seen), seen)
	if len(found) > 0 {
		r.env.Emit(Event{
			Kind: Warned, Files: found,
			Text: fmt.Sprintf("restart loop: %s changed at each of the last %d starts, so restarts for it are put off", found[0], loopRestarts),
			Hint: fmt.Sprintf("if the app writes it, add to the service in devbox.yaml: `watch: {ignore: [%q]}`", found[0]),
		})
	}
	return act
}

// comingUp tells whether any app was coming up at that time.
func (r *run) comingUp(at time.Time) bool {
	starting := r.converging // it starts what it has changed
	for _, a := range r.apps {
		starting = starting || a.comesUp(at)
	}
	return starting
}

// restartHeld does what was put off to break a loop.
func (r *run) restartHeld(ctx context.Context, now time.Time) {
	reaction := r.layout.React(r.loops.take())
	if reaction.Converges() {
		r.converge(reaction.Files(), now)
		return
	}
	r.restartAll(ctx, reaction, now)
}

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

// noteWritten notes the files that devbox wrote itself.
func (r *run) noteWritten(names []string) {
	for _, name := range names {
		r.written[name] = true
	}
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

// isOwn tells, once, of a file that devbox wrote itself.
func (r *run) isOwn(name string) bool {
	own := r.written[name]
	delete(r.written, name)
	return own
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
