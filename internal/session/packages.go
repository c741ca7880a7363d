package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
)

// PackagesOptions say which packages are to be added, removed or updated.
type PackagesOptions struct {
	// Service is whose package manager does it.
	Service string
	Change  project.PackageChange
	// NoSave installs into the tree of the running app and writes no file.
	NoSave bool
	// ReadyTime is how long the app may take to run with the new packages.
	ReadyTime time.Duration
	// Now is the clock.
	Now func() time.Time
}

// PackagesResult is what was changed. Its JSON form is what `add --json` prints.
type PackagesResult struct {
	Manager string `json:"packageManager"`
	// Files were written.
	Files []string `json:"files"`
	// Dependencies are the changes in package.json.
	Dependencies []project.DependencyChange `json:"dependencies"`
	// Lock is what changed in the lock; nil where there is none, or none that
	// devbox can read.
	Lock *lockfile.Changes `json:"lock,omitempty"`
	// Scripts are new or changed packages that run a script when they are
	// installed, as far as the lock tells.
	Scripts []string `json:"installScripts"`
	// Volume holds the new packages.
	Volume string `json:"volume,omitempty"`
	// Restarted are the services that run with them by now.
	Restarted []string `json:"restarted"`
}

// String is one line for each change, the ones in package.json first.
func (r PackagesResult) String() string {
	var b strings.Builder
	for _, c := range r.Dependencies {
		fmt.Fprintln(&b, term.Line(c.String(), term.Options{}))
	}
	if r.Lock != nil && len(r.Lock.Packages)+len(r.Lock.Settings) > 0 {
		b.WriteString(r.Lock.String())
	}
	return b.String()
}

// packagesLock is held by whoever changes packages: of two at once, the second
// works on what the first has left.
const packagesLock = "packages.lock"

// ChangePackages adds, removes or updates packages. The package manager works on
// copies, in a container of its own; package.json and the lock are written
// together when the new packages are installed. Until then nothing is changed,
// however it ends. An app that runs is running with the new packages when it
// returns.
func (e *Environment) ChangePackages(ctx context.Context, o PackagesOptions) (r PackagesResult, err error) {
	lock, err := lockFile(ctx, e.Dir, packagesLock, func() {
		e.Emit(Event{Kind: Warned, Text: "another devbox is changing packages of this project; waiting for it"})
	})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	d, err := e.Desire(ctx, project.Dev)
	if err != nil {
		return r, err
	}
	if err := checkReadable(d, o.Service); err != nil {
		return r, err
	}
	p, err := e.newPackages(d, o)
	if err != nil {
		return r, err
	}
	if err := e.readyImages(ctx, d); err != nil {
		return r, err
	}
	if o.NoSave {
		return e.installUnsaved(ctx, p)
	}
	if err := e.resolve(ctx, p); err != nil {
		return r, err
	}
	r, err = p.result()
	if err != nil || len(p.changes) == 0 {
		return r, err
	}
	return e.adoptPackages(ctx, p, r)
}

// checkReadable makes sure that devbox can read the lock of a service where it
// counts: a package manager that cannot makes another, with other versions.
func checkReadable(d Desired, service string) error {
	if d.Project.Model.Lock.Dev == project.Ignore {
		return nil
	}
	s, _ := d.Project.Model.Service(service)
	_, err := d.Project.PackageOf(s).ParseLock()
	return err
}

// adoptPackages installs what a package manager has made of its copies, writes the files,
// and has the running app use it.
func (e *Environment) adoptPackages(ctx context.Context, p *packages, r PackagesResult) (PackagesResult, error) {
	for _, script := range r.Scripts {
		e.Emit(Event{Kind: Warned, Text: script + " runs a script when it is installed"})
	}
	began := p.opts.Now()
	next, err := e.fillStaged(ctx, p)
	if err != nil {
		return r, err
	}
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	if err := e.commitPackages(p); err != nil {
		return r, err
	}
	for _, v := range next.Volumes {
		if v.Service == p.opts.Service {
			r.Volume = v.Name
		}
	}
	r.Restarted, err = e.useNewTree(ctx, p.desired, next, p.opts, began)
	return r, err
}

// readyImages makes sure of the images that package managers run in. Where they
// are there, it does not wait for a devbox that is setting the project up.
func (e *Environment) readyImages(ctx context.Context, d Desired) error {
	o, err := e.Observe(ctx, d)
	if err != nil || len(MakePlan(d, o, PlanOptions{}).Build) == 0 {
		return err
	}
	return e.applyLocked(ctx, d, func(p *Plan) { p.Volumes = nil })
}

// fillStaged installs the new packages into the volumes that they will be used
// from, before any file is written.
func (e *Environment) fillStaged(ctx context.Context, p *packages) (Desired, error) {
	next, err := e.DesireStaged(ctx, p.desired, p.files())
	if err != nil {
		return next, err
	}
	if err := e.applyLocked(ctx, next, func(*Plan) {}); err != nil {
		return next, installFailed(p.call(), err)
	}
	return next, nil
}

// applyLocked plans and applies without starting anything.
func (e *Environment) applyLocked(ctx context.Context, d Desired, trim func(*Plan)) (err error) {
	lock, err := e.lockSetup(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	o, err := e.Observe(ctx, d)
	if err != nil {
		return err
	}
	plan := MakePlan(d, o, PlanOptions{})
	trim(&plan)
	return e.Apply(ctx, d, o, plan)
}

func (e *Environment) commitPackages(p *packages) error {
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	return project.CommitFiles(root, p.changes)
}
