package project

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// TestCatalog renders every kind for both modes, and shows what an app that
// needs it gets. Rendering proves that Compose takes the result.
func TestCatalog(t *testing.T) {
	for _, kind := range BackingKinds() {
		t.Run(kind, func(t *testing.T) {
			m := expressModel()
			m.Backing = []Backing{{Name: "store", Use: kind, Publish: 15000, Environment: map[string]string{"TZ": "UTC"}}}
			m.Services[0].Needs = []string{"store"}
			goldenCompose(t, kind, m)
		})
	}
}

// goldenCompose compares the two Compose files of a model.
func goldenCompose(t *testing.T, name string, m *Model) {
	t.Helper()
	files, err := Render(m, npmLocked)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(f.Name, "compose") {
			golden(t, name+"/"+f.Name, string(f.Data))
		}
	}
}

func TestNeedsAreRendered(t *testing.T) {
	two := expressModel()
	two.Backing = []Backing{{Name: "db", Use: "postgres", Version: "15"}, {Name: "orders", Use: "postgres", Version: "18"}, {Name: "cache", Use: "redis", Version: "7.4-alpine"}}
	two.Services[0].Needs = []string{"db", "orders", "cache"}
	two.Services[0].Environment = map[string]string{"REDIS_URL": "redis://elsewhere"}

	steps := expressModel()
	steps.Services = append(steps.Services, expressService("worker", 0))
	steps.Backing = []Backing{{Name: "db", Use: "postgres", Version: "15"}, {Name: "mail", Use: "mailpit"}}
	steps.Services[0].Needs, steps.Services[1].Needs = []string{"db", "mail"}, []string{"web", "db"}
	steps.Services[0].Migrate, steps.Services[0].Seed = Command{"npx", "prisma", "migrate", "deploy"}, Command{"node", "seed.js", "$HOME"}

	own := expressModel()
	own.Backing = []Backing{
		{Name: "queue", Compose: map[string]any{"image": "nats:2.11", "healthcheck": map[string]any{"test": []any{"CMD", "nats-server", "--help"}}}},
		{Name: "search", Compose: map[string]any{"image": "opensearch:2", "volumes": []any{"index:/data"}}, ComposeProd: map[string]any{"mem_limit": "2g"}},
		{Name: "db", Use: "postgres", Version: "15", Compose: map[string]any{"command": "postgres -c fsync=off"}},
	}
	own.Services[0].Needs = []string{"queue", "search", "db"}

	for _, test := range []struct {
		name  string
		model *Model
	}{
		{"two databases of one kind", two},
		{"steps before an app", steps},
		{"services in the words of compose", own},
	} {
		t.Run(test.name, func(t *testing.T) { goldenCompose(t, strings.ReplaceAll(test.name, " ", "-"), test.model) })
	}
}

// TestNoPasswordIsRendered: what is committed has the variable only.
func TestNoPasswordIsRendered(t *testing.T) {
	for _, kind := range BackingKinds() {
		b := Backing{Name: "store", Use: kind}
		if (b.PasswordVar() == "") != (b.PasswordEnv() == "") {
			t.Errorf("%s: the password is %q in Compose and %q in the container", kind, b.PasswordVar(), b.PasswordEnv())
		}
		if name := b.PasswordVar(); name != "" && !strings.HasPrefix(b.password(), "${"+name+":?") {
			t.Errorf("%s: the password is rendered as %s", kind, b.password())
		}
	}
}

func TestImageOfAVersion(t *testing.T) {
	for _, test := range []struct{ use, image, major, dir string }{
		{"postgres@15", "postgres:15-bookworm", "15", "/var/lib/postgresql/data"},
		{"postgres@15.4", "postgres:15.4-bookworm", "15", "/var/lib/postgresql/data"},
		{"postgres@16-alpine", "postgres:16-alpine", "16", "/var/lib/postgresql/data"},
		{"postgres@18", "postgres:18-bookworm", "18", "/var/lib/postgresql"},
		{"redis@7", "redis:7-bookworm", "7", "/data"},
		{"redis@7.4.2-alpine3.21", "redis:7.4.2-alpine3.21", "7.4", "/data"},
		{"mysql@8.4", "mysql:8.4", "8.4", "/var/lib/mysql"},
		{"mysql@8", "mysql:8", "8", "/var/lib/mysql"},
		{"mariadb@11.8.2-noble", "mariadb:11.8.2-noble", "11.8", "/var/lib/mysql"},
		{"mongo@8.0", "mongo:8.0", "8.0", "/data/db"},
		{"rabbitmq@4", "rabbitmq:4-management", "4", "/var/lib/rabbitmq"},
		{"mailpit@1.27", "axllent/mailpit:v1.27", "", ""},
		{"minio", "minio/minio:RELEASE.2025-09-07T16-13-09Z", "", "/data"},
	} {
		use, version, _ := strings.Cut(test.use, "@")
		b := Backing{Name: "x", Use: use, Version: version}
		if b.Image() != test.image || b.Major() != test.major || b.DataDir() != test.dir {
			t.Errorf("%s: image %s, major %q, data in %q", test.use, b.Image(), b.Major(), b.DataDir())
		}
	}
}

