package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// depends is a package.json with dependencies.
func depends(names ...string) map[string]string {
	return map[string]string{"package.json": `{"main":"x.js","dependencies":{"` + strings.Join(names, `":"1","`) + `":"1"}}`}
}

func TestInitAddsTheServicesThatAnAppWants(t *testing.T) {
	prisma := func(provider string) map[string]string {
		return map[string]string{"prisma/schema.prisma": "datasource db {\n  provider = \"" + provider + "\"\n  url = env(\"DATABASE_URL\")\n}\n"}
	}
	reads := func(line string) map[string]string { return map[string]string{"x.js": line} }
	cases := []struct {
		name  string
		files map[string]string
		want  string // services, then what the app gets beside the standard variables
	}{
		{"pg", depends("pg"), "db=postgres@17.11:"},
		{"a driver for development only", map[string]string{"package.json": `{"devDependencies":{"pg":"1"}}`}, ":"},
		{"Prisma with PostgreSQL", merge(depends("@prisma/client"), prisma("postgresql")), "db=postgres@17.11:"},
		{"Prisma with SQLite", merge(depends("@prisma/client"), prisma("sqlite")), ":"},
		{"two drivers and nothing that says which", depends("pg", "mysql2"), ":"},
		{"two drivers and a variable", merge(depends("pg", "mysql2"), reads("process.env.MYSQL_HOST")), "db=mysql@8.4.11:MYSQL_HOST=db"},
		{"two drivers and Knex", merge(depends("pg", "mysql2", "knex"), map[string]string{"knexfile.js": "module.exports = {client: 'pg'}"}), "db=postgres@17.11:"},
		{"a driver beside SQLite", merge(depends("mysql2", "sqlite3"), reads("if (process.env.MYSQL_HOST) x()")), ":"},
		{"a driver beside SQLite and an example", merge(depends("mysql2", "sqlite3"), map[string]string{".env.example": "MYSQL_HOST=x\n"}), "db=mysql@8.4.11:MYSQL_HOST=db"},
		{"Redis and a queue", depends("ioredis", "bullmq"), "cache=redis@7.4.11:"},
		{"a host in the code", merge(depends("redis"), reads("createClient({host: 'redis'})")), "redis=redis:7.4.11-bookworm:"},
		{"a host in the code and a variable", merge(depends("redis"), reads("createClient({host: process.env.REDIS_HOST || 'redis'})\nf({host: 'redis'})")), "redis=redis@7.4.11:REDIS_HOST=redis"},
		{
			"parts of an address", merge(depends("pg"), reads("const {DB_HOST, DB_PORT: p, DB_USER = 'x', DB_NAME} = process.env; f(process.env.DB_PASSWORD)")),
			"db=postgres@17.11:DB_HOST=db DB_NAME=app DB_PASSWORD=${DEVBOX_DB_PASSWORD} DB_PORT=5432 DB_USER=app",
		},
		{"another name for the address", merge(depends("pg"), reads("process.env['POSTGRES_URL']")), "db=postgres@17.11:POSTGRES_URL=postgresql://app:${DEVBOX_DB_PASSWORD}@db:5432/app"},
		{"MongoDB by another variable", merge(depends("mongoose"), reads("mongoose.connect(process.env.DB_URI)")), "db=mongo@8.0.29:DB_URI=mongodb://app:${DEVBOX_DB_PASSWORD}@db:27017/app?authSource=admin"},
		{"a database elsewhere", merge(depends("pg"), map[string]string{".env": "DATABASE_URL=postgres://u:p@db.example.com/x\n"}), ":"},
		{"a database on this machine", merge(depends("pg"), map[string]string{".env": "DATABASE_URL=postgres://u:p@localhost:5432/x\n"}), "db=postgres@17.11:"},
		{"a vendor's driver", depends("@neondatabase/serverless"), ":"},
		{"a client of S3 and of SMTP, for whatever server", depends("@aws-sdk/client-s3", "nodemailer"), ":"},
		{"several kinds", depends("pg", "redis", "amqplib"), "db=postgres@17.11 queue=rabbitmq@4.3.5 cache=redis@7.4.11:"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, nothing)
			if got := backingText(m); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			checkReadsBack(t, m)
		})
	}
}

