package session

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
)

// ResetData removes the data of services; no names mean all that keep data. What
// ran runs again afterwards: with empty data, so migrations and seeds run. It
// returns the services that it was about.
func (e *Environment) ResetData(ctx context.Context, services []string) ([]string, error) {
	var done []string
	err := e.changeData(ctx, func(ctx context.Context, c *dataChange) error {
		data, err := chooseData(dataVolumes(c.desired), services)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return ErrNoData
		}
		done = servicesOf(data)
		return c.empty(ctx, data)
	})
	return done, err
}

// empty removes volumes, and first the containers that have them.
func (c *dataChange) empty(ctx context.Context, data []DataVolume) error {
	if err := c.stop(ctx, data); err != nil {
		return err
	}
	if err := c.forgetSteps(ctx, data); err != nil {
		return err
	}
	for _, have := range c.containers {
		mounts := slices.ContainsFunc(data, func(v DataVolume) bool { return slices.Contains(slices.Collect(maps.Values(have.Volumes)), v.Volume) })
		if have.OneOff || !mounts {
			continue
		}
		if err := c.Engine.Remove(ctx, have.ID); err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
	}
	c.changed = true
	for _, v := range data {
		if _, ours := c.there[v.Volume]; !ours {
			continue // not made yet, or another project's
		}
		if err := c.Engine.RemoveVolume(ctx, v.Volume); err != nil {
			return err
		}
	}
	return nil
}

// ResetLost removes data that nobody knows the password of. No container is there
// that has it, else the password would be known.
func (e *Environment) ResetLost(ctx context.Context, lost *PasswordLostError) (err error) {
	lock, err := e.lockSetup(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	return e.Engine.RemoveVolume(ctx, lost.Volume)
}

// DataServices lists the services of the project that keep data, for a question
// before they are destroyed; an UnknownServiceError says that one does not.
func DataServices(d Desired, services []string) ([]string, error) {
	data, err := chooseData(dataVolumes(d), services)
	return servicesOf(data), err
}
