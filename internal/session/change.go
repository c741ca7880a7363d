package session

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// Action is what a change of files asks for.
type Action int

// The actions, weakest first: where files ask for several, the strongest is
// taken and does what the weaker ones would have done.
const (
	// Nothing is for files that no container sees a difference by.
	Nothing Action = iota
	// RestartApp restarts the app's process in its container.
	RestartApp
	// Converge plans anew from the folder and the engine: renders, builds, fills
	// volumes and recreates, each only where something differs.
	Converge
)

// String names the action.
func (a Action) String() string {
	switch a {
	case RestartApp:
		return "restart"
	case Converge:
		return "converge"
	}
	return "nothing"
}

// Reaction is what a batch of changed files asks for.
type Reaction struct {
	Action Action
	// Files are those that asked for the action.
	Files []string
}

// String is for people and tests: `restart: src/a.js, src/b.js`.
func (r Reaction) String() string {
	if r.Action == Nothing {
		return r.Action.String()
	}
	return fmt.Sprintf("%s: %s", r.Action, strings.Join(r.Files, ", "))
}

// convergeFiles are the files at the top of a project that more than the app's
// process depends on.
var convergeFiles = append([]string{
	project.ModelFile, project.DockerFile, project.IgnoreFile, project.ComposeFile,
	"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb",
	".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", ".pnpmfile.cjs", "bunfig.toml",
	".nvmrc", ".node-version", ".tool-versions", ".env",
}, overrideFiles...)

// overrideFiles are the names under which Compose takes in a file beside compose.yaml.
var overrideFiles = []string{"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"}

// idleFiles change nothing for a running environment.
var idleFiles = []string{project.ComposeProdFile, ".gitignore", "LICENSE"}

// React decides what changed files ask for. Paths are relative to the project
// folder, with forward slashes.
func React(files []string) Reaction {
	best := Reaction{}
	for _, f := range files {
		a := actionFor(f)
		if a > best.Action {
			best = Reaction{Action: a}
		}
		if a == best.Action && a != Nothing {
			best.Files = append(best.Files, f)
		}
	}
	return best
}

func actionFor(file string) Action {
	switch {
	case slices.Contains(idleFiles, file), strings.EqualFold(path.Ext(file), ".md"):
		return Nothing
	case slices.Contains(convergeFiles, file):
		return Converge
	}
	return RestartApp
}
