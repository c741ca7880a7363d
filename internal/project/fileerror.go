package project

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Kinds of what is in the way of a file that devbox wants to read or write.
var (
	ErrSymlink  = errors.New("it is a symbolic link, which devbox does not follow")
	ErrFolder   = errors.New("it is a folder")
	ErrSpecial  = errors.New("it is not a regular file")
	ErrTooLarge = errors.New("it is too large")
	ErrChanged  = errors.New("it was changed by somebody else at the same time")
	ErrOutside  = errors.New("it is outside the project folder")
)

// FileError says which file of a project could not be read or written, and why.
type FileError struct {
	Op   string // read, write or make
	Name string // relative to the project folder
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Name, e.Err) }

// Unwrap is the cause, such as ErrSymlink or fs.ErrPermission.
func (e *FileError) Unwrap() error { return e.Err }

// ProjectInvalid tells whether the file itself is to blame, and not the disk or
// a permission.
func (e *FileError) ProjectInvalid() bool {
	for _, kind := range []error{ErrSymlink, ErrFolder, ErrSpecial, ErrTooLarge} {
		if errors.Is(e.Err, kind) {
			return true
		}
	}
	return false
}

// Hint says what the user can do.
func (e *FileError) Hint() string {
	switch {
	case errors.Is(e.Err, ErrSymlink), errors.Is(e.Err, ErrFolder), errors.Is(e.Err, ErrSpecial):
		return fmt.Sprintf("move %s away, or put a plain file in its place", e.Name)
	case errors.Is(e.Err, ErrChanged):
		return "run the command again"
	case errors.Is(e.Err, fs.ErrPermission):
		return "check who owns the project folder and its mode: `ls -la`"
	case errors.Is(e.Err, syscall.EROFS):
		return "the project folder is on a read-only file system: use a copy of it"
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return "make room on the disk of the project folder"
	}
	return ""
}

// fileError names the file; the path and the system call in the cause would
// say it a second time.
func fileError(op, name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var known *FileError
	if errors.As(err, &known) {
		return err
	}
	return &FileError{Op: op, Name: name, Err: err}
}

// checkRegular refuses everything that is not a plain file.
func checkRegular(op, name string, info fs.FileInfo) error {
	kind := info.Mode().Type()
	switch {
	case kind == 0:
		return nil
	case kind&fs.ModeSymlink != 0:
		return &FileError{Op: op, Name: name, Err: ErrSymlink}
	case kind&fs.ModeDir != 0:
		return &FileError{Op: op, Name: name, Err: ErrFolder}
	}
	return &FileError{Op: op, Name: name, Err: ErrSpecial}
}
