package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/watch"
)

// changed acts on a settled batch of changed files.
func (r *run) changed(ctx context.Context, b watch.Batch) {
	defer r.startHalted(ctx)
	r.memory.note(b.Stamps)
	var files []string
	for _, c := range b.Changes {
		// A folder says nothing to an app; what is in it comes by itself.
		if !c.Dir && !r.isOwn(c.Path) {
			files = append(files, c.Path)
		}
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

// noteWritten notes the files that devbox wrote itself.
func (r *run) noteWritten(names []string) {
	for _, name := range names {
		r.written[name] = true
	}
}

// isOwn tells, once, of a file that devbox wrote itself.
func (r *run) isOwn(name string) bool {
	own := r.written[name]
	delete(r.written, name)
	return own
}
