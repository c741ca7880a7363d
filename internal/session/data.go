package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// DataVolume is a volume in which a service that is no app keeps its data.
type DataVolume struct {
	Service string `json:"service"`
	// Key is the volume's name in the Compose file, Volume its name on the engine.
	Key    string `json:"key"`
	Volume string `json:"-"`
	// Image is what the service runs. Kind is the program, where devbox knows it, and
	// Version the version that the form of the data has.
	Image   string `json:"image"`
	Kind    string `json:"kind,omitempty"`
	Version string `json:"version,omitempty"`
}

// ErrNoData says that there is nothing to keep.
var ErrNoData = errors.New("no service of this project has data that were stored yet")

// UnknownServiceError says that a service keeps no data, or is not there.
type UnknownServiceError struct {
	Service string
	Known   []string
}

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("there is no service %q that keeps data", e.Service)
}

// Hint lists those that do.
func (e *UnknownServiceError) Hint() string {
	if len(e.Known) == 0 {
		return "no service of this project has a volume for data"
	}
	return "these do: " + strings.Join(e.Known, ", ")
}

// dataVolumes lists the named volumes of the services that are no apps: those of
// devbox.yaml in its order, then those that only a Compose file has. A volume that
// an app has too is among them, once. External ones are not the project's: Compose
// neither makes nor removes them, and others may count on them.
func dataVolumes(d Desired) []DataVolume {
	var list []DataVolume
	seen := map[string]bool{}
	for _, name := range backingNames(d) {
		s := d.Compose.Services[name]
		for _, m := range s.Volumes {
			volume, named := d.Compose.Volumes[m.Source]
			if m.Type != "volume" || !named || bool(volume.External) || seen[volume.Name] {
				continue
			}
			seen[volume.Name] = true
			v := DataVolume{Service: name, Key: m.Source, Volume: volume.Name, Image: s.Image, Version: imageVersion(s.Image)}
			if b, known := d.Project.Model.BackingService(name); known && b.DataVolume() == m.Source {
				v.Kind, v.Version = b.Use, b.Major()
			}
			list = append(list, v)
		}
	}
	return list
}

// backingNames lists the services that are neither apps nor steps before one.
func backingNames(d Desired) []string {
	var names []string
	for _, b := range d.Project.Model.Backing {
		names = append(names, b.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Compose.Services)) {
		_, app := d.Project.Model.Service(name)
		if !app && !slices.Contains(names, name) && !slices.Contains(d.Project.Model.OneOffServices(), name) && !isStep(d.Compose, name) {
			names = append(names, name)
		}
	}
	return names
}

// chooseData keeps the volumes of the named services; none named means all.
func chooseData(all []DataVolume, services []string) ([]DataVolume, error) {
	var known []string
	for _, v := range all {
		if !slices.Contains(known, v.Service) {
			known = append(known, v.Service)
		}
	}
	for _, name := range services {
		if !slices.Contains(known, name) {
			return nil, &UnknownServiceError{name, known}
		}
	}
	if len(services) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(v DataVolume) bool { return !slices.Contains(services, v.Service) }), nil
}

func servicesOf(list []DataVolume) []string {
	var names []string
	for _, v := range list {
		if !slices.Contains(names, v.Service) {
			names = append(names, v.Service)
		}
	}
	return names
}

// usersOf lists the services that have to stop while data are exchanged: those
// that mount them, and all that depend on these.
func usersOf(c *project.Compose, data []DataVolume) []string {
	var users []string
	for name, s := range c.Services {
		for _, m := range s.Volumes {
			if m.Type == "volume" && slices.ContainsFunc(data, func(v DataVolume) bool { return v.Volume == c.Volumes[m.Source].Name }) {
				users = append(users, name)
				break
			}
		}
	}
	return dependents(c, users)
}

