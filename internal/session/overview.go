package session

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Overview is a session's environment at one time: what a screen shows beside
// the events. It shares nothing with the session.
type Overview struct {
	Project  string
	Dir      string
	Engine   engine.Info
	Services []ServiceOverview
	// Unapplied is the last change, where that could not be applied.
	Unapplied *Unapplied
}

// ServiceOverview is one service at one time.
type ServiceOverview struct {
	Name string
	// Node is the Node.js version, empty for services that devbox does not render.
	Node  string
	Image string
	State AppState
	// Running says whether the container runs, whatever its app does.
	Running   bool
	Health    string
	StartedAt time.Time
	Port      int
	URL       string
	// Published are the ports on the host, in order.
	Published []engine.Port
	// Volume is the node_modules volume that the folder asks for; InStep says
	// that the container has it.
	Volume string
	InStep bool
	// Held says that it was stopped on purpose.
	Held bool
}

// show tells the listener what there is, if that has changed.
func (r *run) show() {
	if r.opts.Overview == nil {
		return
	}
	o := r.overview()
	if reflect.DeepEqual(o, r.shown) {
		return
	}
	r.shown = o
	r.opts.Overview(o)
}

func (r *run) overview() Overview {
	o := Overview{Project: r.desired.Compose.Name, Dir: r.env.Dir, Engine: r.desired.Info}
	if r.unapplied != nil {
		u := *r.unapplied
		u.Files = slices.Clone(u.Files)
		o.Unapplied = &u
	}
	wanted := map[string]volumes.Wanted{}
	for _, v := range r.desired.Volumes {
		wanted[v.Service] = v
	}
	for _, name := range r.serviceNames() {
		s := ServiceOverview{Name: name, Image: r.desired.Compose.Services[name].Image, Volume: wanted[name].Name, Held: r.held[name], State: AppUnknown}
		if m, ok := r.desired.Project.Model.Service(name); ok {
			s.Node = m.Node
		}
		if a := r.apps[name]; a != nil {
			s.State, s.Port, s.URL = a.state, a.port, a.url
			s.look(a.container, wanted[name].Dir)
		}
		o.Services = append(o.Services, s)
	}
	return o
}

// look takes in what the engine shows of the service's container; dir is the
// folder of its package.
func (s *ServiceOverview) look(c engine.Container, dir string) {
	s.Running, s.Health = c.State == engine.Running, c.Health
	if !s.Running {
		s.Health = ""
		return
	}
	s.StartedAt = c.StartedAt
	s.InStep = s.Volume != "" && c.Volumes[modulesDir(dir)] == s.Volume
	seen := map[int]engine.Port{}
	for _, p := range c.Ports {
		if p.Host != 0 {
			seen[p.Host] = p
		}
	}
	for _, host := range slices.Sorted(maps.Keys(seen)) {
		s.Published = append(s.Published, seen[host])
	}
}

// measure starts to sample what the containers use, if anybody listens.
func (r *run) measure() {
	if r.opts.Samples == nil {
		return
	}
	r.sampler = &sampler{engine: r.env.Engine, now: r.opts.Now, tell: r.opts.Samples}
	r.tasks.start(func() { r.sampler.run(r.background) })
}

// seen passes a snapshot to those beside the loop who need it.
func (r *run) seen(s snapshot) {
	if r.sampler == nil {
		return
	}
	var running []engine.Container
	for _, c := range s {
		if c.State == engine.Running {
			running = append(running, c)
		}
	}
	r.sampler.watch(running)
}
