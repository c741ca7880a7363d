package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

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
