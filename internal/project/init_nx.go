package project

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// nxEnv keeps Nx's screen, which is for people at a terminal, and its background
// process, which a restart would leave behind, out of containers.
const nxEnv = "NX_DAEMON=false NX_TUI=false"

// addNx adds the apps of an Nx workspace, which may have no package.json of their
// own: what they depend on is in that of the top then.
func (f *Facts) addNx(fsys fs.FS) error {
	apps := nxApps(fsys, f)
	for _, nx := range apps {
		most := max(leastSources, mostSources/len(apps))
		at := slices.IndexFunc(f.Survey.Apps, func(a AppFacts) bool { return a.Dir == nx.Dir })
		switch {
		case nx.Dir == "":
			f.Survey.Nx = nx
		case at < 0:
			own, err := nx.looseFacts(fsys, f, most)
			if err != nil {
				f.Survey.Unread = append(f.Survey.Unread, nx.Dir+": "+err.Error())
				continue
			}
			f.Survey.Apps = append(f.Survey.Apps, AppFacts{Dir: nx.Dir, Member: true, Facts: own})
		default:
			own := f.Survey.Apps[at].Facts
			if !own.isApp() {
				s, err := survey(subFS{fsys, nx.Dir}, own, nil, most)
				if err != nil {
					return err
				}
				own.Survey = s
			}
			own.Survey.Nx = nx.in(nx.Dir)
			own.Survey.Writes = append(own.Survey.Writes, own.Survey.Nx.writes...)
		}
	}
	slices.SortFunc(f.Survey.Apps, func(a, b AppFacts) int { return strings.Compare(a.Dir, b.Dir) })
	return nil
}

// looseFacts are the facts of an app without a package.json: the project's own, with
// what its folder shows of the app. Nx runs all tasks at the top, and so does devbox.
func (a *NxApp) looseFacts(fsys fs.FS, top *Facts, most int) (*Facts, error) {
	sub := subFS{fsys, a.Dir}
	own, err := Detect(sub)
	if err != nil {
		return nil, err
	}
	s, err := survey(sub, own, nil, most)
	if err != nil {
		return nil, err
	}
	a.Loose = true
	f, p := *top, *top.Package
	p.Name, p.Main, p.Scripts = "", "", nil
	if a.Browser { // what is there for the servers is none of its needs
		p.Dependencies, p.DevDependencies, p.OptionalDependencies = nil, nil, nil
	}
	f.Package, f.Entry, f.EnvPort, f.ExposedPort, f.NodemonConfig = &p, own.Entry, own.EnvPort, Fact{}, false
	f.Survey = Survey{
		Sources: s.Sources, Env: top.Survey.Env, EnvFiles: top.Survey.EnvFiles, Locked: top.Survey.Locked,
		Proxies: s.Proxies, Writes: a.writes, ToolPort: a.port, Nx: a,
	}
	for _, w := range s.TopFiles {
		w.Source = path.Join(a.Dir, w.Source)
		f.Survey.TopFiles = append(f.Survey.TopFiles, w)
	}
	return &f, nil
}

// in is the app with its paths relative to a folder in which its service runs.
func (a *NxApp) in(dir string) *NxApp {
	rel := func(name string) string {
		out, err := filepath.Rel("/"+dir, "/"+name)
		if err != nil {
			return name
		}
		return filepath.ToSlash(out)
	}
	b := *a
	b.Runs, b.writes = slices.Clone(a.Runs), slices.Clone(a.writes)
	if n := len(b.Runs); n > 0 {
		b.Runs[n-1] = rel(b.Runs[n-1])
	}
	for i, w := range b.writes {
		b.writes[i].Text = rel(w.Text)
	}
	return &b
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

// dev is the command that has Nx serve the app.
func (a *NxApp) dev(c commandFinder) commandPick {
	pick := commandPick{}
	words := []string{"nx", a.Task}
	if a.Name != "" {
		words = append(words, a.Name)
	}
	pick.command = c.reachable("dev", words, &pick)
	pick.words = pick.command
	pick.findings = append([]Finding{{What: "dev", Value: pick.command.String(), Source: a.Source}}, pick.findings...)
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
	if nx := a.Survey.Nx; nx != nil && nx.Loose {
		return ""
	}
	return a.Dir
}

// at is the folder that an app is named for.
func (p appPlace) at() string {
	if nx := p.facts.Survey.Nx; nx != nil && nx.Loose {
		return nx.Dir
	}
	return p.dir
}
