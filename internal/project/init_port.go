package project

import (
	"regexp"
	"strconv"
)

// defaultPort is what most servers of the Node.js world listen on.
const defaultPort = 3000

// framework is what a dependency tells of a project.
type framework struct {
	// Package is the dependency, Port what its development server listens on.
	Package string
	Port    int
}

// frameworks are looked for in this order: one that contains another comes
// before it.
var frameworks = []framework{
	{"next", 3000},
	{"nuxt", 3000},
	{"astro", 4321},
	{"@angular/cli", 4200},
	{"@vue/cli-service", 8080},
	{"react-scripts", 3000},
	{"gatsby", 8000},
	{"@remix-run/dev", 3000},
	{"@nestjs/core", 3000},
	{"@adonisjs/core", 3333},
	{"@strapi/strapi", 1337},
	{"strapi", 1337},
	{"sails", 1337},
	{"@feathersjs/feathers", 3030},
	{"@loopback/rest", 3000},
	{"apostrophe", 3000},
	{"directus", 8055},
	{"@medusajs/medusa", 9000},
	{"payload", 3000},
	{"nitropack", 3000},
	{"elysia", 3000},
	{"vite", 5173},
	{"webpack-dev-server", 8080},
	{"parcel", 1234},
	{"fastify", 3000},
	{"express", 3000},
	{"koa", 3000},
	{"@hapi/hapi", 3000},
	{"hono", 3000},
	{"restify", 8080},
	{"socket.io", 3000},
	{"polka", 3000},
	{"ws", 8080},
}

// framework is the one that the project is built on, if any is known.
func (f *Facts) framework() (framework, bool) {
	for _, known := range frameworks {
		if f.Package.Has(known.Package) {
			return known, true
		}
	}
	return framework{}, false
}

// portPick is the port of a project and how it was found.
type portPick struct {
	port  int
	found Finding
}

// pickPort decides the port: what a script says, an .env file, the code where
// it starts, a Dockerfile, the framework. 0 is for code that was read and has
// no server.
func pickPort(f *Facts) portPick {
	for _, fact := range []Fact{f.scriptPort(), f.EnvPort, f.Entry.Port, f.ExposedPort} {
		if port, err := strconv.Atoi(fact.Text); err == nil && validPort(fact.Text) {
			return portPick{port, Finding{What: "port", Value: fact.Text, Source: fact.Source}}
		}
	}
	if known, ok := f.framework(); ok {
		return portPick{known.Port, Finding{
			What: "port", Value: strconv.Itoa(known.Port), Source: "package.json dependencies: " + known.Package,
		}}
	}
	if f.Entry.Alone && !f.Entry.Listens {
		return portPick{0, Finding{What: "port", Value: "0", Source: "the code opens no server"}}
	}
	return portPick{defaultPort, Finding{What: "port", Value: strconv.Itoa(defaultPort), Source: "default", Guess: true}}
}

// pickAppPort decides the port of a service of the first model: as pickPort
// does, and by the server that its command runs and by all of the sources.
func pickAppPort(f *Facts, dev Command) portPick {
	facts := []Fact{f.scriptPort(), f.EnvPort, f.Entry.Port, f.ExposedPort, f.Survey.Sources.Port}
	server, known := f.serverOf(programWords(dev))
	if known && server.port != 0 {
		own := Fact{strconv.Itoa(server.port), server.words + " listens there"}
		facts = []Fact{f.scriptPort(), portIn(dev.String(), "dev"), f.Survey.ToolPort, own}
		if server.readsPort {
			facts = []Fact{f.scriptPort(), portIn(dev.String(), "dev"), f.EnvPort, f.Entry.Port, f.Survey.Sources.Port, own}
		}
	}
	for _, fact := range facts {
		if validPort(fact.Text) {
			port, _ := strconv.Atoi(fact.Text)
			return portPick{port, Finding{What: "port", Value: fact.Text, Source: fact.Source}}
		}
	}
	return pickPort(f)
}

// portIn is the port that a command names.
func portIn(command, source string) Fact {
	for _, pattern := range scriptPorts {
		if m := pattern.FindStringSubmatch(command); m != nil && validPort(m[1]) {
			return Fact{m[1], source}
		}
	}
	return Fact{}
}

var scriptPorts = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[\s;&"'])PORT=["']?(\d{1,5})\b`),
	regexp.MustCompile(`\s--port[= ]["']?(\d{1,5})\b`),
	regexp.MustCompile(`\s-p[= ]?(\d{2,5})\b`),
}

// scriptPort is the port in the scripts that start the app.
func (f *Facts) scriptPort() Fact {
	if f.Package == nil {
		return Fact{}
	}
	for _, name := range append(append([]string{}, devScripts...), prodScripts...) {
		if found := portIn(f.Package.Scripts[name], "package.json scripts."+name); found.Text != "" {
			return found
		}
	}
	return Fact{}
}
