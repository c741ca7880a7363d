package session

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Verification says whether the packages that are there are those of the lock.
// It is the JSON form of `lock verify`.
type Verification struct {
	// Lock is the lock file that was installed from, Packages how many it locks.
	Lock     string `json:"lock"`
	Packages int    `json:"packages"`
	// Same says that nothing that was compared differs.
	Same  bool        `json:"same"`
	Trees []TreeCheck `json:"trees"`
}

// TreeCheck is one tree that was compared with a clean install.
type TreeCheck struct {
	Service string `json:"service"`
	// Kind is running for the volume that a running container has, volume for one
	// that the next start would take, and image for the production image.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Current says of a volume that it is the one for the folder as it is.
	Current bool `json:"current"`
	// Files is how many files and symlinks a clean install has, Digest the
	// SHA-256 over it.
	Files  int    `json:"files"`
	Digest string `json:"digest"`
	Same   bool   `json:"same"`
	// Skipped says why nothing was compared.
	Skipped     string                   `json:"skipped,omitempty"`
	Differences []volumes.TreeDifference `json:"differences"`
}

// The kinds of trees that are compared.
const (
	CheckRunning = "running"
	CheckVolume  = "volume"
	CheckImage   = "image"
)

// NoLockError says that there is no lock to work with.
type NoLockError struct {
	// Manager is the package manager.
	Manager string
	// NoPackage says that there is not even a package.json.
	NoPackage bool
}

func (e *NoLockError) Error() string {
	if e.NoPackage {
		return "there is no package.json, so there is nothing to lock"
	}
	return "the project has no lock file of " + e.Manager
}

// Hint says how to get one.
func (e *NoLockError) Hint() string {
	if e.NoPackage {
		return ""
	}
	return "`devbox run " + e.Manager + " install` writes one"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *NoLockError) ProjectInvalid() bool { return true }

// governing reads the lock that governs; that there is none is a NoLockError.
func governing(p *project.Project) (*lockfile.Lock, error) {
	if p.Dependencies.Package == nil {
		return nil, &NoLockError{NoPackage: true}
	}
	l, err := p.ParseLock()
	if err == nil && l == nil {
		err = &NoLockError{Manager: p.Model.Services[0].PackageManager.Name}
	}
	return l, err
}

// VerifyLock installs from the lock in a container of its own, from nothing but
// the lock and the package manager's cache, and compares what came out with the
// volumes in use and, with production, with the production images as they are;
// one that is not there is built. All that it makes for that is removed again.
func (e *Environment) VerifyLock(ctx context.Context, production bool) (Verification, error) {
	l, err := e.checkedLock()
	if err != nil {
		return Verification{}, err
	}
	d, err := e.Desire(ctx, project.Dev)
	if err != nil {
		return Verification{}, err
	}
	v := Verification{Lock: l.File, Packages: len(l.Packages), Same: true}
	o, err := e.prepareVerify(ctx, d)
	if err != nil {
		return v, err
	}
	manifests, err := d.Project.Manifests(l)
	if err != nil {
		return v, err
	}
	prod := productionTrees{env: e, wanted: production, roles: rolesOf(l, manifests)}
	fresh := map[string]*volumes.ModuleTree{}
	for _, w := range d.Volumes {
		tree := fresh[w.Name]
		if tree == nil {
			if tree, err = e.cleanInstall(ctx, d, w); err != nil {
				return v, err
			}
			fresh[w.Name] = tree
		}
		checks := []func(context.Context, Desired, Observed, volumes.Wanted, *volumes.ModuleTree) (TreeCheck, error){e.checkVolume, prod.check}
		for _, check := range checks {
			c, err := check(ctx, d, o, w, tree)
			if err != nil {
				return v, err
			}
			if c.Kind != "" {
				c.Service, c.Files, c.Digest, c.Same = w.Service, tree.Count(), tree.Digest(), len(c.Differences) == 0
				v.Same = v.Same && c.Same
				v.Trees = append(v.Trees, c)
			}
		}
	}
	return v, nil
}

// checkedLock reads the lock that governs and is in step, before anything is done.
func (e *Environment) checkedLock() (*lockfile.Lock, error) {
	p, err := project.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	l, err := governing(p)
	if err != nil {
		return nil, err
	}
	return l, p.CheckLock()
}

