package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// The lock files of npm.
const (
	PackageLock = "package-lock.json"
	Shrinkwrap  = "npm-shrinkwrap.json"
)

// ReplaceLock puts npm-shrinkwrap.json into the folder and takes
// package-lock.json away, as npm does, in the order that leaves a lock that
// governs at every moment: where both are there npm reads the shrinkwrap. was is
// what package-lock.json was made into it from; if it has changed since, nothing
// is done and that is ErrChanged.
func (k *Package) ReplaceLock(was, shrinkwrap []byte) error {
	root, err := os.OpenRoot(k.At())
	if err != nil {
		return fmt.Errorf("open package folder: %w", err)
	}
	defer root.Close()
	now, err := readLimited(root.FS(), PackageLock, maxLockSize)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, was) {
		return &FileError{Op: "write", Name: PackageLock, Err: ErrChanged}
	}
	if _, err := root.Lstat(Shrinkwrap); !errors.Is(err, fs.ErrNotExist) {
		return &FileError{Op: "write", Name: Shrinkwrap, Err: ErrChanged}
	}
	if err := WriteFile(root, Shrinkwrap, shrinkwrap); err != nil {
		return err
	}
	return k.removeLock(root)
}

// RemoveDoubleLock takes package-lock.json away where npm-shrinkwrap.json holds
// the very same, as a ReplaceLock leaves it that was killed. It reports whether
// it did.
func (k *Package) RemoveDoubleLock() (bool, error) {
	root, err := os.OpenRoot(k.At())
	if err != nil {
		return false, fmt.Errorf("open package folder: %w", err)
	}
	defer root.Close()
	one, oneErr := readLimited(root.FS(), Shrinkwrap, maxLockSize)
	other, otherErr := readLimited(root.FS(), PackageLock, maxLockSize)
	err = errors.Join(oneErr, otherErr)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !bytes.Equal(one, other):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, k.removeLock(root)
}

func (k *Package) removeLock(root *os.Root) error {
	if err := root.Remove(PackageLock); err != nil {
		return fileError("remove", PackageLock, err)
	}
	syncDir(root, ".")
	return nil
}
