package session

import (
	"context"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
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
func (e *Environment) lookIntoVolumes(ctx context.Context, d Desired, there []engine.Volume, o *Observed) error {
	exists := map[string]bool{}
	for _, v := range there {
		exists[v.Name] = true
	}
	for _, w := range d.Volumes {
		if !exists[w.Name] {
			continue
		}
		if _, known := o.Volumes[w.Name]; known {
			continue
		}
		seen := volumes.Observed{InUse: inUse(w.Name, o.Containers)}
		if _, built := o.Built[w.Image]; built && !seen.InUse {
			has, err := e.Engine.VolumeHas(ctx, w.Name, w.Image, volumes.Marker)
			if err != nil {
				return err
			}
			seen.Complete = has
		}
		o.Volumes[w.Name] = seen
	}
	return nil
}

func inUse(volume string, containers []engine.Container) bool {
	for _, c := range containers {
		for _, name := range c.Volumes {
			if name == volume && c.State == engine.Running {
				return true
			}
		}
	}
	return false
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
