package project

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// NxApp is an app of an Nx workspace, as its tasks show it.
type NxApp struct {
	// Name is what Nx calls the project, Dir its folder, empty for the top.
	Name, Dir string
	// Task is the one that serves the app in development, and Source where it
	// stands.
	Task, Source string
	// Builds is the task that makes what production runs, and Runs the command for
	// that, at the top; both are empty where there is none.
	Builds string
	Runs   []string
	// Browser tells that it is the side of a browser: production has nothing that
	// node runs.
	Browser bool
	server  devServer
	port    Fact
	writes  []Written
	// plain is the command of a task that only runs node, still tells that the task
	// takes in no edits though it cannot be replaced by a command.
	plain Command
	still bool
	// built is the task that makes what the served one runs, deletes a folder that it
	// deletes as a whole before.
	built   string
	deletes Fact
}

// nxInference is how a plugin of Nx's finds tasks by the settings of a tool.
type nxInference struct {
	plugin string
	// settings begin the names of the files that make a folder one of its.
	settings string
	// options are those of the plugin that name the task of development, task its
	// name where they do not.
	options, task string
	// tool is what that task runs.
	tool string
	// page is a file that an app has and a library does not.
	page string
}

var nxInferences = []nxInference{
	{plugin: "@nx/next/plugin", settings: "next.config.", options: "devTargetName", task: "dev", tool: "next dev"},
	{plugin: "@nx/nuxt/plugin", settings: "nuxt.config.", options: "serveTargetName", task: "serve", tool: "nuxt dev"},
	{plugin: "@nx/remix/plugin", settings: "remix.config.", options: "devTargetName", task: "dev", tool: "remix dev"},
	{plugin: "@nx/react/router-plugin", settings: "react-router.config.", options: "devTargetName", task: "dev", tool: "react-router dev"},
	{plugin: "@nx/rsbuild", settings: "rsbuild.config.", options: "devTargetName", task: "dev", tool: "rsbuild dev"},
	{plugin: "@nx/rspack/plugin", settings: "rspack.config.", options: "serveTargetName", task: "serve", tool: "rspack serve", page: "src/index.html"},
	{plugin: "@nx/webpack/plugin", settings: "webpack.config.", options: "serveTargetName", task: "serve", tool: "webpack serve", page: "src/index.html"},
	{plugin: "@nx/vite/plugin", settings: "vite.config.", options: "serveTargetName", task: "serve", tool: "vite", page: "index.html"},
}

// nxServer is what devbox knows of a development server behind a task: of Nx's
// executors, of the commands of others. ok is false for a task that serves nothing.
func (t nxTarget) nxServer() (server devServer, ok bool) {
	const usual = 4200
	kind := t.executor()
	switch {
	case strings.HasSuffix(kind, "dev-server"):
		server = devServer{host: "--host 0.0.0.0", port: usual}
		if strings.Contains(t.Executor, "vite") {
			server.port = 5173
		}
		if !t.ofNx() {
			server.env = "NG_CLI_ANALYTICS=false"
		}
		return server, true
	case t.ofNx() && (kind == "node" || kind == "execute"):
		return devServer{port: defaultPort, readsPort: true}, true
	case strings.Contains(t.Executor, "/next:") && kind == "server":
		return devServer{port: usual, readsPort: true}, true
	case kind == "" || kind == "noop" || kind == "file-server" || kind == "serve-static":
		if t.Command == "" {
			return devServer{}, false
		}
	case kind != "run-commands":
		return devServer{port: defaultPort, readsPort: true}, true
	}
	command, err := ParseCommand(t.command())
	words := unwrapped(programWords(command))
	if err != nil || len(words) == 0 {
		return devServer{readsPort: true, port: defaultPort}, len(t.Options) > 0
	}
	if tool, known := serverOf(words); known && !command.IsShell() {
		return containerFlags(tool), true
	}
	return devServer{readsPort: true, port: defaultPort}, !buildsOnly(words)
}

// containerFlags are a server's with a flag for the address that means the same
// behind Nx, which hands it on as --name=value.
func containerFlags(tool devServer) devServer {
	if tool.host == "--host" {
		tool.host = "--host 0.0.0.0"
	}
	return tool
}

// nxApps are the apps of an Nx workspace: the projects that have a task which
// serves them. Those of package.json with a script for that are not among them.
func nxApps(fsys fs.FS, f *Facts) []*NxApp {
	if !isRegular(fsys, nxFile) || f.Package == nil {
		return nil
	}
	plugins := nxPlugins(fsys)
	dirs := foldersWith(fsys, "project.json")
	for _, app := range f.Survey.Apps {
		if app.Member && !slices.Contains(dirs, app.Dir) {
			dirs = append(dirs, app.Dir)
		}
	}
	slices.Sort(dirs)
	var apps []*NxApp
	for _, dir := range append([]string{""}, dirs[:min(len(dirs), mostPackages)]...) {
		if app := readNxProject(fsys, dir).app(fsys, plugins); app != nil {
			apps = append(apps, app)
		}
	}
	return apps
}

