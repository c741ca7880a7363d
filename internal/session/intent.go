package session

import (
	"context"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// Wish is what a listener asks a running session for.
type Wish int

// The wishes.
const (
	// WishRestart restarts the apps of services.
	WishRestart Wish = iota
	// WishRebuild builds every image anew and recreates what differs.
	WishRebuild
	// WishStop stops the containers of services and leaves them there. An edit
	// does not start them again.
	WishStop
	// WishStart starts services that were stopped.
	WishStart
	// WishLeave ends the session and leaves the environment running.
	WishLeave
)

// Intent is a wish with the services that it is about; none means all. What
// comes of it is told by events.
type Intent struct {
	Wish     Wish
	Services []string
}

const byHand = "asked for"

// obey does what a listener asked for. It reports true when the session is to
// end and to leave everything running.
func (r *run) obey(ctx context.Context, in Intent) (leave bool) {
	apps := r.chosen(in.Services)
	switch in.Wish {
	case WishRestart:
		for _, a := range apps {
			delete(r.held, a.service)
			r.restart(ctx, a, nil, byHand, r.opts.Now())
		}
	case WishRebuild:
		clear(r.held)
		r.rebuild()
	case WishStop:
		r.hold(apps)
	case WishStart:
		r.unhold(apps)
	case WishLeave:
		return true
	}
	return false
}

// chosen are the apps of the named services, in the model's order.
func (r *run) chosen(services []string) []*app {
	var list []*app
	for _, name := range r.serviceNames() {
		if a := r.apps[name]; a != nil && (len(services) == 0 || slices.Contains(services, name)) {
			list = append(list, a)
		}
	}
	return list
}

// serviceNames are the services of the model, and then those that only the
// Compose files have.
func (r *run) serviceNames() []string { return r.desired.Project.ServiceNames(r.desired.Compose) }

// rebuild converges with every image built anew. While another converge is
// under way it would build the same twice, so it waits for that one.
func (r *run) rebuild() {
	if r.converging {
		r.env.Emit(Event{Kind: Warned, Text: "the environment is being set up already", Hint: "ask again when that is done"})
		return
	}
	r.converging = true
	ctx, giveUp := context.WithCancel(r.background)
	r.giveUp = giveUp
	out := outcome{seen: r.opts.Now(), before: map[string]string{}}
	for name, a := range r.apps {
		out.before[name] = a.container.ID
	}
	r.tasks.start(func() {
		defer giveUp()
		out.desired, out.err = r.env.Converge(ctx, project.Dev, PlanOptions{Start: true, Rebuild: true})
		select {
		case r.converged <- out:
		case <-r.background.Done():
		}
	})
}

// hold stops services until they are asked for again.
func (r *run) hold(apps []*app) {
	names := make([]string, 0, len(apps))
	for _, a := range apps {
		if a.container.State != engine.Running {
			continue
		}
		r.held[a.service] = true
		names = append(names, a.service)
		r.env.Emit(Event{Kind: Stopping, Service: a.service, Text: byHand})
	}
	if len(names) == 0 {
		return
	}
	compose := r.desired.Compose
	r.tasks.start(func() {
		if err := r.env.Engine.StopServices(r.background, compose.Name, compose, names, nil); err != nil && r.background.Err() == nil {
			r.env.Emit(failure("", err))
		}
	})
}

// unhold starts services that do not run: containers that are there as they
// are, others by a converge.
func (r *run) unhold(apps []*app) {
	var names []string
	for _, a := range apps {
		delete(r.held, a.service)
		switch {
		case a.container.State == engine.Running:
		case a.container.ID == "":
			r.converge(nil, r.opts.Now())
			return
		default:
			names = append(names, a.service)
			r.env.Emit(Event{Kind: Restarting, Service: a.service, Text: byHand})
		}
	}
	if len(names) == 0 {
		return
	}
	compose := r.desired.Compose
	r.restarts.Add(1)
	r.tasks.start(func() {
		defer r.restarts.Done()
		// The engine's word for starting a container that has stopped is restart, too.
		err := r.env.Engine.Restart(r.background, compose.Name, compose, names, nil)
		if err != nil && r.background.Err() == nil {
			r.env.Emit(failure("", err))
		}
	})
}

// heldDown tells whether a service was stopped on purpose and still is.
func (r *run) heldDown(a *app) bool {
	return r.held[a.service] && a.container.State != engine.Running
}
