package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// appPlace is an app of the project: where it is, and what its folder shows.
type appPlace struct {
	name, dir string
	facts     *Facts
	// data are the facts with what local packages say of databases.
	data *Facts
	// client tells that it is the development server beside another app of its package.
	client bool
}

// mostLoose is how many apps without a package above them are one project; a
// folder with more is a collection of them.
const mostLoose = 8

// pickApps decides what of the folder is an app. Packages that nothing starts
// are libraries. The package at the top is one unless all it does is to start
// others.
func pickApps(f *Facts) ([]appPlace, []Finding, error) {
	var places []appPlace
	var libraries []string
	for _, app := range f.Survey.Apps {
		own := app.inherit(f)
		switch {
		case !app.Member && f.Package != nil && len(app.Locks) == 0 && !own.servesItself():
		case own.isApp() && !(f.isTool(app) && !own.hasServer() && !own.namesPort()):
			places = append(places, appPlace{dir: app.folder(), facts: own})
		default:
			libraries = append(libraries, app.Dir)
		}
	}
	if f.Package == nil && len(places) > mostLoose {
		return nil, nil, tooManyApps(places)
	}
	top := f.Package != nil && (len(places) == 0 || f.isApp() && (!f.startsOthers(places) || f.startsItself(places)))
	possible := f.possibleApps(libraries)
	if len(places) == 0 {
		return []appPlace{{name: defaultService, facts: f}}, possible, nil
	}
	if top {
		places = append([]appPlace{{facts: f}}, places...)
	}
	nameApps(places)
	return places, append(appFindings(places, libraries), possible...), nil
}

func tooManyApps(places []appPlace) error {
	dirs := make([]string, len(places))
	for i, p := range places {
		dirs[i] = p.dir
	}
	return configError(".", []Problem{{
		Text:       fmt.Sprintf("there are %d apps here that do not belong together: %s", len(dirs), listSome(dirs)),
		Suggestion: "choose one: `devbox init " + dirs[0] + "`",
	}})
}

func appFindings(places []appPlace, libraries []string) []Finding {
	var names []string
	for _, p := range places {
		names = append(names, p.name)
	}
	findings := []Finding{{What: "services", Value: strings.Join(names, ", "), Source: "each starts something"}}
	if len(libraries) > 0 {
		findings = append(findings, Finding{What: "services", Source: listSome(libraries) + plural(len(libraries), " starts nothing", " start nothing")})
	}
	return findings
}

// possibleApps names the packages taken for libraries that have a development
// server in a script of another name than those that start an app.
func (f *Facts) possibleApps(libraries []string) []Finding {
	var findings []Finding
	for _, app := range f.Survey.Apps {
		if !slices.Contains(libraries, app.Dir) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(app.Package.Scripts)) {
			command, err := ParseCommand(app.Package.Scripts[name])
			server, known := serverOf(unwrapped(programWords(command)))
			if err != nil || !known || server.port == 0 {
				continue
			}
			findings = append(findings, Finding{What: "services", Warning: true, Source: fmt.Sprintf(
				"%s may be an app: its script %s runs %s; if it is one, add a service with `dir: %s` to %s", app.Dir, show(name), server.words, app.Dir, ModelFile)})
			break
		}
	}
	return findings
}

// inherit are the facts of a package with what holds for the whole project: the
// Node.js version, and in a workspace the package manager and its lock.
func (a AppFacts) inherit(root *Facts) *Facts {
	f := *a.Facts
	f.Node = append(slices.Clone(f.Node), root.Node...)
	if a.Member {
		f.Locks, f.Survey.Root, f.Survey.Locked = root.Locks, root.Package, root.Survey.Locked
		f.YarnRelease, f.NodeLinker = root.YarnRelease, root.NodeLinker
	}
	return &f
}

// isApp tells whether a package is started and not only used: a script of its
// own starts something that is no tool of building or testing, or it has a file
// that opens a server.
func (f *Facts) isApp() bool {
	if f.Package == nil {
		return false
	}
	if f.nx() != nil {
		return true
	}
	finder := commandFinder{facts: f, manager: "npm"}
	for _, name := range devScripts {
		if finder.script(name) == "" {
			continue
		}
		command, err := ParseCommand(finder.script(name))
		if err != nil || !buildsOnly(programWords(command)) {
			return true
		}
	}
	return f.servesItself()
}

// isTool tells whether a member is there for others: they depend on it, or it is a
// program for a command line.
func (f *Facts) isTool(app AppFacts) bool {
	if !app.Member {
		return false
	}
	name := app.Package.Name
	return len(app.Package.bins()) > 0 || name != "" && slices.ContainsFunc(f.Survey.Apps, func(other AppFacts) bool {
		_, uses := other.Package.all()[name]
		return other.Member && uses
	})
}

// namesPort tells whether the command for development, or what it runs, says where
// it listens.
func (f *Facts) namesPort() bool {
	pick, err := commandFinder{facts: f, manager: "npm"}.dev()
	_, known := f.serverOf(programWords(pick.command))
	return err != nil || known || f.scriptPort().Text != "" || f.EnvPort.Text != "" || f.Survey.ToolPort.Text != ""
}

