package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
)

// places are the apps of the Compose file; they are the project's, and what else
// the folder shows are packages of theirs. There are none where it names none.
func (in *Imports) places() ([]appPlace, []Finding) {
	if in == nil || in.Compose == nil {
		return nil, nil
	}
	var places []appPlace
	var names []string
	for _, s := range in.Compose.Services {
		p := placeOf(s, in.isFile)
		if facts := in.Apps[p.dir]; p.app && facts != nil && !s.off() {
			places = append(places, appPlace{name: s.Name, dir: p.dir, facts: in.withWishes(facts, s, p)})
			names = append(names, s.Name)
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	return places, []Finding{{What: "services", Value: strings.Join(names, ", "), Source: in.Compose.Files[0] + " builds them from folders with a package.json"}}
}

// hasServices tells whether a Compose file says which services there are.
func (in *Imports) hasServices() bool {
	return in != nil && in.Compose != nil && len(in.Compose.Services) > 0
}

// compose takes the Compose file's words into the apps, and makes backing
// services of its other services.
func (in *Imports) compose(m *Model, places []appPlace, c Choices) []Finding {
	u := in.Compose
	findings := []Finding{{What: "compose", Value: strings.Join(u.Files, ", "), Source: "imported; it is not changed"}}
	if u.FirstFormat {
		findings = append(findings, Finding{What: "compose", Source: u.Files[0] + " is of Compose's first format, without services:, which no Compose reads today", Warning: true})
	}
	if named := u.projectName(c.Folder); c.Name == "" && named.Value != "" && named.Value != m.Name {
		m.Name = named.Value
		findings = append(findings, named)
	}
	var backing []string
	for _, s := range u.Services {
		i := slices.IndexFunc(places, func(p appPlace) bool { return p.name == s.Name && in.Apps[p.dir] != nil })
		switch {
		case s.profiled():
			findings = append(findings, Finding{What: s.Name, Source: u.at(s.Name, "profiles") + ": it has a profile, so it is left out"})
		case s.tests():
			findings = append(findings, Finding{What: s.Name, Source: u.at(s.Name) + ": it tests and ends, so it is left out; `devbox run` runs tests"})
		case i >= 0 && len(in.Apps) > 0:
			findings = append(findings, in.app(&m.Services[i], places[i].facts, s, c)...)
		default:
			m.Backing = append(m.Backing, in.backing(s))
			backing = append(backing, s.Name)
			findings = append(findings, in.backingFindings(s)...)
		}
	}
	if len(in.Apps) == 0 {
		for i := range m.Services {
			m.Services[i].Needs = union(m.Services[i].Needs, backing)
			findings = append(findings, in.connect(&m.Services[i], places[i].data)...)
		}
	}
	findings = append(findings, in.clearFindings(m, places)...)
	findings = append(findings, in.top(m)...)
	return append(findings, settle(m)...)
}

// projectName is the name under which Compose has run the project until now, so
// that its data volumes stay in use.
func (u *UserCompose) projectName(folder string) Finding {
	if u.Name != "" && checkProjectName(u.Name).text == "" {
		return Finding{What: "name", Value: u.Name, Source: fmt.Sprintf("%s:%d, so its volumes stay in use", u.Files[0], u.find("name").Line)}
	}
	name := loader.NormalizeProjectName(folder)
	if checkProjectName(name).text != "" {
		return Finding{}
	}
	return Finding{What: "name", Value: name, Source: "the folder, as in Compose, so that its volumes stay in use"}
}

// off tells a service that is not for every start.
func (s UserService) off() bool { return s.profiled() || s.tests() }

// profiled tells a service that Compose starts only by a profile.
func (s UserService) profiled() bool {
	list, ok := s.Words["profiles"].([]any)
	return ok && len(list) > 0
}

// servicesOff are the services that are not started.
func (u *UserCompose) servicesOff() []string {
	var names []string
	for _, s := range u.Services {
		if s.off() {
			names = append(names, s.Name)
		}
	}
	return names
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, name := range b {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// backing is a service in its own words. Its name in the engine is Compose's to
// give, so that two folders do not fight for it.
func (in *Imports) backing(s UserService) Backing {
	words := s.Plain
	if words == nil {
		words = s.Words
	}
	words, _ = cloneValue(words).(map[string]any)
	delete(words, "container_name")
	off := in.Compose.servicesOff()
	for _, key := range []string{"depends_on", "links"} {
		switch v := words[key].(type) {
		case map[string]any:
			maps.DeleteFunc(v, func(name string, _ any) bool { return slices.Contains(off, name) })
		case []any:
			words[key] = slices.DeleteFunc(v, func(e any) bool { return slices.Contains(off, text(e)) })
		}
	}
	if check := s.lentCheck(); check != nil {
		words["healthcheck"] = check
	}
	return Backing{Name: s.Name, Compose: words}
}

func (in *Imports) backingFindings(s UserService) []Finding {
	what, key := "", "image"
	if what = text(s.Words["image"]); what == "" {
		what, key = "built by its own Dockerfile", "build"
	}
	list := []Finding{{What: s.Name, Value: what, Source: in.Compose.at(s.Name, key) + ", as it is"}}
	if s.Words["container_name"] != nil {
		list = append(list, Finding{What: s.Name, Source: in.Compose.at(s.Name, "container_name") + ": container_name is left out, so that two folders can run side by side"})
	}
	if s.lentCheck() != nil {
		list = append(list, Finding{What: s.Name, Source: in.Compose.at(s.Name, key) + ": a health check is added, so that what needs it waits until it answers"})
	}
	return list
}

// top keeps what a service's section cannot hold: networks and volumes with
// settings, secrets and configs.
func (in *Imports) top(m *Model) []Finding {
	var findings []Finding
	for _, kind := range slices.Sorted(maps.Keys(in.Compose.Top)) {
		section, _ := in.Compose.Top[kind].(map[string]any)
		kept := map[string]any{}
		for name, v := range section {
			if words, ok := v.(map[string]any); ok && len(words) > 0 {
				kept[name] = cloneValue(words)
			}
		}
		if len(kept) == 0 {
			continue
		}
		if m.Compose == nil {
			m.Compose = map[string]any{}
		}
		m.Compose[kind] = kept
		for _, name := range slices.Sorted(maps.Keys(kept)) {
			findings = append(findings, Finding{What: "compose", Value: kind + "." + name, Source: in.Compose.at2(kind, name)})
		}
	}
	return findings
}

// at2 is the place of an entry of a section at the top.
func (u *UserCompose) at2(kind, name string) string {
	if n := u.find(kind, name); n != nil {
		for _, s := range u.sources {
			if line := keyLine(s.root, []string{kind, name}); line > 0 {
				return fmt.Sprintf("%s:%d", s.file, line)
			}
		}
	}
	return u.Files[0]
}

// settle makes the services of an imported model agree: each needs only what is
// there, and no two take the same port of the host.
func settle(m *Model) []Finding {
	known := m.Names()
	for _, b := range m.Backing {
		known = append(known, b.Name)
	}
	taken := map[int]string{}
	for _, s := range m.Services {
		if s.Publish > 0 {
			taken[s.Publish] = s.Name
		}
	}
	var findings []Finding
	for i := range m.Services {
		s := &m.Services[i]
		s.Needs = slices.DeleteFunc(s.Needs, func(name string) bool { return !slices.Contains(known, name) || name == s.Name })
		if s.Port == 0 || s.Publish > 0 {
			continue
		}
		port := s.Port
		for taken[port] != "" && port < lastPort {
			port++
		}
		taken[port] = s.Name
		if port != s.Port {
			s.Publish = port
			findings = append(findings, Finding{What: s.Name, Value: fmt.Sprintf("publish %d", port), Source: fmt.Sprintf("another service has port %d of this machine", s.Port)})
		}
	}
	return findings
}
