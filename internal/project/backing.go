package project

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Labels of the volumes that hold a backing service's data. They are in the
// rendered files, so plain Compose sets them as well.
const (
	// LabelBacking names the backing service that a volume belongs to.
	LabelBacking = "dev.devbox.backing"
	// LabelKind is the service's kind, such as postgres; only volumes with data have it.
	LabelKind = "dev.devbox.kind"
	// LabelMajor is the version whose form the data has, such as 15.
	LabelMajor = "dev.devbox.major"
)

// backingKind is one row of the catalog: how a kind of backing service runs,
// and what an app has to know to reach it.
type backingKind struct {
	// image is the image's name; tag makes its tag from a version.
	image string
	tag   func(version string) string
	// version is what is used where devbox.yaml names none, and what init writes: an
	// exact one, whose tag does not move. versions, where it is set, is the form of
	// those that there are.
	version  string
	versions *regexp.Regexp
	// port is what apps connect to, published what `publish` makes reachable.
	port, published int
	// page says that what is published is a page for people, the only way to what the
	// service has: init publishes it.
	page bool
	// data is where the data is, at a version; empty means that there is none.
	data func(version string) string
	// parts is how many numbers of a version make the form of its data, takesOver
	// which older forms a version makes its own.
	parts     int
	takesOver takeover
	// password says that there is a password.
	password bool
	// steps says that the image starts as root, gives its data to a plain user and
	// goes on as that one.
	steps bool
	// devOnly leaves it out of production.
	devOnly bool
	// service is what Compose is told beside image, data and ports; password is the
	// variable's place in it.
	service func(name, password string) map[string]any
	// connect are the variables of an app that needs it.
	connect func(host, password string) []Variable
}

// takeover tells whether a server takes over the data of an older version by itself,
// given the numbers of both. None gives them back.
type takeover func(has, now []int) bool

func anyOlder(_, _ []int) bool { return true }

func sameMajor(has, now []int) bool { return has[0] == now[0] }

// mysqlTakes: from the first release of a series, or from the long-term one before it.
func mysqlTakes(has, now []int) bool {
	lts := slices.Equal(has, []int{8, 4})
	return sameMajor(has, now) || lts && now[0] == has[0]+1
}

// Variable is an environment variable.
type Variable struct{ Name, Value string }

// BackingUser is the user and the database of every backing service: each has a
// server of its own, so the names need not tell them apart.
const BackingUser = "app"

