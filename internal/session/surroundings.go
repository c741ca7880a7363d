package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
	"github.com/devbox-node/devbox/internal/watch"
)

// checkEnvironment makes sure that what the services need of env files, variables
// and secrets is there, before anything is built or started.
func (e *Environment) checkEnvironment(d Desired) error {
	if e.NoValues {
		return nil
	}
	const unknown = -1
	uid, gid := volumes.IDs(d.User)
	switch {
	case d.Info.Rootless || d.Info.Desktop || !d.Project.OwnsDockerfile():
		uid, gid = unknown, unknown // the engine maps users, or the image has one of its own
	case d.Mode == project.Prod:
		uid, gid = project.PlainUser, project.PlainUser
	}
	return d.Project.CheckEnvironment(d.Mode, e.Vars, uid, gid)
}

// labelSecrets tells by which files a container was made, so that other ones make
// another container: it has the file that was there, whatever the name stands for
// now. It holds nothing of their content.
const labelSecrets = "dev.devbox.secrets"

func markSecrets(c *project.Compose) {
	for name, s := range c.Services {
		if len(s.Secrets) == 0 {
			continue
		}
		var files []string
		for _, use := range s.Secrets {
			files = append(files, fileIdentity(c.Secrets[use.Source].File))
		}
		slices.Sort(files)
		sum := sha256.Sum256(fmt.Appendf(nil, "%q", files))
		s.Labels = s.Labels.Add(labelSecrets, hex.EncodeToString(sum[:]))
		c.Services[name] = s
	}
}

// fileIdentity is what tells one state of a file from another without its content.
func fileIdentity(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return file
	}
	return fmt.Sprintf("%s %d %d", file, info.Size(), info.ModTime().UnixNano())
}

// secretsInTheOpen warns of secrets that git or an image would take in.
func (e *Environment) secretsInTheOpen(d Desired) {
	for _, file := range d.Project.SecretsInImages() {
		e.Emit(Event{Kind: Warned, Text: file + " holds a secret and would be copied into the image", Hint: "add it to " + d.Project.Model.Files.Name(project.IgnoreFile)})
	}
	if _, err := os.Lstat(filepath.Join(e.Dir, ".git")); err != nil {
		return
	}
	for _, s := range d.Project.Model.Services {
		for _, file := range slices.Sorted(maps.Values(s.Secrets)) {
			if !gitIgnores(e.Dir, file) {
				e.Emit(Event{Kind: Warned, Service: s.Name, Text: file + " holds a secret and is not kept out of git", Hint: "add it to .gitignore"})
			}
		}
	}
}

// leftOut warns of apps that need a service which production does not have, where
// nothing else says by what the app finds one there.
func (e *Environment) leftOut(d Desired) {
	for _, s := range d.Project.Model.Services {
		app, runs := d.Compose.Services[s.Name]
		for _, l := range d.Project.Model.LeftOut(s, d.Mode) {
			said := func(name string) bool { _, set := app.Environment[name]; return set }
			if !runs || slices.ContainsFunc(l.Variables, said) {
				continue
			}
			e.Emit(Event{
				Kind: Warned, Service: s.Name, Text: fmt.Sprintf("%s (%s) is for development only: production has no %s", l.Name, l.Use, strings.Join(l.Variables, ", ")),
				Hint: "give it those of a real server in the `env-file` of prod",
			})
		}
	}
}

// gitIgnores tells whether a .gitignore between the project's folder and a file
// names it. What git has elsewhere, such as in .git/info/exclude, is not read.
func gitIgnores(dir, file string) bool {
	for folder := path.Dir(file); ; folder = path.Dir(folder) {
		rel := strings.TrimPrefix(strings.TrimPrefix(file, folder), "/")
		if folder == "." {
			rel = file
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(folder), ".gitignore"))
		if err == nil && watch.ParsePatterns(strings.Split(string(data), "\n")).Match(rel) {
			return true
		}
		if folder == "." {
			return false
		}
	}
}