// dependents adds all that depend on services.
func dependents(c *project.Compose, services []string) []string {
	stop := slices.Clone(services)
	for grown := true; grown; {
		grown = false
		for name, s := range c.Services {
			if slices.Contains(stop, name) {
				continue
			}
			for needed := range s.DependsOn {
				if slices.Contains(stop, needed) {
					stop, grown = append(stop, name), true
					break
				}
			}
		}
	}
	slices.Sort(stop)
	return stop
}

// dataChange is a change of data volumes while nobody else sets the project up.
type dataChange struct {
	*Environment
	desired    Desired
	containers []engine.Container
	// there are the volumes of the project that exist, by name.
	there map[string]engine.Volume
	// stopped is set when services were stopped for it, to be started again; ran are
	// those, where they are known. changed is set when the data are other ones.
	stopped, changed bool
	ran              []string
}

// changeData makes ready for a change of data, carries it out, and starts again
// what was stopped for it, however it ended.
func (e *Environment) changeData(ctx context.Context, do func(context.Context, *dataChange) error) (err error) {
	lock, err := e.lockSetup(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	c := &dataChange{Environment: e}
	if c.desired, err = e.Desire(ctx, project.Dev); err != nil {
		return err
	}
	if err = e.reap(ctx); err != nil {
		return err
	}
	recovered, err := e.RecoverData(ctx, c.desired)
	if c.stopped = recovered.stopped; err != nil {
		return err
	}
	if recovered.finished {
		if c.desired, err = e.Desire(ctx, project.Dev); err != nil {
			return err
		}
	}
	defer func() {
		if c.stopped {
			err = errors.Join(err, c.resume(ctx))
		}
	}()
	if err = c.look(ctx); err != nil {
		return err
	}
	return do(ctx, c)
}

// look asks the engine for the project's containers and volumes.
func (c *dataChange) look(ctx context.Context) error {
	name := c.desired.Compose.Name
	var err error
	if c.containers, err = c.ownContainers(ctx, name); err != nil {
		return err
	}
	list, err := c.Engine.Volumes(ctx, engine.LabelComposeProject+"="+name)
	c.there = map[string]engine.Volume{}
	for _, v := range list {
		c.there[v.Name] = v
	}
	return err
}

// labelComposeVolume is Compose's own label for a volume's key.
const labelComposeVolume = "com.docker.compose.volume"

// stop stops all that uses data, where any of it runs. A VolumeHeldError says that
// somebody does who is no part of the project.
func (c *dataChange) stop(ctx context.Context, data []DataVolume) error {
	oneOffs, err := c.checkUsers(ctx, data)
	if err != nil {
		return err
	}
	wanted := usersOf(c.desired.Compose, data)
	var running []string
	for _, have := range c.containers {
		if !have.OneOff && live(have) && slices.Contains(wanted, have.Service) && !slices.Contains(running, have.Service) {
			running = append(running, have.Service)
		}
	}
	slices.Sort(running)
	if len(running) > 0 {
		c.stopped, c.ran = true, running
		if err := c.Engine.StopServices(ctx, c.desired.Compose.Name, c.desired.Compose, running, c.creating); err != nil {
			return err
		}
	}
	for _, one := range oneOffs {
		if err := c.endOneOff(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (c *dataChange) creating(p engine.Progress) { c.Emit(creation(p)) }

// forgetSteps removes the containers of steps that ran to their end, such as
// migrations, so that they run again on other data.
func (c *dataChange) forgetSteps(ctx context.Context, data []DataVolume) error {
	wanted := usersOf(c.desired.Compose, data)
	for _, have := range c.containers {
		if !have.OneOff && slices.Contains(wanted, have.Service) && isStep(c.desired.Compose, have.Service) {
			if err := c.Engine.Remove(ctx, have.ID); err != nil && !errors.Is(err, engine.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

// isStep tells whether a service runs to its end before another starts.
func isStep(c *project.Compose, service string) bool {
	for _, s := range c.Services {
		if s.DependsOn[service].Condition == "service_completed_successfully" {
			return true
		}
	}
	return false
}
