package project

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

func readDir(r *reader, n *yaml.Node, s *Service) {
	where := "dir of service " + show(s.Name)
	s.Dir = r.path(n, where)
	if s.Dir == "" || r.folder == nil {
		return
	}
	if !plainPath.MatchString(s.Dir) {
		r.add(n, "use letters, digits and @ % + = . _ - in the folder's name", "%s is %s, on which devbox cannot mount", where, show(s.Dir))
		return
	}
	if _, err := r.folder(s.Dir); err != nil {
		var bad *folderError
		if errors.As(err, &bad) {
			r.add(n, bad.hint, "%s %s", where, bad.text)
		}
	}
}

// folderError says why a folder cannot be a service's.
type folderError struct{ text, hint string }

func (e *folderError) Error() string { return e.text }

// checkFolder makes sure that a folder is in the project: not one that is reached
// by a symlink, because an image and a mount would have something else there.
func checkFolder(fsys fs.FS, dir string) error {
	at := ""
	for part := range strings.SplitSeq(dir, "/") {
		at = path.Join(at, part)
		info, err := fs.Lstat(fsys, at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return &folderError{text: "names " + show(dir) + ", and there is no such folder"}
		case err != nil:
			return &folderError{text: fmt.Sprintf("names %s, which cannot be read: %v", show(dir), err)}
		case info.Mode()&fs.ModeSymlink != 0:
			return &folderError{text: "names " + show(dir) + ", and " + show(at) + " is a symlink", hint: "name the folder that it leads to, if that is in the project"}
		case !info.IsDir():
			return &folderError{text: "names " + show(dir) + ", and " + show(at) + " is no folder"}
		}
	}
	return nil
}

// factsOf are the facts that a service's defaults come from: those of its
// package, and where they name no Node.js version, the project's.
func (r *reader) factsOf(s *Service) *Facts {
	if r.folder == nil || s.Dir == "" {
		return r.facts
	}
	f, err := r.folder(s.Dir)
	if err != nil {
		return r.facts // what is wrong is said where the package is read
	}
	return f
}
