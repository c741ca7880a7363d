package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// cleanupTime is how long tidying up after a failure may take.
const cleanupTime = 10 * time.Second

// fillAll fills the volumes of a plan. A lenient plan goes on where an install
// fails: a one-off container is how that is mended.
func (e *Environment) fillAll(ctx context.Context, d Desired, p Plan) error {
	var outOfStep error
	if p.installs() {
		outOfStep = checkLocks(d, packagesOf(d, p))
	}
	for _, s := range p.Volumes {
		err := outOfStep
		if err == nil || s.FromImage {
			err = e.fill(ctx, d, s)
		}
		if p.Lenient && err != nil && mendable(err) {
			e.Emit(Event{Kind: Warned, Service: s.Service, Text: err.Error() + "; the container gets the nearest packages there are"})
			err = e.makeDo(ctx, d, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill makes a volume and fills it. One that could not be filled is removed
// again: without its marker nothing would use it anyway.
func (e *Environment) fill(ctx context.Context, d Desired, s volumes.Step) error {
	if s.Renew {
		// When the plan was made there may have been no image to look with.
		if done, err := e.setComplete(ctx, d, s.Wanted); done || err != nil {
			return err
		}
		if runs, err := e.runsElsewhere(ctx, s.Name); runs || err != nil {
			return err
		}
	}
	e.Emit(Event{Kind: Installing, Service: s.Service, Volume: s.Name})
	began := time.Now()
	err := e.fillOnce(ctx, d, s)
	if err != nil {
		if !errors.Is(err, engine.ErrNotResponding) {
			e.discard(ctx, s.Names()...)
		}
		return err
	}
	e.Emit(Event{Kind: Installed, Service: s.Service, Volume: s.Name, MS: time.Since(began).Milliseconds()})
	return nil
}

// createVolumes makes the volumes of a set, the first one last: where that is, the
// others are.
func (e *Environment) createVolumes(ctx context.Context, d Desired, s volumes.Step) error {
	for _, name := range s.Names()[1:] {
		err := e.Engine.CreateVolume(ctx, name, map[string]string{
			engine.LabelProject: d.Project.Model.Name, engine.LabelKey: s.Key, engine.LabelSet: s.Name,
		})
		if err != nil {
			return err
		}
	}
	return e.Engine.CreateVolume(ctx, s.Name, map[string]string{
		engine.LabelProject: d.Project.Model.Name,
		engine.LabelKey:     s.Key, engine.LabelGroup: s.Group, engine.LabelPackages: s.Sketch,
	})
}

// renew takes away what an unfinished install has left.
func (e *Environment) renew(ctx context.Context, d Desired, s volumes.Step) error {
	held := false
	for _, name := range s.Names() {
		err := e.Engine.RemoveVolume(ctx, name)
		if errors.Is(err, engine.ErrConflict) {
			held, err = true, e.checkUnused(ctx, name)
		}
		if err != nil {
			return err
		}
	}
	if !held {
		return nil
	}
	// A stopped container holds one, or an install that is under way, whose name
	// this task would have. What is gone comes back with its labels before a
	// container would bring it back without.
	if err := e.createVolumes(ctx, d, s); err != nil {
		return err
	}
	return e.runTask(ctx, volumes.ClearTask(s), nil)
}

// checkUnused is an error where a project runs on a volume.
func (e *Environment) checkUnused(ctx context.Context, name string) error {
	users, err := e.Engine.VolumeUsers(ctx, name)
	if err != nil {
		return err
	}
	for _, c := range users {
		if c.State == engine.Running && c.Project != "" {
			return &TreeInUseError{name, c.Project}
		}
	}
	return nil
}

// TreeInUseError says that a volume whose packages are not those of its name
// cannot be made anew, because an environment runs with it.
type TreeInUseError struct{ Volume, Project string }

func (e *TreeInUseError) Error() string {
	return fmt.Sprintf("the packages in volume %s were changed by hand, and %s runs with them", e.Volume, e.Project)
}

// Hint says how to get the right ones.
func (e *TreeInUseError) Hint() string { return "stop " + e.Project + ", then try again" }

// fillOnce fills a volume, unless another devbox does so already: then it waits
// for that one. The engine has no two containers of one name, so the name of the
// task's container is the lock, for everybody who uses this engine.
func (e *Environment) fillOnce(ctx context.Context, d Desired, s volumes.Step) error {
	for {
		err := e.fillAnew(ctx, d, s)
		if !errors.Is(err, engine.ErrConflict) {
			return err
		}
		if err := e.reap(ctx); err != nil {
			return err
		}
		const interval = 200 * time.Millisecond
		pause(ctx, interval)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if done, err := e.setComplete(ctx, d, s.Wanted); done || err != nil {
			return err
		}
		s.Renew = true
	}
}

// fillAnew begins with an empty volume that has its labels: one that another
// devbox gave up meanwhile may have been made anew by its container, without.
func (e *Environment) fillAnew(ctx context.Context, d Desired, s volumes.Step) error {
	if s.Renew {
		if err := e.renew(ctx, d, s); err != nil {
			return err
		}
	}
	if err := e.createVolumes(ctx, d, s); err != nil {
		return err
	}
	return e.fillNow(ctx, d, s)
}

// reap removes containers whose devbox has ended.
func (e *Environment) reap(ctx context.Context) error {
	list, err := e.orphans(ctx)
	for _, c := range list {
		err = errors.Join(err, e.Engine.Remove(ctx, c.ID))
	}
	return err
}

// fillNow fills a volume: by a copy of the image's tree, or by an install that
// goes on from the nearest complete tree. Where that fails, it starts from nothing.
func (e *Environment) fillNow(ctx context.Context, d Desired, s volumes.Step) error {
	in, err := installOf(d, s.Wanted)
	switch {
	case err != nil:
		return err
	case s.FromImage:
		return e.runTask(ctx, marked(volumes.CopyTask(s, ""), s), nil)
	case in.Command == "":
		return e.runTask(ctx, marked(volumes.ClearTask(s), s), nil)
	}
	extra, err := installTree(d, s, in)
	if err != nil {
		return err
	}
	cache := volumes.CacheName(d.Project.Model.Name, in.Manager, s.User)
	if err := e.createCache(ctx, d, cache, in.Manager); err != nil {
		return err
	}
	donor := e.donor(ctx, d, s, in)
	err = e.install(ctx, d, s, in, cache, donor, extra)
	if donor == "" || !errors.Is(err, engine.ErrBuild) {
		return err
	}
	if err := e.runTask(ctx, volumes.ClearTask(s), nil); err != nil {
		return err
	}
	return e.install(ctx, d, s, in, cache, "", extra)
}

func (e *Environment) createCache(ctx context.Context, d Desired, name, manager string) error {
	return e.Engine.CreateVolume(ctx, name, map[string]string{
		engine.LabelProject: d.Project.Model.Name, engine.LabelCache: manager,
	})
}

func (e *Environment) install(ctx context.Context, d Desired, s volumes.Step, in project.Install, cache, donor string, extra []engine.TaskFile) error {
	t := marked(volumes.InstallTask(s, in, cache, donor, extra, e.installVars(d, s.Service, in)), s)
	if donor != "" {
		t = checked(t, d, s)
	}
	return e.runTask(ctx, t, func(line string) {
		e.Emit(Event{Kind: Installing, Service: s.Service, Volume: s.Name, Text: line, Output: true})
	})
}

// donor is the nearest volume whose tree is complete, or empty.
func (e *Environment) donor(ctx context.Context, d Desired, s volumes.Step, in project.Install) string {
	if in.Onward == "" {
		return ""
	}
	for _, name := range s.Donors {
		if done, err := e.isComplete(ctx, d, s.Wanted, name); err == nil && done {
			return name
		}
	}
	return ""
}

// makeDo gives a volume the tree of the nearest complete one, without the
// marker: the next plan makes it anew.
func (e *Environment) makeDo(ctx context.Context, d Desired, s volumes.Step) error {
	if err := e.createVolumes(ctx, d, s); err != nil {
		return err
	}
	in, err := installOf(d, s.Wanted)
	if err != nil {
		return err
	}
	in.Onward = in.Command
	if donor := e.donor(ctx, d, s, in); donor != "" {
		return e.runTask(ctx, volumes.CopyTask(s, donor), nil)
	}
	return nil
}
