package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// checkLocks is an error where a lock has to agree with package.json and does
// not: it names the packages, before anything is built or installed.
func checkLocks(d Desired, packages []*project.Package) error {
	policy := d.Project.Model.Lock.Dev
	if d.Mode == project.Prod {
		policy = d.Project.Model.Lock.Prod
	}
	if policy == project.Ignore {
		return nil
	}
	for _, k := range packages {
		if err := k.CheckLock(); err != nil {
			return inPackage(k, err)
		}
	}
	return nil
}

// inPackage says of an error in which folder it is, where that is not the top.
func inPackage(k *project.Package, err error) error {
	if k.Dir == "" {
		return err
	}
	return fmt.Errorf("in %s: %w", k.Dir, err)
}

// packagesOf are the packages that a plan installs by the locks of the folder.
func packagesOf(d Desired, p Plan) []*project.Package {
	var list []*project.Package
	for _, step := range p.Volumes {
		if k := packageOf(d, step.Wanted); !step.FromImage && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list
}

// packageOf is the package that a volume is for.
func packageOf(d Desired, w volumes.Wanted) *project.Package {
	s, _ := d.Project.Model.Service(w.Service)
	return d.Project.PackageOf(s)
}

// installs tells whether a plan installs packages by the lock of the folder.
func (p Plan) installs() bool {
	return slices.ContainsFunc(p.Volumes, func(s volumes.Step) bool { return !s.FromImage })
}

// mendable tells whether an error is one that the user mends in the project,
// such as with a one-off container.
func mendable(err error) bool {
	var invalid interface{ ProjectInvalid() bool }
	return errors.Is(err, engine.ErrBuild) || errors.As(err, &invalid) && invalid.ProjectInvalid()
}

// mayLock tells whether the lock has to be brought in step first, and the policy
// lets devbox do that.
func mayLock(d Desired, p Plan) bool {
	if d.Mode != project.Dev || d.Project.Model.Lock.Dev != project.Update || !p.installs() {
		return false
	}
	return len(outOfStep(d, p)) > 0
}

// outOfStep are those of the packages to install that have no lock in step.
func outOfStep(d Desired, p Plan) []*project.Package {
	return slices.DeleteFunc(packagesOf(d, p), func(k *project.Package) bool {
		return k.Dependencies.LockFile != "" && k.CheckLock() == nil
	})
}

// writeLocks brings locks in step with package.json, as the policy `update` asks
// for, and writes them into the folder. It returns the files that it wrote.
func (e *Environment) writeLocks(ctx context.Context, d Desired, p Plan) ([]string, error) {
	var written []string
	for _, k := range outOfStep(d, p) {
		i := slices.IndexFunc(p.Volumes, func(s volumes.Step) bool { return !s.FromImage && packageOf(d, s.Wanted) == k })
		wrote, err := e.writeLock(ctx, d, k, p.Volumes[i])
		if written = append(written, wrote...); err != nil {
			return written, err
		}
	}
	return written, nil
}

func (e *Environment) writeLock(ctx context.Context, d Desired, k *project.Package, step volumes.Step) ([]string, error) {
	in, err := installOf(d, step.Wanted)
	if err != nil || in.Command == "" {
		return nil, err
	}
	cache := volumes.CacheName(d.Project.Model.Name, in.Manager, step.User)
	if err := e.createCache(ctx, d, cache, in.Manager); err != nil {
		return nil, err
	}
	extra, err := installTree(d, step, in)
	if err != nil {
		return nil, err
	}
	e.Emit(Event{Kind: Installing, Service: step.Service, Text: "bringing " + in.Lock + " in step with package.json"})
	var lock []byte
	t := volumes.LockTask(d.Project.Name, step, in, cache, extra, e.installVars(d, step.Service, in))
	t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
		lock = collected[path.Join(in.Dir, in.Lock)]
		return nil, nil
	}
	if err := e.runTask(ctx, t, nil); err != nil {
		return nil, err
	}
	before := k.Dependencies.Lock
	if lock == nil || bytes.Equal(lock, before) {
		return nil, nil
	}
	name := k.Place(in.Lock)
	return []string{name}, e.commitLock(k, name, before, lock)
}

// commitLock writes a lock that is in step, unless somebody has changed it meanwhile.
func (e *Environment) commitLock(k *project.Package, name string, before, lock []byte) error {
	staged, err := project.OpenStaged(e.Dir, []project.File{{Name: name, Data: lock}})
	if err != nil {
		return err
	}
	for _, now := range staged.Packages {
		if now.Dir != k.Dir {
			continue
		}
		if err := now.CheckLock(); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	return project.CommitFiles(root, []project.FileChange{{Name: name, Old: before, New: lock}})
}
