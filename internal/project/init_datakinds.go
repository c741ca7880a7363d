package project

import (
	"fmt"
	neturl "net/url"
	"strconv"
	"strings"
)

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
	// How their addresses are spelled in variables differs too much to be guessed.
	"minio":   {title: "MinIO (S3)", service: "storage"},
	"mailpit": {title: "Mailpit, which keeps mails", service: "mail"},
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
