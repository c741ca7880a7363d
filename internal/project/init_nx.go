package project

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// nxEnv keeps Nx's screen, which is for people at a terminal, and its background
// process, which a restart would leave behind, out of containers.
const nxEnv = "NX_DAEMON=false NX_TUI=false"

// addNx adds the apps of an Nx workspace. Nx runs all tasks at the top, and so does
// devbox: executors find their files from there only. A package that a script of its
// own starts stays what it is.
func (f *Facts) addNx(fsys fs.FS) error {
	apps := nxApps(fsys, f)
	for _, nx := range apps {
		if nx.Dir == "" {
			f.Survey.Nx = nx
			continue
		}
		at := slices.IndexFunc(f.Survey.Apps, func(a AppFacts) bool { return a.Dir == nx.Dir })
		if at >= 0 && f.Survey.Apps[at].isApp() {
			continue
		}
		own, err := nx.facts(fsys, f, max(leastSources, mostSources/len(apps)))
		switch {
		case err != nil && at < 0:
			f.Survey.Unread = append(f.Survey.Unread, nx.Dir+": "+err.Error())
		case err != nil:
			return err
		case at < 0:
			f.Survey.Apps = append(f.Survey.Apps, AppFacts{Dir: nx.Dir, Member: true, Facts: own})
		default:
			f.Survey.Apps[at].Facts = own
		}
	}
	slices.SortFunc(f.Survey.Apps, func(a, b AppFacts) int { return strings.Compare(a.Dir, b.Dir) })
	return nil
}

// facts are those of the project's top, with what the app's folder shows of the app.
// Without a package.json there, what it depends on is in that of the top.
func (a *NxApp) facts(fsys fs.FS, top *Facts, most int) (*Facts, error) {
	sub := subFS{fsys, a.Dir}
	own, err := Detect(sub)
	if err != nil {
		return nil, err
	}
	s, err := survey(sub, own, nil, most)
	if err != nil {
		return nil, err
	}
	f, p := *top, *top.Package
	p.Name, p.Main, p.Scripts = "", "", nil
	switch {
	case own.Package != nil:
		o := own.Package
		p.Name, p.Dependencies, p.DevDependencies, p.OptionalDependencies = o.Name, o.Dependencies, o.DevDependencies, o.OptionalDependencies
	case a.Browser: // what is there for the servers is none of its needs
		p.Dependencies, p.DevDependencies, p.OptionalDependencies = nil, nil, nil
	}
	f.Package, f.Entry, f.EnvPort, f.ExposedPort, f.NodemonConfig = &p, own.Entry, own.EnvPort, Fact{}, false
	f.Survey = Survey{
		Sources: s.Sources, Env: top.Survey.Env, EnvFiles: top.Survey.EnvFiles, Locked: top.Survey.Locked,
		Proxies: s.Proxies, Writes: a.writes, Deletes: a.deletes, ToolPort: a.port, Nx: a,
	}
	for _, w := range s.TopFiles {
		w.Source = path.Join(a.Dir, w.Source)
		f.Survey.TopFiles = append(f.Survey.TopFiles, w)
	}
	return &f, nil
}

// nx is the app of Nx's where no script starts it.
func (f *Facts) nx() *NxApp {
	scripts := map[string]string{}
	if f.Package != nil {
		scripts = f.Package.Scripts
	}
	if slices.ContainsFunc(devScripts, func(name string) bool { return scripts[name] != "" }) {
		return nil
	}
	return f.Survey.Nx
}

// serverOf finds the server that a command runs, behind a task of Nx's as well.
func (f *Facts) serverOf(words []string) (devServer, bool) {
	if nx := f.Survey.Nx; nx != nil && len(words) > 1 && words[0] == "nx" && words[1] == nx.Task {
		return nx.server, true
	}
	return serverOf(words)
}

// dev is the command that has Nx serve the app, or what Nx would run and not watch.
func (a *NxApp) dev(c commandFinder) commandPick {
	pick := commandPick{command: a.plain, words: a.plain}
	if len(a.plain) == 0 {
		words := []string{"nx", a.Task}
		if a.Name != "" {
			words = append(words, a.Name)
		}
		pick.command = c.reachable("dev", words, &pick)
		pick.words = pick.command
	}
	pick.findings = append([]Finding{{What: "dev", Value: pick.command.String(), Source: a.Source}}, pick.findings...)
	if a.still {
		pick.findings = append(pick.findings, Finding{What: "dev", Warning: true, Source: a.Source + " takes in no edits, so the app runs the old code " +
			"until `devbox restart`; let the task watch, or write the command that starts the app into dev"})
	}
	return pick
}

// build is the task that makes what production runs.
func (a *NxApp) build() commandPick {
	if len(a.Runs) == 0 {
		return commandPick{}
	}
	command := Command{"nx", a.Builds}
	if a.Name != "" {
		command = append(command, a.Name)
	}
	return commandPick{command: command, findings: []Finding{{What: "build", Value: command.String(), Source: a.Source}}}
}

// prod runs what that task makes.
func (a *NxApp) prod() commandPick {
	if len(a.Runs) == 0 {
		return commandPick{}
	}
	command := Command(a.Runs)
	return commandPick{command: command, words: command, findings: []Finding{{What: "prod", Value: command.String(), Source: "what nx " + a.Builds + " makes"}}}
}

// folder is where the service of an app runs.
func (a AppFacts) folder() string {
	if a.nx() != nil {
		return ""
	}
	return a.Dir
}

// at is the folder that an app is named for.
func (p appPlace) at() string {
	if nx := p.facts.nx(); nx != nil {
		return nx.Dir
	}
	return p.dir
}
