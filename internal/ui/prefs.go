package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Prefs are what the user has told the dashboard to remember.
type Prefs struct {
	// Quit says what q means: QuitStops, QuitLeaves, or empty to be asked.
	Quit string `json:"quit,omitempty"`
}

// prefsFile is in the user's configuration folder for devbox.
const prefsFile = "dashboard.json"

// PrefsDir is where the user's configuration of devbox is: devbox in
// XDG_CONFIG_HOME, which is ~/.config where it is not set. It is empty where
// there is no home.
func PrefsDir(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "devbox")
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "devbox")
	}
	return ""
}

// LoadPrefs reads what is remembered. A file that is not there or that makes no
// sense says nothing.
func LoadPrefs(dir string) Prefs {
	var p Prefs
	data, err := os.ReadFile(filepath.Join(dir, prefsFile))
	if err != nil || json.Unmarshal(data, &p) != nil || p.Quit != QuitStops && p.Quit != QuitLeaves {
		return Prefs{}
	}
	return p
}

// Save keeps them in dir, which is made.
func (p Prefs) Save(dir string) error {
	if dir == "" {
		return errors.New("no home folder to keep it in")
	}
	const (
		folderMode fs.FileMode = 0o755
		fileMode   fs.FileMode = 0o644
	)
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return fmt.Errorf("make the configuration folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the configuration folder: %w", err)
	}
	defer root.Close()
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	const fresh = prefsFile + ".new"
	if err := root.WriteFile(fresh, append(data, '\n'), fileMode); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return root.Rename(fresh, prefsFile)
}
