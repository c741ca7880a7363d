package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// VolumeHeldError says that somebody uses data who is no part of the project, so
// that devbox must not stop it.
type VolumeHeldError struct{ Volume, Container string }

func (e *VolumeHeldError) Error() string {
	return fmt.Sprintf("volume %s is in use by container %s, which is not of this project", e.Volume, e.Container)
}

// Hint says how to go on.
func (e *VolumeHeldError) Hint() string { return "stop it: `docker stop " + e.Container + "`" }

// live tells whether a container's processes are there.
func live(c engine.Container) bool {
	return c.State == engine.Running || c.State == engine.Restarting || c.State == engine.Paused
}

// checkUsers looks for those who use data beside the project's services: its
// one-offs, which are returned, and others, for whom nothing can be done.
func (c *dataChange) checkUsers(ctx context.Context, data []DataVolume) (oneOffs []engine.Container, err error) {
	for _, v := range data {
		users, err := c.Engine.VolumeUsers(ctx, v.Volume)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			switch name := c.desired.Compose.Name; {
			case !live(u) || u.Name == dataContainer(name):
			case u.Project != name:
				return nil, &VolumeHeldError{v.Volume, u.Name}
			case u.OneOff:
				oneOffs = append(oneOffs, u)
			}
		}
	}
	return oneOffs, nil
}

// endOneOff ends a one-off: politely first.
func (c *dataChange) endOneOff(ctx context.Context, one engine.Container) error {
	const interval, patience = 100 * time.Millisecond, 10 * time.Second
	if err := c.Engine.Signal(ctx, one.ID, "SIGTERM"); err != nil && !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	grace, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for grace.Err() == nil {
		if c.gone(grace, one.ID) {
			break
		}
		pause(grace, interval)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := c.Engine.Remove(ctx, one.ID); err != nil && !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	return nil
}
