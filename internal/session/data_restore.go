package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// VersionError says that a snapshot's data are of another version than the
// service that would get them.
type VersionError struct {
	Snapshot string
	Was, Now DataVolume
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("snapshot %q has data of %s for %s, which is %s now", e.Snapshot, e.Was.Release(), e.Now.Service, e.Now.Release())
}

// Hint says how to get at them.
func (e *VersionError) Hint() string {
	return fmt.Sprintf("set %s back to that version in devbox.yaml, restore, and move the data over with the database's own tools", e.Now.Service)
}

// Unwrap is ErrDataUnusable.
func (e *VersionError) Unwrap() error { return ErrDataUnusable }

// Release is the program that wrote the data, and its version.
func (v DataVolume) Release() string {
	switch {
	case v.Kind != "":
		return strings.TrimSpace(v.Kind + " " + v.Version)
	case v.Version == "":
		return v.Image
	}
	return imageName(v.Image) + " " + v.Version
}

// matchData finds the volumes of the project that a snapshot's data belong into.
// left are those services of the snapshot that the project has no more.
func matchData(s Snapshot, have []DataVolume) (into []DataVolume, left []string, err error) {
	for _, was := range s.Data {
		found := false
		for _, now := range have {
			if now.Service != was.Service || now.Key != was.Key {
				continue
			}
			if !fits(was, now) {
				return nil, nil, &VersionError{s.Name, was, now}
			}
			into, found = append(into, now), true
		}
		if !found {
			left = append(left, was.Service)
		}
	}
	return into, left, nil
}

// RestoreSnapshot gives the services the data of a snapshot in place of what they
// have. It returns the services that got some. However it ends, all of them have
// their old data or all have the snapshot's: what was interrupted, the next
// command finishes or takes back.
func (e *Environment) RestoreSnapshot(ctx context.Context, name string) ([]string, error) {
	var done []string
	lenient := *e
	lenient.LostPasswords = true // the snapshot has them
	err := lenient.changeData(ctx, func(ctx context.Context, c *dataChange) error {
		list, err := e.Snapshots(ctx, c.desired.Compose.Name)
		if err != nil {
			return err
		}
		s, err := FindSnapshot(list, name)
		if err != nil {
			return err
		}
		data, left, err := matchData(s, dataVolumes(c.desired))
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return ErrNoData
		}
		for _, service := range left {
			e.Emit(Event{Kind: Warned, Service: service, Text: "the project has no such service any more; its data in the snapshot are left out"})
		}
		done = servicesOf(data)
		return c.replace(ctx, s, data)
	})
	return done, err
}

// replace exchanges the content of volumes for that of a snapshot.
func (c *dataChange) replace(ctx context.Context, s Snapshot, data []DataVolume) error {
	if err := c.checkForms(data); err != nil {
		return err
	}
	if err := c.stop(ctx, data); err != nil {
		return err
	}
	image, err := c.helperImage(ctx, c.desired, data)
	if err != nil {
		return err
	}
	name := c.desired.Compose.Name
	if err := c.makeMissing(ctx, data); err != nil {
		return err
	}
	record := recordOf(s, data)
	if err := c.createData(ctx, name, intentName(name), dataIntent, record); err != nil {
		return err
	}
	if _, err := c.runDataTask(ctx, stageTask(name, image, s, data)); err != nil {
		c.takeBack(ctx, image, record)
		return err
	}
	if err := c.createData(ctx, name, commitName(name), dataCommit, record); err != nil {
		c.takeBack(ctx, image, record)
		return err
	}
	c.changed = true
	// From here on there is only one way, and half of it must not be used.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTime)
	defer cancel()
	if err := c.finish(ctx, image, record, data); err != nil {
		c.stopped = false
		return &unfinishedError{err}
	}
	return nil
}

// finish carries a restore out that is decided. It can be ended and run again.
func (c *dataChange) finish(ctx context.Context, image string, r restoreRecord, data []DataVolume) error {
	name := c.desired.Compose.Name
	if err := c.exchange(ctx, name, image, r); err != nil {
		return err
	}
	// What a version noted before has read, this one did too; and it may be newer.
	if err := c.noteVersions(ctx, c.desired, servicesOf(data)); err != nil {
		return err
	}
	if err := c.afterRestore(ctx, data); err != nil {
		return err
	}
	return c.forgetRestore(ctx, name)
}

// afterRestore makes migrations run again on the data that services have now. No
// seed does: such data are not new, whoever made their volumes.
func (c *dataChange) afterRestore(ctx context.Context, data []DataVolume) error {
	if err := c.look(ctx); err != nil {
		return err
	}
	if err := c.forgetSteps(ctx, data); err != nil {
		return err
	}
	services := servicesOf(data)
	for _, s := range c.desired.Project.Model.Services {
		if len(s.Seed) == 0 || !slices.ContainsFunc(s.Needs, func(n string) bool { return slices.Contains(services, n) }) {
			continue
		}
		identity, err := c.dataIdentity(ctx, c.desired, Observed{}, s.Name)
		if err != nil {
			return err
		}
		if err := c.noteSeeded(ctx, c.desired, s.Name, identity); err != nil {
			return err
		}
	}
	return nil
}

// OtherDataError says that a volume is marked for data of another version than
// it would get.
type OtherDataError struct{ Service, Volume, Has, Gets string }

func (e *OtherDataError) Error() string {
	return fmt.Sprintf("service %q (volume %s) has data of version %s, and the snapshot is of %s", e.Service, e.Volume, e.Has, e.Gets)
}

// Hint says how to make room.
func (e *OtherDataError) Hint() string {
	return fmt.Sprintf("`devbox db reset %s` makes room for it; a snapshot keeps the other data", e.Service)
}

// Unwrap is ErrDataUnusable.
func (e *OtherDataError) Unwrap() error { return ErrDataUnusable }

// checkForms makes sure that no volume gets data of another version than its
// label says.
func (c *dataChange) checkForms(data []DataVolume) error {
	for _, v := range data {
		now := project.Backing{Use: v.Kind, Version: v.Version}
		if has := versionInUse(slices.Collect(maps.Values(c.there)), c.there[v.Volume]); v.Kind != "" && has != "" && !now.Reads(has) {
			return &OtherDataError{v.Service, v.Volume, has, v.Version}
		}
	}
	return nil
}
