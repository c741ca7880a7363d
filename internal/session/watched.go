package session

import "github.com/devbox-node/devbox/internal/project"

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
	var w Watched
	if !readNote(dir, watchedFile, &w) || w.PID != h.PID {
		return nil
	}
	return &w
}

func (e *Environment) noteWatched(w Watched) { writeNote(e.Dir, watchedFile, w) }
