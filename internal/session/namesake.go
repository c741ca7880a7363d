package session

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// NamesakeError says that another folder's environment has the name that this one
// is to have, and so its containers.
type NamesakeError struct{ Name, Dir string }

func (e *NamesakeError) Error() string {
	if e.Dir == "" {
		return fmt.Sprintf("other folders take every name of project %q at this moment", e.Name)
	}
	return fmt.Sprintf("the name %q belongs to the environment of %s", e.Name, e.Dir)
}

// Hint says how to tell them apart.
func (e *NamesakeError) Hint() string {
	return "leave " + project.VarProject + " unset, or set it to another name; or take that one down: `devbox down --volumes` there"
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

// sameFolder compares folders by what they are; one that is no project any more,
// because it was moved or removed, is no other.
func sameFolder(a, b string) bool {
	if a == b || !isProject(a) {
		return true
	}
	real, err := filepath.EvalSymlinks(a)
	return err == nil && real == b
}
