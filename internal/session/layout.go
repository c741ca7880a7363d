package session

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// layoutOf is what the meaning of changes in a project depends on, and what to
// watch for them. One service's rules never hide a file from another one.
func layoutOf(dir string, d Desired) (Layout, watch.Ignorer, error) {
	l := Layout{
		Workspaces: d.Project.Facts.Package != nil && d.Project.Facts.Package.Workspaces,
		Installs:   d.Project.InstallReads,
	}
	l.Dockerfiles, l.Inputs = madeFrom(dir, d)
	byRules := map[string]*watch.Matcher{}
	var matchers []*watch.Matcher
	for _, s := range d.Project.Model.Services {
		u, rules, err := useOf(dir, d, s)
		if err != nil {
			return l, nil, err
		}
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
	u := Use{Service: s.Name}
	if len(s.Watch.Paths) > 0 {
		u.Names = watch.ParsePatterns(s.Watch.Paths).Match
	}
	command := s.Dev
	if own := d.Compose.Services[s.Name].Command; len(own) > 0 {
		command = project.Command(own)
	}
	style := project.DevStyleOf(command, d.Project.Facts.Package)
	u.Reloads = style.Reloads
	if style.Entry == "" || style.Builds {
		return u, s.Watch.Ignore, nil
	}
	m, err := watch.NewMatcher(dir, watch.Rules{Extra: s.Watch.Ignore})
	if err != nil {
		return u, nil, err
	}
	if u.Output = ignoredFolder(m, style.Entry); u.Output == "" {
		return u, s.Watch.Ignore, nil
	}
	return u, append([]string{"!/" + u.Output + "/"}, s.Watch.Ignore...), nil
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

// madeFrom lists the files of the folder that images and containers are made
// from because a Compose file says so.
func madeFrom(dir string, d Desired) (dockerfiles, inputs []string) {
	add := func(list *[]string, path string) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			*list = append(*list, filepath.ToSlash(rel))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Compose.Services)) {
		s := d.Compose.Services[name]
		if s.Build != nil && s.Build.Dockerfile != "" {
			file := s.Build.Dockerfile
			if !filepath.IsAbs(file) {
				file = filepath.Join(s.Build.Context, file)
			}
			add(&dockerfiles, file)
		}
		for _, f := range s.EnvFiles {
			add(&inputs, f.Path)
		}
	}
	for _, c := range d.Compose.Configs {
		if c.File != "" {
			add(&inputs, c.File)
		}
	}
	for _, s := range d.Compose.Secrets {
		if s.File != "" {
			add(&inputs, s.File)
		}
	}
	slices.Sort(inputs)
	return dockerfiles, slices.Compact(inputs)
}

// watchKey tells whether two projects are to be watched in the same way.
func watchKey(d Desired) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\n", d.Project.Model.Watch)
	for _, s := range d.Project.Model.Services {
		fmt.Fprintf(&b, "%s %+v %q\n", s.Name, s.Watch, d.Compose.Services[s.Name].Command)
	}
	if p := d.Project.Facts.Package; p != nil {
		fmt.Fprintf(&b, "%v\n", p.Scripts)
	}
	return b.String()
}
