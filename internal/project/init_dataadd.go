package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// connectData sets the variables that an app reads and that devbox does not set
// by itself.
func connectData(f *Facts, s *Service, kind, service string) []string {
	k := dataKinds[kind]
	var set []string
	for _, name := range f.variables() {
		part := k.part(name)
		if part == "" || listed(k.standard, name) || part == "name" && k.name == "" {
			continue
		}
		value, secret := k.value(part, service)
		if secret {
			s.setComposeEnv(name, value)
		} else {
			s.setEnv(name, value)
		}
		set = append(set, name)
	}
	return set
}

// variables are those that the code and the example name, sorted.
func (f *Facts) variables() []string {
	names := slices.Collect(maps.Keys(f.Survey.Sources.Reads))
	for _, w := range f.Survey.Env.Wanted {
		names = append(names, w.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// addData adds the services that the apps want, and lets the apps find them.
func addData(m *Model, f *Facts, places []appPlace, c Choices) []Finding {
	var findings []Finding
	for i, place := range places {
		picks, own := f.pickPlaceData(place)
		s := &m.Services[i]
		for _, pick := range picks {
			own = append(own, addPick(m, place.data, s, pick, c)...)
		}
		findings = append(findings, ofService(own, place.name, len(places))...)
	}
	return append(findings, addAsked(m, places, c)...)
}

// addPick adds a service that an app wants, unless the choices say otherwise.
func addPick(m *Model, f *Facts, s *Service, pick dataPick, c Choices) []Finding {
	source := strings.Join(pick.sources, ", ")
	version, wanted := c.uses(pick.kind)
	if name := m.backingOf(pick.kind); name != "" && !wanted {
		return findOwn(f, s, pick.kind, name)
	}
	switch {
	case !wanted && (c.NoServices || slices.Contains(c.Without, pick.kind)):
		return nil
	case !wanted && !pick.sure:
		return []Finding{{What: "services", Warning: true, Source: fmt.Sprintf(
			"%s: whether it needs a %s service is not plain to see; `--use %s` adds one", source, pick.kind, pick.kind)}}
	}
	if pick.kind == "redis" && f.knowsNoPassword() {
		return m.addOpenRedis(f, s, version, source)
	}
	name, added := m.addBacking(f, pick.kind, version)
	s.Needs = append(s.Needs, name)
	var findings []Finding
	if b, _ := m.BackingService(name); added {
		findings = append(findings, Finding{What: "services", Value: name + " (" + b.String() + ")", Source: source})
	}
	if set := connectData(f, s, pick.kind, name); len(set) > 0 {
		return append(findings, Finding{What: "environment", Value: strings.Join(set, " "), Source: "for " + name + "; the app reads them"})
	}
	if !f.readsStandard(pick.kind) {
		findings = append(findings, Finding{What: "environment", Warning: true, Source: fmt.Sprintf(
			"the app gets %s, but no file that reads one of them was found", listSome(strings.Fields(dataKinds[pick.kind].standard)))})
	}
	return findings
}

// knowsNoPassword tells that the code has the address of its Redis in it, and no
// password: it reads no variable that could bring one.
func (f *Facts) knowsNoPassword() bool {
	named := slices.ContainsFunc(f.Survey.Sources.Hosts, func(host Fact) bool { return host.Text == "redis" })
	return named && !slices.ContainsFunc(f.variables(), dataKinds["redis"].own)
}

// addOpenRedis adds a Redis without a password, in Compose's own words.
func (m *Model) addOpenRedis(f *Facts, s *Service, version, source string) []Finding {
	name, added := m.addBacking(f, "redis", version)
	s.Needs = append(s.Needs, name)
	if !added {
		return nil
	}
	b := &m.Backing[len(m.Backing)-1]
	image := b.Image()
	*b = Backing{Name: name, Compose: map[string]any{"image": image, "healthcheck": healthy("redis", lentChecks["redis"]...)}}
	return []Finding{{What: "services", Value: name + " (" + image + ")", Source: source + "; without a password, because the code has its address and no password"}}
}

// backingOf is the service in Compose's own words that runs an image of a kind.
func (m *Model) backingOf(kind string) string {
	for _, b := range m.Backing {
		image, _ := b.Compose["image"].(string)
		name, _, _ := strings.Cut(image, ":")
		if b.Use == "" && path.Base(name) == kind {
			return b.Name
		}
	}
	return ""
}

// findOwn sets where an app finds a service of the user's own, if it reads that
// from variables. Users and passwords are as the user has them.
func findOwn(f *Facts, s *Service, kind, service string) []Finding {
	k := dataKinds[kind]
	var set []string
	for _, name := range f.variables() {
		_, own := s.Environment[name]
		if part := k.part(name); own || s.composeSets(name) || part != "host" && part != "port" {
			continue
		}
		value, _ := k.value(k.part(name), service)
		s.setEnv(name, value)
		set = append(set, name)
	}
	if !slices.Contains(s.Needs, service) {
		s.Needs = append(s.Needs, service)
	}
	if len(set) == 0 {
		return nil
	}
	return []Finding{{What: "environment", Value: strings.Join(set, " "), Source: "where the app finds " + service}}
}

// ofService are findings with the service that they are about, where there are
// several.
func ofService(findings []Finding, service string, of int) []Finding {
	for i := range findings {
		if of > 1 {
			findings[i].Service = service
		}
	}
	return findings
}

// addAsked adds what was asked for and no app shows, for the first app.
func addAsked(m *Model, places []appPlace, c Choices) []Finding {
	var findings []Finding
	for _, use := range c.Use {
		kind, version, _ := strings.Cut(use, "@")
		if slices.ContainsFunc(m.Backing, func(b Backing) bool { return b.Use == kind }) {
			continue
		}
		name, _ := m.addBacking(places[0].facts, kind, version)
		m.Services[0].Needs = append(m.Services[0].Needs, name)
		connectData(places[0].facts, &m.Services[0], kind, name)
		findings = append(findings, Finding{What: "services", Value: name + " (" + use + ")", Source: "--use"})
	}
	return findings
}

// Offer is a service that an app may want beside it.
type Offer struct {
	// Kind is a kind of service that devbox knows, Title its name for people.
	Kind, Title string
	// Source says what shows it.
	Source string
	// Sure tells that it is added where nobody is asked.
	Sure bool
}

// Offers are the services that the apps of a folder seem to want and that the
// choices say nothing about.
func Offers(f *Facts, c Choices) []Offer {
	// A Compose file says what there is.
	places, _, err := pickApps(f)
	if err != nil || c.NoServices || f.Imports.hasServices() {
		return nil
	}
	withData(f, places)
	var offers []Offer
	for _, place := range places {
		picks, _ := f.pickPlaceData(place)
		for _, pick := range picks {
			_, said := c.uses(pick.kind)
			same := func(o Offer) bool { return o.Kind == pick.kind }
			if said || slices.Contains(c.Without, pick.kind) || slices.ContainsFunc(offers, same) {
				continue
			}
			offers = append(offers, Offer{pick.kind, dataKinds[pick.kind].title, strings.Join(pick.sources, ", "), pick.sure})
		}
	}
	return offers
}

// readsStandard tells whether the app reads a variable that devbox sets anyway.
func (f *Facts) readsStandard(kind string) bool {
	standard := dataKinds[kind].standard
	return slices.ContainsFunc(f.variables(), func(name string) bool { return listed(standard, name) }) ||
		listed(standard, "PGHOST") && f.Package.Has("pg") || listed(standard, "AWS_REGION") && f.Package.Has("@aws-sdk/client-s3") || slices.ContainsFunc(f.Survey.Data, func(d Fact) bool { return d.Text == kind })
}

// addBacking adds a service of a kind unless there is one, and gives its name:
// the one by which the code looks for it, if there is such.
func (m *Model) addBacking(f *Facts, kind, version string) (name string, added bool) {
	k := dataKinds[kind]
	for _, b := range m.Backing {
		if b.Use == kind {
			return b.Name, false
		}
	}
	if name = k.service; name == "" {
		name = kind
	}
	for _, host := range f.Survey.Sources.Hosts {
		if host.Text == kind || host.Text == "db" || host.Text == "database" || host.Text == k.service {
			if !isLocalName(host.Text) {
				name = host.Text
				break
			}
		}
	}
	if m.named(name) {
		name = kind
	}
	if version == "" {
		version = k.version
	}
	b := Backing{Name: name, Use: kind, Version: version}
	if row := catalog[kind]; row.page {
		b.Publish = row.published
	}
	m.Backing = append(m.Backing, b)
	return name, true
}

func isLocalName(host string) bool { return isLoopback(host) || !plainName.MatchString(host) }

// named tells whether a service has that name.
func (m *Model) named(name string) bool {
	_, app := m.Service(name)
	_, backing := m.BackingService(name)
	return app || backing
}
