package session

import (
	"context"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
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
	if user := d.Project.OneOffUser(d.Info.Rootless, d.Info.Desktop); user != d.User {
		spec.User, spec.CapAdd = user, rootCapabilities
		spec.Env = append(spec.Env, "HOME=/root")
	}
	// Compose would start every other service that it is told of.
	alone := d.Project.Model.OnlyServices(d.Compose, o.Service)
	return e.Engine.RunOneOff(ctx, project.ForOneOff(alone, o.Service, volumeNames(d.Volumes)), spec)
}
