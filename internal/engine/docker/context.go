package docker

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/docker/cli/cli/command"

	"github.com/devbox-node/devbox/internal/engine"
)

// noContext says that there is no docker context of a name, who named it, and which
// there are.
func noContext(cli *command.DockerCli, flag string, cause error) error {
	name, from, remedy := flag, "--context", "name another one"
	if flag == "" {
		name, from, remedy = cli.CurrentContext(), "the current one of Docker's settings", "choose another one with `docker context use`"
		if os.Getenv(command.EnvOverrideContext) == name {
			from, remedy = command.EnvOverrideContext, "unset it, or name another one"
		}
	}
	return &engine.Error{
		Kind: engine.ErrBadHost, Note: fmt.Sprintf("there is no docker context %q (%s)", name, from),
		Remedy: "known are " + strings.Join(contextNames(cli), ", ") + ": " + remedy, Err: cause,
	}
}

// contextNames are the docker contexts that there are, the default one first.
func contextNames(cli *command.DockerCli) []string {
	names := []string{command.DefaultContextName}
	list, _ := cli.ContextStore().List() // what cannot be listed cannot be used either
	for _, c := range list {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names[1:])
	return names
}
