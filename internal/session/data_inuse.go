package session

import (
	"context"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// The label of a volume says which version made its data. A newer one may take
// them over, and then the older cannot read them any more; and a volume in
// Compose's own words has no such label. So the version that was last at work on
// data is noted, as the label of a volume that is there for nothing else.

// versioned is a service of a known kind and the volume with its data.
type versioned struct {
	project.Backing
	volume string
	// image is set where the service is in Compose's own words.
	image string
}

// versionedData lists those whose versions matter. Of services in Compose's own
// words these are the ones whose data say their version themselves.
func versionedData(d Desired) []versioned {
	var list []versioned
	for _, b := range d.Project.Model.Backing {
		if b.Major() != "" && b.RunsIn(d.Mode) {
			list = append(list, versioned{Backing: b, volume: d.Compose.Volumes[b.DataVolume()].Name})
		}
	}
	for _, v := range dataVolumes(d) {
		b := project.Backing{Name: v.Service, Use: imageName(v.Image), Version: v.Version}
		if v.Kind == "" && v.Version != "" && len(b.VersionFiles()) > 0 && mountedAt(d.Compose, v) == b.DataDir() {
			list = append(list, versioned{b, v.Volume, v.Image})
		}
	}
	return list
}

func mountedAt(c *project.Compose, v DataVolume) string {
	for _, m := range c.Services[v.Service].Volumes {
		if m.Type == "volume" && m.Source == v.Key {
			return m.Target
		}
	}
	return ""
}

// dataInUse is a service of a known kind and the volume with its data, which is there.
type dataInUse struct {
	versioned
	data engine.Volume
	// form is the version whose form the data have, empty where only they can tell.
	form string
}

// observeData finds those of some services whose data are there.
func (e *Environment) observeData(ctx context.Context, d Desired, services []versioned) ([]dataInUse, error) {
	if len(services) == 0 {
		return nil, nil
	}
	there, err := e.projectVolumes(ctx, d)
	var list []dataInUse
	for _, s := range services {
		i := slices.IndexFunc(there, func(v engine.Volume) bool { return v.Name == s.volume })
		if i >= 0 {
			list = append(list, dataInUse{s, there[i], versionInUse(there, there[i])})
		}
	}
	return list, err
}

// checkData makes sure that no data comes to a version that cannot read it.
func (e *Environment) checkData(ctx context.Context, d Desired) error {
	list, err := e.observeData(ctx, d, versionedData(d))
	if err != nil {
		return err
	}
	for _, b := range list {
		kind, has := b.data.Labels[project.LabelKind], b.form
		if has == "" {
			if kind, has, err = e.versionInData(ctx, d, b.versioned); err != nil {
				return err
			}
		}
		if kind == "" {
			kind = b.Use
		}
		if has != "" && (kind != b.Use || !b.Reads(has)) {
			return &DataVersionError{Service: b.Name, Kind: kind, Volume: b.volume, Has: has, Wants: b.Use + "@" + b.Major(), Image: b.image}
		}
	}
	return nil
}

// versionInUse is the version whose form data has, as noted, or as the label of
// its volume says; empty where neither does.
func versionInUse(there []engine.Volume, v engine.Volume) string {
	for _, note := range there {
		if note.Name == versionNote(v) && note.Labels[engine.LabelStep] == identityOf(v) && note.Labels[project.LabelMajor] != "" {
			return note.Labels[project.LabelMajor]
		}
	}
	return v.Labels[project.LabelMajor]
}

func versionNote(v engine.Volume) string {
	return ownVolume("version", v.Labels[engine.LabelComposeProject], v.Labels[labelComposeVolume])
}

// identityOf tells a volume from one that is made anew.
func identityOf(v engine.Volume) string {
	return v.Name + "@" + v.Created.UTC().Format(time.RFC3339Nano)
}

// versionInData is what the data say themselves, and the kind that made them: their
// volume may be from before devbox, from somebody's copy, or in Compose's own words.
func (e *Environment) versionInData(ctx context.Context, d Desired, b versioned) (kind, major string, err error) {
	image, files := builtImage(d), b.VersionFiles()
	if len(files) == 0 || image == "" {
		return "", "", nil
	}
	found, err := e.Engine.VolumeFiles(ctx, b.volume, image, files...)
	for _, name := range files {
		if data, there := found[name]; there {
			kind, major = b.VersionIn(data)
			break
		}
	}
	return kind, major, err
}

// noteVersions notes which version is at work on the data of services that have
// been started, where nothing says so yet.
func (e *Environment) noteVersions(ctx context.Context, d Desired, services []string) error {
	started := slices.DeleteFunc(versionedData(d), func(b versioned) bool { return !slices.Contains(services, b.Name) })
	list, err := e.observeData(ctx, d, started)
	if err != nil {
		return err
	}
	for _, b := range list {
		// A version that reads what this one writes needs no other word for it.
		has := project.Backing{Use: b.Use, Version: b.form}
		if has.Version != "" && has.Reads(b.Major()) {
			continue
		}
		name := versionNote(b.data)
		if err := e.removeOwn(ctx, name, project.LabelBacking, b.Name); err != nil {
			return err
		}
		err := e.makeOwn(ctx, name, project.LabelBacking, map[string]string{
			project.LabelBacking: b.Name, project.LabelMajor: b.Major(), engine.LabelStep: identityOf(b.data),
			engine.LabelComposeProject: d.Compose.Name, engine.LabelDir: e.Dir,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
