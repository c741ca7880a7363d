package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// NotRunningError says that a service has no running container, or that none of a
// side has.
type NotRunningError struct {
	Service string
	Mode    project.Mode
}

func (e *NotRunningError) Error() string {
	switch {
	case e.Service != "":
		return fmt.Sprintf("service %q is not running", e.Service)
	case e.Mode == project.Prod:
		return "production is not running"
	}
	return "the environment is not running"
}

// Hint says how to start it.
func (e *NotRunningError) Hint() string {
	if e.Mode == project.Prod {
		return "start it with `devbox prod up`"
	}
	return "start it with `devbox up`"
}

// RestartServices restarts the apps of services, one after the other, and waits
// until each is ready again.
func (e *Environment) RestartServices(ctx context.Context, p *project.Project, services []string, patience time.Duration) error {
	w := newWords(e.Engine)
	defer w.close()
	for _, name := range services {
		if err := e.restartService(ctx, w, p, name, patience); err != nil {
			return err
		}
	}
	return nil
}

// errReplaced says that a container was replaced by a new one meanwhile.
var errReplaced = errors.New("the container was replaced")

// restartService restarts one service. While its container is being replaced,
// it waits for the new one.
func (e *Environment) restartService(ctx context.Context, w *words, p *project.Project, name string, patience time.Duration) error {
	const tries = 5
	s, _ := p.Model.Service(name)
	for n := 1; ; n++ {
		list, err := e.ownContainers(ctx, p.Name)
		if err != nil {
			return err
		}
		c, ok := runningContainer(list, name)
		if !ok {
			return &NotRunningError{Service: name}
		}
		if _, supervised := e.lastRecord(ctx, c); !supervised && !e.gone(ctx, c.ID) {
			return e.Engine.Restart(ctx, p.Model.Name, nil, []string{name}, nil)
		}
		if err = e.restartOne(ctx, w, c, s, patience); !errors.Is(err, errReplaced) || n == tries {
			return err
		}
		// Whoever replaces it holds the lock until that is done.
		lock, err := lockFile(ctx, e.Dir, setupLock, func() {})
		if err != nil {
			return err
		}
		if err := lock.Release(); err != nil {
			return err
		}
	}
}

func runningContainer(list []engine.Container, service string) (engine.Container, bool) {
	for _, c := range list {
		if c.Service == service && !c.OneOff && c.State == engine.Running {
			return c, true
		}
	}
	return engine.Container{}, false
}

// restartOne asks and then reads the supervisor's state until it answers to
// this very word.
func (e *Environment) restartOne(ctx context.Context, w *words, c engine.Container, s project.Service, patience time.Duration) error {
	waitCtx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a := app{service: s.Name, port: s.Port, container: c, pending: &restart{id: w.id(), seen: time.Now()}}
	id, err := w.say(ctx, c.ID, "restart", a.pending.id)
	if err != nil {
		return err
	}
	a.pending.id = id
	const interval = 20 * time.Millisecond
	for last := (record{}); ; {
		r, ok := e.lastRecord(ctx, c)
		if !ok && e.gone(ctx, c.ID) {
			return errReplaced
		}
		if ok && r.ID == id && r != last {
			last = r
			for _, event := range a.on(r, time.Now()) {
				e.Emit(event)
			}
			switch {
			case a.down():
				return &NotReadyError{Service: s.Name, Text: a.ending(), Last: e.lastLines(ctx, c)}
			case a.settled():
				return nil
			}
		}
		select {
		case <-waitCtx.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return a.notBack(patience, e.lastLines(ctx, c))
		case <-time.After(interval):
		}
		for _, event := range a.silent(time.Now()) {
			e.Emit(event)
		}
	}
}

// notBack is the error of an app that is not ready again in time; last is what it
// printed.
func (a *app) notBack(patience time.Duration, last []string) error {
	e := &NotReadyError{Service: a.service, Text: fmt.Sprintf("did not restart within %s", patience), Last: last}
	if a.state == AppRunning && a.port != 0 {
		e.Text = fmt.Sprintf("was restarted, and does not listen on port %d within %s", a.port, patience)
		e.Remedy = silentHint
	}
	return e
}

// gone tells whether a container does not run any more.
func (e *Environment) gone(ctx context.Context, id string) bool {
	c, err := e.Engine.Inspect(ctx, id)
	return errors.Is(err, engine.ErrNotFound) || err == nil && c.State != engine.Running
}

// TakeDown removes the containers and networks of a Compose project, those of
// one-offs included, and with volumes also every volume that it made, but those
// with packages that other checkouts use or keep.
func (e *Environment) TakeDown(ctx context.Context, name string, withVolumes bool) error {
	if _, err := e.ownContainers(ctx, name); err != nil {
		return err
	}
	err := e.Engine.Down(ctx, name, nil, withVolumes, func(p engine.Progress) {
		e.Emit(Event{Kind: Creating, Text: p.What + " " + p.Text, Done: p.Done})
	})
	if err == nil {
		e.forgetUnapplied()
	}
	if err != nil || !withVolumes {
		return err
	}
	if err := e.forgetData(ctx, name); err != nil {
		return err
	}
	return e.removeShared(ctx, name)
}

// removeShared removes what a checkout has shared with others of its project and
// no other one has or keeps, and gives up its name. Of the production side there
// is nothing.
func (e *Environment) removeShared(ctx context.Context, name string) error {
	claims, err := e.claims(ctx, name)
	if err != nil || len(claims) == 0 {
		return err
	}
	repository := claims[0].Project
	listed, caches, err := e.sharedVolumes(ctx, repository, name, nil, project.DefaultKeep)
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(listed, func(l volumes.Listed) bool { return l.Others })
	if _, err := e.removeSets(ctx, own); err != nil {
		return err
	}
	others, err := e.others(ctx, repository)
	if err != nil {
		return err
	}
	var names []string
	if len(others) == 0 {
		for _, c := range caches {
			names = append(names, c.Name)
		}
	}
	if _, err := e.removeVolumes(ctx, names); err != nil {
		return err
	}
	return e.release(ctx, name)
}

// LogsOptions choose whose output is read, and which.
type LogsOptions struct {
	// Services are those whose output is read; none means all.
	Services []string
	Log      engine.LogOptions
	// Mode is the side that is read.
	Mode project.Mode
}

// Logs hands the output of a project's containers on, line by line, until it
// ends or ctx does. It reports false where there are no containers.
func (e *Environment) Logs(ctx context.Context, name string, o LogsOptions, listen func(...Event)) (bool, error) {
	list, err := e.ownContainers(ctx, name)
	if err != nil {
		return false, err
	}
	chosen, err := chooseContainers(list, o)
	if err != nil || len(chosen) == 0 {
		return false, err
	}
	q := newQueue(time.Now, listen)
	defer q.close()
	var wg sync.WaitGroup
	errs := make([]error, len(chosen))
	for i, c := range chosen {
		wg.Go(func() {
			f := follower{service: c.Service, container: c, tail: o.Log.Tail, once: !o.Log.Follow}
			errs[i] = f.run(ctx, e.Engine, q.emit, nil)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

func chooseContainers(list []engine.Container, o LogsOptions) ([]engine.Container, error) {
	var chosen []engine.Container
	found := map[string]bool{}
	for _, c := range list {
		if c.OneOff || len(o.Services) > 0 && !slices.Contains(o.Services, c.Service) {
			continue
		}
		found[c.Service] = true
		chosen = append(chosen, c)
	}
	for _, s := range o.Services {
		if !found[s] {
			return nil, &NotRunningError{Service: s, Mode: o.Mode}
		}
	}
	return chosen, nil
}
