package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// ParseLock reads the lock that governs. It is nil where there is none.
func (k *Package) ParseLock() (*lockfile.Lock, error) {
	if k.Dependencies.LockFile == "" {
		return nil, nil // no lock is a state of a project like any other
	}
	return lockfile.Parse(k.Dependencies.LockFile, k.Dependencies.Lock)
}

// Manifests are the package.json files that a lock is for, as far as they are there.
func (k *Package) Manifests(l *lockfile.Lock) ([]*lockfile.Manifest, error) {
	root, err := lockfile.ParseManifest(".", k.Dependencies.Package)
	if err != nil {
		return nil, err
	}
	list := []*lockfile.Manifest{root}
	folder, err := os.OpenRoot(k.At())
	if err != nil {
		return nil, fileError("read", ".", err)
	}
	defer folder.Close()
	for _, dir := range k.importers(l) {
		data, err := k.readAsStaged(folder, path.Join(dir, packageFile))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m, err := lockfile.ParseManifest(dir, data)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// importers are the folders, from the package's, that a lock is for beside that.
// Yarn's classic one does not name them.
func (k *Package) importers(l *lockfile.Lock) []string {
	var list []string
	for _, i := range l.Importers {
		if i.Path != "." {
			list = append(list, i.Path)
		}
	}
	if l.Format != lockfile.YarnClassic {
		return list
	}
	for _, dir := range k.MemberDirs() {
		if rel, below := k.within(dir); below && !slices.Contains(list, rel) {
			list = append(list, rel)
		}
	}
	return list
}

// readAsStaged reads a file of the folder as OpenStaged was told to see it.
func (k *Package) readAsStaged(folder *os.Root, name string) ([]byte, error) {
	for _, f := range k.staged {
		if f.Name == name {
			return f.Data, nil
		}
	}
	return ReadFile(folder, name)
}

// CheckLock looks whether an exact install of the lock could go on: the lock can
// be read, by the services' package managers too, and agrees with package.json.
// A *lockfile.OutOfStep names what differs.
func (k *Package) CheckLock() error {
	l, err := k.ParseLock()
	if err != nil || l == nil || k.Dependencies.Package == nil {
		return err
	}
	if err := k.CheckManagers(l); err != nil {
		return err
	}
	manifests, err := k.Manifests(l)
	if err != nil {
		return err
	}
	return l.Check(manifests)
}

// CheckManagers is an error where a service's package manager does not read a
// lock of this format.
func (k *Package) CheckManagers(l *lockfile.Lock) error {
	for _, s := range k.services {
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
func (k *Package) CheckTree(s Service, witness []byte, platform string) error {
	wrong, err := k.TreeDifferences(s, witness, platform)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("the installed tree is not the lock's: %s", wrong[0])
	}
	return err
}

// TreeDifferences are the places at which what a package manager says it has
// installed is not what the lock asks for, as CheckTree looks.
func (k *Package) TreeDifferences(s Service, witness []byte, platform string) ([]lockfile.TreeDifference, error) {
	l, err := k.ParseLock()
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

// LockChanges says, a line for each lock, what changed in the locks from one state
// of a project to another, with the locks' names. Of a lock that did not change,
// or where nobody can tell, there is nothing.
func LockChanges(before, now *Project) (names, lines []string) {
	for _, k := range now.Packages {
		i := slices.IndexFunc(before.Packages, func(was *Package) bool { return was.Dir == k.Dir })
		if i < 0 {
			continue
		}
		if text := lockChanges(before.Packages[i], k); text != "" {
			names, lines = append(names, k.Place(k.Dependencies.LockFile)), append(lines, text)
		}
	}
	return names, lines
}

func lockChanges(before, now *Package) string {
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
	return now.Place(changes.File) + ": " + strings.Join(list, ", ")
}