// prepareVerify makes the images that an install needs, and removes what a
// verification that was killed has left.
func (e *Environment) prepareVerify(ctx context.Context, d Desired) (_ Observed, err error) {
	lock, err := lockSetup(ctx, e.Dir, func() {
		e.Emit(Event{Kind: Warned, Text: "another devbox is setting this project up; waiting for it"})
	})
	if err != nil {
		return Observed{}, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	o, err := e.Observe(ctx, d)
	if err != nil {
		return o, err
	}
	p := MakePlan(d, o, PlanOptions{})
	if err := e.Apply(ctx, d, o, Plan{Reap: p.Reap, Build: p.Build}); err != nil {
		return o, err
	}
	return o, e.sweepVerify(ctx, d)
}

// sweepVerify removes volumes of verifications whose devbox has ended.
func (e *Environment) sweepVerify(ctx context.Context, d Desired) error {
	there, err := e.Engine.Volumes(ctx, engine.LabelProject+"="+d.Project.Model.Name)
	if err != nil {
		return err
	}
	var names []string
	for _, v := range there {
		if sameFolder(v.Labels[engine.LabelDir], e.Dir) && v.Labels[engine.LabelOwner] != "" && Gone(e.Procfs, v.Labels[engine.LabelOwner], processAlive) {
			names = append(names, v.Name)
		}
	}
	_, err = e.removeVolumes(ctx, names)
	return err
}

// cleanInstall is the tree that the lock gives: an exact install, whatever the
// policy, into a volume of its own that is gone afterwards.
func (e *Environment) cleanInstall(ctx context.Context, d Desired, w volumes.Wanted) (*volumes.ModuleTree, error) {
	exact := d
	exact.Project = d.Project.Frozen()
	in, err := installOf(exact, w)
	if err != nil {
		return nil, err
	}
	in.Command = in.Clean
	const letters = 10
	w.Name = volumes.Name(d.Project.Model.Name, "verify_"+strings.ToLower(rand.Text()[:letters]))
	s := volumes.Step{Wanted: w}
	extra, err := installTree(exact, s, in)
	if err != nil {
		return nil, err
	}
	cache := volumes.CacheName(d.Project.Model.Name, in.Manager, s.User)
	if err := e.createCache(ctx, d, cache, in.Manager); err != nil {
		return nil, err
	}
	defer e.discard(ctx, w.Name)
	err = e.Engine.CreateVolume(ctx, w.Name, map[string]string{
		engine.LabelProject: d.Project.Model.Name, engine.LabelDir: d.Project.Dir, engine.LabelOwner: Self(e.Procfs).String(),
	})
	if err != nil {
		return nil, err
	}
	e.Emit(Event{Kind: Installing, Service: w.Service, Text: "from " + in.Lock + " in a clean container"})
	t := volumes.InstallTask(s, in, cache, "", extra, e.installVars(d, w.Service, in))
	err = e.runTask(ctx, t, func(line string) {
		e.Emit(Event{Kind: Installing, Service: s.Service, Text: line, Output: true})
	})
	if err != nil {
		return nil, err
	}
	return e.readTree(ctx, engine.TreeSource{Volume: w.Name, Image: w.Image})
}

func (e *Environment) readTree(ctx context.Context, s engine.TreeSource) (*volumes.ModuleTree, error) {
	tree := volumes.NewModuleTree()
	err := e.Engine.ReadTree(ctx, s, func(entry engine.TreeEntry, content io.Reader) error { return tree.Add(entry, content) })
	return tree, err
}

// checkVolume compares the volume that the service has, or would get.
func (e *Environment) checkVolume(ctx context.Context, _ Desired, o Observed, w volumes.Wanted, want *volumes.ModuleTree) (TreeCheck, error) {
	c := TreeCheck{Kind: CheckVolume, Name: w.Name, Differences: []volumes.TreeDifference{}}
	if name := runningTree(o.Containers, w.Service); name != "" {
		c.Kind, c.Name = CheckRunning, name
	} else if seen, there := o.Volumes[w.Name]; !there || !seen.Complete {
		c.Skipped = "there is none yet"
		return c, nil
	}
	c.Current = c.Name == w.Name
	have, err := e.readTree(ctx, engine.TreeSource{Volume: c.Name, Image: w.Image})
	if err != nil {
		return c, err
	}
	c.Differences = append(c.Differences, volumes.CompareTrees(want, have)...)
	return c, nil
}

// runningTree is the volume that a service's running container has its packages
// in, empty where none runs.
func runningTree(containers []engine.Container, service string) string {
	for _, c := range containers {
		if c.Service == service && !c.OneOff && c.State == engine.Running {
			return c.Volumes[path.Join(project.AppDir, "node_modules")]
		}
	}
	return ""
}

// rolesOf tells what a lock has its packages for.
func rolesOf(l *lockfile.Lock, manifests []*lockfile.Manifest) volumes.Roles {
	r := volumes.Roles{Production: map[string]bool{}, Development: map[string]bool{}}
	need := l.Production(manifests)
	for i := range l.Packages {
		p := &l.Packages[i]
		id := p.Name + "@" + p.Version
		if need[p.ID] {
			r.Production[id] = true
		} else {
			r.Development[id] = true
		}
	}
	return r
}
