package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Converge observes, plans and applies, and returns what was desired.
func (e *Environment) Converge(ctx context.Context, mode project.Mode, opts PlanOptions) (Desired, error) {
	d, err := e.Desire(ctx, mode)
	if err != nil {
		return d, err
	}
	return d, e.converge(ctx, d, opts)
}

func (e *Environment) converge(ctx context.Context, d Desired, opts PlanOptions) (err error) {
	lock, err := lockSetup(ctx, e.Dir, func() {
		e.Emit(Event{Kind: Warned, Text: "another devbox is setting this project up; waiting for it"})
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	o, err := e.Observe(ctx, d)
	if err != nil {
		return err
	}
	return e.Apply(ctx, d, o, MakePlan(d, o, opts))
}

// Apply carries a plan out, step by step. What it leaves undone when it fails
// is found by the next observation.
func (e *Environment) Apply(ctx context.Context, d Desired, o Observed, p Plan) error {
	for _, c := range p.Reap {
		if err := e.Engine.Remove(ctx, c.ID); err != nil {
			return err
		}
	}
	for _, img := range p.Build {
		err := e.build(ctx, img)
		if _, there := o.Built[img.Image]; p.Lenient && there && errors.Is(err, engine.ErrBuild) {
			e.Emit(Event{Kind: Warned, Service: img.Services[0], Text: "the image cannot be built as package.json and the lock are, so the last one is used"})
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, s := range p.Volumes {
		if err := e.fill(ctx, d, s); err != nil {
			return err
		}
	}
	if p.Start == nil {
		return nil
	}
	return e.start(ctx, d, o, p.Start)
}

func (e *Environment) build(ctx context.Context, img Image) error {
	spec := img.BuildSpec
	if img.Inputs != "" {
		spec.Labels = map[string]string{engine.LabelInputs: img.Inputs}
	}
	service := img.Services[0]
	began := time.Now()
	err := e.Engine.Build(ctx, spec, func(p engine.Progress) {
		e.Emit(Event{Kind: Building, Service: service, Text: p.Text, Done: p.Done, Output: p.Log})
	})
	if err != nil {
		return withLockHint(err)
	}
	e.Emit(Event{Kind: Built, Service: service, Text: img.Image, MS: time.Since(began).Milliseconds()})
	return nil
}

// lockComplaints are what package managers say of a lock that is out of step.
var lockComplaints = []string{"are in sync", "frozen-lockfile", "frozen lockfile", "lockfile would have been modified"}

// withLockHint says how a lock that is out of step is mended.
func withLockHint(err error) error {
	var failed *engine.Error
	if !errors.As(err, &failed) || failed.Kind != engine.ErrBuild {
		return err
	}
	for _, line := range failed.Detail {
		for _, words := range lockComplaints {
			if strings.Contains(line, words) {
				failed.Remedy = "package.json and the lock disagree; bring the lock in step: `devbox run npm install` (or yarn, pnpm, bun)"
			}
		}
	}
	return err
}

// fill makes a volume and fills it. One that could not be filled is removed
// again: without its marker nothing would use it anyway.
func (e *Environment) fill(ctx context.Context, d Desired, s volumes.Step) error {
	if s.Renew {
		if err := e.Engine.RemoveVolume(ctx, s.Name); err != nil {
			return err
		}
	}
	e.Emit(Event{Kind: Installing, Service: s.Service, Volume: s.Name})
	began := time.Now()
	err := e.Engine.CreateVolume(ctx, s.Name, map[string]string{
		engine.LabelProject: d.Project.Model.Name, engine.LabelDir: d.Project.Dir, engine.LabelKey: s.Key,
	})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	code, err := e.Engine.RunTask(ctx, volumes.FillTask(s, project.AppDir+"/node_modules"), &out)
	if err == nil && code != 0 {
		err = fillError(s.Name, code, strings.TrimSpace(out.String()))
	}
	if err != nil {
		if !errors.Is(err, engine.ErrNotResponding) {
			e.discard(ctx, s.Name)
		}
		return err
	}
	e.Emit(Event{Kind: Installed, Service: s.Service, Volume: s.Name, MS: time.Since(began).Milliseconds()})
	return nil
}

// fillError says why a volume could not be filled.
func fillError(volume string, code int, output string) error {
	kind, remedy := engine.ErrBuild, ""
	if strings.Contains(output, "No space left on device") {
		kind, remedy = engine.ErrDiskFull, "free space where Docker keeps its volumes: `docker system df` shows what uses it"
	}
	return &engine.Error{Kind: kind, Op: "fill volume " + volume, Note: fmt.Sprintf("exit status %d", code), Detail: strings.Split(output, "\n"), Remedy: remedy}
}

const cleanupTime = 10 * time.Second

func (e *Environment) discard(ctx context.Context, volume string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	_ = e.Engine.RemoveVolume(ctx, volume)
}

// start brings the services up under their supervisors. Ports are looked at
// first, so that a taken one is named before any container exists; what a
// failed start leaves half made is removed.
func (e *Environment) start(ctx context.Context, d Desired, o Observed, p *project.Compose) error {
	if err := e.checkPorts(ctx, p, o.Containers); err != nil {
		return err
	}
	if d.Mode == project.Dev {
		p = project.Supervise(p, d.Project.Model.Services, volumeNames(d.Volumes))
	}
	err := e.Engine.Up(ctx, p, func(pr engine.Progress) {
		e.Emit(Event{Kind: Creating, Text: strings.TrimSpace(pr.What + " " + pr.Text), Done: pr.Done})
	})
	if err != nil && !errors.Is(err, engine.ErrNotResponding) {
		e.removeHalfMade(ctx, p.Name)
	}
	return e.namePortHolder(ctx, p, err)
}

func volumeNames(list []volumes.Wanted) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.Name
	}
	return names
}

func (e *Environment) removeHalfMade(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	list, err := e.Engine.Containers(ctx, name)
	if err != nil {
		return
	}
	for _, c := range list {
		if c.State == engine.Created && !c.OneOff {
			_ = e.Engine.Remove(ctx, c.ID)
		}
	}
}

// publishedPorts lists the ports of the host that services publish.
func publishedPorts(p *project.Compose) []project.PublishedPort {
	var list []project.PublishedPort
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		list = append(list, project.Published(p, name)...)
	}
	return list
}

// checkPorts looks whether the ports that are to be published are free.
func (e *Environment) checkPorts(ctx context.Context, p *project.Compose, containers []engine.Container) error {
	ours := map[int]bool{}
	for _, c := range containers {
		for _, port := range c.Ports {
			ours[port.Host] = ours[port.Host] || c.State == engine.Running
		}
	}
	for _, port := range publishedPorts(p) {
		if ours[port.Host] || portFree(ctx, port.HostIP, port.Host) {
			continue
		}
		return e.portTaken(ctx, port, nil)
	}
	return nil
}

// namePortHolder makes the engine's word that a port is taken one that says by
// whom. It is the rare case: somebody took it between the check and the start.
func (e *Environment) namePortHolder(ctx context.Context, p *project.Compose, err error) error {
	if !errors.Is(err, engine.ErrPortTaken) {
		return err
	}
	for _, port := range publishedPorts(p) {
		if !portFree(ctx, port.HostIP, port.Host) {
			return e.portTaken(ctx, port, err)
		}
	}
	return err
}
