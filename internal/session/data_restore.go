package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
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

// restoreRecord is what the label of a restore's intent and commit holds.
type restoreRecord struct {
	Snapshot string   `json:"snapshot"`
	Volumes  []string `json:"volumes"` // names on the engine
	Keys     []string `json:"keys"`    // their names in the Compose file
	// Passwords are those that the data have, by the services.
	Passwords map[string]string `json:"passwords,omitempty"`
}

func recordOf(s Snapshot, data []DataVolume) restoreRecord {
	r := restoreRecord{Snapshot: s.Name, Passwords: s.passwords}
	for _, v := range data {
		r.Volumes, r.Keys = append(r.Volumes, v.Volume), append(r.Keys, v.Key)
	}
	return r
}

func (r restoreRecord) data() []DataVolume {
	var list []DataVolume
	for i := range min(len(r.Volumes), len(r.Keys)) {
		list = append(list, DataVolume{Key: r.Keys[i], Volume: r.Volumes[i]})
	}
	return list
}

// RestoreSnapshot gives the services the data of a snapshot in place of what they
// have. It returns the services that got some. However it ends, all of them have
// their old data or all have the snapshot's: what was interrupted, the next
// command finishes or takes back.
func (e *Environment) RestoreSnapshot(ctx context.Context, name string) ([]string, error) {
	var done []string
	err := e.changeData(ctx, func(ctx context.Context, c *dataChange) error {
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
		if has := c.there[v.Volume].Labels[project.LabelMajor]; has != "" && has != v.Version {
			return &OtherDataError{v.Service, v.Volume, has, v.Version}
		}
	}
	return nil
}

// exchangeTime is ample for renaming a few dozen files and removing the old data.
const exchangeTime = 2 * time.Minute

// unfinishedError says that data are between old and new.
type unfinishedError struct{ error }

func (e *unfinishedError) Unwrap() error { return e.error }

// Hint says who finishes it.
func (e *unfinishedError) Hint() string {
	return "the services stay stopped until it is finished: `devbox up` does that before it starts them"
}

// makeMissing makes the volumes that Compose has not made yet, as it would.
func (c *dataChange) makeMissing(ctx context.Context, data []DataVolume) error {
	for _, v := range data {
		if _, there := c.there[v.Volume]; there {
			continue
		}
		labels := map[string]string{engine.LabelComposeProject: c.desired.Compose.Name, labelComposeVolume: v.Key}
		for k, value := range c.desired.Compose.Volumes[v.Key].Labels {
			labels[k] = value
		}
		if err := c.makeOwn(ctx, v.Volume, engine.LabelComposeProject, labels); err != nil {
			return err
		}
	}
	return nil
}

func intentName(project string) string { return ownVolume(dataIntent, project) }
func commitName(project string) string { return ownVolume(dataCommit, project) }

// exchange puts in place what is staged.
func (e *Environment) exchange(ctx context.Context, project, image string, r restoreRecord) error {
	if len(r.Volumes) == 0 {
		return errors.New("the record of an interrupted restore cannot be read")
	}
	if _, err := e.runDataTask(ctx, mountsTask(project, "exchange the data", image, exchangeScript, r.data())); err != nil {
		return err
	}
	return e.takePasswords(ctx, project, r.Passwords)
}

// forgetRestore makes an end of a restore that nothing is left to do for.
func (e *Environment) forgetRestore(ctx context.Context, project string) error {
	if err := e.removeOwn(ctx, intentName(project), engine.LabelData, project); err != nil {
		return err
	}
	return e.removeOwn(ctx, commitName(project), engine.LabelData, project)
}

// takeBack removes what is staged. Where that fails too, the next command does it.
func (c *dataChange) takeBack(ctx context.Context, image string, r restoreRecord) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	_ = c.unstage(ctx, c.desired.Compose.Name, image, r)
}

func (e *Environment) unstage(ctx context.Context, project, image string, r restoreRecord) error {
	if _, err := e.runDataTask(ctx, mountsTask(project, "remove a copy", image, unstageScript, r.data())); err != nil {
		return err
	}
	return e.removeOwn(ctx, intentName(project), engine.LabelData, project)
}

// unfinished is what an interrupted change of data has left behind.
type unfinished struct {
	intent, commit *restoreRecord
	// content are the data of snapshots that do not count.
	content []string
}

func (u unfinished) String() string {
	switch {
	case u.commit != nil:
		return fmt.Sprintf("finish restoring snapshot %q", u.commit.Snapshot)
	case u.intent != nil:
		return fmt.Sprintf("take back restoring snapshot %q", u.intent.Snapshot)
	case len(u.content) > 0:
		return "remove " + strings.Join(u.content, ", ")
	}
	return "nothing to do"
}

// unfinishedIn finds it among the volumes that are about a project's data.
func unfinishedIn(list []engine.Volume) unfinished {
	var u unfinished
	used := map[string]bool{}
	for _, s := range snapshotsIn(list) {
		used[s.content] = true
	}
	for _, v := range list {
		switch v.Labels[engine.LabelDataKind] {
		case dataContent:
			if !used[v.Name] {
				u.content = append(u.content, v.Name)
			}
		case dataIntent:
			u.intent = readRestore(v)
		case dataCommit:
			u.commit = readRestore(v)
		}
	}
	return u
}
