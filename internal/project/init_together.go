package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A script that starts a server and the development server of its client side by
// side would be one app: an edit for the server would start both anew, and one port
// would be known. So each becomes a service.

// part is one of the commands that a script starts side by side.
type part struct {
	// name is that of its script, empty for a command of its own; text what it runs.
	name, text string
	kind       partKind
	// program is the first word of what runs in the end.
	program string
}

type partKind int

const (
	otherPart  partKind = iota
	nodePart            // the app's own code, which devbox restarts
	serverPart          // a development server, which takes in edits by itself
	placedPart          // it starts an app in another folder, which is a service anyway
)

// frontends are the packages of development servers. What listens beside one takes
// no port from it.
var frontends = []string{
	"next", "nuxt", "astro", "@angular/cli", "@vue/cli-service", "react-scripts", "gatsby", "vite", "webpack-dev-server", "parcel",
}

// splitTogether makes a place of each part of the apps that start a server and
// a client side by side, and leaves out the parts that are apps of their own. What it
// does not understand stays as it is.
func splitTogether(places []appPlace) ([]appPlace, []Finding) {
	var out []appPlace
	var findings []Finding
	for _, place := range places {
		others := slices.DeleteFunc(slices.Clone(places), func(p appPlace) bool { return p.dir == place.dir })
		parts, script := place.facts.parts(others)
		own := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.kind == placedPart })
		server := slices.IndexFunc(own, func(p part) bool { return p.kind == nodePart })
		split := len(own) > 1 && server >= 0 && !slices.ContainsFunc(own, func(p part) bool { return p.kind == otherPart }) &&
			!slices.ContainsFunc(own[server+1:], func(p part) bool { return p.kind == nodePart })
		switch {
		case split:
			services := place.ofParts(own, server, placeNames(append(others, out...)))
			out = append(out, services...)
			findings = append(findings, Finding{What: "services", Value: strings.Join(placeNames(services), ", "), Source: script + " starts them side by side; each restarts and is reached by itself"})
		case len(own) == 1 && len(parts) > 1:
			place.facts = place.facts.withDev(own[0].text)
			out = append(out, place)
		default:
			out = append(out, place)
			if i := slices.IndexFunc(own, func(p part) bool { return p.kind == serverPart }); i >= 0 && len(own) > 1 {
				findings = append(findings, Finding{What: "services", Warning: true, Source: fmt.Sprintf(
					"%s starts %s beside other commands, and one service has one port: to reach it, write a service of its own with dev: %s", script, own[i].program, own[i].text)})
			}
			continue
		}
		if len(own) < len(parts) {
			findings = append(findings, Finding{What: "services", Source: script + " starts apps of other folders as well, which are services of their own"})
		}
	}
	return out, findings
}

// parts are the commands that the script for development starts side by side, and
// that script; none where it does something else. others are the project's other apps.
func (f *Facts) parts(others []appPlace) (list []part, script string) {
	if f == nil || f.Package == nil {
		return nil, ""
	}
	finder := commandFinder{facts: f, manager: "npm"}
	i := slices.IndexFunc(devScripts, func(name string) bool { return finder.script(name) != "" })
	if i < 0 {
		return nil, ""
	}
	pick, err := finder.fromScript(string(Dev), devScripts[i])
	if err != nil {
		return nil, ""
	}
	words := []string(pick.command)
	if pick.command.IsShell() { // for the * of run-p dev:*
		line, err := lexShell(pick.command[2])
		if err != nil || line.opaque || slices.ContainsFunc(line.tokens, func(t shellToken) bool { return t.operator || line.assigns(t) }) {
			return nil, ""
		}
		words = programWords(pick.command)
	}
	if words = unwrapped(words); len(words) == 0 {
		return nil, ""
	}
	reader := scriptReader{pkg: f.Package}
	commands, _ := reader.together(words)
	for _, c := range commands {
		list = append(list, finder.part(c, others))
	}
	return list, "package.json scripts." + devScripts[i]
}

// part takes one command of several.
func (c commandFinder) part(command Command, others []appPlace) part {
	p := part{text: command.String()}
	if name, _ := scriptName(command); c.script(name) != "" {
		p.name = name
		if c.needsManager(string(Dev), name) == "" {
			p.text = c.script(name)
		}
	}
	reader := scriptReader{pkg: c.facts.Package}
	reader.command(command, 0)
	if namesPlace(p.text, others, c.facts.Package, 0) {
		p.kind = placedPart
	} else if len(reader.running) == 1 && !reader.unclear {
		p.program = reader.running[0][0]
		p.kind = kindOfPart(reader.running[0])
	}
	return p
}

