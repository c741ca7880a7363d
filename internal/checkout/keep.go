package checkout

import (
	"encoding/json"
	"fmt"
	"os"
	"path"

	"github.com/devbox-node/devbox/internal/project"
)

// file is where a folder keeps what it is.
const file = "checkout.json"

// Kept reads what a folder keeps of itself; nothing where it keeps nothing that
// can be read, since the engine knows it too.
func Kept(dir string) Checkout {
	var c Checkout
	root, err := os.OpenRoot(dir)
	if err != nil {
		return c
	}
	defer root.Close()
	data, err := project.ReadFile(root, path.Join(project.StateDir, file))
	if err != nil || json.Unmarshal(data, &c) != nil {
		return Checkout{}
	}
	return c
}

// Keep writes what the folder is into it.
func (c Checkout) Keep() error {
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep checkout: %w", err)
	}
	if err := project.EnsureStateDir(root); err != nil {
		return err
	}
	return project.WriteFile(root, path.Join(project.StateDir, file), append(data, '\n'))
}
