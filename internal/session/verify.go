package session

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// VerifyLock installs from the lock in a container of its own, from nothing but
// the lock and the package manager's cache, and compares what came out with the
// volumes in use and, with production, with the production images as they are;
// one that is not there is built. All that it makes for that is removed again.
func (e *Environment) VerifyLock(ctx context.Context, production bool) (Verification, error) {
	if _, err := e.checkedLocks(); err != nil {
		return Verification{}, err
	}
	d, err := e.Desire(ctx, project.Dev)
	if err != nil {
		return Verification{}, err
	}
	v := Verification{Same: true}
	o, err := e.prepareVerify(ctx, d)
	if err != nil {
		return v, err
	}
	prod := productionTrees{env: e, dev: d, wanted: production, roles: map[string]volumes.Roles{}}
	for _, k := range d.Project.Packages {
		l, err := governing(k)
		if err != nil {
			return v, inPackage(k, err)
		}
		manifests, err := k.Manifests(l)
		if err != nil {
			return v, err
		}
		if v.Lock == "" {
			v.Lock = k.Place(l.File)
		}
		v.Packages += len(l.Packages)
		prod.roles[k.Dir] = rolesOf(l, manifests)
	}
	fresh := map[string]*volumes.ModuleTree{}
	for _, w := range d.Volumes {
		if fresh[w.Name] == nil {
			if fresh[w.Name], err = e.cleanInstall(ctx, d, w); err != nil {
				return v, err
			}
		}
		if err := e.checkTrees(ctx, &v, o, w, fresh[w.Name], &prod); err != nil {
			return v, err
		}
	}
	return v, nil
}

// checkTrees compares the trees of a service with the one that its lock gives.
func (e *Environment) checkTrees(ctx context.Context, v *Verification, o Observed, w volumes.Wanted, want *volumes.ModuleTree, prod *productionTrees) error {
	checks := []TreeCheck{{}, {}}
	var err error
	if checks[0], err = e.checkVolume(ctx, o, w, want); err != nil {
		return err
	}
	if checks[1], err = prod.check(ctx, w, want); err != nil {
		return err
	}
	for _, c := range checks {
		if c.Kind == "" {
			continue
		}
		c.Service, c.Files, c.Digest, c.Same = w.Service, want.Count(), want.Digest(), len(c.Differences) == 0
		v.Same = v.Same && c.Same
		v.Trees = append(v.Trees, c)
	}
	return nil
}

// checkedLocks makes sure that each package has a lock that is in step, before
// anything is done.
func (e *Environment) checkedLocks() (*project.Project, error) {
	p, err := project.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	for _, k := range p.Packages {
		if _, err := governing(k); err != nil {
			return p, inPackage(k, err)
		}
		if err := k.CheckLock(); err != nil {
			return p, inPackage(k, err)
		}
	}
	return p, nil
}

// prepareVerify makes the images that an install needs, and removes what a
// verification that was killed has left.
func (e *Environment) prepareVerify(ctx context.Context, d Desired) (_ Observed, err error) {
	lock, err := e.lockSetup(ctx)
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
		if v.Labels[engine.LabelOwner] != "" && Gone(e.Procfs, v.Labels[engine.LabelOwner], processAlive) {
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
	defer e.discard(ctx, w.Names()...)
	for _, name := range w.Names() {
		err = e.Engine.CreateVolume(ctx, name, map[string]string{
			engine.LabelProject: d.Project.Model.Name, engine.LabelOwner: Self(e.Procfs).String(),
		})
		if err != nil {
			return nil, err
		}
	}
	e.Emit(Event{Kind: Installing, Service: w.Service, Text: "from " + in.Lock + " in a clean container"})
	t := volumes.InstallTask(s, in, cache, "", extra, e.installVars(d, w.Service, in))
	err = e.runTask(ctx, t, func(line string) {
		e.Emit(Event{Kind: Installing, Service: s.Service, Text: line, Output: true})
	})
	if err != nil {
		return nil, err
	}
	return e.readSet(ctx, w, w.Name)
}

// readSet reads the trees of a set of volumes, the members' under the names of
// their folders.
func (e *Environment) readSet(ctx context.Context, w volumes.Wanted, first string) (*volumes.ModuleTree, error) {
	w.Name = first
	var sources []engine.TreeSource
	for _, name := range w.Names() {
		sources = append(sources, engine.TreeSource{Volume: name, Image: w.Image})
	}
	return e.readTrees(ctx, w, sources)
}

// readImage reads the trees of a set in an image.
func (e *Environment) readImage(ctx context.Context, w volumes.Wanted, image string) (*volumes.ModuleTree, error) {
	var sources []engine.TreeSource
	for _, dir := range append([]string{w.Dir}, w.Members...) {
		sources = append(sources, engine.TreeSource{Image: image, Path: modulesDir(dir)})
	}
	return e.readTrees(ctx, w, sources)
}

// readTrees reads a tree and those of members beside it. A member's that is not
// there is empty.
func (e *Environment) readTrees(ctx context.Context, w volumes.Wanted, sources []engine.TreeSource) (*volumes.ModuleTree, error) {
	tree, err := e.readTree(ctx, sources[0])
	if err != nil {
		return nil, err
	}
	for i, s := range sources[1:] {
		under := w.Members[i] + "/node_modules/"
		err := e.Engine.ReadTree(ctx, s, func(entry engine.TreeEntry, content io.Reader) error {
			entry.Path = under + entry.Path
			if entry.Same != "" {
				entry.Same = under + entry.Same
			}
			return tree.Add(entry, content)
		})
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return nil, err
		}
	}
	return tree, nil
}

func (e *Environment) readTree(ctx context.Context, s engine.TreeSource) (*volumes.ModuleTree, error) {
	tree := volumes.NewModuleTree()
	err := e.Engine.ReadTree(ctx, s, func(entry engine.TreeEntry, content io.Reader) error { return tree.Add(entry, content) })
	return tree, err
}

// checkVolume compares the volume that the service has, or would get.
func (e *Environment) checkVolume(ctx context.Context, o Observed, w volumes.Wanted, want *volumes.ModuleTree) (TreeCheck, error) {
	c := TreeCheck{Kind: CheckVolume, Name: w.Name, Differences: []volumes.TreeDifference{}}
	if name := runningTree(o.Containers, w); name != "" {
		c.Kind, c.Name = CheckRunning, name
	} else if seen, there := o.Volumes[w.Name]; !there || !seen.Complete {
		c.Skipped = "there is none yet"
		return c, nil
	}
	c.Current = c.Name == w.Name
	have, err := e.readSet(ctx, w, c.Name)
	if err != nil {
		return c, err
	}
	c.Differences = append(c.Differences, volumes.CompareTrees(want, have)...)
	return c, nil
}

// runningTree is the volume that a service's running container has its packages
// in, empty where none runs.
func runningTree(containers []engine.Container, w volumes.Wanted) string {
	for _, c := range containers {
		if c.Service == w.Service && !c.OneOff && c.State == engine.Running {
			return c.Volumes[modulesDir(w.Dir)]
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
