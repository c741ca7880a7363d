package session

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/devbox-node/devbox/internal/engine"
)

// NamesakeError says that another folder's environment has the same name, and
// so the same containers.
type NamesakeError struct{ Name, Dir string }

func (e *NamesakeError) Error() string {
	return fmt.Sprintf("the project in %s has the name %q too, and its containers are there", e.Dir, e.Name)
}

// Hint says how to tell them apart.
func (e *NamesakeError) Hint() string {
	return "give this one another `name:` in devbox.yaml, or take that one down: `devbox down` there"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *NamesakeError) ProjectInvalid() bool { return true }

// ownContainers lists a project's containers, after making sure that they
// belong to this folder: Compose itself goes by the name alone.
func (e *Environment) ownContainers(ctx context.Context, name string) ([]engine.Container, error) {
	list, err := e.Engine.Containers(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if dir := c.Labels[engine.LabelWorkingDir]; dir != "" && !sameFolder(dir, e.Dir) {
			return nil, &NamesakeError{name, dir}
		}
	}
	return list, nil
}

// sameFolder compares folders by what they are; one that is gone is no other.
func sameFolder(a, b string) bool {
	if a == b {
		return true
	}
	real, err := filepath.EvalSymlinks(a)
	return err != nil || real == b
}