// rootThatSteps are the capabilities that such an image needs. It has no init: that
// would stay root and, without yet another capability, could not pass on the
// signal to stop; the database would be killed.
var rootThatSteps = []any{"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}

func at(path string) func(string) string { return func(string) string { return path } }

// tagged makes a tag of a version: a bare one gets the image's usual ending, one
// that says more is taken as it is.
func tagged(prefix, suffix string) func(string) string {
	return func(version string) string {
		if bareVersion.MatchString(version) {
			return prefix + version + suffix
		}
		return version
	}
}

var bareVersion = regexp.MustCompile(`^\d+(\.\d+)*$`)

// slowChecks are the kinds whose checks start a program of a second or two of
// processor time, which can be ten seconds on a busy machine.
var slowChecks = map[string]bool{"mongo": true, "rabbitmq": true}

// healthy is the health check of a kind. Starting may take two minutes before a failed
// check counts: a new MySQL takes one on a busy machine.
func healthy(use string, test ...any) map[string]any {
	interval, timeout := "5s", "5s"
	if slowChecks[use] {
		interval, timeout = "15s", "20s"
	}
	return map[string]any{"test": test, "interval": interval, "timeout": timeout, "retries": 5, "start_period": "2m"}
}

// catalog is what devbox knows how to run. Where a check could already succeed
// while the image sets its data up, it asks by the network: no image listens
// there before it has finished.
var catalog = map[string]backingKind{
	"postgres": {
		steps: true, image: "postgres", tag: tagged("", "-bookworm"), version: "17.11", port: 5432, published: 5432, parts: 1, password: true,
		data: postgresData,
		service: func(_, password string) map[string]any {
			return map[string]any{
				"environment": map[string]any{"POSTGRES_USER": BackingUser, "POSTGRES_DB": BackingUser, "POSTGRES_PASSWORD": password},
				"healthcheck": healthy("postgres", "CMD", "pg_isready", "--quiet", "--host", "127.0.0.1", "--username", BackingUser, "--dbname", BackingUser),
				"shm_size":    "128mb", "stop_grace_period": "30s",
			}
		},
		connect: func(host, password string) []Variable {
			return []Variable{
				{"DATABASE_URL", url("postgresql", BackingUser, password, host, 5432, "/"+BackingUser)},
				{"PGHOST", host},
				{"PGPORT", "5432"},
				{"PGUSER", BackingUser},
				{"PGPASSWORD", password},
				{"PGDATABASE", BackingUser},
			}
		},
	},
	"mysql": {
		steps: true, image: "mysql", tag: tagged("", ""), version: "8.4.11", port: 3306, published: 3306, parts: 2, takesOver: mysqlTakes, password: true, data: at("/var/lib/mysql"),
		service: func(_, password string) map[string]any {
			return map[string]any{
				"environment": map[string]any{
					"MYSQL_USER": BackingUser, "MYSQL_DATABASE": BackingUser, "MYSQL_PASSWORD": password, "MYSQL_ROOT_PASSWORD": password,
				},
				"healthcheck":       healthy("mysql", "CMD", "mysqladmin", "ping", "--silent", "--host=127.0.0.1"),
				"stop_grace_period": "30s",
			}
		},
		connect: func(host, password string) []Variable {
			return []Variable{{"DATABASE_URL", url("mysql", BackingUser, password, host, 3306, "/"+BackingUser)}}
		},
	},
	"mariadb": {
		steps: true, image: "mariadb", tag: tagged("", ""), version: "11.8.8", port: 3306, published: 3306, parts: 2, takesOver: anyOlder, password: true, data: at("/var/lib/mysql"),
		service: func(_, password string) map[string]any {
			return map[string]any{
				"environment": map[string]any{
					"MARIADB_USER": BackingUser, "MARIADB_DATABASE": BackingUser, "MARIADB_PASSWORD": password, "MARIADB_ROOT_PASSWORD": password,
					"MARIADB_AUTO_UPGRADE": "1", // the system tables, where an older version made them
				},
				"healthcheck":       healthy("mariadb", "CMD", "healthcheck.sh", "--connect", "--innodb_initialized"),
				"stop_grace_period": "30s",
			}
		},
		connect: func(host, password string) []Variable {
			return []Variable{{"DATABASE_URL", url("mysql", BackingUser, password, host, 3306, "/"+BackingUser)}}
		},
	},
	"mongo": {
		steps: true, image: "mongo", tag: tagged("", ""), version: "8.0.29", port: 27017, published: 27017, parts: 2, password: true, data: at("/data/db"),
		service: func(_, password string) map[string]any {
			return map[string]any{
				"environment": map[string]any{"MONGO_INITDB_ROOT_USERNAME": BackingUser, "MONGO_INITDB_ROOT_PASSWORD": password, "MONGO_INITDB_DATABASE": BackingUser},
				// mongosh is a Node.js program, and keeps a log of each run in its home, which
				// is among the data.
				"healthcheck":       healthy("mongo", "CMD-SHELL", `HOME=/tmp mongosh --quiet --host "$$HOSTNAME" --eval 'quit(db.adminCommand("ping").ok ? 0 : 1)'`),
				"stop_grace_period": "30s",
			}
		},
		connect: func(host, password string) []Variable {
			u := url("mongodb", BackingUser, password, host, 27017, "/"+BackingUser+"?authSource=admin")
			return []Variable{{"MONGODB_URL", u}, {"MONGODB_URI", u}, {"MONGO_URL", u}}
		},
	},
	"redis": {
		image: "redis", tag: tagged("", "-bookworm"), version: "7.4.11", port: 6379, published: 6379, parts: 2, takesOver: anyOlder, password: true, data: at("/data"),
		service: func(_, password string) map[string]any {
			return map[string]any{
				// The password comes in by a file descriptor: arguments are shown to everybody
				// who lists processes. redis-cli takes it from the environment.
				"command": []any{"sh", "-c", "exec redis-server - <<SETTINGS\n" +
					"bind * -::*\nappendonly yes\nrequirepass $$REDISCLI_AUTH\nSETTINGS\n"},
				"environment": map[string]any{"REDISCLI_AUTH": password},
				"healthcheck": healthy("redis", "CMD-SHELL", "redis-cli ping | grep -q PONG"),
				"user":        "redis", "working_dir": "/data", "read_only": true, "tmpfs": []any{"/tmp"},
			}
		},
		connect: func(host, password string) []Variable {
			return []Variable{{"REDIS_URL", url("redis", "default", password, host, 6379, "")}}
		},
	},
	"rabbitmq": {
		steps: true, image: "rabbitmq", tag: tagged("", "-management"), version: "4.3.5", port: 5672, published: 5672, parts: 2, takesOver: sameMajor, password: true, data: at("/var/lib/rabbitmq"),
		service: func(name, password string) map[string]any {
			return map[string]any{
				"hostname":    name, // its data is in a folder of that name
				"environment": map[string]any{"RABBITMQ_DEFAULT_USER": BackingUser, "RABBITMQ_DEFAULT_PASS": password},
				// Each check starts an Erlang machine. As root, it would make the cookie where
				// the server has not made one yet, and the server could not read that.
				"healthcheck":       healthy("rabbitmq", lentChecks["rabbitmq"]...),
				"stop_grace_period": "30s",
			}
		},
		connect: func(host, password string) []Variable {
			u := url("amqp", BackingUser, password, host, 5672, "")
			return []Variable{{"AMQP_URL", u}, {"RABBITMQ_URL", u}}
		},
	},
	"mailpit": {
		image: "axllent/mailpit", tag: tagged("v", ""), version: "1.30.7", port: 1025, published: 8025, page: true, data: at(""), devOnly: true,
		service: func(string, string) map[string]any {
			return map[string]any{
				"healthcheck": healthy("mailpit", "CMD", "/mailpit", "readyz"),
				"read_only":   true, "tmpfs": []any{"/tmp"}, "user": "65534:65534",
			}
		},
		connect: func(host, _ string) []Variable {
			return []Variable{{"SMTP_HOST", host}, {"SMTP_PORT", "1025"}, {"SMTP_URL", "smtp://" + host + ":1025"}}
		},
	},
	"minio": {
		image: "minio/minio", tag: func(version string) string { return version }, version: "RELEASE.2025-09-07T16-13-09Z",
		versions: regexp.MustCompile(`^RELEASE\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$`),
		port:     9000, published: 9000, takesOver: anyOlder, password: true, data: at("/data"),
		service: func(_, password string) map[string]any {
			return map[string]any{
				"command":     []any{"server", "/data", "--console-address", ":9001"},
				"environment": map[string]any{"MINIO_ROOT_USER": BackingUser + "-storage", "MINIO_ROOT_PASSWORD": password},
				"healthcheck": healthy("minio", "CMD", "mc", "ready", "local"),
				// It runs as root, and without these it could not write a volume of somebody else's.
				"cap_add": []any{"DAC_OVERRIDE"},
			}
		},
		connect: func(host, password string) []Variable {
			endpoint := "http://" + host + ":9000"
			return []Variable{
				{"S3_ENDPOINT", endpoint},
				{"S3_ACCESS_KEY_ID", BackingUser + "-storage"},
				{"S3_SECRET_ACCESS_KEY", password},
				{"S3_REGION", "us-east-1"},
				{"AWS_ENDPOINT_URL_S3", endpoint},
				{"AWS_ACCESS_KEY_ID", BackingUser + "-storage"},
				{"AWS_SECRET_ACCESS_KEY", password},
				{"AWS_REGION", "us-east-1"},
			}
		},
	},
}

// BackingKinds are the kinds that `use` takes, sorted.
func BackingKinds() []string { return slices.Sorted(maps.Keys(catalog)) }

// postgresData is where PostgreSQL's image wants its volume: from 18 on the data
// of each version is in a folder of its own below that.
func postgresData(version string) string {
	const nested = 18
	if n, err := strconv.Atoi(majorOf(version, 1)); err == nil && n >= nested {
		return "/var/lib/postgresql"
	}
	return "/var/lib/postgresql/data"
}

// majorOf is what of a version says in which form data is: its first numbers.
func majorOf(version string, parts int) string {
	number := version
	if i := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		number = version[:i]
	}
	words := strings.Split(strings.Trim(number, "."), ".")
	return strings.Join(words[:min(parts, len(words))], ".")
}

