package project

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// readPackages finds the packages of services and reads them. The first is that
// of the project's top where a service is in it, or none is anywhere.
func readPackages(fsys fs.FS, m *Model, top *Facts) ([]*Package, error) {
	var list []*Package
	for _, s := range m.Services {
		dir, err := packageDir(fsys, s.Dir)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(k *Package) bool { return k.Dir == dir })
		if i < 0 {
			i = len(list)
			list = append(list, &Package{Dir: dir, policy: m.Lock, model: m})
		}
		list[i].services = append(list[i].services, s)
	}
	if len(list) == 0 {
		list = []*Package{{policy: m.Lock, model: m}}
	}
	for _, k := range list {
		if err := k.read(fsys, top); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// packageDir is the package of a folder. The nearest package.json from there
// upwards counts; where it has no lock beside it that its package manager reads,
// one of the folders above may have it among its workspaces.
func packageDir(fsys fs.FS, dir string) (string, error) {
	own := dir
	for !isRegular(fsys, path.Join(own, packageFile)) {
		if own == "" {
			return dir, nil
		}
		own = parentDir(own)
	}
	locks := detectLocks(subFS{fsys, own})
	for at := own; at != ""; {
		at = parentDir(at)
		if len(locks) > 0 && !overrules(detectLocks(subFS{fsys, at}), locks) {
			continue
		}
		if in, err := isMember(fsys, at, own); in || err != nil {
			return at, err
		}
	}
	return own, nil
}

// overrules tells whether the lock of a workspace is the one that counts in a
// member with a lock too: package managers but yarn pass over a member's, which
// is often left from before there was the workspace.
func overrules(above, own []LockFile) bool {
	return len(above) > 0 && !slices.ContainsFunc(own, func(l LockFile) bool {
		return l.Manager == "yarn" || !slices.ContainsFunc(above, func(a LockFile) bool { return a.Manager == l.Manager })
	})
}

func parentDir(dir string) string {
	if dir = path.Dir(dir); dir == "." {
		return ""
	}
	return dir
}

// isMember tells whether the workspaces of a folder have another one.
func isMember(fsys fs.FS, root, dir string) (bool, error) {
	members, err := lockfile.ReadManifests(subFS{fsys, root})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, errorIn(err, root)
	}
	return slices.ContainsFunc(members, func(m *lockfile.Manifest) bool { return path.Join(root, m.Path) == dir }), nil
}
