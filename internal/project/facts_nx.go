package project

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const nxFile = "nx.json"

// nxTarget is a task of Nx, as project.json and package.json have it.
type nxTarget struct {
	// Executor is the program that does it, @nx/js:node; Command is short for the
	// one that runs commands.
	Executor, Command    string
	Outputs              []string
	DependsOn            []any
	Options              map[string]any
	Configurations       map[string]map[string]any
	DefaultConfiguration string
}

// option is an option that is a text or a number, empty where it is neither.
func (t nxTarget) option(name string) string {
	for _, options := range []map[string]any{t.Configurations[t.DefaultConfiguration], t.Options} {
		switch value := options[name].(type) {
		case string:
			return value
		case float64:
			return fmt.Sprint(value)
		}
	}
	return ""
}

// command is the one command that the task runs, where it does no more.
func (t nxTarget) command() string {
	if t.Command != "" {
		return t.Command
	}
	return t.option("command")
}

// executor is the executor without its package: node of @nx/js:node.
func (t nxTarget) executor() string {
	_, name, _ := strings.Cut(t.Executor, ":")
	return name
}

// ofNx tells whether the executor is one of Nx's own packages.
func (t nxTarget) ofNx() bool {
	return strings.HasPrefix(t.Executor, "@nx/") || strings.HasPrefix(t.Executor, "@nrwl/")
}

// made is the file for node that a task makes which compiles or bundles, relative
// to the workspace; dir is the project's folder. It is empty where the task does
// something else.
func (t nxTarget) made(dir string) string {
	out, main := path.Clean(t.option("outputPath")), t.option("main")
	code := isTyped(main) || path.Ext(main) == ".js"
	known := t.Executor == "" || t.ofNx() && t.option("target") != "web"
	if t.option("outputPath") == "" || !code || !known || !fs.ValidPath(out) {
		return ""
	}
	name := strings.TrimSuffix(path.Base(main), path.Ext(main)) + ".js"
	switch t.executor() {
	case "esbuild":
		if own := t.option("outputFileName"); own != "" {
			name = own
		}
		return path.Join(out, strings.TrimSuffix(name, path.Ext(name))+t.esbuildEnding())
	case "tsc", "swc":
		return path.Join(out, strings.TrimPrefix(path.Dir(path.Clean(main)), dir+"/"), name)
	case "webpack", "rspack", "build":
		name = "main.js"
	}
	if own := t.option("outputFileName"); own != "" {
		name = own
	}
	return path.Join(out, name)
}

// esbuildEnding is the ending of the files that the executor for esbuild makes.
func (t nxTarget) esbuildEnding() string {
	settings, _ := t.Options["esbuildOptions"].(map[string]any)
	endings, _ := settings["outExtension"].(map[string]any)
	if own, ok := endings[".js"].(string); ok {
		return own
	}
	if formats, _ := t.Options["format"].([]any); slices.Contains(formats, any("cjs")) {
		return ".cjs"
	}
	return ".js"
}

// nxProject is a project of an Nx workspace.
type nxProject struct {
	// name is what Nx calls it, dir its folder, "" for the top.
	name, dir string
	library   bool
	targets   map[string]nxTarget
	source    string // the file that has the tasks
}

// readNxProject reads what a folder says of itself to Nx.
func readNxProject(fsys fs.FS, dir string) nxProject {
	sub, p := fsys, nxProject{dir: dir}
	if dir != "" {
		sub, p.name = subFS{fsys, dir}, path.Base(dir)
	}
	var pkg struct {
		Name string
		Nx   json.RawMessage
	}
	_ = json.Unmarshal([]byte(peek(sub, packageFile)), &pkg)
	if pkg.Name != "" {
		p.name = pkg.Name
	}
	p.targets, p.source = nxTargets(sub, pkg.Nx)
	for _, text := range [][]byte{pkg.Nx, nxJSON(sub, "project.json")} {
		var says struct{ Name, ProjectType string }
		_ = json.Unmarshal(text, &says)
		if says.Name != "" {
			p.name = says.Name
		}
		p.library = p.library || says.ProjectType == "library"
	}
	return p
}

