package watch

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

var errNotDir error = syscall.ENOTDIR

// walk brings a folder's node in step with the folder. The watch comes first
// and the listing second: what is made in between is then in the listing, in an
// event, or in both.
func (s *snapshot) walk(d *node, deep bool) {
	path := d.path()
	if !s.watch(d, path) {
		return
	}
	names, err := s.list(s.abs(path))
	if err != nil {
		s.unlisted(d, path, err)
		return
	}
	delete(s.skipped, path)
	listed := make(map[string]bool, len(names))
	prefix := path
	if prefix != "" {
		prefix += "/"
	}
	for _, name := range names {
		listed[name] = true
		now, err := s.lstatIn(prefix + name)
		if err != nil {
			s.skip(path, err) // what is known of it stays
			continue
		}
		s.compare(d, prefix+name, now, lookOptions{deep: deep})
	}
	for name := range d.children {
		if !listed[name] {
			s.compare(d, prefix+name, meta{}, lookOptions{})
		}
	}
}

// lstatIn looks at one path of a folder that was listed. That it is gone again
// is no error.
func (s *snapshot) lstatIn(path string) (meta, error) {
	now := time.Now()
	info, err := os.Lstat(s.abs(path))
	switch {
	case err == nil:
		return metaOf(info, now), nil
	case errors.Is(err, fs.ErrNotExist):
		return meta{}, nil
	default:
		return meta{}, err
	}
}

// unlisted is for a folder whose content could not be read. If it is gone its
// parent's event tells, or the look that asks.
func (s *snapshot) unlisted(d *node, path string, err error) {
	switch {
	case d == s.top:
		s.skip(path, err)
		s.checkRoot()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotDir), errors.Is(err, syscall.ELOOP):
		s.compare(d.parent, path, s.lstat(path), lookOptions{})
	default:
		s.skip(path, err)
	}
}

func (s *snapshot) skip(path string, err error) {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	s.skipped[path] = err
}

// unread are the skipped folders that may be readable by now without anybody
// having changed them: the machine was short of something.
func (s *snapshot) unread() []string {
	var paths []string
	for path, err := range s.skipped {
		if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.ENAMETOOLONG) {
			paths = append(paths, path)
		}
	}
	return paths
}

func list(path string) ([]string, error) {
	d, err := openDir(path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

func split(path string) (folder, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// inside reports whether path is dir or below it.
func inside(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, dir) && path[len(dir)] == '/'
}
