package session

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// Unapplied is a change of the project's files that the environment could not be
// brought in line with: what runs is what was there before it.
type Unapplied struct {
	Since time.Time `json:"since"`
	Files []string  `json:"files"`
	// Text is why, Hint what to do about it.
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// String names the files and says why.
func (u Unapplied) String() string {
	return fmt.Sprintf("the last change (%s) is not applied, what runs is as before it: %s", listed(u.Files), u.Text)
}

// listed names a few files.
func listed(files []string) string {
	const most = 3
	if more := len(files) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(files[:most], ", "), more)
	}
	return strings.Join(files, ", ")
}

// unappliedFile says among the project's state what could not be applied, for
// commands that ask how the environment is, and for whoever watches next.
const unappliedFile = project.StateDir + "/unapplied.json"

// LastUnapplied is the change that a session could not apply and none since has;
// nil where there is none.
func LastUnapplied(dir string) *Unapplied {
	var u Unapplied
	if !readNote(dir, unappliedFile, &u) || u.Text == "" {
		return nil
	}
	return &u
}

// noteUnapplied writes it down; without a folder to write to only this session
// knows.
func (e *Environment) noteUnapplied(u Unapplied) { writeNote(e.Dir, unappliedFile, u) }

// forgetUnapplied is for when the environment is as the folder asks for.
func (e *Environment) forgetUnapplied() {
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return
	}
	defer root.Close()
	if info, err := root.Lstat(unappliedFile); err == nil && info.Mode().Type()&fs.ModeDir == 0 {
		_ = root.Remove(unappliedFile)
	}
}
