package project

import (
	"fmt"
	"maps"
	"slices"
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
	{"minio", "minio"},
	{"nestjs-minio-client", "minio"},
	{"@aws-sdk/client-s3", "minio"},
	{"nodemailer", "mailpit"},
	{"@nestjs-modules/mailer", "mailpit"},
	{"sqlite3", "sqlite"},
	{"better-sqlite3", "sqlite"},
	{"@libsql/client", "sqlite"},
	{"sqlite", "sqlite"},
	{"sql.js", "sqlite"},
}

// serviceDrivers talk to a vendor's service by a protocol of its own, which no
// database in a container speaks.
var serviceDrivers = []string{"@neondatabase/serverless", "@vercel/postgres", "@planetscale/database", "@supabase/supabase-js", "@upstash/redis"}

// offered are the kinds that no driver makes sure: it may be meant for a service on
// the internet, which the one in a container only stands in for.
var offered = []string{"minio", "mailpit"}

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
			note(d.kind, "package.json dependencies: "+d.name, !slices.Contains(slices.Concat(databases, offered), d.kind) || f.readsOf(d.kind))
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
