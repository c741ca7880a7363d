package project

import (
	"fmt"
	"maps"
	neturl "net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// dataPick is a database, or another service beside the apps, that an app
// wants.
type dataPick struct {
	kind string
	// sources say what shows it.
	sources []string
	// sure tells that it is taken without a question.
	sure bool
}

// driver is a dependency that talks to a kind of service.
type driver struct{ name, kind string }

// drivers are looked for in this order.
var drivers = []driver{
	{"pg", "postgres"},
	{"pg-promise", "postgres"},
	{"postgres", "postgres"},
	{"pg-native", "postgres"},
	{"slonik", "postgres"},
	{"@fastify/postgres", "postgres"},
	{"mysql2", "mysql"},
	{"mysql", "mysql"},
	{"promise-mysql", "mysql"},
	{"@fastify/mysql", "mysql"},
	{"mariadb", "mariadb"},
	{"mongodb", "mongo"},
	{"mongoose", "mongo"},
	{"@nestjs/mongoose", "mongo"},
	{"@fastify/mongodb", "mongo"},
	{"monk", "mongo"},
	{"redis", "redis"},
	{"ioredis", "redis"},
	{"bullmq", "redis"},
	{"bull", "redis"},
	{"@nestjs/bullmq", "redis"},
	{"@nestjs/bull", "redis"},
	{"bee-queue", "redis"},
	{"@fastify/redis", "redis"},
	{"amqplib", "rabbitmq"},
	{"amqp-connection-manager", "rabbitmq"},
	{"@golevelup/nestjs-rabbitmq", "rabbitmq"},
	{"sqlite3", "sqlite"},
	{"better-sqlite3", "sqlite"},
	{"@libsql/client", "sqlite"},
	{"sqlite", "sqlite"},
	{"sql.js", "sqlite"},
}

// serviceDrivers talk to a vendor's service by a protocol of its own, which no
// database in a container speaks.
var serviceDrivers = []string{"@neondatabase/serverless", "@vercel/postgres", "@planetscale/database", "@supabase/supabase-js", "@upstash/redis"}

// databases are the kinds of which an app has one as a rule.
var databases = []string{"postgres", "mysql", "mariadb", "mongo", "sqlite"}

// pickData decides which services an app wants from its dependencies, the
// settings of its tools and the variables that it reads. Where two databases
// can be meant and nothing says which, none is sure.
func pickData(f *Facts) (picks []dataPick, findings []Finding) {
	found := map[string]*dataPick{}
	note := func(kind, source string, sure bool) {
		pick := found[kind]
		if pick == nil {
			pick = &dataPick{kind: kind}
			found[kind] = pick
		}
		pick.sources, pick.sure = append(pick.sources, source), pick.sure || sure
	}
	said := false
	for _, fact := range f.Survey.Data {
		if slices.Contains(databases, fact.Text) {
			note(fact.Text, fact.Source, true)
			said = true
		}
	}
	for _, d := range drivers {
		if f.Package != nil && f.Package.Dependencies[d.name] != "" {
			note(d.kind, "package.json dependencies: "+d.name, !slices.Contains(databases, d.kind) || f.readsOf(d.kind))
		}
	}
	settleDatabases(found, said, f)
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		if remote := f.elsewhere(kind); remote != "" {
			findings = append(findings, Finding{What: "services", Source: fmt.Sprintf("%s of %s is elsewhere, so there is no %s service", remote, f.Survey.Env.File, kind)})
			continue
		}
		if _, known := dataKinds[kind]; known {
			picks = append(picks, *found[kind])
		}
	}
	for _, name := range serviceDrivers {
		if f.Package != nil && f.Package.Dependencies[name] != "" {
			findings = append(findings, Finding{What: "services", Warning: true, Source: name + " talks to its vendor's service only: no database in a container can stand in for it"})
		}
	}
	return picks, findings
}

// settleDatabases makes one of several databases sure, or none.
func settleDatabases(found map[string]*dataPick, said bool, f *Facts) {
	var there []string
	for _, kind := range databases {
		if found[kind] != nil {
			there = append(there, kind)
		}
	}
	switch {
	case said: // the settings of a tool name it
		for _, kind := range there {
			found[kind].sure = slices.ContainsFunc(f.Survey.Data, func(d Fact) bool { return d.Text == kind })
		}
	case len(there) == 1:
		found[there[0]].sure = true
	case slices.Contains(there, "sqlite"):
		// What works without a server is what the app starts with, unless the
		// example of its variables says otherwise.
		for _, kind := range there {
			found[kind].sure = kind != "sqlite" && f.exampleNames(kind)
		}
	}
	if maria, mysql := found["mariadb"], found["mysql"]; maria != nil && mysql != nil {
		mysql.sure = mysql.sure && !maria.sure
	}
}

// readsOf tells whether the code or the example names a variable that is
// particular to a kind.
func (f *Facts) readsOf(kind string) bool {
	for name := range f.Survey.Sources.Reads {
		if dataKinds[kind].own(name) {
			return true
		}
	}
	return f.exampleNames(kind)
}

func (f *Facts) exampleNames(kind string) bool {
	return slices.ContainsFunc(f.Survey.Env.Wanted, func(w EnvWish) bool { return dataKinds[kind].own(w.Name) })
}

// elsewhere names the variable of .env by which the app finds a service on
// another machine.
func (f *Facts) elsewhere(kind string) string {
	for _, name := range slices.Sorted(maps.Keys(f.Survey.Env.Set)) {
		host := f.Survey.Env.Set[name].Host
		if host != "" && !isLocal(host) && dataKinds[kind].part(name) != "" {
			return name
		}
	}
	return ""
}