// servesItself tells whether the code opens a server where nothing starts it.
func (f *Facts) servesItself() bool {
	file := f.Entry.Main != "" || f.Entry.File != ""
	_, known := f.framework()
	return file && known && f.Entry.Listens
}

// buildsOnly tells whether a command is a tool that builds or tests and ends, or
// watches for that.
func buildsOnly(words []string) bool {
	for len(words) > 0 && (words[0] == "npx" || words[0] == "cross-env" || assignment.MatchString(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 {
		return true
	}
	switch words[0] {
	case "tsc", "tsup", "tsdown", "rollup", "unbuild", "swc", "babel", "jest", "vitest", "mocha", "storybook", "start-storybook", "eslint", "echo", "microbundle", "tsc-watch", "tailwindcss", "postcss", "sass", "graphql-codegen", "tsc-alias", "bunchee", "pkgroll":
		return !slices.Contains(words, "--onSuccess") && !slices.Contains(words, "--on-success")
	case "vite":
		return len(words) > 1 && words[1] == "build"
	case "webpack", "esbuild", "parcel":
		return len(words) > 1 && !listed("serve server s", words[1]) && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--serve") })
	}
	return false
}

// startsOthers tells whether all that the scripts of the top start are apps in
// its folders: by workspaces' flags, by their folders, or by a runner of tasks.
func (f *Facts) startsOthers(places []appPlace) bool {
	if f.Entry.Listens && f.Entry.File != "" || f.nx() != nil {
		return false
	}
	finder := commandFinder{facts: f, manager: "npm"}
	for _, name := range devScripts {
		text := finder.script(name)
		if text == "" {
			continue
		}
		return runsOthers(text, places, f.Package, 0)
	}
	return true
}

// startsItself tells whether the scripts of the top start code of its own beside the
// apps in its folders.
func (f *Facts) startsItself(places []appPlace) bool {
	parts, _ := f.parts(places)
	return slices.ContainsFunc(parts, func(p part) bool { return p.kind == nodePart })
}

// taskRunners start scripts of packages in a workspace.
var taskRunners = []string{"turbo", "nx", "lerna", "wsrun", "ultra", "moon", "rush", "wireit"}

func runsOthers(text string, places []appPlace, p *PackageJSON, depth int) bool {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\"'&;|()=", r) }) {
		word = strings.TrimPrefix(word, "npm:")
		if slices.Contains(taskRunners, word) || listed("-w --workspace --workspaces -ws --filter -F --prefix --cwd -C workspace workspaces foreach", word) ||
			listed("-r --recursive recursive", word) && strings.Contains(text, "pnpm") {
			return true
		}
		for _, place := range places {
			if strings.TrimPrefix(strings.TrimSuffix(word, "/"), "./") == place.dir {
				return true
			}
		}
		if script := p.Scripts[word]; script != "" && script != text && depth < maxScripts && runsOthers(script, places, p, depth+1) {
			return true
		}
	}
	return false
}

// nameApps names services for their folders.
func nameApps(places []appPlace) {
	taken := map[string]bool{}
	for i := range places {
		p := &places[i]
		name := defaultService
		if p.at() != "" {
			name = Slug(path.Base(p.at()))
		}
		if taken[name] {
			name = Slug(strings.ReplaceAll(inFolder(p.at(), ""), "/", "-"))
		}
		for n := 2; taken[name] || name == "" || name == "app" && i > 0 && p.at() == ""; n++ {
			name = defaultService + "-" + strconv.Itoa(n)
		}
		taken[name], p.name = true, name
	}
}

// spreadPorts gives services that want the same port others where the app
// listens on what PORT says; the host can publish each but once.
func spreadPorts(services []Service, places []appPlace) []Finding {
	var findings []Finding
	taken := map[int]string{}
	// Apps that listen on a port of their own come first.
	for _, fixed := range []bool{true, false} {
		for i := range services {
			s := &services[i]
			if s.Port == 0 || places[i].facts.readsPort(s.Dev) == fixed {
				continue
			}
			holder := taken[s.Port]
			if holder == "" {
				taken[s.Port] = s.Name
				continue
			}
			if fixed {
				findings = append(findings, Finding{What: "port", Service: s.Name, Warning: true, Source: fmt.Sprintf("%d is %s's too; another one for the host: set %s", s.Port, holder, PortVar(s.Name))})
				continue
			}
			old := s.Port
			for s.Port++; taken[s.Port] != ""; {
				s.Port++
			}
			taken[s.Port] = s.Name
			findings = append(findings, Finding{What: "port", Service: s.Name, Value: strconv.Itoa(s.Port), Source: fmt.Sprintf("%d is %s's, and the app listens on what PORT says", old, holder)})
		}
	}
	return findings
}

// readsPort tells whether an app listens on the PORT that it is given.
func (f *Facts) readsPort(dev Command) bool {
	if server, known := f.serverOf(programWords(dev)); known && (server.port != 0 || server.readsPort) {
		return server.readsPort || server.port == defaultPort && f.Survey.Sources.Reads["PORT"].Direct
	}
	return f.Survey.Sources.Reads["PORT"].Direct
}

// hasServer tells whether the package opens a server, as far as that can be seen.
func (f *Facts) hasServer() bool {
	_, known := f.framework()
	return known || f.Survey.Sources.Listens || f.Entry.Listens
}