func TestWhatReadsTheDataOfAnotherVersion(t *testing.T) {
	for _, test := range []struct {
		use, made string
		reads     bool
	}{
		{"postgres@15", "15", true},
		{"postgres@16", "15", false},
		{"postgres@15", "16", false},
		{"redis@8", "7", true},
		{"redis@7", "8", false},
		{"mysql@8", "8.4", true},
		{"mysql@8.4", "8", true},
		{"mysql@8.4", "8.0", true},
		{"mysql@9.7", "8.4", true},
		{"mysql@9.7", "8.0", false},
		{"mysql@8.0", "8.4", false},
		{"mariadb@11.8", "10.11", true},
		{"mariadb@10.11", "11.8", false},
		{"redis@7.4", "7.2", true},
		{"redis@7.2", "7.4", false},
		{"redis@8.10", "8.8", true},
		{"redis@8.8", "8.10", false},
		{"mongo@8.0", "8", true},
		{"mongo@8.0", "8.3", false},
		{"rabbitmq@4.0", "4.3", false},
		{"rabbitmq@4.3", "4.0", true},
		{"rabbitmq@4.0", "3.13", false},
		{"minio", "", true},
	} {
		use, version, _ := strings.Cut(test.use, "@")
		if got := (Backing{Name: "x", Use: use, Version: version}).Reads(test.made); got != test.reads {
			t.Errorf("%s reads the data of %s: %v", test.use, test.made, got)
		}
	}
}

// TestVersionInData has what the servers write: MariaDB 10.11 and 11.8, MySQL 8.0
// and 9.7, PostgreSQL.
func TestVersionInData(t *testing.T) {
	for _, test := range []struct{ use, file, data, kind, major string }{
		{"postgres@16", "PG_VERSION", "15\n", "postgres", "15"},
		{"postgres@18", "18/docker/PG_VERSION", "18\n", "postgres", "18"},
		{"mariadb@11.8", "mariadb_upgrade_info", "11.8.6-MariaDB", "mariadb", "11.8"},
		{"mariadb@11.8", "mysql_upgrade_info", "10.5.23-MariaDB\n", "mariadb", "10.5"},
		{"mariadb@11.8", "mysql_upgrade_history", `{"file_format":"1","upgrade_history":[{"date":"2026-11-21 11:57:56","version":"9.7.4-2","maturity":"LTS","initialize":true,"update_history":[{"version_with_update":"9.7.4.0-2"}]}]}`, "mysql", "9.7"},
		{"mysql@8.4", "mysql_upgrade_history", `{"file_format":"1","upgrade_history":[{"version":"8.4.0"},{"version":"9.7.2"}]}`, "mysql", "9.7"},
		{"mysql@8.4", "mysql_upgrade_info", "8.0.36", "mysql", "8.0"},
		{"mysql@8.4", "mysql_upgrade_info", "", "", ""},
	} {
		use, version, _ := strings.Cut(test.use, "@")
		b := Backing{Name: "x", Use: use, Version: version}
		if !slices.Contains(b.VersionFiles(), test.file) {
			t.Errorf("%s does not look into %s", test.use, test.file)
		}
		if kind, major := b.VersionIn([]byte(test.data)); kind != test.kind || major != test.major {
			t.Errorf("%s says %s %s", test.data, kind, major)
		}
	}
}

