package session

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// useNewTree sees to it that what runs is running with the new packages: the
// devbox that watches the project does it when it sees the files, and without
// one this does. It names the services.
func (e *Environment) useNewTree(ctx context.Context, before, next Desired, o PackagesOptions, began time.Time) ([]string, error) {
	services := []string{}
	list, err := e.ownContainers(ctx, before.Compose.Name)
	if err != nil {
		return services, err
	}
	for _, w := range next.Volumes {
		if _, runs := runningContainer(list, w.Service); runs {
			services = append(services, w.Service)
		}
	}
	if len(services) == 0 {
		return services, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.ReadyTime, errLate)
	defer cancel()
	err = e.awaitTree(ctx, next, services)
	if errors.Is(err, errNobodyWatches) {
		err = Run(ctx, *e, RunOptions{Detach: true, ReadyTime: o.ReadyTime, Now: o.Now}, func(events ...Event) {
			for _, ev := range events {
				if ev.Kind != Log && ev.Kind != Ready {
					e.Emit(ev)
				}
			}
		})
	}
	if errors.Is(err, errLate) {
		err = &NotReadyError{Service: strings.Join(services, ", "), Text: fmt.Sprintf("did not get ready within %s", o.ReadyTime)}
	}
	var notReady *NotReadyError
	if errors.As(err, &notReady) {
		notReady.Text += " with the new packages, which are in package.json by now"
	}
	if err != nil {
		return []string{}, err
	}
	for _, name := range services {
		s, _ := next.Project.Model.Service(name)
		e.Emit(Event{Kind: Restarted, Service: name, Text: "new packages", Port: s.Port, URL: ServiceURL(next.Compose, s), MS: o.Now().Sub(began).Milliseconds()})
	}
	return services, nil
}

var (
	errLate          = errors.New("too late")
	errNobodyWatches = errors.New("no devbox watches")
)

// awaitTree waits until services run on their new volumes and are ready, as long
// as somebody is there to bring that about.
func (e *Environment) awaitTree(ctx context.Context, d Desired, services []string) error {
	const interval = 20 * time.Millisecond
	for {
		_, watched := CurrentHolder(e.Dir)
		ready, err := e.runsOn(ctx, d, services)
		if ready || err != nil {
			return err
		}
		if !watched {
			return errNobodyWatches
		}
		pause(ctx, interval)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// runsOn tells whether services are ready on the volumes that are desired.
func (e *Environment) runsOn(ctx context.Context, d Desired, services []string) (bool, error) {
	list, err := e.ownContainers(ctx, d.Compose.Name)
	if err != nil {
		return false, err
	}
	for _, w := range d.Volumes {
		if !slices.Contains(services, w.Service) {
			continue
		}
		c, runs := runningContainer(list, w.Service)
		if !runs || c.Volumes[modulesDir(w.Dir)] != w.Name {
			return false, nil
		}
		r, ok := e.lastRecord(ctx, c)
		if !ok {
			return false, nil
		}
		s, _ := d.Project.Model.Service(w.Service)
		a := app{service: s.Name, port: s.Port, container: c}
		a.on(r, c.StartedAt)
		if a.down() {
			return false, &NotReadyError{Service: s.Name, Text: a.ending(), Last: e.lastLines(ctx, c)}
		}
		if !a.settled() {
			return false, nil
		}
	}
	return true, nil
}

// modulesDir is the node_modules of a package's folder in a container.
func modulesDir(dir string) string { return path.Join(project.AppDir, dir, "node_modules") }

// unsavedScript takes the marker away first: from now on the tree is no longer
// what its name says, whatever comes of it.
const unsavedScript = `rm -f "$1" && shift && exec "$@"`

// installUnsaved runs the package manager on the tree of the running app, and on
// copies of package.json and the lock that are thrown away.
func (e *Environment) installUnsaved(ctx context.Context, p *packages) (PackagesResult, error) {
	r := PackagesResult{Manager: p.service.PackageManager.String(), Files: []string{}, Dependencies: []project.DependencyChange{}, Scripts: []string{}, Restarted: []string{}}
	list, err := e.ownContainers(ctx, p.desired.Compose.Name)
	if err != nil {
		return r, err
	}
	c, runs := runningContainer(list, p.service.Name)
	modules := modulesDir(p.pack.Dir)
	r.Volume = c.Volumes[modules]
	if !runs || r.Volume == "" {
		return r, &NotRunningError{p.service.Name}
	}
	change := p.opts.Change
	change.Tree = true
	t, err := e.managerTask(ctx, p, change)
	if err != nil {
		return r, err
	}
	t.Command = append([]string{"/bin/sh", "-c", unsavedScript, "devbox-add", path.Join(modules, volumes.Marker)}, t.Command...)
	t.Mounts = append(t.Mounts, engine.Mount{Volume: r.Volume, Target: modules})
	if err := e.runPackagesTask(ctx, p, t); err != nil {
		return r, err
	}
	e.Emit(Event{Kind: Warned, Text: "package.json and the lock do not know of this: the next `devbox up` brings back the packages in the lock"})
	if err := e.RestartServices(ctx, p.desired.Project, []string{p.service.Name}, p.opts.ReadyTime); err != nil {
		return r, err
	}
	r.Restarted = append(r.Restarted, p.service.Name)
	return r, nil
}
