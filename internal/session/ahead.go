package session

import (
	"context"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// maxHalt is the longest settle time, in devbox.yaml, for which an app is stopped
// while it still goes on: nobody answers meanwhile.
const maxHalt = 50 * time.Millisecond

// outlook is what is known when the first file of a batch has changed.
type outlook struct {
	reaction Reaction
	settle   time.Duration
	// busy says that something else is under way, owed or put off.
	busy bool
	apps map[string]*app
}

// halts are the apps to stop before the batch is there: those that the file is
// certain to restart, where it asks for nothing else and all of them run.
func (o outlook) halts() []*app {
	if o.busy || o.settle > maxHalt || len(o.reaction) != 1 || o.reaction[0].Action != Restart {
		return nil
	}
	var list []*app
	for _, name := range o.reaction[0].Services {
		a := o.apps[name]
		if a == nil || !a.haltable() {
			return nil
		}
		list = append(list, a)
	}
	return list
}

// haltable tells whether a supervisor runs the app, it is up, and nothing was asked
// of it.
func (a *app) haltable() bool {
	return !a.plain && !a.companion && a.container.State == engine.Running && a.settled() &&
		a.pending == nil && !a.untold && a.halted == ""
}

// haltAhead stops the apps that an edit is to restart, so that their ends go on
// while the edit settles. The batch that follows has the file and starts them.
func (r *run) haltAhead(file string) {
	o := outlook{
		reaction: r.layout.React([]string{file}),
		settle:   r.desired.Project.Model.Watch.Settle,
		apps:     r.apps,
		busy: r.converging || r.unapplied != nil || len(r.loops.held) > 0 || r.written[file] ||
			r.comingUp(r.opts.Now()),
	}
	for _, a := range o.halts() {
		if r.words.whisper(a.container.ID, "halt", r.words.id()) {
			a.halted = a.container.ID
		}
	}
}

// startHalted starts the apps that were halted for what then asked for no restart.
func (r *run) startHalted(ctx context.Context) {
	for _, a := range r.apps {
		if a.halted != "" && a.halted == a.container.ID && a.container.State == engine.Running {
			// Where it cannot be said, the supervisor starts it before long.
			_, _ = r.words.say(ctx, a.container.ID, "start", r.words.id())
		}
		a.halted = ""
	}
}
