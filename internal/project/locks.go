package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// ParseLock reads the lock that governs. It is nil where there is none.
func (p *Project) ParseLock() (*lockfile.Lock, error) {
	if p.Dependencies.LockFile == "" {
		return nil, nil //nolint:nilnil // no lock is a state of a project like any other
	}
	return lockfile.Parse(p.Dependencies.LockFile, p.Dependencies.Lock)
}

// Manifests are the package.json files that a lock is for, as far as they are there.
func (p *Project) Manifests(l *lockfile.Lock) ([]*lockfile.Manifest, error) {
	root, err := lockfile.ParseManifest(".", p.Dependencies.Package)
	if err != nil {
		return nil, err
	}
	list := []*lockfile.Manifest{root}
	folder, err := os.OpenRoot(p.Dir)
	if err != nil {
		return nil, fileError("read", ".", err)
	}
	defer folder.Close()
	for _, importer := range l.Importers {
		if importer.Path == "." {
			continue
		}
		data, err := p.readAsStaged(folder, path.Join(importer.Path, packageFile))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m, err := lockfile.ParseManifest(importer.Path, data)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// readAsStaged reads a file of the folder as OpenStaged was told to see it.
func (p *Project) readAsStaged(folder *os.Root, name string) ([]byte, error) {
	for _, f := range p.staged {
		if f.Name == name {
			return f.Data, nil
		}
	}
	return ReadFile(folder, name)
}

// CheckLock looks whether an exact install of the lock could go on: the lock can
// be read, by the services' package managers too, and agrees with package.json.
// A *lockfile.OutOfStep names what differs.
func (p *Project) CheckLock() error {
	l, err := p.ParseLock()
	if err != nil || l == nil || p.Dependencies.Package == nil {
		return err
	}
	if err := p.CheckManagers(l); err != nil {
		return err
	}
	manifests, err := p.Manifests(l)
	if err != nil {
		return err
	}
	return l.Check(manifests)
}

// CheckManagers is an error where a service's package manager does not read a
// lock of this format.
func (p *Project) CheckManagers(l *lockfile.Lock) error {
	for _, s := range p.Model.Services {
		if s.PackageManager.Name != l.Format.Manager() {
			continue
		}
		if err := l.CheckManager(s.PackageManager.Version); err != nil {
			return err
		}
	}
	return nil
}

// CheckTree looks whether what a package manager says it has installed is what
// the lock asks for on a platform such as linux/amd64. Only npm's own record
// tells enough for that; with others there is nothing to say.
func (p *Project) CheckTree(s Service, witness []byte, platform string) error {
	wrong, err := p.TreeDifferences(s, witness, platform)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("the installed tree is not the lock's: %s", wrong[0])
	}
	return err
}

// TreeDifferences are the places at which what a package manager says it has
// installed is not what the lock asks for, as CheckTree looks.
func (p *Project) TreeDifferences(s Service, witness []byte, platform string) ([]lockfile.TreeDifference, error) {
	l, err := p.ParseLock()
	if err != nil || l == nil || l.Format != lockfile.NPM || len(witness) == 0 {
		return nil, err
	}
	installed, err := lockfile.ParseInstalled(witness)
	if err != nil {
		return nil, err
	}
	on := lockfile.Platform{OS: "linux", CPU: nodeCPU(platform), Libc: "glibc", Node: s.Node}
	return lockfile.CompareTree(l.Tree(on), installed), nil
}

// nodeCPU is what Node.js calls the processor of a platform.
func nodeCPU(platform string) string {
	_, cpu, _ := strings.Cut(platform, "/")
	if cpu == "amd64" {
		return "x64"
	}
	return cpu
}

// LockChanges says in one line what changed in the lock from one state of a
// project to another. It is empty where nothing did, or nobody can tell.
func LockChanges(before, now *Project) string {
	const most = 4
	if bytes.Equal(before.Dependencies.Lock, now.Dependencies.Lock) {
		return ""
	}
	was, err := before.ParseLock()
	if err != nil {
		return ""
	}
	is, err := now.ParseLock()
	if err != nil {
		return ""
	}
	changes := lockfile.Diff(was, is)
	if changes.Empty() {
		return ""
	}
	if n := len(changes.Packages); n == 0 || n > most {
		return changes.Summary()
	}
	var list []string
	for _, c := range changes.Packages {
		list = append(list, c.String())
	}
	return changes.File + ": " + strings.Join(list, ", ")
}
