package project

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

const (
	// maxFile is far above any file that devbox reads of those it writes.
	maxFile = 1 << 20

	newFileMode = 0o644
	newDirMode  = 0o755

	tempMark = ".devbox-"
	tempEnd  = ".tmp"
)

// ReadFile reads a regular file of a project folder; it follows no symlink. A
// file that is not there is fs.ErrNotExist.
func ReadFile(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if err := checkRegular("read", name, info); err != nil {
		return nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if len(data) > maxFile {
		return nil, &FileError{Op: "read", Name: name, Err: ErrTooLarge}
	}
	return data, nil
}

// WriteFile puts a file into a project folder, whole or not at all: it is
// written beside its place, synced and renamed. The mode and the owner of a
// file that was there are kept; a new one belongs to the owner of the folder.
// Nothing outside the folder is touched, also not through a symlink.
func WriteFile(root *os.Root, name string, data []byte) error {
	sweep(root, path.Dir(name))
	s, err := stage(root, name, name, data)
	if err != nil {
		return err
	}
	return s.commit(root)
}

// staged is a file that is written, but not yet in its place.
type staged struct{ temp, name string }

// stage writes a file beside its place. It gets the mode and the owner of the
// file named like, if that is there.
func stage(root *os.Root, name, like string, data []byte) (s staged, err error) {
	s = staged{name: name, temp: path.Join(path.Dir(name), "."+path.Base(name)+tempMark+rand.Text()+tempEnd)}
	if !filepath.IsLocal(name) {
		return s, &FileError{Op: "write", Name: name, Err: ErrOutside}
	}
	mode, model, err := fileLike(root, like)
	if err != nil {
		return s, err
	}
	const private = 0o600
	f, err := root.OpenFile(s.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, private)
	if err != nil {
		return s, fileError("write", name, err)
	}
	if err := errors.Join(fill(f, data, mode, model), f.Close()); err != nil {
		s.discard(root)
		return s, fileError("write", name, err)
	}
	return s, nil
}

// fileLike finds the mode that a file is to have, and a file or folder whose
// owner it is to have.
func fileLike(root *os.Root, name string) (fs.FileMode, fs.FileInfo, error) {
	there, err := root.Lstat(name)
	switch {
	case err == nil:
		return there.Mode().Perm(), there, checkRegular("write", name, there)
	case !errors.Is(err, fs.ErrNotExist):
		return 0, nil, fileError("write", name, err)
	}
	folder, err := root.Stat(path.Dir(name))
	if err != nil {
		return 0, nil, fileError("write", name, err)
	}
	return newFileMode, folder, nil
}

func fill(f *os.File, data []byte, mode fs.FileMode, like fs.FileInfo) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if uid, gid, ok := ownerOf(like); ok && mustGiveAway(uid) {
		if err := f.Chown(uid, gid); err != nil {
			return err
		}
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Sync()
}

// commit renames the file into its place.
func (s staged) commit(root *os.Root) error {
	if err := root.Rename(s.temp, s.name); err != nil {
		s.discard(root)
		return fileError("write", s.name, err)
	}
	syncDir(root, path.Dir(s.name))
	return nil
}

func (s staged) discard(root *os.Root) { _ = root.Remove(s.temp) }

// syncDir makes a rename last through a power cut, where a folder can be synced.
func syncDir(root *os.Root, dir string) {
	if d, err := root.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// sweep removes what a devbox that was killed left between stage and commit.
// A younger file may be another devbox at work.
func sweep(root *os.Root, dir string) {
	const age = time.Minute
	d, err := root.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	entries, _ := d.ReadDir(-1)
	for _, e := range entries {
		if !isTemp(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > age {
			_ = root.Remove(path.Join(dir, e.Name()))
		}
	}
}

// isTemp tells the names that stage gives.
func isTemp(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, tempEnd) && strings.Contains(name, tempMark)
}

// EnsureDir makes a folder in a project folder where there is none, with the
// folders above it, all owned by the owner of the project folder.
func EnsureDir(root *os.Root, name string) error {
	if !filepath.IsLocal(name) {
		return &FileError{Op: "make", Name: name, Err: ErrOutside}
	}
	owner, err := root.Stat(".")
	if err != nil {
		return fileError("make", name, err)
	}
	dir := ""
	for part := range strings.SplitSeq(path.Clean(name), "/") {
		dir = path.Join(dir, part)
		if err := ensureOneDir(root, dir, owner); err != nil {
			return err
		}
	}
	return nil
}

func ensureOneDir(root *os.Root, dir string, owner fs.FileInfo) error {
	err := root.Mkdir(dir, newDirMode)
	if err == nil {
		if uid, gid, ok := ownerOf(owner); ok && mustGiveAway(uid) {
			err = root.Lchown(dir, uid, gid)
		}
		if err != nil {
			return fileError("make", dir, err)
		}
		return nil
	}
	info, statErr := root.Lstat(dir)
	switch {
	case statErr != nil:
		return fileError("make", dir, err)
	case info.IsDir():
		return nil
	case info.Mode().Type()&fs.ModeSymlink != 0:
		return &FileError{Op: "make", Name: dir, Err: ErrSymlink}
	}
	return &FileError{Op: "make", Name: dir, Err: fmt.Errorf("a file has that name")}
}

// OpenState opens a file of devbox's own in the state folder, made private and
// given to the owner of the project folder where it is new. flags are os.OpenFile's.
func OpenState(root *os.Root, name string, flags int) (*os.File, error) {
	if err := EnsureStateDir(root); err != nil {
		return nil, err
	}
	const private = 0o600
	name = path.Join(StateDir, name)
	f, err := root.OpenFile(name, flags|os.O_CREATE, private)
	if err != nil {
		return nil, fileError("open", name, err)
	}
	folder, err := root.Stat(".")
	if err != nil {
		return f, nil
	}
	if uid, gid, ok := ownerOf(folder); ok && mustGiveAway(uid) {
		if err := f.Chown(uid, gid); err != nil {
			return nil, errors.Join(fileError("open", name, err), f.Close())
		}
	}
	return f, nil
}

// EnsureStateDir makes the folder for what devbox keeps for itself. It ignores
// itself in git.
func EnsureStateDir(root *os.Root) error {
	if err := EnsureDir(root, StateDir); err != nil {
		return err
	}
	ignore := path.Join(StateDir, ".gitignore")
	if _, err := root.Lstat(ignore); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return WriteFile(root, ignore, []byte("*\n"))
}

// EnsureMountPoints makes the folders that volumes are mounted on, before the
// engine makes them as root. An empty one that the engine did make is given to
// the owner of the project folder, where this process may.
func EnsureMountPoints(root *os.Root, names ...string) error {
	owner, err := root.Stat(".")
	if err != nil {
		return fileError("make", ".", err)
	}
	uid, gid, known := ownerOf(owner)
	for _, name := range names {
		if err := EnsureDir(root, name); err != nil {
			return err
		}
		info, err := root.Lstat(name)
		if err != nil || !known || !mustGiveAway(uid) {
			continue
		}
		if now, _, _ := ownerOf(info); now == 0 && isEmpty(root, name) {
			if err := root.Lchown(name, uid, gid); err != nil {
				return fileError("make", name, err)
			}
		}
	}
	return nil
}

func isEmpty(root *os.Root, dir string) bool {
	d, err := root.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	_, err = d.ReadDir(1)
	return errors.Is(err, io.EOF)
}