func TestInitMigratesTheDatabasesThatItAdds(t *testing.T) {
	schema := func(provider string) string {
		return "datasource db {\n  provider = \"" + provider + "\"\n  url = env(\"DATABASE_URL\")\n}\n"
	}
	knex := map[string]string{"knexfile.js": "module.exports = {client: 'pg'}"}
	elsewhere := map[string]string{".env": "DATABASE_URL=postgres://u:p@db.example.com/x\n"}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a tool's settings", merge(depends("pg", "knex"), knex), "npx knex migrate:latest"},
		{"a database elsewhere", merge(depends("pg", "knex"), knex, elsewhere), ""},
		{"no migrations", depends("pg"), ""},
		{"beside Prisma's schema", merge(depends("@prisma/client"), map[string]string{"src/prisma/schema.prisma": schema("postgresql"), "src/prisma/migrations/1/migration.sql": ""}), "npx prisma migrate deploy"},
		{"a file of SQLite's", merge(depends("@prisma/client"), map[string]string{"prisma/schema.prisma": schema("sqlite"), "prisma/migrations/1/migration.sql": ""}), "npx prisma migrate deploy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, nothing)
			if got := m.Services[0].Migrate.String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			checkReadsBack(t, m)
		})
	}
}

// backingText is the backing services of a model and the variables of its app.
func backingText(m *Model) string {
	var services []string
	for _, b := range m.Backing {
		kind := b.String()
		if image, ok := b.Compose["image"].(string); ok {
			kind = image
		}
		services = append(services, b.Name+"="+kind)
	}
	all := map[string]string{}
	for name, value := range m.Services[0].Environment {
		all[name] = value
	}
	env, _ := m.Services[0].Compose["environment"].(map[string]any)
	for name, value := range env {
		all[name] = value.(string)
	}
	var pairs []string
	for _, name := range sortedKeys(all) {
		pairs = append(pairs, name+"="+all[name])
	}
	return strings.Join(services, " ") + ":" + strings.Join(pairs, " ")
}

