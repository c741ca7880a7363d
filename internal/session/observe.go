package session

import (
	"context"
	"os"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Observe asks the engine for all that a plan needs, in parallel.
func (e *Environment) Observe(ctx context.Context, d Desired) (Observed, error) {
	o := Observed{Built: map[string]string{}, Volumes: map[string]volumes.Observed{}}
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	for _, img := range d.Images {
		g.Go(func() error {
			labels, there, err := e.Engine.ImageLabels(gctx, img.Image)
			mu.Lock()
			defer mu.Unlock()
			if there {
				o.Built[img.Image] = labels[engine.LabelInputs]
			}
			return err
		})
	}
	g.Go(func() (err error) {
		o.Containers, err = e.ownContainers(gctx, d.Compose.Name)
		return err
	})
	g.Go(func() (err error) {
		o.Orphans, err = e.orphans(gctx)
		return err
	})
	g.Go(func() (err error) {
		if len(d.Project.Model.Backing) > 0 {
			o.Data, err = e.projectVolumes(gctx, d)
		}
		return err
	})
	g.Go(func() error {
		if len(writesVolumes(d)) == 0 {
			return nil
		}
		return e.observeWrites(gctx, d, &o)
	})
	var there []engine.Volume
	g.Go(func() (err error) {
		if len(d.Volumes) > 0 {
			there, err = e.Engine.Volumes(gctx, engine.LabelProject+"="+d.Project.Model.Name)
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return o, err
	}
	return o, e.lookIntoVolumes(ctx, d, there, &o)
}

// lookIntoVolumes finds out which of the wanted volumes were filled to the end.
// The others of the project are noted, because an install may start from them.
func (e *Environment) lookIntoVolumes(ctx context.Context, d Desired, there []engine.Volume, o *Observed) error {
	for _, v := range there {
		if v.Labels[engine.LabelKey] == "" {
			continue
		}
		o.Volumes[v.Name] = volumes.Observed{
			InUse: runsWith(v.Name, o.Containers) != "", Created: v.Created,
			Group: v.Labels[engine.LabelGroup], Sketch: v.Labels[engine.LabelPackages],
		}
	}
	looked := map[string]bool{}
	for _, w := range d.Volumes {
		seen, exists := o.Volumes[w.Name]
		_, built := o.Built[w.Image]
		if !exists || !built || seen.InUse || looked[w.Name] {
			continue
		}
		looked[w.Name] = true
		var err error
		if seen.Complete, err = e.isComplete(ctx, d, w, w.Name); err != nil {
			return err
		}
		if !seen.Complete {
			if seen.InUse, err = e.runsElsewhere(ctx, w.Name); err != nil {
				return err
			}
		}
		o.Volumes[w.Name] = seen
	}
	return nil
}

// isComplete looks whether the tree in a volume, made as the wanted one is, was
// installed to its end and is as it was then.
func (e *Environment) isComplete(ctx context.Context, d Desired, w volumes.Wanted, volume string) (bool, error) {
	in, err := installOf(d, w)
	if err != nil {
		return false, err
	}
	files := []string{volumes.Marker}
	if in.Witness != "" {
		files = append(files, in.Witness)
	}
	found, err := e.Engine.VolumeFiles(ctx, volume, w.Image, files...)
	if err != nil {
		return false, err
	}
	return volumes.IsComplete(found[volumes.Marker], found[in.Witness]), nil
}

// setComplete looks whether the trees of a set are complete and its volumes are
// all there.
func (e *Environment) setComplete(ctx context.Context, d Desired, w volumes.Wanted) (bool, error) {
	if len(w.Members) > 0 {
		there, err := e.Engine.Volumes(ctx, engine.LabelSet+"="+w.Name)
		if err != nil {
			return false, err
		}
		for _, name := range w.Names()[1:] {
			if !slices.ContainsFunc(there, func(v engine.Volume) bool { return v.Name == name }) {
				return false, nil
			}
		}
	}
	return e.isComplete(ctx, d, w, w.Name)
}

// installOf is how the packages in a volume are installed.
func installOf(d Desired, w volumes.Wanted) (project.Install, error) {
	s, _ := d.Project.Model.Service(w.Service)
	in, err := d.Project.PackageOf(s).Install(s)
	if w.FromImage {
		in.Witness = "" // whatever the Dockerfile installs with
	}
	return in, err
}

// runsWith names a project that runs with a volume, empty where none does.
func runsWith(volume string, containers []engine.Container) string {
	for _, c := range containers {
		for _, name := range c.Volumes {
			if name == volume && c.State == engine.Running && c.Project != "" {
				return c.Project
			}
		}
	}
	return ""
}

// runsElsewhere tells whether another checkout runs with a volume whose packages
// are not those of its name. Then it stays as it is: to empty it would take the
// packages away from what runs.
func (e *Environment) runsElsewhere(ctx context.Context, volume string) (bool, error) {
	users, err := e.Engine.VolumeUsers(ctx, volume)
	if err != nil {
		return false, err
	}
	other := runsWith(volume, users)
	if other == "" {
		return false, nil
	}
	e.Emit(Event{
		Kind: Warned, Volume: volume, Text: "the packages that the lock asks for were changed by hand in " + other + ", which runs with them",
		Hint: "to get the right ones, stop " + other + " and start this one first",
	})
	return true, nil
}

// orphans lists the one-off containers whose devbox was killed.
func (e *Environment) orphans(ctx context.Context) ([]engine.Container, error) {
	all, err := e.Engine.OneOffs(ctx)
	if err != nil {
		return nil, err
	}
	var list []engine.Container
	for _, c := range all {
		if Gone(e.Procfs, c.Labels[engine.LabelOwner], processAlive) {
			list = append(list, c)
		}
	}
	return list, nil
}

// processAlive is how a process is looked for where there is no /proc.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Signal(syscall.Signal(0)) == nil
}
