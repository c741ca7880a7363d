package session

import (
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// healthStarting is what the engine says of a container before its first check.
const healthStarting = "starting"

// adoptCompanions makes an app of every service that only the Compose files
// have, such as a database: its output is shown and its state, and an edit of
// the source is none of its business.
func (r *run) adoptCompanions() {
	for _, name := range r.serviceNames() {
		if r.apps[name] == nil {
			r.apps[name] = &app{service: name, state: AppUnknown, companion: true, plain: true}
		}
		if b, _ := r.desired.Project.Model.BackingService(name); b.Page() != 0 {
			r.apps[name].url = ServiceURL(r.desired.Compose, project.Service{Name: name, Port: b.Page()})
		}
	}
}

// seeCompanion takes in what the engine shows of a companion's container.
func (a *app) seeCompanion(c engine.Container) []Event {
	before, was := a.container, a.state
	a.container = c
	switch {
	case c.State == engine.Running && c.Health == healthStarting:
		a.state = AppStarting
	case c.State == engine.Running:
		a.state = AppRunning
	case c.State != engine.Created:
		a.state = AppStopped
	}
	restarted := before.ID != c.ID || !before.StartedAt.Equal(c.StartedAt)
	switch {
	case a.state == AppRunning && (was != AppRunning || restarted):
		return []Event{{Kind: Ready, Service: a.service, URL: a.url}}
	case a.state == AppStopped && before.State == engine.Running && before.ID == c.ID:
		code := c.ExitCode
		return []Event{{Kind: Exited, Service: a.service, Code: &code}}
	}
	return nil
}