// TestDefaultVersionsAreExact: a tag of fewer numbers gets another image with each release.
func TestDefaultVersionsAreExact(t *testing.T) {
	exact := map[string]string{"postgres": `\d+\.\d+`, "minio": `RELEASE\..+`}
	for _, kind := range BackingKinds() {
		form := exact[kind]
		if form == "" {
			form = `\d+\.\d+\.\d+`
		}
		if !regexp.MustCompile(`^` + form + `$`).MatchString(catalog[kind].version) {
			t.Errorf("%s is %s if nothing is said", kind, catalog[kind].version)
		}
	}
}

func TestNeedsThatCannotBe(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a service that is not there", "web: {dev: x, needs: [bd]}\n  db: {use: postgres@15}", `service "web" needs "bd", which is not there; did you mean "db"?`},
		{"a kind that could be there", "web: {dev: x, needs: [postgresql]}", `add it: services: {postgres: {use: postgres@17.11}}`},
		{"itself", "web: {dev: x, needs: [web]}", "in a circle: web -> web"},
		{"a circle", "a: {dev: x, needs: [b]}\n  b: {dev: x, needs: [c]}\n  c: {dev: x, needs: [d, a]}\n  d: {dev: x}", "in a circle: a -> b -> c -> a"},
		{"the name of a step", "web: {dev: x, migrate: y}\n  web-migrate: {dev: x}", `service "web-migrate" has the name of a step of service "web"`},
		{"an unknown kind", "web: {dev: x}\n  db: {use: postgress@15}", `did you mean "postgres"?`},
		{"a kind by another name", "web: {dev: x}\n  db: {use: mongodb@8}", `did you mean "mongo"?`},
		{"latest", "web: {dev: x}\n  db: {use: postgres@latest}", `must have a version, not latest`},
		{"a version that minio has not", "web: {dev: x}\n  s3: {use: minio@1}", `try minio@RELEASE.`},
		{"a port of who knows what", "web: {dev: x}\n  q: {publish: 1, compose: {image: nats}}", `devbox does not know what it listens on`},
		{"services that share a variable", "web: {dev: x}\n  a-b: {use: redis@7}\n  a.b: {use: redis@7}", `would share the variable DEVBOX_A_B_PORT`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load([]byte("services:\n  "+test.text+"\n"), "app", nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestCheckPassword(t *testing.T) {
	for password, good := range map[string]bool{"": true, "abc-_.~9": true, "a@b": false, "a/b": false, "p w": false, "ü": false, strings.Repeat("a", 200): false} {
		if why := CheckPassword(password); (why == "") != good {
			t.Errorf("%q: %s", password, why)
		}
	}
}

// TestStages has the order of a start.
func TestStages(t *testing.T) {
	m := expressModel()
	m.Backing = []Backing{{Name: "db", Use: "postgres"}, {Name: "lonely", Use: "redis"}}
	m.Services[0].Needs, m.Services[0].Migrate, m.Services[0].Seed = []string{"db"}, Command{"m"}, Command{"s"}
	check := &types.HealthCheckConfig{Test: []string{"CMD", "true"}}
	c := &Compose{Services: map[string]ComposeService{
		"web": {Name: "web"}, "web-migrate": {Name: "web-migrate"}, "web-seed": {Name: "web-seed"}, "extra": {Name: "extra"},
		"db": {Name: "db", HealthCheck: check}, "lonely": {Name: "lonely", HealthCheck: check},
	}}
	var lines []string
	for _, s := range m.Stages(c) {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(s.Services, s.Await, s.Step)))
	}
	want := []string{"[db lonely] [db]", "[] []web-migrate", "[] []web-seed", "[db extra lonely web] []"}
	if !slices.Equal(lines, want) {
		t.Errorf("the stages are %q, want %q", lines, want)
	}
	m.Services[0].Needs = nil
	delete(c.Services, "web-migrate")
	delete(c.Services, "web-seed")
	if got := m.Stages(c); len(got) != 1 || len(got[0].Services) != 4 {
		t.Errorf("where nothing waits there are the stages %v", got)
	}
}

func TestAStepStartsAfterAllThatItNeeds(t *testing.T) {
	m := expressModel()
	m.Services = append(m.Services, expressService("api", 0), expressService("base", 0))
	m.Backing = []Backing{{Name: "db", Compose: map[string]any{"image": "postgres:15"}}}
	m.Services[0].Needs, m.Services[0].Migrate = []string{"api", "db"}, Command{"m"}
	m.Services[1].Needs, m.Services[1].Migrate = []string{"base"}, Command{"m"}
	healthy := types.DependsOnConfig{"api": {Condition: types.ServiceConditionHealthy}}
	c := &Compose{Services: map[string]ComposeService{
		"web": {Name: "web"}, "web-migrate": {Name: "web-migrate", DependsOn: healthy}, "db": {Name: "db"},
		"api": {Name: "api"}, "api-migrate": {Name: "api-migrate"}, "base": {Name: "base"},
	}}
	var lines []string
	for _, s := range m.Stages(c) {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(s.Services, s.Await, s.Step)))
	}
	want := []string{"[db] []", "[db base] []", "[] []api-migrate", "[db base api] [api]", "[] []web-migrate", "[api base db web] []"}
	if !slices.Equal(lines, want) {
		t.Errorf("the stages are %q, want %q", lines, want)
	}
}

