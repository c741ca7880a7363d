package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

func (r *run) watch() (*watch.Watcher, error) {
	m, err := watch.NewMatcher(r.env.Dir, watch.Rules{Extra: r.ignorePatterns()})
	if err != nil {
		return nil, err
	}
	return watch.New(r.background, watch.Options{Root: r.env.Dir, Ignore: m, StateDir: r.stateDir()})
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

func (r *run) ignorePatterns() []string {
	var list []string
	for _, s := range r.desired.Project.Model.Services {
		list = append(list, s.Watch.Ignore...)
	}
	return list
}

func (r *run) watchEnded(ctx context.Context, w *watch.Watcher) error {
	err := w.Err()
	if stopErr := r.shutdown(ctx); err == nil {
		return stopErr
	}
	return err
}

func (r *run) watchStatus(s watch.Status) {
	e := Event{Kind: WatchedMode, Text: string(s.Mode), Count: s.Dirs, Hint: s.Hint}
	if s.Reason != "" {
		e.Text += ": " + s.Reason
	}
	if n := len(s.Skipped); n > 0 {
		r.env.Emit(Event{Kind: Warned, Text: fmt.Sprintf("%d paths cannot be watched, such as %s", n, s.Skipped[0])})
	}
	r.env.Emit(e)
}