// app is the app that a project is; nil where it is none.
func (p nxProject) app(fsys fs.FS, plugins map[string]map[string]string) *NxApp {
	if p.library {
		return nil
	}
	app := &NxApp{Name: p.name, Dir: p.dir}
	for _, name := range []string{"serve", "dev", "start"} {
		t, there := p.targets[name]
		if !there || app.Task != "" {
			continue
		}
		if server, ok := t.nxServer(); ok {
			app.Task, app.server, app.Source = name, server, path.Join(p.dir, p.source)+" targets."+name
			app.Browser = server.host != ""
			app.plain, app.still = t.plain()
			if app.Browser && t.option("port") != "" {
				app.port = Fact{t.option("port"), app.Source}
			}
			p.build(fsys, app, t)
		}
	}
	sub := fsys
	if p.dir != "" {
		sub = subFS{fsys, p.dir}
	}
	if app.Task == "" && !p.inferred(sub, app, plugins) {
		return nil
	}
	if app.port.Text == "" && app.Browser {
		app.port = toolPort(sub)
	}
	if app.server.env != "" {
		app.server.env += " "
	}
	app.server.env += nxEnv
	app.findWrites(fsys, p)
	return app
}

// inferred finds the task that a plugin infers.
func (p nxProject) inferred(sub fs.FS, app *NxApp, plugins map[string]map[string]string) bool {
	for _, by := range nxInferences {
		options, used := plugins[by.plugin]
		file := settingsNamed(sub, by.settings)
		if !used || file == "" || by.page != "" && !isRegular(sub, by.page) {
			continue
		}
		app.Task, app.Source = by.task, path.Join(p.dir, file)+" by "+by.plugin
		if own := options[by.options]; own != "" {
			app.Task = own
		}
		server, _ := serverOf(strings.Fields(by.tool))
		app.server = containerFlags(server)
		app.Browser = by.plugin != "@nx/next/plugin" && by.plugin != "@nx/nuxt/plugin"
		if by.plugin == "@nx/next/plugin" {
			app.Builds, app.Runs = "build", []string{"next", "start", p.dir}
			if own := options["buildTargetName"]; own != "" {
				app.Builds = own
			}
		}
		return true
	}
	return false
}

// settingsNamed is the file in a folder whose name begins in a way.
func settingsNamed(fsys fs.FS, begin string) string {
	for _, ending := range []string{"ts", "js", "mts", "mjs", "cts", "cjs"} {
		if isRegular(fsys, begin+ending) {
			return begin + ending
		}
	}
	return ""
}

// build finds what the build that a task serves makes for production.
func (p nxProject) build(fsys fs.FS, app *NxApp, serve nxTarget) {
	name := "build"
	if _, target, ok := strings.Cut(serve.option("buildTarget"), ":"); ok {
		name, _, _ = strings.Cut(target, ":")
	}
	if app.Browser {
		return
	}
	app.built = name
	t, there := p.targets[name]
	switch {
	case there && t.ofNx() && strings.Contains(t.Executor, "/next:"):
		if out := path.Clean(t.option("outputPath")); t.option("outputPath") != "" && fs.ValidPath(out) {
			app.Builds, app.Runs = name, []string{"next", "start", out}
		}
	case there && t.made(p.dir) != "":
		app.Builds, app.Runs = name, []string{"node", t.made(p.dir)}
	default:
		if file := webpackMakes(fsys, p.dir); file != "" {
			app.Builds, app.Runs = name, []string{"node", file}
		}
	}
}

var (
	webpackOutput = lazy(`\bpath\s*:\s*(?:path\.)?(?:join|resolve)\(\s*__dirname\s*,((?:\s*["'][^"']*["']\s*,?)+)\)`)
	webpackNode   = lazy(`\btarget\s*:\s*["']node["']`)
	quotedText    = lazy(`["']([^"']*)["']`)
)

// webpackMakes is what the settings of webpack in a project's folder make for node,
// relative to the workspace.
func webpackMakes(fsys fs.FS, dir string) string {
	for _, name := range []string{"webpack.config.js", "webpack.config.ts", "webpack.config.cjs"} {
		text := lineComment.ReplaceAllString(peek(fsys, path.Join(dir, name)), "")
		m := webpackOutput().FindStringSubmatch(text)
		if m == nil || !webpackNode().MatchString(text) {
			continue
		}
		at := dir
		for _, part := range quotedText().FindAllStringSubmatch(m[1], -1) {
			at = path.Join(at, part[1])
		}
		if at != "" && fs.ValidPath(at) {
			return path.Join(at, "main.js")
		}
	}
	return ""
}

// findWrites finds the folders that the tasks of development write, relative to the
// workspace.
func (a *NxApp) findWrites(fsys fs.FS, p nxProject) {
	w := writesReader{fsys: fsys}
	for _, name := range []string{"build", a.Task} {
		for _, out := range p.targets[name].writes() {
			if dir, ok := strings.CutPrefix(out, "{workspaceRoot}/"); ok {
				w.addOutput(dir, a.Source)
			} else if dir, ok := strings.CutPrefix(out, "{projectRoot}/"); ok {
				w.addOutput(path.Join(p.dir, dir), a.Source)
			}
		}
	}
	if len(a.Runs) > 1 && a.Runs[0] == "node" {
		w.addOutput(path.Dir(a.Runs[1]), a.Source)
	}
	a.writes = w.list
	t := p.targets[a.built]
	for _, written := range w.list {
		if t.deletesOutput() && path.Clean(t.option("outputPath")) == written.Text {
			a.deletes = Fact{written.Text, path.Join(p.dir, p.source) + " targets." + a.built}
		}
	}
}

// deletesOutput tells whether a task deletes its outputPath as a whole before it
// writes there.
func (t nxTarget) deletesOutput() bool {
	keeps, said := t.Options["deleteOutputPath"].(bool)
	return t.ofNx() && (keeps || !said)
}
