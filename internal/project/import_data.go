package project

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// imageKinds are the kinds of what images hold, by their names.
var imageKinds = map[string]string{
	"postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "pgvector": "postgres", "timescaledb": "postgres",
	"mysql": "mysql", "mysql-server": "mysql", "mariadb": "mariadb", "mongo": "mongo", "mongodb": "mongo",
	"redis": "redis", "redis-stack": "redis", "redis-stack-server": "redis", "valkey": "redis", "rabbitmq": "rabbitmq",
}

// imageKind is the kind of service that an image holds, or empty.
func imageKind(image string) string {
	name, _, _ := strings.Cut(image, "@")
	name, _, _ = strings.Cut(path.Base(name), ":")
	return imageKinds[name]
}

// lentChecks ask whether a service answers, for services of the user's that have
// no health check. They need no account, and programs that every image of the
// kind has.
var lentChecks = map[string][]any{
	"postgres": {"CMD", "pg_isready", "--quiet", "--host", "127.0.0.1"},
	"mysql":    {"CMD", "mysqladmin", "ping", "--silent", "--host=127.0.0.1"},
	"redis":    {"CMD-SHELL", "redis-cli ping | grep -q -e PONG -e NOAUTH"},
	"rabbitmq": {"CMD-SHELL", "test -e /var/lib/rabbitmq/.erlang.cookie && rabbitmq-diagnostics --quiet check_port_connectivity"},
}

// lentCheck is a health check for a service that has none; nil where it has one,
// or none is known.
func (s UserService) lentCheck() map[string]any {
	kind := imageKind(text(s.Words["image"]))
	test, known := lentChecks[kind]
	if _, own := s.Words["healthcheck"]; own || !known {
		return nil
	}
	return healthy(kind, test...)
}

// credentials are who may use a service of the user's, as its own variables say.
type credentials struct{ user, password, name string }

// accountOf reads the variables by which the official images make an account. What
// the service has from the environment or from .env is referred to by its name, and
// never copied: secrets stay in one place.
func accountOf(kind string, words map[string]any, env EnvFacts) credentials {
	vars := variableWords(words["environment"])
	first := func(names ...string) string {
		for _, name := range names {
			value, named := vars[name]
			_, set := env.Set[name]
			switch {
			case named && value == nil, !named && set && readsDotEnv(words, env.File):
				return "${" + name + "}"
			case named && *value != "":
				return *value
			}
		}
		return ""
	}
	switch kind {
	case "postgres":
		a := credentials{user: first("POSTGRES_USER", "POSTGRESQL_USERNAME"), password: first("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"), name: first("POSTGRES_DB", "POSTGRESQL_DATABASE")}
		if a.user == "" {
			a.user = "postgres"
		}
		if a.name == "" {
			a.name = a.user
		}
		return a
	case "mysql", "mariadb":
		a := credentials{first("MYSQL_USER", "MARIADB_USER"), first("MYSQL_PASSWORD", "MARIADB_PASSWORD"), first("MYSQL_DATABASE", "MARIADB_DATABASE")}
		if a.user == "" {
			a.user, a.password = "root", first("MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD")
		}
		return a
	case "mongo":
		return credentials{first("MONGO_INITDB_ROOT_USERNAME"), first("MONGO_INITDB_ROOT_PASSWORD"), first("MONGO_INITDB_DATABASE")}
	case "rabbitmq":
		a := credentials{user: first("RABBITMQ_DEFAULT_USER"), password: first("RABBITMQ_DEFAULT_PASS")}
		if a.user == "" {
			a = credentials{user: "guest", password: "guest"}
		}
		return a
	}
	return credentials{}
}

// dotEnv is the file whose variables Compose files can use.
const dotEnv = ".env"

// readsDotEnv tells whether a service has its variables from .env, too.
func readsDotEnv(words map[string]any, known string) bool {
	if known != dotEnv {
		return false
	}
	list, ok := words["env_file"].([]any)
	if !ok {
		list = []any{words["env_file"]}
	}
	return slices.ContainsFunc(list, func(e any) bool {
		if m, ok := e.(map[string]any); ok {
			e = m["path"]
		}
		file, ok := inProject(text(e))
		return ok && file == dotEnv
	})
}

// part is that part of the address of a service of a kind.
func (a credentials) part(part, kind, service string) string {
	k := dataKinds[kind]
	switch part {
	case "host":
		return service
	case "port":
		return k.port
	case "user":
		return a.user
	case "password":
		return a.password
	case "name":
		return a.name
	}
	who := a.user
	if a.password != "" {
		who += ":" + a.password
	}
	if who != "" {
		who += "@"
	}
	address := k.scheme + "://" + who + service + ":" + k.port
	if a.name != "" {
		address += "/" + a.name
	}
	if kind == "mongo" && a.user != "" {
		address = strings.TrimSuffix(address, "/") + k.query
	}
	return address
}

// connect lets an app that has run on the host until now find the services of
// the Compose file: by their names in place of localhost. Variables that point
// to another machine stay.
func (in *Imports) connect(s *Service, f *Facts) []Finding {
	var findings []Finding
	for _, service := range in.Compose.Services {
		kind := imageKind(text(service.Words["image"]))
		if kind == "" || service.off() {
			continue
		}
		who := accountOf(kind, service.Words, f.Survey.Env)
		var set []string
		for _, name := range union(f.variables(), slices.Sorted(maps.Keys(f.Survey.Env.Set))) {
			part := dataKinds[kind].part(name)
			host := f.Survey.Env.Set[name].Host
			_, own := s.Environment[name]
			if part == "" || own || s.composeSets(name) || host != "" && !isLocal(host) {
				continue
			}
			value := who.part(part, kind, service.Name)
			if value == "" {
				continue
			}
			s.setComposeEnv(name, value)
			set = append(set, name)
		}
		if len(set) > 0 {
			findings = append(findings, Finding{What: "environment", Value: strings.Join(set, " "), Source: "for " + service.Name + ", as " + in.Compose.at(service.Name, "environment") + " says; inside a container localhost is the container itself"})
		}
	}
	return findings
}

// supersede drops what was found earlier about a key that something imported
// has decided since.
func supersede(before, imported []Finding, several bool) []Finding {
	if !several {
		for i := range imported {
			imported[i].Service = ""
		}
	}
	before = slices.DeleteFunc(before, func(old Finding) bool {
		return old.Value != "" && slices.Contains([]string{"name", "port", "dev", "prod", "health"}, old.What) &&
			slices.ContainsFunc(imported, func(f Finding) bool { return f.What == old.What && f.Service == old.Service && f.Value != "" })
	})
	return append(before, imported...)
}

// aboutImages drops what was found for images of devbox's about services whose
// images a Dockerfile of the user's makes.
func aboutImages(findings []Finding, m *Model) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool {
		i := slices.IndexFunc(m.Services, func(s Service) bool { return f.Service == "" || f.Service == s.Name })
		return i >= 0 && m.Services[i].Dockerfile.used() && slices.Contains([]string{"build", "prod", "build-packages", "system-packages"}, f.What)
	})
}
