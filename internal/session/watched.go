package session

import (
	"encoding/json"
	"io"
	"os"

	"github.com/devbox-node/devbox/internal/project"
)

// Watched says how a session watches the source, for commands that ask how the
// environment is.
type Watched struct {
	// PID is the process that watches.
	PID int `json:"pid"`
	// Mode is events or polling; Reason is why it polls, Hint what would change that.
	Mode   string `json:"mode"`
	Reason string `json:"reason,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// watchedFile has it, among the project's state.
const watchedFile = project.StateDir + "/watching.json"

// WatchedBy is how a process watches a project; nil where it has not said so.
func WatchedBy(dir string, h Holder) *Watched {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	defer root.Close()
	f, err := root.Open(watchedFile)
	if err != nil {
		return nil
	}
	defer f.Close()
	const limit = 64 << 10
	var w Watched
	if data, err := io.ReadAll(io.LimitReader(f, limit)); err != nil || json.Unmarshal(data, &w) != nil || w.PID != h.PID {
		return nil
	}
	return &w
}

// noteWatched writes it down; without a folder to write to nobody is told.
func (e *Environment) noteWatched(w Watched) {
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return
	}
	defer root.Close()
	if data, err := json.Marshal(w); err == nil && project.EnsureStateDir(root) == nil {
		_ = project.WriteFile(root, watchedFile, append(data, '\n'))
	}
}