// dataKind is what init knows of a kind of service.
type dataKind struct {
	// title is its name for people, service the one that it gets.
	title, service string
	// particular are the beginnings of variables that mean this kind and no
	// other, common those that mean any database.
	particular, common string
	// What follows is the catalog's: the version that it has if nothing is said,
	// what makes up its address, and the variables that devbox sets for it anyway.
	version, scheme, port, user, name, query, standard string
}

const anyDatabase = "DB DATABASE SQL TYPEORM SEQUELIZE RDS"

var dataKinds = withCatalog(map[string]dataKind{
	"postgres": {title: "PostgreSQL", service: "db", particular: "POSTGRES POSTGRESQL PG PGSQL", common: anyDatabase},
	"mysql":    {title: "MySQL", service: "db", particular: "MYSQL", common: anyDatabase},
	"mariadb":  {title: "MariaDB", service: "db", particular: "MARIADB MYSQL", common: anyDatabase},
	"mongo":    {title: "MongoDB", service: "db", particular: "MONGO MONGODB", common: anyDatabase},
	"redis":    {title: "Redis", service: "cache", particular: "REDIS REDISCLOUD QUEUE_REDIS BULL_REDIS"},
	"rabbitmq": {title: "RabbitMQ", service: "queue", particular: "RABBITMQ RABBIT AMQP CLOUDAMQP"},
})

// withCatalog fills in what the catalog of backing services says of the kinds.
func withCatalog(kinds map[string]dataKind) map[string]dataKind {
	for name, k := range kinds {
		backing := catalog[name]
		k.version, k.port = backing.version, strconv.Itoa(backing.port)
		var standard []string
		for _, v := range backing.connect("host", "password") {
			standard = append(standard, v.Name)
			if address, err := neturl.Parse(v.Value); err == nil && address.Host != "" {
				k.scheme, k.user, k.name = address.Scheme, address.User.Username(), strings.TrimPrefix(address.Path, "/")
				if address.RawQuery != "" {
					k.query = "?" + address.RawQuery
				}
			}
		}
		k.standard = strings.Join(standard, " ")
		kinds[name] = k
	}
	return kinds
}

var dataParts = []struct{ part, suffixes string }{
	{"url", "URL URI CONNECTION_STRING CONNECTION_URL CONNECTION_URI CONN_STRING DSN PRISMA_URL URL_NON_POOLING DIRECT_URL STRING"},
	{"host", "HOST HOSTNAME SERVER ADDRESS"},
	{"port", "PORT"},
	{"user", "USER USERNAME LOGIN"},
	{"password", "PASSWORD PASS PWD PASSWD"},
	{"name", "NAME DATABASE DB DBNAME DB_NAME DATABASE_NAME"},
}

// own tells whether a variable is particular to the kind.
func (k dataKind) own(variable string) bool { return partOf(variable, k.particular) != "" }

// part is what of the kind's address a variable is for; empty for none.
func (k dataKind) part(variable string) string {
	if part := partOf(variable, k.particular); part != "" {
		return part
	}
	return partOf(variable, k.common)
}

var bareDirectURL = lazy(`^DIRECT_(?:DATABASE_)?URL$`)

func partOf(variable, prefixes string) string {
	if listed(prefixes, "DATABASE") && bareDirectURL().MatchString(variable) {
		return "url"
	}
	for prefix := range strings.FieldsSeq(prefixes) {
		rest, ok := strings.CutPrefix(variable, prefix)
		if !ok {
			continue
		}
		joined := strings.TrimPrefix(rest, "_")
		if joined == rest && prefix != "PG" {
			continue
		}
		for _, p := range dataParts {
			if listed(p.suffixes, joined) {
				return p.part
			}
		}
	}
	return ""
}

// value is that part of the address of a service, with the password as Compose
// fills it in.
func (k dataKind) value(part, service string) (value string, secret bool) {
	password := "${" + serviceVar(service, "PASSWORD") + "}"
	switch part {
	case "url":
		address := fmt.Sprintf("%s://%s:%s@%s:%s", k.scheme, k.user, password, service, k.port)
		if k.name != "" {
			address += "/" + k.name + k.query
		}
		return address, true
	case "host":
		return service, false
	case "port":
		return k.port, false
	case "user":
		return k.user, false
	case "name":
		return k.name, false
	}
	return password, true
}

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
func addData(m *Model, places []appPlace, c Choices) []Finding {
	var findings []Finding
	for i, place := range places {
		picks, own := pickData(place.facts)
		s := &m.Services[i]
		for _, pick := range picks {
			own = append(own, addPick(m, place.facts, s, pick, c)...)
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
	*b = Backing{Name: name, Compose: map[string]any{"image": image, "healthcheck": healthy("5s", lentChecks["redis"]...)}}
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
	places, _, err := pickApps(f)
	if err != nil || c.NoServices {
		return nil
	}
	var offers []Offer
	for _, place := range places {
		picks, _ := pickData(place.facts)
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
		listed(standard, "PGHOST") && f.Package.Has("pg") || slices.ContainsFunc(f.Survey.Data, func(d Fact) bool { return d.Text == kind })
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
	m.Backing = append(m.Backing, Backing{Name: name, Use: kind, Version: version})
	return name, true
}

func isLocalName(host string) bool { return isLoopback(host) || !plainName.MatchString(host) }

// named tells whether a service has that name.
func (m *Model) named(name string) bool {
	_, app := m.Service(name)
	_, backing := m.BackingService(name)
	return app || backing
}
