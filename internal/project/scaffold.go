package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ExistsError says that init would have to replace files that are the user's.
type ExistsError struct {
	Files []string
	// Project is true where the folder is a project of devbox already.
	Project bool
}

func (e *ExistsError) Error() string {
	if e.Project {
		return "this folder is a project already: it has a " + ModelFile
	}
	return "there are files already whose place devbox would take: " + strings.Join(e.Files, ", ")
}

// Hint says what can be done.
func (e *ExistsError) Hint() string {
	if e.Project {
		return "edit " + ModelFile + ", then `devbox render`; or start with `devbox up`"
	}
	return "devbox does not touch them; move them away, or use another folder"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *ExistsError) ProjectInvalid() bool { return true }

// Scaffold lists the files that make a folder a project: those of a starter, if
// one was chosen, the model, and what is rendered from it. Nothing is written.
// fsys is the folder, nil where there is none yet.
func Scaffold(fsys fs.FS, m *Model, f *Facts, starter []File) ([]File, error) {
	there := fs.FS(FilesFS(starter))
	if fsys != nil {
		there = overlay{fsys, starter}
	}
	packages, err := readPackages(there, m, f)
	if err != nil {
		return nil, err
	}
	rendered, err := Render(m, renderFacts(packages))
	if err != nil {
		return nil, err
	}
	files := append([]File{}, starter...)
	files = append(files, File{ModelFile, m.YAML()})
	return append(files, rendered...), nil
}

// CheckFree makes sure that none of the files is there, whatever it is. A
// .dockerignore may be: it is the user's, and kept.
func CheckFree(root *os.Root, files []File) error {
	if _, err := root.Lstat(ModelFile); err == nil {
		return &ExistsError{Project: true}
	}
	var there []string
	for _, f := range files {
		info, err := root.Lstat(f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && f.Name == IgnoreFile && info.Mode().IsRegular():
		case err != nil:
			return fileError("read", f.Name, err)
		default:
			there = append(there, f.Name)
		}
	}
	if len(there) > 0 {
		return &ExistsError{Files: there}
	}
	return nil
}

// Create writes new files into a project folder: all of them, or, when that
// fails, none. Files that are there are left as they are.
func Create(root *os.Root, files []File) (written []string, err error) {
	var dirs []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range written {
			_ = root.Remove(name)
		}
		for i := range dirs {
			_ = root.Remove(dirs[len(dirs)-1-i])
		}
	}()
	for _, f := range files {
		if _, statErr := root.Lstat(f.Name); statErr == nil {
			continue
		}
		for _, dir := range parents(f.Name) {
			if _, statErr := root.Lstat(dir); errors.Is(statErr, fs.ErrNotExist) {
				dirs = append(dirs, dir)
			}
		}
		if err = EnsureDir(root, path.Dir(f.Name)); err != nil {
			return written, fmt.Errorf("make project: %w", err)
		}
		if err = WriteFile(root, f.Name, f.Data); err != nil {
			return written, fmt.Errorf("make project: %w", err)
		}
		written = append(written, f.Name)
	}
	return written, EnsureMountPoints(root, nodeModules)
}

// parents lists the folders above a file, the top one first.
func parents(name string) []string {
	var list []string
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		list = append([]string{dir}, list...)
	}
	return list
}