func url(scheme, user, password, host string, port int, path string) string {
	return fmt.Sprintf("%s://%s:%s@%s:%d%s", scheme, user, password, host, port, path)
}

// checkUse is the rule for what a backing service uses.
func checkUse(b Backing) verdict {
	kind, known := catalog[b.Use]
	switch {
	case !known:
		v := verdict{"must be " + orList(BackingKinds()) + ", not " + show(b.Use), didYouMean(b.Use, BackingKinds())}
		if meant := otherKinds[fold(b.Use)]; meant != "" {
			v.hint = fmt.Sprintf("did you mean %q?", meant)
		}
		return v
	case b.Version != "" && kind.versions != nil && !kind.versions.MatchString(b.Version):
		return verdict{"has no version " + show(b.Version), tryInstead(b.Use + "@" + kind.version)}
	case b.Version == "latest":
		return verdict{"must have a version, not latest: that is another one tomorrow", tryInstead(b.Use + "@" + kind.version)}
	}
	return verdict{}
}

// otherKinds are other names that people know the kinds by.
var otherKinds = map[string]string{
	"postgresql": "postgres", "pg": "postgres", "psql": "postgres", "mongodb": "mongo", "rabbit": "rabbitmq", "amqp": "rabbitmq",
	"mail": "mailpit", "mailhog": "mailpit", "smtp": "mailpit", "s3": "minio", "valkey": "redis", "maria": "mariadb",
}