func kindOfPart(words []string) partKind {
	if server, known := serverOf(words); known && server.port != 0 {
		return serverPart
	}
	if nodeEntry(words) != "" || listed("nodemon node-dev ts-node-dev tsnd tsx ts-node nest", words[0]) {
		return nodePart
	}
	return otherPart
}

// namesPlace tells whether a command, or a script that it calls, is about the folder
// or the package of one of the apps.
func namesPlace(text string, places []appPlace, p *PackageJSON, depth int) bool {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\"'&;|()=", r) }) {
		word = strings.TrimPrefix(word, "npm:")
		if slices.ContainsFunc(places, func(place appPlace) bool {
			own := place.facts != nil && place.facts.Package != nil && place.facts.Package.Name == word
			return own || place.dir != "" && strings.TrimPrefix(strings.TrimSuffix(word, "/"), "./") == place.dir
		}) {
			return true
		}
		if script := p.Scripts[word]; script != "" && script != text && depth < maxScripts && namesPlace(script, places, p, depth+1) {
			return true
		}
	}
	return false
}

// ofParts are the places of an app's parts, the one that runs its own code first: it
// keeps the production side, the data and the migrations. taken are names of others.
func (place appPlace) ofParts(parts []part, server int, taken []string) []appPlace {
	main := place
	main.name = freeName(partName(parts[server], place), taken)
	main.facts = place.facts.withDev(parts[server].text).withoutFrontends()
	list := []appPlace{main}
	for i, p := range parts {
		if i == server {
			continue
		}
		client := place
		client.name = freeName(partName(p, place), append(slices.Clone(taken), placeNames(list)...))
		client.facts, client.client = place.facts.withDev(p.text).asClient(), true
		list = append(list, client)
	}
	return list
}

func placeNames(places []appPlace) []string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.name
	}
	return names
}

// partName names a service for its script: dev:server is the server.
func partName(p part, place appPlace) string {
	name := p.name[strings.LastIndex(p.name, ":")+1:]
	general := name == "" || slices.Contains(devScripts, name)
	if general && p.kind == nodePart {
		return place.name
	}
	if general {
		name = p.program
	}
	name = Slug(name)
	if place.dir != "" {
		name = place.name + "-" + name
	}
	return name
}

// freeName is a name that nobody has.
func freeName(name string, taken []string) string {
	free := name
	for n := 2; slices.Contains(taken, free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

// withDev are the facts of an app whose script for development is another one.
func (f *Facts) withDev(text string) *Facts {
	out, p := *f, *f.Package
	p.Scripts = maps.Clone(p.Scripts)
	for _, name := range devScripts {
		if name != "start" && !strings.Contains(text, name) {
			delete(p.Scripts, name)
		}
	}
	p.Scripts[string(Dev)] = text
	out.Package = &p
	return &out
}

// withoutFrontends are the facts of what listens beside a development server.
func (f *Facts) withoutFrontends() *Facts {
	out, p := *f, *f.Package
	p.Dependencies, p.DevDependencies = lacking(p.Dependencies, frontends), lacking(p.DevDependencies, frontends)
	out.Package, out.Survey.Proxies, out.Survey.ToolPort = &p, nil, Fact{}
	return &out
}

// asClient are the facts of a development server beside the app: it has no data, and
// of the app's variables those that it puts into what browsers load.
func (f *Facts) asClient() *Facts {
	out, p := *f, *f.Package
	var names []string
	for _, d := range drivers {
		names = append(names, d.name)
	}
	p.Dependencies = lacking(p.Dependencies, names)
	for _, name := range append(slices.Clone(prodScripts), "build") {
		if name != "start" || !strings.Contains(p.Scripts[string(Dev)], name) {
			delete(p.Scripts, name)
		}
	}
	out.Package, out.Entry, out.EnvPort, out.ExposedPort = &p, Entry{}, Fact{}, Fact{}
	out.Survey.Data, out.Survey.Migrations, out.Survey.Env.Wanted = nil, nil, nil
	out.Survey.Sources.Reads = maps.Clone(f.Survey.Sources.Reads)
	maps.DeleteFunc(out.Survey.Sources.Reads, func(name string, _ EnvRead) bool { return !inBrowser(name) })
	return &out
}

// lacking are dependencies without some.
func lacking(packages map[string]string, names []string) map[string]string {
	out := maps.Clone(packages)
	maps.DeleteFunc(out, func(name, _ string) bool { return slices.Contains(names, name) })
	return out
}
