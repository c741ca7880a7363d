package session

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// Status is the environment at one time. Its JSON form is `status --json`.
type Status struct {
	Project  string `json:"project"`
	Dir      string `json:"dir"`
	Watching bool   `json:"watching"`
	// Watch is how whoever watches does that, once it is known.
	Watch *Watched `json:"watch,omitempty"`
	// Unapplied is the last change, where that could not be applied.
	Unapplied *Unapplied      `json:"unapplied,omitempty"`
	Services  []ServiceStatus `json:"services"`
}

// ServiceStatus is one service at one time.
type ServiceStatus struct {
	Name string `json:"name"`
	// State is an AppState, or the container's state where no supervisor reports.
	State    string `json:"state"`
	Health   string `json:"health,omitempty"`
	URL      string `json:"url,omitempty"`
	Restarts int    `json:"restarts"`
	Volume   string `json:"volume,omitempty"`
	// Code is the exit status of an app that ended by itself, or of the last run of one
	// that the engine restarts.
	Code      *int   `json:"code,omitempty"`
	Container string `json:"container,omitempty"`
	Node      string `json:"node,omitempty"`
	// Image is what a service runs that is no app of the project.
	Image string `json:"image,omitempty"`
	Port  int    `json:"port,omitempty"`
}

// Running tells whether any service has a running container.
func (s Status) Running() bool {
	for _, svc := range s.Services {
		if svc.Container != "" && svc.State != string(AppStopped) {
			return true
		}
	}
	return false
}

// Status asks the engine how the project's services are. It writes nothing. p is
// nil where the folder cannot be read; then compose.yaml alone says what there is.
func (e *Environment) Status(ctx context.Context, p *project.Project, c *project.Compose) (Status, error) {
	st := Status{Project: c.Name, Dir: e.Dir, Unapplied: LastUnapplied(e.Dir)}
	list, err := e.ownContainers(ctx, c.Name)
	if err != nil {
		return st, err
	}
	byService := map[string]engine.Container{}
	for _, ct := range list {
		if !ct.OneOff {
			byService[ct.Service] = ct
		}
	}
	for _, s := range knownServices(p, c) {
		name := s.Name
		if ct, ok := byService[name]; ok {
			if s, err = e.serviceStatus(ctx, s, ct); err != nil {
				return st, err
			}
			s.Volume = ct.Volumes[project.ModulesPlace(c, name)]
		}
		if s.State == string(AppStopped) {
			s.URL = ""
		}
		st.Services = append(st.Services, s)
	}
	return st, nil
}

// knownServices are the services before anything is known of their containers.
func knownServices(p *project.Project, c *project.Compose) []ServiceStatus {
	var list []ServiceStatus
	if p == nil {
		for _, name := range slices.Sorted(maps.Keys(c.Services)) {
			m := project.Service{Name: name, Port: renderedPort(c, name)}
			list = append(list, ServiceStatus{Name: name, State: string(AppStopped), Port: m.Port, URL: ServiceURL(c, m)})
		}
		return list
	}
	for _, name := range p.ServiceNames(c) {
		if _, err := c.GetService(name); err != nil && c.Name == project.ProdName(p.Name) {
			continue // it has no production side
		}
		s := ServiceStatus{Name: name, State: string(AppStopped)}
		if m, ok := p.Model.Service(name); ok {
			s.Node, s.Port, s.URL = m.Node, m.Port, ServiceURL(c, m)
		} else {
			s.Image = c.Services[name].Image
			if b, _ := p.Model.BackingService(name); b.Page() != 0 {
				s.Port = b.Page()
				s.URL = ServiceURL(c, project.Service{Name: name, Port: s.Port})
			}
		}
		list = append(list, s)
	}
	return list
}

// renderedPort is the port that devbox has told an app to listen on; 0 for
// services that it has not rendered.
func renderedPort(c *project.Compose, service string) int {
	value := c.Services[service].Environment["PORT"]
	if value == nil {
		return 0
	}
	port, _ := strconv.Atoi(*value)
	return port
}

func (e *Environment) serviceStatus(ctx context.Context, s ServiceStatus, listed engine.Container) (ServiceStatus, error) {
	c, err := e.Engine.Inspect(ctx, listed.ID)
	if err != nil {
		return s, err
	}
	s.URL = publishedURL(c, s)
	s.Container, s.Health = c.Name, c.Health
	if c.State != engine.Running {
		if c.State != engine.Exited && c.State != engine.Created {
			s.State = string(c.State)
		}
		if c.State == engine.Restarting {
			s.Restarts, s.Code = c.Restarts, &c.ExitCode
		}
		return s, nil
	}
	s.State = string(engine.Running)
	if dir := c.Labels[engine.LabelWorkingDir]; dir != "" && dir != e.Dir {
		// The folder was moved: to read from the container would make the engine
		// make the old one anew, because it looks at the mounts first.
		return s, nil
	}
	r, ok := e.lastRecord(ctx, c)
	if !ok {
		s.Restarts = c.Restarts
		return s, nil
	}
	s.take(r)
	return s, nil
}

// take takes in the record that the service's supervisor wrote last.
func (s *ServiceStatus) take(r record) {
	a := app{service: s.Name, port: s.Port, state: AppRunning}
	a.on(r, time.Time{})
	s.Restarts = r.Restarts
	switch {
	case r.Kind == recordExited && r.Expected:
		a.state = AppRestarting
	case a.state == AppRunning && s.Port != 0 && r.Kind != recordClosed && r.Kind != recordUnsupported:
		a.state = AppStarting
	case a.down():
		s.Code = &r.Code
	}
	s.State = string(a.state)
}

// URL is where a service of the model answers; it is empty where that does not
// run, or has no port.
func (e *Environment) URL(ctx context.Context, p *project.Project, s project.Service) (string, error) {
	list, err := e.ownContainers(ctx, p.Name)
	if err != nil {
		return "", err
	}
	c, ok := runningContainer(list, s.Name)
	if !ok {
		return "", nil
	}
	return publishedURL(c, ServiceStatus{Port: s.Port}), nil
}

// publishedURL is where a running container answers: variables may have been
// others when it was started.
func publishedURL(c engine.Container, s ServiceStatus) string {
	for _, p := range c.Ports {
		if p.Container == s.Port && p.Host != 0 && s.Port != 0 {
			return project.PublishedPort{HostIP: p.HostIP, Host: p.Host}.URL()
		}
	}
	return s.URL
}

// lastRecord reads the record that a container's supervisor wrote last. One that is
// left from a run before this one, which was killed, tells nothing.
func (e *Environment) lastRecord(ctx context.Context, c engine.Container) (record, bool) {
	for _, name := range project.SupervisorStates {
		if f, err := e.Engine.ReadFile(ctx, c.ID, name); err == nil {
			r, ok := parseRecord(strings.TrimSpace(string(f.Data)))
			return r, ok && !leftOver(f.Modified, c.StartedAt)
		}
	}
	return record{}, false
}

// leftOver tells whether what was written at a time is of a run before the one that
// started then. An engine may note the start a moment late.
func leftOver(written, started time.Time) bool {
	const moment = 2 * time.Second
	return !started.IsZero() && written.Before(started.Add(-moment))
}