func TestAppsWaitForTheMigrationOfTheirDatabase(t *testing.T) {
	app := func(name string, migrates bool, needs ...string) Service {
		s := Service{Name: name, Needs: needs}
		if migrates {
			s.Migrate = Command{"m"}
		}
		return s
	}
	backing := []Backing{{Name: "db", Use: "postgres"}, {Name: "own", Compose: map[string]any{"image": "mysql:8"}}, {Name: "cache", Use: "redis"}}
	tests := []struct {
		name string
		apps []Service
		want string // of the first app
	}{
		{"its own", []Service{app("web", true, "db"), app("api", true, "db")}, "[web]"},
		{"that of the app that has one", []Service{app("web", false, "db"), app("api", true, "db"), app("job", false, "db")}, "[api]"},
		{"of a database in Compose's words", []Service{app("web", false, "own"), app("api", true, "own")}, "[api]"},
		{"of another database", []Service{app("web", false, "db"), app("api", true, "own")}, "[]"},
		{"beside one cache", []Service{app("web", false, "cache"), app("api", true, "cache", "db")}, "[]"},
		{"of an app that waits for it", []Service{app("web", false, "db"), app("api", true, "db", "web")}, "[]"},
		{"of an app that waits for one of its kind", []Service{app("web", false, "db"), app("api", true, "db", "job"), app("job", false, "db")}, "[]"},
	}
	for _, tt := range tests {
		m := &Model{Services: tt.apps, Backing: backing}
		if got := fmt.Sprint(m.migratedBy(tt.apps[0])); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFindMigrate(t *testing.T) {
	for _, test := range []struct {
		name, manifest string
		files          []string
		want           string
	}{
		{"nothing", `{}`, nil, ""},
		{"a script", `{"scripts":{"migrate":"node migrate.js"}}`, nil, "npm run migrate"},
		{"the script that deploys comes first", `{"scripts":{"db:migrate":"prisma migrate dev","db:migrate:deploy":"prisma migrate deploy"}}`, nil, "npm run db:migrate:deploy"},
		{"a script that makes migrations is none", `{"scripts":{"migrate":"prisma migrate dev"},"dependencies":{"prisma":"6"}}`, []string{"prisma/migrations"}, "npx prisma migrate deploy"},
		{"prisma without migrations", `{"dependencies":{"@prisma/client":"6"}}`, []string{"prisma"}, ""},
		{"knex", `{"dependencies":{"knex":"3"}}`, []string{"knexfile.js"}, "npx knex migrate:latest"},
		{"knex for queries only", `{"dependencies":{"knex":"3"}}`, nil, ""},
		{"drizzle", `{"devDependencies":{"drizzle-kit":"0.31"}}`, []string{"drizzle.config.ts"}, "npx drizzle-kit migrate"},
		{"sequelize", `{"devDependencies":{"sequelize-cli":"6"}}`, []string{".sequelizerc"}, "npx sequelize-cli db:migrate"},
		{"node-pg-migrate", `{"dependencies":{"node-pg-migrate":"8"}}`, []string{"migrations"}, "npx node-pg-migrate up"},
		{"typeorm by its script", `{"scripts":{"migration:run":"typeorm migration:run -d ds.js"},"dependencies":{"typeorm":"0.3"}}`, nil, "npm run migration:run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pkg, err := ParsePackageJSON([]byte(test.manifest))
			if err != nil {
				t.Fatal(err)
			}
			command, findings := findMigrate(&Facts{Package: pkg, Survey: Survey{Migrations: test.files}})
			if command.String() != test.want || (len(findings) > 0) != (test.want != "") {
				t.Errorf("got %q (%v), want %q", command, findings, test.want)
			}
		})
	}
	if command, _ := findMigrate(nil); command != nil {
		t.Errorf("without facts it is %q", command)
	}
}

func TestFilesOfAMigration(t *testing.T) {
	scripts := func(command string) *PackageJSON {
		return &PackageJSON{Scripts: map[string]string{"migrate": command}}
	}
	s := Service{Name: "web", Migrate: Command{"npm", "run", "migrate"}}
	below := Service{Name: "api", Dir: "apps/api", Migrate: Command{"node", "migrate.js"}}
	script := Service{Name: "jobs", Dir: "apps/jobs", Migrate: Command{"npm", "run", "migrate"}}
	local := Service{Name: "web2", Dir: "apps/web", Migrate: Command{"pnpm", "--dir", "../../packages/db", "run", "migrate"}}
	moved := Service{Name: "web3", Dir: "apps/web", Migrate: Command{"/bin/sh", "-c", "cd ../../packages/db && exec npx drizzle-kit migrate"}}
	node := Service{Name: "web4", Dir: "apps/web", Migrate: Command{"npm", "run", "migrate", "--prefix", "../../packages/sql"}}
	there := Service{Name: "web5", Dir: "apps/web", Migrate: Command{"/bin/sh", "-c", "cd ../../packages/sql && node up.js"}}
	p := &Project{Packages: []*Package{{
		Facts:    &Facts{Package: scripts("node tools/up.js --config=cfg/db.json")},
		Members:  []Member{{Dir: "apps/jobs", manifest: scripts("node up.js")}, {Dir: "packages/db", manifest: scripts("drizzle-kit migrate")}, {Dir: "packages/sql", manifest: scripts("tsx run.ts")}},
		services: []Service{s, below, script, local, moved, node, there},
	}}}
	for _, test := range []struct {
		service Service
		file    string
		want    bool
	}{
		{s, "prisma/schema.prisma", true},
		{s, "src/db/migrations/001.sql", true},
		{s, "knexfile.ts", true},
		{s, "tools/up.js", true},
		{s, "cfg/db.json", true},
		{s, "src/index.js", false},
		{s, "tools/other.js", false},
		{below, "apps/api/migrate.js", true},
		{below, "apps/api/migrations/1.sql", true},
		{below, "migrations/1.sql", false},
		{below, "migrate.js", false},
		{script, "apps/jobs/up.js", true},
		{script, "apps/jobs/tools/up.js", false},
		{local, "packages/db/drizzle/1.sql", true},
		{local, "apps/web/drizzle/1.sql", true},
		{local, "packages/other/drizzle/1.sql", false},
		{local, "packages/db/src/index.ts", false},
		{moved, "packages/db/drizzle/1.sql", true},
		{node, "packages/sql/run.ts", true},
		{node, "packages/sql/up.js", false},
		{there, "packages/sql/up.js", true},
		{Service{Name: "web"}, "migrations/1.sql", false},
	} {
		if got := p.IsStepFile(test.service, test.file); got != test.want {
			t.Errorf("%s of %s: %v", test.file, test.service.Name, got)
		}
	}
}

func TestTheCatalogIsComplete(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(otherKinds)) {
		if _, ok := catalog[otherKinds[name]]; !ok {
			t.Errorf("%s stands for %s, which is not there", name, otherKinds[name])
		}
	}
}

func TestSequelizeMigratesWhereItsFolderIs(t *testing.T) {
	const settings = "module.exports = {\n  'config': path.resolve('src', 'config.js'),\n  'migrations-path': path.resolve('src', 'migrations'),\n};\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"the folder that settings name", map[string]string{".sequelizerc": settings, "src/migrations/1.js": ""}, "npx sequelize-cli db:migrate"},
		{"settings without the folder", map[string]string{".sequelizerc": settings}, ""},
		{"the usual folder", map[string]string{"config/config.json": "{}", "migrations/1.js": ""}, "npx sequelize-cli db:migrate"},
		{"no folder", map[string]string{"config/config.json": "{}"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			facts, err := DetectAll(folder(merge(map[string]string{"package.json": `{"devDependencies":{"sequelize-cli":"6"}}`}, test.files)))
			if err != nil {
				t.Fatal(err)
			}
			if command, _ := findMigrate(facts); command.String() != test.want {
				t.Errorf("got %q, want %q", command, test.want)
			}
		})
	}
}
