package session

import (
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// Action is what a changed file asks for.
type Action int

// The actions, weakest first. From Migrate on they are one act, a plan made
// anew from the folder and the engine, which does each only where something
// differs.
const (
	// Nothing is for files that no container sees a difference by.
	Nothing Action = iota
	// Restart restarts the app's process in its container.
	Restart
	// Migrate brings the data up to date, where the migration that reads the file
	// has not run with it, and restarts the app.
	Migrate
	// Recreate makes containers anew, whose environment comes from the file.
	Recreate
	// Reinstall finds or fills another node_modules volume.
	Reinstall
	// Rebuild builds the image.
	Rebuild
	// Render makes the rendered files from the model, and what follows from them.
	Render
)

// String names the action.
func (a Action) String() string {
	return [...]string{"nothing", "restart", "migrate", "recreate", "reinstall", "rebuild", "render"}[a]
}

// Layout is what the meaning of a changed file depends on.
type Layout struct {
	// Files says which names the rendered files have.
	Files project.FileNames
	Uses  []Use
	// Dockerfiles and Inputs are the files that images and containers are made
	// from under names of the user's: env files, configs, secrets.
	Dockerfiles, Inputs []string
}

// verdict is what one file asks for on behalf of one service. Why says why it is
// nothing where that is no matter of course.
type verdict struct {
	action Action
	why    string
}

// React decides what changed files ask for. Paths are relative to the project
// folder, with forward slashes.
func (l Layout) React(files []string) Reaction {
	var steps Reaction
	used := map[string]bool{}
	for _, u := range l.Uses {
		byVerdict := map[verdict][]string{}
		for _, f := range files {
			v, concerned := l.verdict(f, u)
			if concerned {
				used[f] = true
				byVerdict[v] = append(byVerdict[v], f)
			}
		}
		for v, list := range byVerdict {
			steps = steps.with(v, u.Service, list)
		}
	}
	var rest []string
	for _, f := range files {
		if !used[f] {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		steps = append(steps, Step{Files: rest})
	}
	steps.sort()
	return steps
}

// Users are the services whose apps run with some of the files, each with those.
// What only images and containers are made from is not among them: an app that
// was not recreated for such a file has nothing to restart for.
func (l Layout) Users(files []string) map[string][]string {
	files = slices.DeleteFunc(slices.Clone(files), func(f string) bool {
		return l.renderedOnly(f) || slices.Contains(l.Dockerfiles, f)
	})
	users := map[string][]string{}
	for _, u := range l.Uses {
		own := l
		own.Inputs = u.Inputs
		for _, f := range files {
			if v, concerned := own.verdict(f, u); concerned && v.action != Nothing && !u.foreign(f) {
				users[u.Service] = append(users[u.Service], f)
			}
		}
	}
	return users
}

// verdict tells what a file asks for on behalf of a service, and whether it
// concerns that service at all.
func (l Layout) verdict(file string, u Use) (v verdict, concerned bool) {
	a := l.kind(file, u)
	switch {
	case a <= Restart && u.Migrates != nil && u.Migrates(file):
		return verdict{action: Migrate}, true
	case a == Nothing, u.Ignores != nil && u.Ignores(file):
		return verdict{}, false
	case a != Restart:
		return verdict{action: a}, true
	case !u.uses(file):
		return verdict{}, false
	case u.Reloads != "" && !(u.Builds && u.shared(file)):
		return verdict{why: u.Reloads + " takes in edits by itself"}, true
	}
	if from := u.builtInto(file); from != "" {
		return verdict{why: "the app runs from " + from + ", and counts what is built there"}, true
	}
	return verdict{action: Restart}, true
}

// kind is the table: what a file is by its name and place, for a service.
func (l Layout) kind(file string, u Use) Action {
	dir, name := path.Split(file)
	dir = strings.TrimSuffix(dir, "/")
	atTop := dir == ""
	governs := atTop || inFolder(u.Folder, dir) && u.Folder != ""
	switch {
	case l.isModelFile(file):
		return Render
	case l.isImageFile(file), slices.Contains(l.Dockerfiles, file):
		return Rebuild
	case governs && slices.Contains(versionFiles, name):
		return Rebuild
	case slices.Contains(packageFiles, name) && (governs || u.installs(dir)), u.Installs != nil && u.Installs(file):
		return Reinstall
	case governs && isEnvFile(name), slices.Contains(l.Inputs, file):
		return Recreate
	case l.renderedOnly(file), idle(file, dir, name):
		return Nothing
	}
	return Restart
}

var (
	// overrideFiles are the names under which Compose takes in a file beside compose.yaml.
	overrideFiles = []string{"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"}
	standardFiles = []string{project.DockerFile, project.IgnoreFile, project.ComposeFile, project.ComposeProdFile}
	// versionFiles choose the Node.js version, and so the image.
	versionFiles = []string{".nvmrc", ".node-version", ".tool-versions"}
	// packageFiles are what an install reads.
	packageFiles = []string{
		"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb",
		".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", ".pnpmfile.cjs", "bunfig.toml",
	}
)

// isModelFile tells what the project is rendered from or runs as. Beside the
// user's own files there is no override.
func (l Layout) isModelFile(file string) bool {
	return file == project.ModelFile || file == l.Files.Compose(project.Dev) ||
		l.Files != project.BesideFiles && slices.Contains(overrideFiles, file)
}

func (l Layout) isImageFile(file string) bool {
	return file == l.Files.Name(project.DockerFile) || file == l.Files.Name(project.IgnoreFile)
}

// renderedOnly tells the files that only the environment is made of, or, under
// the standard names, the user's own one.
func (l Layout) renderedOnly(file string) bool {
	return l.isModelFile(file) || l.isImageFile(file) || file == l.Files.Compose(project.Prod) ||
		slices.Contains(standardFiles, file) || slices.Contains(overrideFiles, file)
}

func isEnvFile(name string) bool {
	return name == ".env" || strings.HasPrefix(name, ".env.") && !slices.Contains([]string{".env.example", ".env.sample", ".env.template", ".env.dist"}, name)
}
