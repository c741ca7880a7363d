package session

import (
	"cmp"
	"context"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// remind sends the stop signal once more to the backing services that were starting
// when they were told to stop, and have not. Until the server itself runs, a shell is
// the first process of its container, and the kernel drops signals to that one which
// it does not handle: the server would then run until it is killed.
func (r *run) remind(ctx context.Context, told time.Time) {
	list, err := r.env.Engine.Containers(ctx, r.desired.Compose.Name)
	if err != nil {
		return
	}
	for _, c := range list {
		if _, backing := r.desired.Project.Model.BackingService(c.Service); !backing || c.OneOff {
			continue
		}
		if c, err := r.env.Engine.Inspect(ctx, c.ID); err == nil && wasStarting(c, told) {
			_ = r.env.Engine.Signal(ctx, c.ID, cmp.Or(c.StopSignal, "SIGTERM"))
		}
	}
}

// wasStarting tells of a container that runs whether it can have been starting at
// that time.
func wasStarting(c engine.Container, at time.Time) bool {
	const start = 10 * time.Second
	return c.State == engine.Running && at.Sub(c.StartedAt) < start
}
