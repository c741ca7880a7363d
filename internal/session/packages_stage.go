package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// packages is one change of packages at work.
type packages struct {
	desired Desired
	opts    PackagesOptions
	service project.Service
	wanted  volumes.Wanted
	pack    *project.Package
	install project.Install
	// manifest is the package.json that is changed, and what it holds.
	manifest project.File
	// lock is the lock that governs, without content where there is none; its
	// name is empty where no lock is read or written.
	lock project.File
	// resolved are the files as the package manager left them, by their names.
	resolved map[string][]byte
	// changes are the files that are to be written.
	changes []project.FileChange
}

// newPackages reads what a change of packages begins with.
func (e *Environment) newPackages(d Desired, o PackagesOptions) (*packages, error) {
	s, _ := d.Project.Model.Service(o.Service)
	p := &packages{desired: d, opts: o, service: s, manifest: project.File{Name: path.Join(d.Project.PackageOf(s).Dir, o.Change.Member, "package.json")}}
	i := slices.IndexFunc(d.Volumes, func(w volumes.Wanted) bool { return w.Service == s.Name })
	if i < 0 {
		return nil, fmt.Errorf("there is no service %q", o.Service)
	}
	p.wanted = d.Volumes[i]
	var err error
	if p.install, err = d.Project.PackageOf(s).Install(s); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(d.Project.Dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	p.manifest.Data, err = project.ReadFile(root, p.manifest.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &project.ConfigError{File: p.manifest.Name, Problems: []project.Problem{{
			Text: "it is not there", Suggestion: "make one: `devbox run npm init -y`",
		}}}
	}
	if err != nil {
		return nil, err
	}
	p.pack = d.Project.PackageOf(s)
	p.opts.Change.Dir = p.pack.InContainer()
	p.opts.Change.Workspaces = p.pack.Facts.Package != nil && p.pack.Facts.Package.Workspaces || slices.Contains(p.pack.Facts.Settings, "pnpm-workspace.yaml")
	if d.Project.Model.Lock.Dev != project.Ignore {
		p.lock = p.governing()
	}
	p.opts.Change.Unlocked = p.lock.Data == nil
	var lock *lockfile.Lock
	if p.lock.Data != nil {
		lock, _ = lockfile.Parse(path.Base(p.lock.Name), p.lock.Data) // what cannot be read names nothing
	}
	return p, checkNames(o.Change, p.manifest.Data, lock)
}

// governing is the lock of the package manager: the one that is there, or the
// one that it will make.
func (p *packages) governing() project.File {
	deps := p.pack.Dependencies
	if manager := p.service.PackageManager.Name; lockfile.Manager(deps.LockFile) != manager {
		return project.File{Name: p.pack.Place(defaultLocks[manager])}
	}
	return project.File{Name: p.pack.Place(deps.LockFile), Data: deps.Lock}
}

// defaultLocks are the locks that package managers make where there is none.
var defaultLocks = map[string]string{"npm": "package-lock.json", "yarn": "yarn.lock", "pnpm": "pnpm-lock.yaml", "bun": "bun.lock"}

// call is what was asked for, as a person would write it.
func (p *packages) call() string {
	return strings.TrimSpace(string(p.opts.Change.Verb) + " " + strings.Join(p.opts.Change.Packages, " "))
}

// taskFiles are the copies that the package manager works on. Where packages of
// the folder play a part, they are the whole folder. Of locks there is the one
// that governs, or none.
func (p *packages) taskFiles() ([]engine.TaskFile, error) {
	in := p.install
	in.WholeFolder = in.WholeFolder || p.opts.Change.Member != "" || p.addsFromFolder()
	tree, err := installTree(p.desired, volumes.Step{Wanted: p.wanted}, in)
	if err != nil {
		return nil, err
	}
	tree = slices.DeleteFunc(tree, func(f engine.TaskFile) bool { return p.lock.Data == nil && lockfile.Manager(f.Path) != "" })
	in.Files = slices.DeleteFunc(slices.Clone(in.Files), func(f project.File) bool { return lockfile.Manager(f.Name) != "" })
	if p.lock.Data != nil {
		in.Files = append(in.Files, p.lock)
	}
	return volumes.Copies(p.desired.User, in, tree), nil
}

func (p *packages) addsFromFolder() bool {
	return p.opts.Change.Verb == project.AddPackages && slices.ContainsFunc(p.opts.Change.Packages, func(arg string) bool {
		spec, err := project.ParsePackageSpec(arg)
		return err == nil && spec.Kind == project.SpecFile
	})
}

// files are the new contents, for looking ahead.
func (p *packages) files() []project.File {
	var list []project.File
	for _, c := range p.changes {
		list = append(list, project.File{Name: c.Name, Data: c.New})
	}
	return list
}

// result checks what the package manager left and works out what is to be
// written. Nothing is, where nothing that matters has changed.
func (p *packages) result() (PackagesResult, error) {
	r := PackagesResult{Manager: p.service.PackageManager.String(), Files: []string{}, Dependencies: []project.DependencyChange{}, Scripts: []string{}, Restarted: []string{}}
	manifest, err := project.EditManifest(p.manifest.Data, p.resolved[p.manifest.Name])
	if err != nil {
		return r, fmt.Errorf("read what %s wrote: %w", p.service.PackageManager, err)
	}
	r.Dependencies = append(r.Dependencies, project.DependencyChanges(p.manifest.Name, p.manifest.Data, manifest)...)
	if err := project.CheckAsked(p.service.PackageManager.String(), p.opts.Change, r.Dependencies); err != nil {
		return r, err
	}
	p.change(p.manifest, manifest)
	if lock, wrote := p.resolved[p.lock.Name]; wrote && p.lock.Name != "" {
		if r.Lock, r.Scripts, err = p.lockChanges(lock, manifest); err != nil {
			return r, err
		}
		if len(p.changes) > 0 || r.Lock == nil || !r.Lock.Empty() {
			p.change(p.lock, lock)
		}
	}
	for _, c := range p.changes {
		r.Files = append(r.Files, c.Name)
	}
	return r, nil
}

// member is the folder of package.json from the package's.
func (p *packages) member() string {
	if p.opts.Change.Member == "" {
		return "."
	}
	return p.opts.Change.Member
}

func (p *packages) change(was project.File, now []byte) {
	if was.Data == nil || string(was.Data) != string(now) {
		p.changes = append(p.changes, project.FileChange{Name: was.Name, Old: was.Data, New: now})
	}
}

// lockChanges compares the locks and makes sure that the new one is in step with
// package.json. Of a format that devbox cannot read there is nothing to tell.
func (p *packages) lockChanges(lock, manifest []byte) (*lockfile.Changes, []string, error) {
	scripts := []string{}
	now, err := lockfile.Parse(path.Base(p.lock.Name), lock)
	if err != nil {
		if errors.Is(err, lockfile.ErrUnknown) || errors.Is(err, lockfile.ErrBinary) {
			return nil, scripts, nil
		}
		return nil, scripts, fmt.Errorf("read what %s wrote: %w", p.service.PackageManager, err)
	}
	m, err := lockfile.ParseManifest(p.member(), manifest)
	if err != nil {
		return nil, scripts, err
	}
	if err := now.Check([]*lockfile.Manifest{m}); err != nil {
		return nil, scripts, fmt.Errorf("%s left a lock that is out of step, so nothing was written: %w", p.service.PackageManager, err)
	}
	var was *lockfile.Lock
	if p.lock.Data != nil {
		was, _ = lockfile.Parse(path.Base(p.lock.Name), p.lock.Data) // one that could not be read is as good as none
	}
	changes := lockfile.Diff(was, now)
	for _, c := range changes.Packages {
		if c.To != "" && slices.ContainsFunc(now.Packages, func(l lockfile.Package) bool { return l.Name == c.Name && l.Version == c.To && l.InstallScript }) {
			scripts = append(scripts, c.Name+"@"+c.To)
		}
	}
	return changes, scripts, nil
}
