package session

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
	"github.com/devbox-node/devbox/internal/watch"
)

// WritesStep gives a volume on a folder that apps write to who they run as. It
// makes the volume where there is none.
type WritesStep struct {
	// Key is its name in the Compose file, Volume that on the engine.
	Key, Volume string
	// Labels are its own; Compose adds those by which it knows its volumes.
	Labels map[string]string
	User   string
}

// String describes the step in one line.
func (s WritesStep) String() string { return "give volume " + s.Volume + " to " + s.User }

// writesVolumes are the volumes on folders that apps write, in order.
func writesVolumes(d Desired) []WritesStep {
	if d.Compose == nil || d.Mode != project.Dev {
		return nil
	}
	var list []WritesStep
	for _, key := range slices.Sorted(maps.Keys(d.Compose.Volumes)) {
		v := d.Compose.Volumes[key]
		if v.Labels[project.LabelWrites] != "" && !bool(v.External) {
			list = append(list, WritesStep{Key: key, Volume: v.Name, Labels: v.Labels, User: d.User})
		}
	}
	return list
}

// planWrites decides which of them have still to be given to their user: those
// that are new, or were given to somebody else.
func planWrites(d Desired, o Observed) []WritesStep {
	return slices.DeleteFunc(writesVolumes(d), func(s WritesStep) bool {
		v, there := o.Writes[s.Volume]
		return there && o.Given[s.Volume] == given{s.User, identityOf(v)}
	})
}

// observeWrites finds out which of them are there and whose they are.
func (e *Environment) observeWrites(ctx context.Context, d Desired, o *Observed) error {
	list, err := e.projectVolumes(ctx, d)
	if err != nil {
		return err
	}
	o.Writes, o.Given = map[string]engine.Volume{}, readGiven(e.Dir)
	for _, v := range list {
		o.Writes[v.Name] = v
	}
	return nil
}

// giveWrites carries steps out, in one container. That it was done is noted at
// last: what was cut short is done again.
func (e *Environment) giveWrites(ctx context.Context, d Desired, steps []WritesStep) error {
	if len(steps) == 0 {
		return nil
	}
	names := make([]string, len(steps))
	for i, s := range steps {
		labels := map[string]string{engine.LabelComposeProject: d.Compose.Name, labelComposeVolume: s.Key}
		maps.Copy(labels, s.Labels)
		if err := e.Engine.CreateVolume(ctx, s.Volume, labels); err != nil {
			return err
		}
		names[i] = s.Volume
	}
	image := d.Compose.Services[d.Project.Model.Services[0].Name].Image
	if err := e.runTask(ctx, volumes.GiveTask(image, d.User, names), nil); err != nil {
		return err
	}
	list, err := e.projectVolumes(ctx, d)
	if err != nil {
		return err
	}
	notes := readGiven(e.Dir)
	for _, v := range list {
		if slices.Contains(names, v.Name) {
			notes[v.Name] = given{d.User, identityOf(v)}
		}
	}
	maps.DeleteFunc(notes, func(name string, _ given) bool {
		return !slices.ContainsFunc(list, func(v engine.Volume) bool { return v.Name == name })
	})
	e.noteGiven(notes)
	return nil
}

// lendWrites notes that somebody else than the app may write in its volumes from
// now on. The function that it returns gives them back.
func (e *Environment) lendWrites(ctx context.Context, d Desired) func() error {
	lent := writesVolumes(d)
	if len(lent) == 0 {
		return func() error { return nil }
	}
	notes := readGiven(e.Dir)
	for _, s := range lent {
		delete(notes, s.Volume)
	}
	e.noteGiven(notes)
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
		defer cancel()
		return e.giveWrites(ctx, d, lent)
	}
}

// given says to whom a volume was given, as uid:gid, and which one of its name.
type given struct {
	User   string `json:"user"`
	Volume string `json:"volume"`
}

// givenFile has it, among the project's state. Without it the volumes are looked
// through once more.
const givenFile = project.StateDir + "/writes.json"

func readGiven(dir string) map[string]given { return readNotes[given](dir, givenFile) }

func (e *Environment) noteGiven(notes map[string]given) { writeNote(e.Dir, givenFile, notes) }

// unwatched are the rules by which the folders that a service writes are not
// watched: what is on the host there is not what the app has.
func unwatched(folders []string) []string {
	var rules []string
	for _, dir := range folders {
		rules = append(rules, "/"+watch.Literal(dir)+"/")
	}
	return rules
}

// isIn tells whether a file or folder is one of some folders, or in one.
func isIn(folders []string, name string) bool {
	return slices.ContainsFunc(folders, func(dir string) bool {
		return name == dir || strings.HasPrefix(path.Clean(name), dir+"/")
	})
}

// removeOutput removes the volumes of a Compose project with what tools make from
// the source.
func removeOutput(ctx context.Context, e Engine, name string) error {
	list, err := e.Volumes(ctx, engine.LabelComposeProject+"="+name)
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Labels[project.LabelWrites] == project.WritesOutput {
			if err := e.RemoveVolume(ctx, v.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
