package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
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
	if opts.Since != nil {
		e.sayLockChanges(opts.Since, d.Project)
	}
	return e.converge(ctx, d, opts)
}

// sayLockChanges tells what changed in the locks.
func (e *Environment) sayLockChanges(before, now *project.Project) {
	names, lines := project.LockChanges(before, now)
	for i, name := range names {
		e.Emit(Event{Kind: LockChanged, Files: []string{name}, Text: lines[i]})
	}
}

func (e *Environment) converge(ctx context.Context, d Desired, opts PlanOptions) (_ Desired, err error) {
	lock, err := e.lockSetup(ctx)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	recovered, err := e.RecoverData(ctx, d)
	if err == nil && recovered.finished {
		d, err = e.Desire(ctx, d.Mode)
	}
	if err != nil {
		return d, err
	}
	return e.convergeLocked(ctx, d, opts)
}

// convergeLocked is for those who hold the lock already.
func (e *Environment) convergeLocked(ctx context.Context, d Desired, opts PlanOptions) (Desired, error) {
	o, err := e.Observe(ctx, d)
	if err != nil {
		return d, err
	}
	if opts.Start {
		if err := e.readyToStart(ctx, &d, o); err != nil {
			return d, err
		}
	}
	p := MakePlan(d, o, opts)
	if err := e.haveImages(ctx, d, o, p); err != nil {
		return d, err
	}
	if mayLock(d, p) {
		if d, o, err = e.relock(ctx, d, o, p); err != nil {
			return d, err
		}
		p = MakePlan(d, o, opts)
	}
	e.noteUses(d, o) // first, so that no other checkout prunes what this one is to have
	if err := e.Apply(ctx, d, o, p); err != nil {
		return d, err
	}
	if opts.Start {
		e.secretsInTheOpen(d)
	}
	if opts.Start && d.Mode == project.Dev {
		e.forgetUnapplied()
	}
	if len(p.Volumes) > 0 && opts.Start {
		e.pruneAfter(ctx, d)
	}
	return d, nil
}

// readyToStart makes way for a start. A port that somebody else has is said before
// minutes go into a build.
func (e *Environment) readyToStart(ctx context.Context, d *Desired, o Observed) error {
	if err := e.leaveOldName(ctx, *d); err != nil {
		return err
	}
	if err := e.movePorts(ctx, d, o); err != nil {
		return err
	}
	return e.checkPorts(ctx, *d, d.Compose, o.Containers)
}

// relock writes a lock that is in step, and looks at the folder and the engine anew.
func (e *Environment) relock(ctx context.Context, d Desired, o Observed, p Plan) (Desired, Observed, error) {
	// It is the package manager in the image that writes it.
	if err := e.Apply(ctx, d, o, Plan{Reap: p.Reap, Build: p.Build, Lenient: p.Lenient}); err != nil {
		return d, o, err
	}
	wrote, err := e.writeLocks(ctx, d, p)
	if err != nil {
		return d, o, err
	}
	now, err := e.Desire(ctx, d.Mode)
	if err != nil {
		return d, o, err
	}
	now.Written = slices.Concat(d.Written, now.Written, wrote)
	e.sayLockChanges(d.Project, now.Project)
	o, err = e.Observe(ctx, now)
	return now, o, err
}

// Apply carries a plan out, step by step. What it leaves undone when it fails
// is found by the next observation.
func (e *Environment) Apply(ctx context.Context, d Desired, o Observed, p Plan) error {
	for _, c := range p.Reap {
		if err := e.Engine.Remove(ctx, c.ID); err != nil {
			return err
		}
	}
	if d.Mode == project.Prod && len(p.Build) > 0 && d.Project.OwnsDockerfile() {
		if err := checkLocks(d, d.Project.Packages); err != nil {
			return err
		}
	}
	for _, img := range p.Build {
		err := e.build(ctx, img)
		if _, there := o.Built[img.Image]; p.Lenient && there && errors.Is(err, engine.ErrBuild) {
			e.Emit(Event{Kind: Warned, Service: img.Services[0], Text: "the image cannot be built, so the last one is used"})
			continue
		}
		if err != nil {
			return err
		}
	}
	if err := e.fillAll(ctx, d, p); err != nil {
		return err
	}
	if err := e.giveWrites(ctx, d, p.Writes); err != nil {
		return err
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
		return withInstallHint(err)
	}
	e.Emit(Event{Kind: Built, Service: service, Text: img.Image, MS: time.Since(began).Milliseconds()})
	return nil
}

// start brings the services up under their supervisors. Ports are looked at once
// more, since a build takes its time; what a failed start leaves half made is removed.
func (e *Environment) start(ctx context.Context, d Desired, o Observed, p *project.Compose) error {
	if err := e.checkData(ctx, d); err != nil {
		return err
	}
	if err := e.checkPorts(ctx, d, p, o.Containers); err != nil {
		return err
	}
	if d.Mode == project.Dev {
		p = project.Supervise(d.Project.BuildOnce(p), d.Project.Model.Services, volumeNames(d.Volumes))
	}
	err := e.startInOrder(ctx, d, o, p)
	if err != nil && !errors.Is(err, engine.ErrNotResponding) {
		e.removeHalfMade(ctx, p.Name)
	}
	return e.namePortHolder(ctx, d, p, err)
}

// up brings services up. What was said of them before is not said again.
func (e *Environment) up(ctx context.Context, p *project.Compose, said map[string]bool) error {
	var mu sync.Mutex
	return e.Engine.Up(ctx, p, func(pr engine.Progress) {
		news := creation(pr)
		mu.Lock()
		known := said[pr.What] && strings.HasSuffix(news.Text, " Running")
		said[pr.What] = true
		mu.Unlock()
		if !known {
			e.Emit(news)
		}
	})
}

// creation tells of what the engine makes, starts or stops.
func creation(p engine.Progress) Event {
	return Event{Kind: Creating, Text: strings.TrimSpace(p.What + " " + p.Text), Done: p.Done}
}

func volumeNames(list []volumes.Wanted) []string {
	var names []string
	for _, v := range list {
		names = append(names, v.Names()...)
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
