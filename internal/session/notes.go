package session

import (
	"encoding/json"
	"os"

	"github.com/devbox-node/devbox/internal/project"
)

// readNote reads a JSON file of a project's state folder into v. It is false where
// that is not there or cannot be read, since nothing that is kept there is worth an
// error; v may be filled in part then.
func readNote(dir, name string, v any) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	data, err := project.ReadFile(root, name)
	return err == nil && json.Unmarshal(data, v) == nil
}

// readNotes is readNote for a table, which is empty where there is none.
func readNotes[V any](dir, name string) map[string]V {
	var notes map[string]V
	if !readNote(dir, name, &notes) || notes == nil {
		return map[string]V{}
	}
	return notes
}

// writeNote writes v there. Without a folder to write to nobody is told.
func writeNote(dir, name string, v any) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	if data, err := json.Marshal(v); err == nil && project.EnsureStateDir(root) == nil {
		_ = project.WriteFile(root, name, append(data, '\n'))
	}
}
