package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// Snapshot is the state of a project's data at one time. Its JSON form is an
// element of `db ls --json`.
type Snapshot struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	// Size is what it takes on disk, in bytes.
	Size int64 `json:"size"`
	// Data are the volumes in it.
	Data []DataVolume `json:"data"`
	// head and content are its volumes: the record of it, and the data.
	head, content string
	passwords     map[string]string
}

// Services names the services whose data are in it, in order.
func (s Snapshot) Services() []string { return servicesOf(s.Data) }

// The kinds of volumes that are about data. A snapshot has two volumes: the
// content is filled first, and the head, which is empty, makes it count. The
// engine makes a volume with its labels at once or not at all.
const (
	dataHead    = "snapshot"
	dataContent = "content"
	// A restore is written down before anything is touched, and again when all of
	// it can be carried out.
	dataIntent = "restore"
	dataCommit = "commit"
)

// snapshotRecord is what the label of a snapshot's head holds.
type snapshotRecord struct {
	Snapshot
	Content string `json:"content"`
	// Passwords are those of the data, by the services: they are in the label of the
	// data's own volume too, and in nothing that is printed.
	Passwords map[string]string `json:"passwords,omitempty"`
}

var snapshotName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,59}$`)

// SnapshotNameError says that a snapshot cannot have a name, or has it not.
type SnapshotNameError struct {
	Name, Text string
	Known      []string
}

func (e *SnapshotNameError) Error() string { return e.Text }

// Hint lists the names that are there.
func (e *SnapshotNameError) Hint() string {
	if len(e.Known) == 0 {
		return ""
	}
	return "there are: " + strings.Join(e.Known, ", ")
}

// CheckSnapshotName tells whether a snapshot can have that name.
func CheckSnapshotName(name string) error {
	if snapshotName.MatchString(name) {
		return nil
	}
	return &SnapshotNameError{Name: name, Text: fmt.Sprintf("%q cannot be the name of a snapshot: letters, digits, dots, - and _ can", name)}
}

// Snapshots lists the project's snapshots, the newest first.
func (e *Environment) Snapshots(ctx context.Context, name string) ([]Snapshot, error) {
	list, err := e.Engine.Volumes(ctx, engine.LabelData+"="+name)
	if err != nil {
		return nil, err
	}
	return snapshotsIn(list), nil
}

// snapshotsIn finds the snapshots among volumes: a head whose content is there.
func snapshotsIn(list []engine.Volume) []Snapshot {
	var found []Snapshot
	for _, v := range list {
		var r snapshotRecord
		if v.Labels[engine.LabelDataKind] != dataHead || json.Unmarshal([]byte(v.Labels[engine.LabelDataRecord]), &r) != nil {
			continue
		}
		if !slices.ContainsFunc(list, func(c engine.Volume) bool { return c.Name == r.Content }) {
			continue
		}
		r.head, r.content, r.passwords = v.Name, r.Content, r.Passwords
		found = append(found, r.Snapshot)
	}
	slices.SortFunc(found, func(a, b Snapshot) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return found
}

// Restorable tells which of the project's services would get data of a snapshot;
// an error says why it cannot be restored.
func Restorable(d Desired, s Snapshot) ([]string, error) {
	data, _, err := matchData(s, dataVolumes(d))
	if err == nil && len(data) == 0 {
		err = ErrNoData
	}
	return servicesOf(data), err
}

// FindSnapshot returns the snapshot of that name; a SnapshotNameError lists those
// that are there.
func FindSnapshot(list []Snapshot, name string) (Snapshot, error) {
	var known []string
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
		known = append(known, s.Name)
	}
	return Snapshot{}, &SnapshotNameError{Name: name, Text: fmt.Sprintf("there is no snapshot %q", name), Known: known}
}

// TakeSnapshot copies the project's data into a snapshot. The services stand
// still for the copy, and what ran runs again afterwards. An empty name is made
// from the time. ErrNoData says that there is nothing to copy.
func (e *Environment) TakeSnapshot(ctx context.Context, name string, now time.Time) (Snapshot, error) {
	if name == "" {
		name = now.Format("20060102-150405")
	}
	if err := CheckSnapshotName(name); err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Name: name, Created: now.UTC().Truncate(time.Second)}
	err := e.changeData(ctx, func(ctx context.Context, c *dataChange) error {
		list, err := e.Snapshots(ctx, c.desired.Compose.Name)
		if err != nil {
			return err
		}
		// Their volumes' names tell no case apart: some disks do not.
		if i := slices.IndexFunc(list, func(s Snapshot) bool { return strings.EqualFold(s.Name, name) }); i >= 0 {
			return &SnapshotNameError{Name: name, Text: fmt.Sprintf("there is a snapshot %q already", list[i].Name)}
		}
		for _, v := range dataVolumes(c.desired) {
			have, there := c.there[v.Volume]
			if major := versionInUse(slices.Collect(maps.Values(c.there)), have); major != "" {
				v.Version = major
			}
			if there {
				s.Data = append(s.Data, v)
			}
		}
		if len(s.Data) == 0 {
			return ErrNoData
		}
		return c.copyOut(ctx, &s)
	})
	return s, err
}

// copyOut fills a snapshot, and makes it count when all of it is there.
func (c *dataChange) copyOut(ctx context.Context, s *Snapshot) error {
	if err := c.stop(ctx, s.Data); err != nil {
		return err
	}
	image, err := c.helperImage(ctx, c.desired, s.Data)
	if err != nil {
		return err
	}
	name := c.desired.Compose.Name
	s.head = ownVolume(dataHead, name, strings.ToLower(s.Name))
	s.content = ownVolume(dataContent, name, strings.ToLower(s.Name))
	if err := c.createData(ctx, name, s.content, dataContent, nil); err != nil {
		return err
	}
	output, err := c.runDataTask(ctx, copyTask(name, image, *s))
	if err != nil {
		c.discard(ctx, s.content)
		return err
	}
	facts := readCopied(output)
	s.Size = facts.size
	for i, v := range s.Data {
		if real := facts.versions[v.Key]; real != "" {
			s.Data[i].Version = real
		}
	}
	return c.createData(ctx, name, s.head, dataHead, snapshotRecord{*s, s.content, passwordsOf(c.desired, s.Data)})
}

// passwordsOf are the passwords that data were made with, by the services.
func passwordsOf(d Desired, data []DataVolume) map[string]string {
	found := map[string]string{}
	for _, v := range data {
		b, _ := d.Project.Model.BackingService(v.Service)
		if password := d.Passwords[b.PasswordVar()]; password != "" {
			found[v.Service] = password
		}
	}
	return found
}

// createData makes a volume that is about data.
func (e *Environment) createData(ctx context.Context, about, name, kind string, record any) error {
	labels := map[string]string{
		engine.LabelData: about, engine.LabelDir: e.Dir, engine.LabelDataKind: kind,
	}
	if record != nil {
		data, err := json.Marshal(record)
		if err != nil {
			return err
		}
		labels[engine.LabelDataRecord] = string(data)
	}
	return e.makeOwn(ctx, name, engine.LabelData, labels)
}

// RemoveSnapshot removes a snapshot of a Compose project: its head first, and with
// that it counts no more. The project's own data are not looked at.
func (e *Environment) RemoveSnapshot(ctx context.Context, project, name string) (err error) {
	lock, err := e.lockSetup(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	list, err := e.Snapshots(ctx, project)
	if err != nil {
		return err
	}
	s, err := FindSnapshot(list, name)
	if err != nil {
		return err
	}
	return errors.Join(e.Engine.RemoveVolume(ctx, s.head), e.Engine.RemoveVolume(ctx, s.content))
}
