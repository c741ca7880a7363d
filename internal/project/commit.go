package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
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
