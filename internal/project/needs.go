package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MigrateService and SeedService are the services of the rendered files that
// bring an app's data up to date, and that fill new data. Both run to their end.
func MigrateService(app string) string { return app + "-migrate" }

// SeedService is the service that fills an app's new data, see MigrateService.
func SeedService(app string) string { return app + "-seed" }

// seedProfile keeps plain Compose from seeding at each start.
const seedProfile = "devbox-seed"

// OneOffServices are the services of the rendered files that run to their end.
func (m *Model) OneOffServices() []string {
	var names []string
	for _, s := range m.Services {
		if len(s.Migrate) > 0 {
			names = append(names, MigrateService(s.Name))
		}
		if len(s.Seed) > 0 {
			names = append(names, SeedService(s.Name))
		}
	}
	return names
}

// addNeeds says in a rendered project what waits for what, and adds the services
// that run before an app starts.
func addNeeds(project map[string]any, m *Model, mode Mode) {
	services := section(project, "services")
	for _, s := range m.Services {
		c, ok := services[s.Name].(map[string]any)
		if !ok {
			continue
		}
		waits := waitsFor(services, m, s, mode)
		if len(s.Migrate) > 0 {
			services[MigrateService(s.Name)] = oneOffOf(c, s.ownWord("image", mode), s.Migrate, waits)
			waits = maps.Clone(waits)
		}
		for _, name := range m.migratedBy(s) {
			if _, there := services[name].(map[string]any); there {
				waits[MigrateService(name)] = map[string]any{"condition": "service_completed_successfully"}
			}
		}
		if len(s.Seed) > 0 && mode == Dev {
			seed := oneOffOf(c, s.ownWord("image", mode), s.Seed, waits)
			seed["profiles"] = []any{seedProfile}
			services[SeedService(s.Name)] = seed
		}
		if len(waits) > 0 {
			c["depends_on"] = waits
		}
	}
}

// migratedBy are the apps whose migrations an app waits for: its own, or, where it has
// none, those of the apps that need the same database. One that waits for an app of
// that kind before it migrates is not among them: they could wait for each other.
func (m *Model) migratedBy(s Service) []string {
	if len(s.Migrate) > 0 {
		return []string{s.Name}
	}
	var names []string
	for _, other := range m.Services {
		shares := slices.ContainsFunc(s.Needs, func(name string) bool { return m.isDatabase(name) && slices.Contains(other.Needs, name) })
		waits := slices.ContainsFunc(m.inNeedOrder(other.Needs), func(needed Service) bool {
			return len(needed.Migrate) == 0 && slices.ContainsFunc(needed.Needs, m.isDatabase)
		})
		if shares && !waits && len(other.Migrate) > 0 {
			names = append(names, other.Name)
		}
	}
	return names
}

// isDatabase tells of a service, by its name, that it holds data with a schema.
func (m *Model) isDatabase(name string) bool {
	b, _ := m.BackingService(name)
	image, _ := b.Compose["image"].(string)
	return slices.Contains(databases, b.Use) || slices.Contains(databases, imageKind(image))
}

// waitsFor is the depends_on of an app.
func waitsFor(services map[string]any, m *Model, s Service, mode Mode) map[string]any {
	waits := map[string]any{}
	for _, name := range s.Needs {
		if _, there := services[name]; !there {
			continue // it has no part in this mode
		}
		condition := "service_started"
		b, backing := m.BackingService(name)
		app, _ := m.Service(name)
		switch {
		case backing && (b.Use != "" || b.checksHealth(mode)):
			condition = "service_healthy"
		case !backing && mode == Prod && app.Port != 0:
			condition = "service_healthy"
		}
		waits[name] = map[string]any{"condition": condition}
	}
	return waits
}

// checksHealth tells whether the service's own Compose words have a health check.
func (b Backing) checksHealth(mode Mode) bool {
	words := []map[string]any{b.Compose, b.ComposeDev}
	if mode == Prod {
		words[1] = b.ComposeProd
	}
	return slices.ContainsFunc(words, func(w map[string]any) bool { return w["healthcheck"] != nil })
}

// oneOffOf is a service that runs a command to its end where an app will run.
func oneOffOf(app map[string]any, ownImage any, command Command, waits map[string]any) map[string]any {
	c := maps.Clone(app)
	if ownImage != nil {
		c["image"] = ownImage
	}
	for _, key := range []string{"ports", "healthcheck", "restart", "depends_on"} {
		delete(c, key)
	}
	if c["build"] != nil {
		delete(c, "build") // the app's own service builds the image
		c["pull_policy"] = "never"
	}
	c["command"] = literals(command)
	c["restart"] = "no"
	if len(waits) > 0 {
		c["depends_on"] = maps.Clone(waits)
	}
	return c
}

// checkNeeds looks at what services need when all of them have been read.
func (r *reader) checkNeeds(services *yaml.Node, m *Model) {
	names := m.Names()
	for _, b := range m.Backing {
		names = append(names, b.Name)
	}
	for _, s := range m.Services {
		at := valueOf(services, s.Name)
		for i, need := range s.Needs {
			if slices.Contains(names, need) {
				continue
			}
			n := valueOf(at, "needs")
			if i < len(n.Content) {
				n = n.Content[i]
			}
			r.add(n, needHint(need, names), "service %s needs %s, which is not there", show(s.Name), show(need))
		}
		for _, taken := range []string{MigrateService(s.Name), SeedService(s.Name)} {
			if slices.Contains(m.OneOffServices(), taken) && slices.Contains(names, taken) {
				r.add(valueOf(services, taken), "rename it", "service %s has the name of a step of service %s", show(taken), show(s.Name))
			}
		}
	}
	r.checkWrites(services, m)
	if path := cycle(m); len(path) > 0 {
		r.add(valueOf(valueOf(services, path[0]), "needs"), "take one of them out of `needs`", "services need each other in a circle: %s", strings.Join(path, " -> "))
	}
}

// needHint says how to come by a service that is not there.
func needHint(need string, names []string) string {
	if meant := otherKinds[fold(need)]; meant != "" {
		need = meant
	}
	if k, ok := catalog[need]; ok {
		return fmt.Sprintf("add it: services: {%s: {use: %s@%s}}", need, need, k.version)
	}
	if hint := didYouMean(need, names); hint != "" {
		return hint
	}
	return "known are " + strings.Join(names, ", ")
}

// cycle is a circle of needs, from a service back to it; nil where there is none.
func cycle(m *Model) []string {
	const (
		entered = 1
		left    = 2
	)
	state := map[string]int{}
	var visit func(path []string) []string
	visit = func(path []string) []string {
		name := path[len(path)-1]
		switch state[name] {
		case left:
			return nil
		case entered:
			return path[slices.Index(path, name):]
		}
		state[name] = entered
		s, _ := m.Service(name)
		for _, need := range s.Needs {
			if found := visit(append(slices.Clone(path), need)); found != nil {
				return found
			}
		}
		state[name] = left
		return nil
	}
	for _, s := range m.Services {
		if found := visit([]string{s.Name}); found != nil {
			return found
		}
	}
	return nil
}
