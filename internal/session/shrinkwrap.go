package session

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// NoShrinkwrapError says why a lock cannot become a shrinkwrap.
type NoShrinkwrapError struct{ Text, Remedy string }

func (e *NoShrinkwrapError) Error() string { return e.Text }

// Hint says what to do.
func (e *NoShrinkwrapError) Hint() string { return e.Remedy }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *NoShrinkwrapError) ProjectInvalid() bool { return true }

// Shrinkwrap makes npm-shrinkwrap.json of package-lock.json, by npm itself and
// with the scripts that package.json has for that, on a copy; then the folder
// gets the one and loses the other. It returns what changed between the two,
// which is something only where a script changed it. It is about the lock of the
// package that a service runs in.
func (e *Environment) Shrinkwrap(ctx context.Context, service string) (*lockfile.Changes, error) {
	p, err := project.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	s, _ := p.Model.Service(service)
	k := p.PackageOf(s)
	// One that was killed between the two files is brought to its end.
	if removed, err := k.RemoveDoubleLock(); removed || err != nil {
		return &lockfile.Changes{}, errors.Join(err, e.renderAnew())
	}
	if _, err := shrinkable(k); err != nil {
		return nil, err
	}
	d, err := e.Converge(ctx, project.Dev, PlanOptions{Lenient: true})
	if err != nil {
		return nil, err
	}
	k = d.Project.PackageOf(s)
	was, err := shrinkable(k)
	if err != nil {
		return nil, err
	}
	made, err := e.runShrinkwrap(ctx, d, service)
	if err != nil {
		return nil, err
	}
	now, err := lockfile.Parse(project.Shrinkwrap, made)
	if err != nil {
		return nil, err
	}
	if err := k.ReplaceLock(k.Dependencies.Lock, made); err != nil {
		return nil, err
	}
	return lockfile.Diff(was, now), e.renderAnew()
}

// renderAnew brings the rendered files up to date: they name the lock.
func (e *Environment) renderAnew() error {
	p, err := project.Open(e.Dir)
	if err == nil {
		_, err = e.render(p)
	}
	return err
}

// shrinkable reads the lock that is to become a shrinkwrap.
func shrinkable(k *project.Package) (*lockfile.Lock, error) {
	l, err := governing(k)
	if err != nil {
		return nil, err
	}
	if l.Format.Manager() != "npm" {
		return nil, &NoShrinkwrapError{Text: "a shrinkwrap is npm's, and this project's lock is " + l.File}
	}
	if l.File != project.Shrinkwrap {
		return l, k.CheckLock()
	}
	e := &NoShrinkwrapError{Text: "the lock is a shrinkwrap already: npm-shrinkwrap.json"}
	for _, f := range k.Facts.Locks {
		if f.Name == project.PackageLock {
			e.Remedy = "package-lock.json is there too, differs from it, and counts for nothing: remove one of them"
		}
	}
	return nil, e
}

// runShrinkwrap runs npm on a copy and gives the shrinkwrap.
func (e *Environment) runShrinkwrap(ctx context.Context, d Desired, service string) ([]byte, error) {
	w := d.Volumes[slices.IndexFunc(d.Volumes, func(w volumes.Wanted) bool { return w.Service == service })]
	exact := d
	exact.Project = d.Project.Frozen()
	in, err := installOf(exact, w)
	if err != nil {
		return nil, err
	}
	in.WholeFolder = true // scripts of the project may use any of its files
	s := volumes.Step{Wanted: w}
	extra, err := installTree(d, s, in)
	if err != nil {
		return nil, err
	}
	cache := volumes.CacheName(d.Project.Model.Name, in.Manager, s.User)
	if err := e.createCache(ctx, d, cache, in.Manager); err != nil {
		return nil, err
	}
	modules := ""
	if done, err := e.isComplete(ctx, d, w, w.Name); err == nil && done {
		modules = w.Name
	}
	e.Emit(Event{Kind: Installing, Service: s.Service, Text: "npm shrinkwrap"})
	var collected map[string][]byte
	t := volumes.ShrinkwrapTask(d.Project.Name, s, in, cache, modules, extra, e.installVars(d, s.Service, in))
	t.Finish = func(c map[string][]byte) ([]engine.TaskFile, error) {
		collected = c
		return nil, nil
	}
	err = e.runTask(ctx, t, func(line string) {
		e.Emit(Event{Kind: Installing, Service: s.Service, Text: line, Output: true})
	})
	if err != nil {
		return nil, err
	}
	made := collected[path.Join(in.Dir, project.Shrinkwrap)]
	if made == nil {
		return nil, errors.New("npm has made no npm-shrinkwrap.json")
	}
	if !bytes.Equal(collected[path.Join(in.Dir, "package.json")], packageOf(d, w).Dependencies.Package) {
		e.Emit(Event{Kind: Warned, Service: s.Service, Text: "a script has changed package.json; that is not taken over"})
	}
	return made, nil
}
