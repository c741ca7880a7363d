package project

import (
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// outputFolders are where builds write to.
var outputFolders = []string{"dist", "build", "out"}

// builtEntry names the file by which others load a package and that its build
// has to make first; empty where the package runs as it is.
func builtEntry(fsys fs.FS, p *PackageJSON) string {
	if p == nil || p.Scripts["build"] == "" {
		return ""
	}
	for _, file := range p.entries() {
		if slices.Contains([]string{".css", ".json"}, path.Ext(file)) {
			continue // no code
		}
		first, _, _ := strings.Cut(file, "/")
		if slices.Contains(outputFolders, first) || !strings.Contains(file, "*") && !isThere(fsys, file) {
			return file
		}
	}
	return ""
}

func isThere(fsys fs.FS, file string) bool {
	for _, ending := range []string{"", ".js", ".cjs", ".json", "/index.js"} {
		if isRegular(fsys, file+ending) {
			return true
		}
	}
	return false
}

// generator is the script by which a package makes the client of its database,
// where no install does it.
func (p *PackageJSON) generator() string {
	const generates = "prisma generate"
	for _, hook := range []string{"postinstall", "prepare", "install"} {
		if strings.Contains(p.Scripts[hook], generates) {
			return ""
		}
	}
	for _, name := range sortedNames(p.Scripts) {
		text := p.Scripts[name]
		if strings.Contains(text, generates) && !slices.ContainsFunc([]string{"migrate", "push", "seed", "watch"}, func(w string) bool { return strings.Contains(text, w) }) {
			return name
		}
	}
	return ""
}

// prepareLocals lets the apps of a workspace build the local packages that they
// depend on and that have to be built before they can be loaded.
func prepareLocals(f *Facts, services []Service, places []appPlace) []Finding {
	var findings []Finding
	for i, place := range places {
		s := &services[i]
		if place.facts.Survey.Root == nil || len(s.Dev) == 0 {
			continue
		}
		steps, built := f.localSteps(place.dir, s.PackageManager.Name, places)
		if len(steps) == 0 {
			continue
		}
		s.Dev = after(steps, s.Dev)
		if len(s.Prod) > 0 || len(s.Build) > 0 {
			s.Build = after(steps, s.Build)
		}
		found := []Finding{{What: "dev", Source: listSome(built) + plural(len(built), " is", " are") + " built before, because the app loads what a build makes of " + plural(len(built), "it", "them")}}
		findings = append(findings, ofService(found, place.name, len(places))...)
	}
	return findings
}

// localSteps are the commands that make the local packages of an app loadable,
// in their order, and the folders that they are about. Of another app one takes
// the types, which no build has to make.
func (f *Facts) localSteps(dir, manager string, places []appPlace) (steps, built []string) {
	for _, app := range f.locals(dir) {
		if slices.ContainsFunc(places, func(p appPlace) bool { return p.dir == app.Dir }) {
			continue
		}
		var scripts []string
		if name := app.Package.generator(); name != "" {
			scripts = append(scripts, name)
		}
		if app.Built != "" && !slices.Contains(scripts, "build") {
			scripts = append(scripts, "build")
		}
		from, err := filepath.Rel(filepath.FromSlash("/"+dir), filepath.FromSlash("/"+app.Dir))
		if err != nil || len(scripts) == 0 {
			continue
		}
		for _, script := range scripts {
			steps = append(steps, scriptIn(manager, filepath.ToSlash(from), script))
		}
		built = append(built, app.Dir)
	}
	return steps, built
}

// scriptIn runs a script of the package in another folder.
func scriptIn(manager, dir, script string) string {
	dir, script = quoteWord(dir, false), quoteWord(script, false)
	switch manager {
	case "pnpm":
		return "pnpm --dir " + dir + " run " + script
	case "yarn":
		return "yarn --cwd " + dir + " run " + script
	case "bun":
		return "bun run --cwd " + dir + " " + script
	}
	return "npm run " + script + " --prefix " + dir
}

// after is a command with others before it.
func after(steps []string, command Command) Command {
	if len(command) > 0 {
		steps = append(slices.Clone(steps), command.String())
	}
	line, err := ParseCommand(strings.Join(steps, " && "))
	if err != nil {
		return command
	}
	return line
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// locals are the members of the workspaces that another one depends on, directly
// or through others; what a member depends on comes before it.
func (f *Facts) locals(dir string) []AppFacts {
	member := func(same func(AppFacts) bool) (AppFacts, bool) {
		i := slices.IndexFunc(f.Survey.Apps, func(a AppFacts) bool { return a.Member && a.Package != nil && same(a) })
		if i < 0 {
			return AppFacts{}, false
		}
		return f.Survey.Apps[i], true
	}
	var list []AppFacts
	seen := map[string]bool{dir: true}
	var visit func(p *PackageJSON)
	visit = func(p *PackageJSON) {
		for _, name := range sortedNames(p.all()) {
			next, ok := member(func(a AppFacts) bool { return a.Package.Name == name })
			if ok && !seen[next.Dir] {
				seen[next.Dir] = true
				visit(next.Package)
				list = append(list, next)
			}
		}
	}
	if app, ok := member(func(a AppFacts) bool { return a.Dir == dir }); ok {
		visit(app.Package)
	}
	return list
}

// all are the dependencies of every kind.
func (p *PackageJSON) all() map[string]string {
	all := map[string]string{}
	for _, list := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
		for name, spec := range list {
			all[name] = spec
		}
	}
	return all
}