// nxJSON is a file of settings of Nx's, which may have comments.
func nxJSON(fsys fs.FS, name string) []byte {
	return []byte(lineComment.ReplaceAllString(peek(fsys, name), ""))
}

// nxTargets are the tasks of an Nx project: those of project.json, or those that
// package.json has under nx. A task that cannot be read hides no other.
func nxTargets(fsys fs.FS, inPackage json.RawMessage) (targets map[string]nxTarget, source string) {
	for _, from := range []Fact{{string(nxJSON(fsys, "project.json")), "project.json"}, {string(inPackage), packageFile}} {
		var project struct{ Targets map[string]json.RawMessage }
		if json.Unmarshal([]byte(from.Text), &project) != nil || len(project.Targets) == 0 {
			continue
		}
		targets = map[string]nxTarget{}
		for name, text := range project.Targets {
			var t nxTarget
			if json.Unmarshal(text, &t) == nil {
				targets[name] = t
			}
		}
		return targets, from.Source
	}
	return nil, packageFile
}

// nxPlugins are the plugins in nx.json that find tasks by themselves, with the
// options that are texts: the names of these tasks.
func nxPlugins(fsys fs.FS) map[string]map[string]string {
	var settings struct{ Plugins []json.RawMessage }
	if json.Unmarshal(nxJSON(fsys, nxFile), &settings) != nil {
		return nil
	}
	plugins := map[string]map[string]string{}
	for _, text := range settings.Plugins {
		var p struct {
			Plugin  string
			Options map[string]any
		}
		if json.Unmarshal(text, &p) != nil && json.Unmarshal(text, &p.Plugin) != nil {
			continue
		}
		plugins[p.Plugin] = map[string]string{}
		for name, value := range p.Options {
			if text, ok := value.(string); ok {
				plugins[p.Plugin][name] = text
			}
		}
	}
	return plugins
}

// nx finds what the tasks of Nx that run in development write. Those that delete
// their output before delete the folder itself, so that a volume goes on the one
// above, where that is output as well.
func (w *writesReader) nx(p *PackageJSON) {
	var inPackage json.RawMessage
	if p != nil {
		inPackage = p.raw["nx"]
	}
	targets, source := nxTargets(w.fsys, inPackage)
	// Without nx.json this is a project below the workspace, whose top is elsewhere.
	top := isRegular(w.fsys, nxFile)
	for _, name := range []string{"build", "serve", "dev"} {
		for _, out := range targets[name].writes() {
			dir, ok := strings.CutPrefix(out, "{projectRoot}/")
			if !ok && top {
				dir, ok = strings.CutPrefix(out, "{workspaceRoot}/")
			}
			if ok {
				w.addOutput(dir, source+" targets."+name)
			}
		}
	}
}

// writes are the folders that a task writes, each below {workspaceRoot} or
// {projectRoot}.
func (t nxTarget) writes() []string {
	outputs := t.Outputs
	if bundle, _ := t.Options["bundle"].(bool); t.executor() == "esbuild" && !bundle {
		outputs = append([]string{"{workspaceRoot}/tmp"}, outputs...) // its entries
	}
	if dir := t.option("outputPath"); dir != "" {
		outputs = append([]string{"{workspaceRoot}/" + dir}, outputs...)
	}
	return outputs
}

// addOutput takes in a folder of a task's output.
func (w *writesReader) addOutput(dir, source string) {
	if strings.ContainsAny(dir, "{*") {
		return
	}
	if above, _, below := strings.Cut(dir, "/"); below && outputNames[above] {
		dir = above
	}
	w.add(dir, source, "nx")
}

// builtFile is what Nx says that a build of the project at the top makes.
func builtFile(fsys fs.FS) Fact {
	p := readNxProject(fsys, "")
	if file := p.targets["build"].made(""); file != "" {
		return Fact{file, p.source + " targets.build"}
	}
	return Fact{}
}