func TestInitTakesChoicesOfServices(t *testing.T) {
	choices := nothing
	choices.Use = []string{"postgres@15", "redis@7"}
	m, _ := mustInit(t, depends("pg"), choices)
	if got, want := backingText(m), "db=postgres@15 cache=redis@7:"; got != want || len(m.Services[0].Needs) != 2 {
		t.Errorf("got %s, needs %v", got, m.Services[0].Needs)
	}
	choices.Use = []string{"mailpit"}
	mail, _ := mustInit(t, depends("nodemailer"), choices)
	if got, want := backingText(mail), "mail=mailpit@"+catalog["mailpit"].version+":"; got != want || mail.Backing[0].Publish != 8025 {
		t.Errorf("got %s, its page published as %d", got, mail.Backing[0].Publish)
	}
	for _, c := range []Choices{{Port: -1, NoServices: true}, {Port: -1, Without: []string{"postgres"}}} {
		if m, _ := mustInit(t, depends("pg"), c); len(m.Backing) != 0 {
			t.Errorf("%+v: got %v", c, m.Backing)
		}
	}
	facts, err := DetectAll(folder(depends("pg", "mysql2", "sqlite3", "redis")))
	if err != nil {
		t.Fatal(err)
	}
	want := []Offer{
		{"mysql", "MySQL", "package.json dependencies: mysql2", false},
		{"postgres", "PostgreSQL", "package.json dependencies: pg", false},
		{"redis", "Redis", "package.json dependencies: redis", true},
	}
	if diff := cmp.Diff(want, Offers(facts, nothing)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInitFindsTheMigrationsOfAnApp(t *testing.T) {
	const tools = "prisma is among the development dependencies, so production migrates in an image of its own that has these"
	prisma := merge(
		map[string]string{"package.json": `{"main":"x.js","dependencies":{"@prisma/client":"6","pg":"8"},"devDependencies":{"prisma":"6"}}`},
		map[string]string{
			"prisma/schema.prisma":                  "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n",
			"prisma/migrations/1_a/migration.sql":   "select 1;\n",
			"prisma/migrations/migration_lock.toml": "provider = \"postgresql\"\n",
		})
	cases := []struct {
		name       string
		files      map[string]string
		choices    Choices
		want, said string
	}{
		{"Prisma", prisma, nothing, "npx prisma migrate deploy", tools},
		{"a schema elsewhere", map[string]string{
			"package.json":                      `{"main":"x.js","dependencies":{"prisma":"6","pg":"8"},"prisma":{"schema":"data/schema.prisma"}}`,
			"data/migrations/1_a/migration.sql": "select 1;\n",
		}, nothing, "npx prisma migrate deploy", ""},
		{"a script", map[string]string{"package.json": `{"main":"x.js","scripts":{"db:migrate":"knex migrate:latest"},"dependencies":{"knex":"3","pg":"8"}}`}, nothing, "npm run db:migrate", ""},
		{"a database elsewhere", merge(prisma, map[string]string{".env": "DATABASE_URL=postgres://u:p@db.example.com/x\n"}), nothing, "", ""},
		{"no database", prisma, Choices{Port: -1, NoServices: true}, "", ""},
		{"a file as the database", merge(prisma, map[string]string{"prisma/schema.prisma": "datasource db {\n  provider = \"sqlite\"\n}\n"}), nothing, "npx prisma migrate deploy", tools},
		{"the app does it itself", merge(prisma, map[string]string{"package.json": `{"scripts":{"dev":"prisma migrate deploy && node x.js"},"dependencies":{"prisma":"6","pg":"8"}}`}), nothing, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, findings := mustInit(t, c.files, c.choices)
			var said string
			for _, f := range findings {
				if f.What == "migrate" && f.Value == "" {
					said = f.Source
				}
			}
			if got := m.Services[0].Migrate.String(); got != c.want || said != c.said {
				t.Errorf("got %q, %q", got, said)
			}
			checkReadsBack(t, m)
		})
	}
	m, _ := mustInit(t, map[string]string{
		"package.json": `{"workspaces":["apps/*"]}`, "package-lock.json": "{}",
		"apps/web/package.json": `{"name":"web","scripts":{"dev":"vite"}}`,
		"apps/api/package.json": `{"name":"api","scripts":{"dev":"node x.js"},"dependencies":{"knex":"3","pg":"8"}}`,
		"apps/api/x.js":         "require('http').createServer().listen(process.env.PORT)",
		"apps/api/knexfile.js":  "module.exports = {client: 'pg'}",
	}, nothing)
	for _, s := range m.Services {
		if want := map[string]string{"api": "npx knex migrate:latest"}[s.Name]; s.Migrate.String() != want {
			t.Errorf("%s: got %q, want %q", s.Name, s.Migrate, want)
		}
	}
}

func TestInitTakesItsWordsAboutDataFromTheCatalog(t *testing.T) {
	k := dataKinds["mongo"]
	if address, _ := k.value("url", "db"); address != "mongodb://app:${DEVBOX_DB_PASSWORD}@db:27017/app?authSource=admin" || k.standard != "MONGODB_URL MONGODB_URI MONGO_URL" {
		t.Errorf("got %s, %s", address, k.standard)
	}
	for name, k := range dataKinds {
		if k.version == "" || k.scheme == "" || k.particular != "" && k.user == "" || k.port == "0" || k.standard == "" {
			t.Errorf("%s: got %+v", name, k)
		}
	}
}
