package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// InterruptedError says that files which belong together could not be brought
// to their new contents after a command was killed, since somebody had changed
// one of them. It comes once: what was half done is undone.
type InterruptedError struct {
	// Changed is the file that somebody else changed; it was left as it is.
	Changed string
	// Restored are files that got their old content back.
	Restored []string
}

func (e *InterruptedError) Error() string {
	text := fmt.Sprintf("a change of packages was cut off, and %s was edited before it could be finished: your %s is kept", e.Changed, e.Changed)
	if len(e.Restored) > 0 {
		text += fmt.Sprintf(", %s as before the change", strings.Join(e.Restored, " and "))
	}
	return text
}

// Unwrap is ErrChanged.
func (e *InterruptedError) Unwrap() error { return ErrChanged }

// Hint says how to go on.
func (e *InterruptedError) Hint() string {
	return "look at " + e.Changed + ", then run the `devbox add`, `remove` or `update` again"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *InterruptedError) ProjectInvalid() bool { return true }

func (c commit) recover() (bool, error) {
	if _, err := c.root.Lstat(journalName); err != nil {
		return false, nil // the usual case; a folder that cannot be read says so elsewhere
	}
	lock, err := lockCommit(c.root)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	return c.finishJournal()
}

// finishJournal finishes what a valid journal says, if there is one.
func (c commit) finishJournal() (bool, error) {
	data, err := readLimited(c.root.FS(), journalName, 4*maxLockSize)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var changes []FileChange
	if err := json.Unmarshal(data, &changes); err != nil {
		p := Problem{Text: "this journal cannot be read: " + err.Error(), Suggestion: "compare package.json and the lock with git, then delete it"}
		return false, configError(journalName, []Problem{p})
	}
	for _, f := range changes {
		if !journalled(f.Name) {
			p := Problem{Text: "this journal names " + show(f.Name) + ", which devbox changes in no such way", Suggestion: "it did not make this file: delete it"}
			return false, configError(journalName, []Problem{p})
		}
	}
	return true, c.finish(changes)
}

// journalled tells whether a file is one that packages are changed in. A journal
// may have come with a repository: whatever it says, nothing else is touched.
func journalled(name string) bool {
	if !fs.ValidPath(name) || strings.Contains("/"+name, "/.") || strings.Contains(name, nodeModules) {
		return false
	}
	return path.Base(name) == packageFile || slices.Contains(lockfile.Names(), name)
}

// finish renames every file into its place. Where one of them was changed by
// somebody else, or cannot be written, the others get their old content back.
func (c commit) finish(changes []FileChange) error {
	for _, f := range changes {
		if err := c.ours(f); err != nil {
			return c.giveUp(changes, f, err)
		}
	}
	for _, f := range changes {
		if err := c.finishFile(f); err != nil {
			return c.giveUp(changes, f, err)
		}
		c.step()
	}
	return c.end(changes)
}

// giveUp undoes what was done when a file could not be written.
func (c commit) giveUp(changes []FileChange, f FileChange, err error) error {
	restored, undoErr := c.undo(changes)
	if undoErr != nil {
		return errors.Join(err, undoErr) // the journal stays: the next command tries again
	}
	if endErr := c.end(changes); endErr != nil {
		return errors.Join(err, endErr)
	}
	if errors.Is(err, ErrChanged) {
		return &InterruptedError{Changed: f.Name, Restored: restored}
	}
	return err
}

// ours makes sure that a file has its old or its new content.
func (c commit) ours(f FileChange) error {
	now, err := c.content(f.Name)
	if err == nil && !sameContent(now, f.Old) && !sameContent(now, f.New) {
		err = &FileError{Op: "write", Name: f.Name, Err: ErrChanged}
	}
	return err
}

func (c commit) finishFile(f FileChange) error {
	if err := c.ours(f); err != nil {
		return err
	}
	if now, err := c.content(f.Name); err != nil || sameContent(now, f.New) {
		return err
	}
	s := staged{temp: f.Temp, name: f.Name}
	if waiting, err := c.content(f.Temp); err != nil || !isTemp(path.Base(f.Temp)) || !sameContent(waiting, f.New) {
		if s, err = stage(c.root, f.Name, f.Name, f.New); err != nil {
			return err
		}
		c.step()
	}
	return s.commit(c.root)
}

// undo gives the files that have their new content the old one back, and names them.
func (c commit) undo(changes []FileChange) (restored []string, err error) {
	for _, f := range slices.Backward(changes) {
		now, err := c.content(f.Name)
		if err != nil || !sameContent(now, f.New) {
			continue // not written yet, or somebody else's by now
		}
		if f.Old == nil {
			err = c.root.Remove(f.Name)
		} else {
			err = WriteFile(c.root, f.Name, f.Old)
		}
		if err != nil {
			return restored, fileError("write", f.Name, err)
		}
		restored = append(restored, f.Name)
		c.step()
	}
	return restored, nil
}

// end removes the journal and what still waits beside the files.
func (c commit) end(changes []FileChange) error {
	if err := c.root.Remove(journalName); err != nil {
		return fileError("write", journalName, err)
	}
	syncDir(c.root, StateDir)
	c.step()
	c.discard(changes)
	return nil
}

func (c commit) discard(changes []FileChange) {
	for _, f := range changes {
		if isTemp(path.Base(f.Temp)) {
			_ = c.root.Remove(f.Temp)
		}
	}
}
