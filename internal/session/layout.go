package session

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// layoutOf is what the meaning of changes in a project depends on, and what to
// watch for them. One service's rules never hide a file from another one.
func layoutOf(dir string, d Desired) (Layout, watch.Ignorer, error) {
	l := Layout{Files: d.Project.Model.Files}
	made := madeFrom(dir, d)
	for _, name := range slices.Sorted(maps.Keys(made)) {
		l.Dockerfiles = append(l.Dockerfiles, made[name].dockerfiles...)
		l.Inputs = append(l.Inputs, made[name].inputs...)
	}
	byRules := map[string]*watch.Matcher{}
	var matchers []*watch.Matcher
	for _, s := range d.Project.Model.Services {
		u, rules, err := useOf(dir, d, s)
		if err != nil {
			return l, nil, err
		}
		u.Inputs = made[s.Name].inputs
		key := strings.Join(rules, "\n")
		m := byRules[key]
		if m == nil {
			if m, err = watch.NewMatcher(dir, watch.Rules{Extra: rules}); err != nil {
				return l, nil, err
			}
			byRules[key] = m
			matchers = append(matchers, m)
		}
		u.Ignores = func(file string) bool { return m.Ignored(file, false) }
		l.Uses = append(l.Uses, u)
	}
	return l, watch.Union(matchers...), nil
}

// useOf is what a service uses, and its rules for what it does not. An app that
// runs from build output gets that watched, although it would be left out.
func useOf(dir string, d Desired, s project.Service) (Use, []string, error) {
	k := d.Project.PackageOf(s)
	u := Use{Service: s.Name, Folder: s.Dir, Package: k.Dir, Members: k.MemberDirs(), Installs: k.InstallReads}
	if s.Dir != "" {
		u.Shared = k.Locals(s.Dir)
	}
	if len(s.Watch.Paths) > 0 {
		u.Names = watch.ParsePatterns(s.Watch.Paths).Match
	}
	command := s.Dev
	if own := d.Compose.Services[s.Name].Command; len(own) > 0 {
		command = project.Command(own)
	}
	writes := k.Writes(s)
	ignore := slices.Concat(valuesOf(s), unwatched(writes), s.Watch.Ignore)
	style := project.DevStyleOf(command, d.Project.PackageJSON(s))
	if style.Entry != "" {
		style.Entry = path.Join(s.Dir, style.Entry)
	}
	u.Reloads, u.Builds, u.Loses = style.Reloads, style.Builds, style.Loses
	if len(s.Migrate) > 0 {
		u.Migrates = func(file string) bool { return d.Project.IsStepFile(s, file) }
	}
	if style.Builds || style.Entry == "" && len(u.Shared) == 0 {
		return u, ignore, nil
	}
	m, err := watch.NewMatcher(dir, watch.Rules{Extra: ignore})
	if err != nil {
		return u, nil, err
	}
	var rules []string
	for _, folder := range u.findOutputs(m, k, style.Entry, writes) {
		rules = append(rules, "!/"+folder+"/")
	}
	return u, append(rules, ignore...), nil
}

// findOutputs finds the folders, left out by the rules, from which the app's entry
// and its local packages are loaded: a build writes them, and edits of its source say
// nothing to the app. What is in a volume on the folders that the app writes cannot be
// watched.
func (u *Use) findOutputs(m *watch.Matcher, k *project.Package, entry string, writes []string) (built []string) {
	if entry != "" {
		if out := ignoredFolder(m, entry); out != "" && !isIn(writes, out) {
			u.Output = out
			built = append(built, out)
		}
	}
	for _, folder := range u.Shared {
		entries := slices.DeleteFunc(k.Entries(folder), func(file string) bool { return isIn(writes, file) })
		if out := sharedOutput(m, entries); len(out.Folders) > 0 {
			if u.SharedOutputs == nil {
				u.SharedOutputs = map[string]SharedOutput{}
			}
			u.SharedOutputs[folder] = out
			built = append(built, out.Folders...)
		}
	}
	return built
}

// sharedOutput is what of a local package, loaded by the given files, is built into
// folders that would not be watched.
func sharedOutput(m *watch.Matcher, entries []string) SharedOutput {
	out := SharedOutput{Whole: true}
	for _, file := range entries {
		folder := ignoredFolder(m, file)
		if folder == "" {
			out.Whole = false
		} else if !slices.Contains(out.Folders, folder) {
			out.Folders = append(out.Folders, folder)
		}
	}
	return out
}

// valuesOf are rules by which a service's env files and secrets are watched,
// although git is kept from them.
func valuesOf(s project.Service) []string {
	var rules []string
	for _, file := range slices.Concat(s.EnvFiles.Dev, slices.Sorted(maps.Values(s.Secrets))) {
		rules = append(rules, "!/"+watch.Literal(file))
	}
	return rules
}

// ignoredFolder is the folder above a file that keeps it from being watched.
func ignoredFolder(m *watch.Matcher, file string) string {
	if strings.ContainsAny(file, `*?[\!#`) || slices.Contains(strings.Split(file, "/"), "node_modules") {
		return ""
	}
	for i := range file {
		if file[i] == '/' && m.Ignored(file[:i], true) {
			return file[:i]
		}
	}
	return ""
}

// sources are the files of the folder that something is made from because a
// Compose file says so.
type sources struct{ dockerfiles, inputs []string }

// madeFrom lists the sources of each service's image and containers, and under
// no name the configs and secrets of the whole project.
func madeFrom(dir string, d Desired) map[string]sources {
	within := func(list []string, file string) []string {
		if file == "" {
			return list
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
			list = append(list, filepath.ToSlash(rel))
		}
		return list
	}
	made := map[string]sources{}
	for name, s := range d.Compose.Services {
		var from sources
		if s.Build != nil && s.Build.Dockerfile != "" {
			file := s.Build.Dockerfile
			if !filepath.IsAbs(file) {
				file = filepath.Join(s.Build.Context, file)
			}
			from.dockerfiles = within(nil, file)
		}
		for _, f := range s.EnvFiles {
			from.inputs = within(from.inputs, f.Path)
		}
		for _, c := range s.Configs {
			from.inputs = within(from.inputs, d.Compose.Configs[c.Source].File)
		}
		for _, c := range s.Secrets {
			from.inputs = within(from.inputs, d.Compose.Secrets[c.Source].File)
		}
		made[name] = from
	}
	var all sources
	for _, c := range d.Compose.Configs {
		all.inputs = within(all.inputs, c.File)
	}
	for _, c := range d.Compose.Secrets {
		all.inputs = within(all.inputs, c.File)
	}
	made[""] = all
	return made
}

// watchKey tells whether two projects are to be watched in the same way.
func watchKey(d Desired) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\n", d.Project.Model.Watch)
	for _, s := range d.Project.Model.Services {
		fmt.Fprintf(&b, "%s %+v %q %q\n", s.Name, s.Watch, d.Compose.Services[s.Name].Command, d.Project.PackageOf(s).Writes(s))
	}
	for _, s := range d.Project.Model.Services {
		k := d.Project.PackageOf(s)
		fmt.Fprintf(&b, "%s %s %q %q %q\n", s.Name, s.Dir, k.Dir, k.MemberDirs(), k.Locals(s.Dir))
		for _, folder := range k.Locals(s.Dir) {
			fmt.Fprintf(&b, "%q\n", k.Entries(folder))
		}
		if p := d.Project.PackageJSON(s); p != nil {
			fmt.Fprintf(&b, "%v\n", p.Scripts)
		}
	}
	return b.String()
}
