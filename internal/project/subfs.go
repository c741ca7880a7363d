package project

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// errorIn says of an error in a folder's file where the folder is.
func errorIn(err error, dir string) error {
	var config *ConfigError
	if dir != "" && errors.As(err, &config) {
		moved := *config
		moved.File = path.Join(dir, config.File)
		return &moved
	}
	if dir != "" && err != nil {
		return fmt.Errorf("in %s: %w", dir, err)
	}
	return err
}

// subFS is a folder of a file system, which may be the whole of it.
type subFS struct {
	fs.FS
	dir string
}

func (s subFS) at(name string) string { return path.Join(s.dir, name) }

// Open implements fs.FS.
func (s subFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return s.FS.Open(s.at(name))
}

// Lstat implements fs.ReadLinkFS.
func (s subFS) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(s.FS, s.at(name)) }

// ReadLink implements fs.ReadLinkFS.
func (s subFS) ReadLink(name string) (string, error) { return fs.ReadLink(s.FS, s.at(name)) }
