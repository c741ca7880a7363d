package docker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/docker/compose/v5/pkg/compose"

	"github.com/devbox-node/devbox/internal/engine"
)

// composeService makes an instance of the Compose SDK whose progress goes to
// the given function.
func (c *Client) composeService(progress func(engine.Progress)) (api.Compose, error) {
	return compose.NewComposeService(c.cli,
		compose.WithEventProcessor(&composeProgress{progress: progress}),
		// The one thing that Up asks is whether a volume whose definition changed
		// may be made anew; data must never be lost to a default answer.
		compose.WithPrompt(func(string, bool) (bool, error) { return false, nil }),
	)
}

// Up creates and starts what the project describes, recreates what differs,
// and returns when everything was started. Images must be there: nothing is
// built or pulled but the images of services that are not built.
func (c *Client) Up(ctx context.Context, p *types.Project, progress func(engine.Progress)) error {
	return c.watched(ctx, "start the environment", func(ctx context.Context) error {
		svc, err := c.composeService(progress)
		if err != nil {
			return err
		}
		p, err := withoutBuilds(p)
		if err != nil {
			return err
		}
		return svc.Up(ctx, p, api.UpOptions{
			Create: api.CreateOptions{Services: p.ServiceNames(), Recreate: api.RecreateDiverged, RecreateDependencies: api.RecreateDiverged, IgnoreOrphans: true},
			Start:  api.StartOptions{Project: p, Services: p.ServiceNames()},
		})
	})
}

// RunsAsAsked tells whether containers that were listed are those that Up would
// leave running for the project, by what Compose has noted on them. It is false
// where that cannot be told.
func (c *Client) RunsAsAsked(p *types.Project, containers []engine.Container) bool {
	running := map[string]int{}
	for _, ct := range containers {
		s, asked := p.Services[ct.Service]
		if !asked || ct.OneOff || ct.Project != p.Name {
			continue
		}
		hash, err := compose.ServiceHash(s)
		if err != nil || ct.State != engine.Running || ct.Labels[api.ConfigHashLabel] != hash {
			return false
		}
		running[ct.Service]++
	}
	for name, s := range p.Services {
		if running[name] != s.GetScale() {
			return false
		}
	}
	return true
}

// withoutBuilds drops the build sections: with the image there, all that
// Compose could do with them is to look for a builder that we do not use.
func withoutBuilds(p *types.Project) (*types.Project, error) {
	return p.WithServicesTransform(func(_ string, s types.ServiceConfig) (types.ServiceConfig, error) {
		s.Build = nil
		return s, nil
	})
}

// Down stops and removes the project's containers, one-offs included, and its
// networks; volumes too if told so. Nothing there is no error.
func (c *Client) Down(ctx context.Context, project string, p *types.Project, volumes bool, progress func(engine.Progress)) error {
	return c.watched(ctx, "take the environment down", func(ctx context.Context) error {
		svc, err := c.composeService(progress)
		if err != nil {
			return err
		}
		return svc.Down(ctx, project, api.DownOptions{RemoveOrphans: true, Project: p, Volumes: volumes})
	})
}

// Stop stops the project's containers and leaves them there: those of its services,
// or all where p is nil. grace is how long each may take before it is killed; nil
// means what the project says. Nothing there is no error.
func (c *Client) Stop(ctx context.Context, project string, p *types.Project, grace *time.Duration, progress func(engine.Progress)) error {
	return c.watched(ctx, "stop the environment", func(ctx context.Context) error {
		svc, err := c.composeService(progress)
		if err != nil {
			return err
		}
		err = svc.Stop(ctx, project, api.StopOptions{Project: p, Timeout: grace})
		if errors.Is(err, api.ErrNotFound) {
			return nil
		}
		return err
	})
}

// StopServices stops the containers of services and leaves them there.
func (c *Client) StopServices(ctx context.Context, project string, p *types.Project, services []string, progress func(engine.Progress)) error {
	return c.watched(ctx, "stop services", func(ctx context.Context) error {
		svc, err := c.composeService(progress)
		if err != nil {
			return err
		}
		return svc.Stop(ctx, project, api.StopOptions{Project: p, Services: services})
	})
}

// Restart restarts the containers of services, for those that have no supervisor.
func (c *Client) Restart(ctx context.Context, project string, p *types.Project, services []string, progress func(engine.Progress)) error {
	return c.watched(ctx, "restart", func(ctx context.Context) error {
		svc, err := c.composeService(progress)
		if err != nil {
			return err
		}
		return svc.Restart(ctx, project, api.RestartOptions{Project: p, Services: services, NoDeps: true})
	})
}

// composeProgress hands the SDK's events on. The SDK tells some of them twice.
type composeProgress struct {
	progress func(engine.Progress)

	mu   sync.Mutex
	last map[string]string
}

func (p *composeProgress) Start(context.Context, string) {}
func (p *composeProgress) Done(string, bool)             {}

func (p *composeProgress) On(events ...api.Resource) {
	if p.progress == nil {
		return
	}
	for _, e := range events {
		text := e.Text
		if e.Details != "" && e.Status == api.Error {
			text += ": " + oneLine(e.Details)
		}
		if p.isNews(e.ID, text) {
			p.progress(engine.Progress{What: e.ID, Text: text, Done: e.Status != api.Working})
		}
	}
}

func (p *composeProgress) isNews(id, text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last[id] == text {
		return false
	}
	if p.last == nil {
		p.last = map[string]string{}
	}
	p.last[id] = text
	return true
}

// ignoreMissing drops the errors that say that something is not there.
func ignoreMissing(err error) error {
	if errors.Is(err, engine.ErrNotFound) || errors.Is(err, engine.ErrImageNotFound) {
		return nil
	}
	return err
}
