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

// checkLock is an error where the lock has to agree with package.json and does
// not: it names the packages, before anything is built or installed.
func checkLock(d Desired) error {
	policy := d.Project.Model.Lock.Dev
	if d.Mode == project.Prod {
		policy = d.Project.Model.Lock.Prod
	}
	if policy == project.Ignore {
		return nil
	}
	return d.Project.CheckLock()
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
	return d.Project.Dependencies.LockFile == "" || d.Project.CheckLock() != nil
}

// writeLock brings the lock in step with package.json, as the policy `update`
// asks for, and writes it into the folder. It returns the files that it wrote.
func (e *Environment) writeLock(ctx context.Context, d Desired, p Plan) ([]string, error) {
	i := slices.IndexFunc(p.Volumes, func(s volumes.Step) bool { return !s.FromImage })
	step := p.Volumes[i]
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
		lock = collected[path.Join(project.AppDir, in.Lock)]
		return nil, nil
	}
	if err := e.runTask(ctx, t, nil); err != nil {
		return nil, err
	}
	before := d.Project.Dependencies.Lock
	if lock == nil || bytes.Equal(lock, before) {
		return nil, nil
	}
	return []string{in.Lock}, e.commitLock(in.Lock, before, lock)
}

// commitLock writes a lock that is in step, unless somebody has changed it meanwhile.
func (e *Environment) commitLock(name string, before, lock []byte) error {
	staged, err := project.OpenStaged(e.Dir, []project.File{{Name: name, Data: lock}})
	if err != nil {
		return err
	}
	if err := staged.CheckLock(); err != nil {
		return err
	}
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	return project.CommitFiles(root, []project.FileChange{{Name: name, Old: before, New: lock}})
}
