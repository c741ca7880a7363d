package session

import (
	"context"
	"errors"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/volumes"
)

// PruneTrees removes the node_modules volumes of the project but those that are
// in use, wanted, or among the keep that this or another checkout used last; and
// with caches also what package managers have downloaded. It returns what it removed.
func (e *Environment) PruneTrees(ctx context.Context, keep int, withCaches bool) (_ []string, err error) {
	// Between its filling and its first use a volume looks like one that nobody needs.
	lock, err := lockFile(ctx, e.Dir, setupLock, func() {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	listed, caches, err := e.listVolumes(ctx)
	if err != nil {
		return nil, err
	}
	removed, err := e.removeSets(ctx, volumes.Prune(listed, keep))
	if err != nil || !withCaches {
		return removed, err
	}
	var names []string
	for _, c := range caches {
		names = append(names, c.Name)
	}
	more, err := e.removeVolumes(ctx, names)
	return append(removed, more...), err
}

// removeSets removes sets of volumes. The first of each goes first: without it the
// others count for nothing, and are found again as what is left of a set.
func (e *Environment) removeSets(ctx context.Context, sets []volumes.Listed) ([]string, error) {
	var removed []string
	for _, l := range sets {
		gone, err := e.removeVolumes(ctx, []string{l.Name})
		if removed = append(removed, gone...); err != nil {
			return removed, err
		}
		if len(gone) == 0 {
			continue // somebody began to use it
		}
		gone, err = e.removeVolumes(ctx, l.Members)
		if removed = append(removed, gone...); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// removeVolumes removes volumes; one that somebody began to use meanwhile stays.
func (e *Environment) removeVolumes(ctx context.Context, names []string) ([]string, error) {
	var removed []string
	for _, name := range names {
		err := e.Engine.RemoveVolume(ctx, name)
		if errors.Is(err, engine.ErrConflict) {
			continue
		}
		if err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// pruneAfter removes what a new volume has made one too many. That it cannot is
// no reason for `up` to fail: the next one tries again.
func (e *Environment) pruneAfter(ctx context.Context, d Desired) {
	m := d.Project.Model
	listed, _, err := e.sharedVolumes(ctx, m.Name, d.Project.Name, d.Volumes, m.KeptVolumes())
	if err != nil {
		return
	}
	_, _ = e.removeSets(ctx, volumes.Prune(listed, m.KeptVolumes()))
}
