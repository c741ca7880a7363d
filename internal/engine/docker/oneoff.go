package docker

import (
	"context"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"

	"github.com/devbox-node/devbox/internal/engine"
)

// RunOneOff runs a command in a container of a service of its own, connected
// to the client's streams, and returns its exit status. The container is
// removed when the command ends. Signals that reach this process go on to the
// command: the SDK takes the process's signal handlers over for that time.
func (c *Client) RunOneOff(ctx context.Context, p *types.Project, o engine.OneOff) (int, error) {
	svc, err := c.composeService(nil)
	if err != nil {
		return 0, err
	}
	p, err = withoutBuilds(p)
	if err != nil {
		return 0, err
	}
	code, err := svc.RunOneOffContainer(ctx, p, api.RunOptions{
		CreateOptions: api.CreateOptions{IgnoreOrphans: true, QuietPull: true},
		Project:       p,
		Service:       o.Service,
		Command:       o.Command,
		Environment:   o.Env,
		User:          o.User,
		CapAdd:        o.CapAdd,
		Labels:        o.Labels,
		Tty:           o.TTY,
		Interactive:   o.Stdin,
		AutoRemove:    true,
		NoDeps:        o.NoDeps,
	})
	c.forget(context.WithoutCancel(ctx), p.Name, o.Labels[engine.LabelOwner])
	return code, translate("run in service "+quote(o.Service), err)
}

// forget removes what is left of a one-off: the engine removes the container
// by itself, but not one that was never started because something failed.
func (c *Client) forget(ctx context.Context, project, owner string) {
	if owner == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	list, err := c.list(ctx, engine.LabelOwner+"="+owner)
	if err != nil {
		return
	}
	for _, ct := range list {
		if ct.Project == project && ct.State == engine.Created {
			_ = c.Remove(ctx, ct.ID)
		}
	}
}

// stopTime is how long a task that is being cancelled may take to end, and the
// removal of what is left of a one-off.
const stopTime = 5 * time.Second
