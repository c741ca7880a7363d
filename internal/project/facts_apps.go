package project

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// Bounds of the search for packages below the top.
const (
	mostPackages    = 60
	deepestPackage  = 3
	mostPackageDirs = 1500
)

// packageFolders lists the folders below the top that are packages: the members
// of its workspaces, and those with a package.json of their own.
func packageFolders(fsys fs.FS, f *Facts) (dirs []string, member map[string]bool, unread error) {
	member = map[string]bool{}
	if f.Package != nil {
		manifests, err := lockfile.ReadManifests(fsys)
		unread = err
		for _, m := range manifests {
			if m.Path != "." && len(dirs) < mostPackages {
				dirs = append(dirs, m.Path)
				member[m.Path] = true
			}
		}
	}
	for _, dir := range foldersWith(fsys, packageFile) {
		if !member[dir] && len(dirs) < mostPackages && !insideAny(dir, dirs) {
			dirs = append(dirs, dir)
			member[dir] = unread != nil // who knows
		}
	}
	slices.Sort(dirs)
	return dirs, member, unread
}

func insideAny(dir string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(above string) bool { return strings.HasPrefix(dir, above+"/") })
}

// foldersWith are the folders with a file of a name, a few levels deep.
func foldersWith(fsys fs.FS, file string) []string {
	var found []string
	seen := 0
	for dirs := []string{"."}; len(dirs) > 0; dirs = dirs[1:] {
		entries, err := fs.ReadDir(fsys, dirs[0])
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := path.Join(dirs[0], e.Name())
			if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || notSources[e.Name()] {
				continue
			}
			if seen++; seen > mostPackageDirs {
				return found
			}
			if isRegular(fsys, path.Join(name, file)) {
				found = append(found, name)
			} else if strings.Count(name, "/") < deepestPackage-1 {
				dirs = append(dirs, name)
			}
		}
	}
	return found
}
