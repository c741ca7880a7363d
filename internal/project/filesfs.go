package project

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// FilesFS shows files that are not written yet as a file system, enough of one
// for Detect.
type FilesFS []File

// Open opens a file.
func (l FilesFS) Open(name string) (fs.File, error) {
	for _, f := range l {
		if f.Name == name {
			return &openFile{f, bytes.NewReader(f.Data)}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

type openFile struct {
	file File
	io.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return fileInfo{f.file}, nil }
func (f *openFile) Close() error               { return nil }

type fileInfo struct{ file File }

func (i fileInfo) Name() string       { return i.file.Name }
func (i fileInfo) Size() int64        { return int64(len(i.file.Data)) }
func (i fileInfo) Mode() fs.FileMode  { return newFileMode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return false }
func (i fileInfo) Sys() any           { return nil }

// overlay is a folder with other contents of some files at its top.
type overlay struct {
	fs.FS
	files FilesFS
}

func (o overlay) Open(name string) (fs.File, error) {
	if f, err := o.files.Open(name); err == nil {
		return f, nil
	}
	return o.FS.Open(name)
}

// Lstat implements fs.ReadLinkFS.
func (o overlay) Lstat(name string) (fs.FileInfo, error) {
	if f, err := o.files.Open(name); err == nil {
		return f.Stat()
	}
	return fs.Lstat(o.FS, name)
}

// ReadLink implements fs.ReadLinkFS.
func (o overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }
