package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// OneOffOptions say what runs in a one-off container.
type OneOffOptions struct {
	Service    string
	Command    []string
	TTY, Stdin bool
	// Term is the kind of terminal, for a TTY.
	Term string
}

// rootCapabilities are what root needs in a container to write a folder that
// root owns on the host and a volume that the app's user owns.
var rootCapabilities = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}

// OneOff runs a command in a container of its own and returns its exit status.
// Files that it makes in the project belong to the folder's owner.
func (e *Environment) OneOff(ctx context.Context, d Desired, o OneOffOptions) (int, error) {
	if err := e.startNeeded(ctx, d, o.Service); err != nil {
		return 0, err
	}
	spec := engine.OneOff{
		Service: o.Service, Command: o.Command, TTY: o.TTY, Stdin: o.Stdin, NoDeps: true,
		Labels: map[string]string{engine.LabelOwner: Self(e.Procfs).String(), engine.LabelProject: d.Project.Name},
	}
	if o.TTY && o.Term != "" {
		spec.Env = append(spec.Env, "TERM="+o.Term)
	}
	user := d.Project.OneOffUser(d.Info.Rootless, d.Info.Desktop)
	if user != d.User {
		spec.User, spec.CapAdd = user, rootCapabilities
		spec.Env = append(spec.Env, "HOME=/root")
	}
	cache, err := e.oneOffCache(ctx, d, o.Service, user)
	if err != nil {
		return 0, err
	}
	if cache != "" {
		spec.Env = append(spec.Env, cacheVariables(d, o.Service)...)
	}
	// Compose would start every other service that it is told of.
	alone := d.Project.Model.OnlyServices(d.Compose, o.Service)
	giveBack := func() error { return nil }
	if user != d.User {
		giveBack = e.lendWrites(ctx, d)
	}
	code, err := e.Engine.RunOneOff(ctx, project.ForOneOff(alone, o.Service, volumeNames(d.Volumes), cache), spec)
	return code, errors.Join(err, giveBack())
}

// oneOffCache is the volume of the package manager's cache, so that what somebody
// installs by hand is not downloaded anew each time. A volume that is new belongs
// to root, so its user gets it first. It is empty for an image that is not
// devbox's, whose package managers are not known.
func (e *Environment) oneOffCache(ctx context.Context, d Desired, service, user string) (string, error) {
	s, _ := d.Project.Model.Service(service)
	if s.Dockerfile.File != "" {
		return "", nil
	}
	name, manager := volumes.CacheName(d.Project.Model.Name, s.PackageManager.Name, user), s.PackageManager.Name
	there, err := e.Engine.Volumes(ctx, engine.LabelCache)
	if err != nil || slices.ContainsFunc(there, func(v engine.Volume) bool { return v.Name == name }) {
		return name, err
	}
	i := slices.IndexFunc(d.Volumes, func(w volumes.Wanted) bool { return w.Service == service })
	if i < 0 {
		return "", nil
	}
	if err := e.createCache(ctx, d, name, manager); err != nil {
		return "", err
	}
	err = e.runTask(ctx, volumes.CacheTask(d.Volumes[i].Image, name, user), nil)
	if errors.Is(err, engine.ErrConflict) {
		err = nil // another one-off is doing so
	}
	return name, err
}

// cacheVariables have package managers use the cache, but for those that the
// service sets itself.
func cacheVariables(d Desired, service string) []string {
	s, _ := d.Project.Model.Service(service)
	return slices.DeleteFunc(slices.Clone(s.PackageManager.CacheVariables()), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return d.Compose.Services[service].Environment[name] != nil
	})
}
