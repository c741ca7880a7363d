package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// watch begins to watch the folder as the model says.
func (r *run) watch() (*watch.Watcher, error) {
	o, err := r.watchOptions()
	if err != nil {
		return nil, err
	}
	o.Root, o.StateDir = r.env.Dir, r.stateDir()
	w, err := watch.New(r.background, o)
	if err != nil {
		return nil, err
	}
	r.watcher, r.statuses = w, w.Statuses()
	return w, nil
}

// watchOptions takes in what the model says about watching.
func (r *run) watchOptions() (watch.Options, error) {
	layout, ignore, err := layoutOf(r.env.Dir, r.desired)
	if err != nil {
		return watch.Options{}, err
	}
	r.layout, r.watchKey = layout, watchKey(r.desired)
	r.warnOfLosses()
	settings := r.desired.Project.Model.Watch
	return watch.Options{Ignore: ignore, Quiet: settings.Settle, Ceiling: settings.Ceiling, ForcePoll: settings.Poll}, nil
}

// warnOfLosses says once of a service that its own tool for restarts is not
// relied on. One that stands in the command itself was left out of it.
func (r *run) warnOfLosses() {
	for _, u := range r.layout.Uses {
		if u.Loses == "" || r.told[u.Service] || project.RunsPlain(r.desired.Compose.Services[u.Service].Command) {
			continue
		}
		r.told[u.Service] = true
		r.env.Emit(Event{
			Kind: Warned, Service: u.Service,
			Text: u.Loses + " loses edits that are saved by renaming, so devbox restarts its whole command after each edit",
			Hint: "take --watch out of the script: the app then restarts sooner",
		})
	}
}

// rewatch puts what a new model says about watching into force.
func (r *run) rewatch() {
	if r.watcher == nil || watchKey(r.desired) == r.watchKey {
		return
	}
	o, err := r.watchOptions()
	if err != nil {
		r.env.Emit(failure("", err))
		return
	}
	r.watcher.Change(o)
}

// stateDir is where the watcher may try out whether events arrive.
func (r *run) stateDir() string {
	root, err := os.OpenRoot(r.env.Dir)
	if err != nil {
		return ""
	}
	defer root.Close()
	if project.EnsureStateDir(root) != nil {
		return ""
	}
	return filepath.Join(r.env.Dir, project.StateDir)
}

func (r *run) watchEnded(ctx context.Context, w *watch.Watcher) error {
	err := w.Err()
	if stopErr := r.shutdown(ctx); err == nil {
		return stopErr
	}
	return err
}

// watchStatus says how it is watched; ok is false when there is no more to say. A
// session that is about to leave says so only where it matters to the user.
func (r *run) watchStatus(s watch.Status, ok bool) {
	if !ok {
		r.statuses = nil
		return
	}
	if r.opts.Detach && s.Mode == watch.Events {
		return
	}
	r.env.noteWatched(Watched{PID: os.Getpid(), Mode: string(s.Mode), Reason: s.Reason, Hint: s.Hint})
	e := Event{Kind: WatchedMode, Text: string(s.Mode), Count: s.Dirs, Hint: s.Hint}
	if s.Reason != "" {
		e.Text += ": " + s.Reason
	}
	if n := len(s.Skipped); n > 0 {
		r.env.Emit(Event{Kind: Warned, Text: fmt.Sprintf("%d paths cannot be watched, such as %s", n, s.Skipped[0])})
	}
	r.env.Emit(e)
}
