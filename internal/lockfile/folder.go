package lockfile

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// ReadManifests reads the package.json of the root and those of all workspace
// members that it, or pnpm-workspace.yaml, names. The root comes first, then
// the members by their folders. A member whose package.json cannot be read is
// an *Error; the root's that is not there is fs.ErrNotExist.
func ReadManifests(fsys fs.FS) ([]*Manifest, error) {
	data, err := readFile(fsys, "package.json")
	if err != nil {
		return nil, err
	}
	root, err := ParseManifest(".", data)
	if err != nil {
		return nil, err
	}
	all := []*Manifest{root}
	folders, err := members(fsys, root)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		data, err := readFile(fsys, path.Join(folder, "package.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a folder that fits a pattern and is no package
		}
		if err != nil {
			return nil, err
		}
		m, err := ParseManifest(folder, data)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// readFile reads no more of a file than the parsers take.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxSize+1))
}

// members are the folders that the patterns of the workspaces mean.
func members(fsys fs.FS, root *Manifest) ([]string, error) {
	patterns, _ := patternsOf(fsys, root)
	found := map[string]bool{}
	for _, pattern := range patterns {
		pattern, negated := strings.CutPrefix(pattern, "!")
		for _, one := range alternatives(pattern) {
			one = plainPattern(one)
			if !negated {
				if err := expandPattern(fsys, one, found); err != nil {
					return nil, err
				}
				continue
			}
			for folder := range found {
				if matches(strings.Split(one, "/"), strings.Split(folder, "/")) {
					delete(found, folder)
				}
			}
		}
	}
	delete(found, ".")
	folders := make([]string, 0, len(found))
	for folder := range found {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	return folders, nil
}

// expandPattern walks through the folders that a pattern can mean, and no
// deeper, less what no package manager looks into.
func expandPattern(fsys fs.FS, pattern string, found map[string]bool) error {
	parts := strings.Split(pattern, "/")
	fixed := 0
	for fixed < len(parts) && !strings.ContainsAny(parts[fixed], "*?[{") {
		fixed++
	}
	start := path.Join(parts[:fixed]...)
	if start == "" {
		start = "."
	}
	if !fs.ValidPath(start) {
		return nil // outside of the project
	}
	anyDepth := slices.Contains(parts, "**")
	return fs.WalkDir(fsys, start, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
				return nil
			}
			return err
		}
		if !entry.IsDir() {
			return nil
		}
		if base := path.Base(name); base == "node_modules" || name != start && strings.HasPrefix(base, ".") {
			return fs.SkipDir
		}
		segments := strings.Split(name, "/")
		if name == "." {
			segments = nil
		}
		if matches(parts, segments) {
			found[name] = true
		}
		if !anyDepth && len(segments) >= len(parts) {
			return fs.SkipDir
		}
		return nil
	})
}

// matches compares a pattern with a path, part by part; ** is any number of
// parts.
func matches(pattern, name []string) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	if pattern[0] == "**" {
		for i := range len(name) + 1 {
			if matches(pattern[1:], name[i:]) {
				return true
			}
		}
		return false
	}
	if len(name) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], name[0])
	return err == nil && ok && matches(pattern[1:], name[1:])
}

// Complete adds what package.json says to a lock whose format does not record
// it (npm's version 1, yarn classic): the importers with their dependencies,
// and from there which packages only development needs. Other locks stay as
// they are.
func (l *Lock) Complete(manifests []*Manifest) {
	added := false
	for _, m := range manifests {
		i := l.Importer(m.Path)
		if i == nil && l.Format == YarnClassic {
			l.Importers = append(l.Importers, Importer{Path: m.Path})
			i = l.Importer(m.Path)
		}
		if i != nil && !i.Recorded {
			i.Name, i.Version, i.Dependencies = m.Name, m.Version, slices.Clone(m.Dependencies)
			added = true
		}
	}
	if added {
		l.sort()
	}
	if added && l.Format == YarnClassic {
		l.markByReach()
	}
}
