package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// FileChange is a file of a project that is to get another content.
type FileChange struct {
	// Name is relative to the project folder.
	Name string `json:"name"`
	// Old is what the file holds, nil where there is none.
	Old []byte `json:"old"`
	// New is what it is to hold.
	New []byte `json:"new"`
	// Temp is the name under which New waits beside its place.
	Temp string `json:"temp,omitempty"`
}

// CommitFiles changes several files of a project together: whenever it is
// killed, all have their old or all their new content once the next command has
// called RecoverCommit. Each file is written and synced beside its place, a
// journal that holds all of them becomes valid by one rename, and then each
// file is renamed into its place. Mode and owner stay as WriteFile keeps them.
//
// A file that does not hold what the change says it holds was changed by
// somebody else: then all stay as they are, with ErrChanged.
func CommitFiles(root *os.Root, changes []FileChange) error {
	return commit{root: root, step: func() {}}.run(changes)
}

// RecoverCommit brings what a killed CommitFiles left half done to its end. It
// reports whether there was such a thing. An *InterruptedError says that this
// could not be, because one of the files was changed since.
func RecoverCommit(root *os.Root) (done bool, err error) {
	return commit{root: root, step: func() {}}.recover()
}

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

// Names of what a commit keeps in the state folder.
const (
	commitJournal = "commit.json"
	commitLock    = "commit.lock"
)

var journalName = path.Join(StateDir, commitJournal)

// commit is one commit or recovery at work.
type commit struct {
	root *os.Root
	// step is called behind everything that a kill could come behind.
	step func()
}

func (c commit) run(changes []FileChange) error {
	lock, err := lockCommit(c.root)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := c.finishJournal(); err != nil {
		return err
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(f FileChange) bool { return f.Old != nil && bytes.Equal(f.Old, f.New) })
	if len(changes) == 0 {
		return nil
	}
	if err := c.stageAll(changes); err != nil {
		return err
	}
	if err := c.writeJournal(changes); err != nil {
		c.discard(changes)
		return err
	}
	c.step()
	return c.finish(changes)
}

// stageAll writes the new contents beside their places, or nothing.
func (c commit) stageAll(changes []FileChange) error {
	for i, f := range changes {
		err := c.unchanged(f)
		if err == nil {
			sweep(c.root, path.Dir(f.Name))
			var s staged
			s, err = stage(c.root, f.Name, f.Name, f.New)
			changes[i].Temp = s.temp
		}
		if err != nil {
			c.discard(changes[:i])
			return err
		}
		c.step()
	}
	return nil
}

// unchanged makes sure that a file is as the change found it.
func (c commit) unchanged(f FileChange) error {
	now, err := c.content(f.Name)
	if err == nil && !sameContent(now, f.Old) {
		err = &FileError{Op: "write", Name: f.Name, Err: ErrChanged}
	}
	return err
}

// content reads a file, nil where there is none.
func (c commit) content(name string) ([]byte, error) {
	data, err := readLimited(c.root.FS(), name, maxLockSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && data == nil:
		data = []byte{}
	}
	return data, err
}

// sameContent compares contents, and what is not there only with its like.
func sameContent(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

func (c commit) writeJournal(changes []FileChange) error {
	data, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	return WriteFile(c.root, journalName, data)
}

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
	return true, c.finish(changes)
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
