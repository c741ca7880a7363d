package project

import (
	"slices"
	"testing"
)

func TestAppsGetTheDatabaseOfALocalPackage(t *testing.T) {
	drizzle := map[string]string{
		"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
		"apps/api/package.json":         `{"name":"api","scripts":{"dev":"node x.js"},"dependencies":{"@x/auth":"*"}}`,
		"apps/api/x.js":                 "require('http').createServer().listen(process.env.PORT)",
		"apps/jobs/package.json":        `{"name":"jobs","scripts":{"dev":"node x.js"},"dependencies":{"@x/db":"*"}}`,
		"apps/jobs/x.js":                "",
		"apps/web/package.json":         `{"name":"web","scripts":{"dev":"vite"}}`,
		"packages/auth/package.json":    `{"name":"@x/auth","dependencies":{"@x/db":"*"}}`,
		"packages/db/package.json":      `{"name":"@x/db","main":"index.ts","dependencies":{"postgres":"3","drizzle-orm":"1","drizzle-kit":"1"}}`,
		"packages/db/index.ts":          "export const sql = postgres(process.env.DATABASE_URL)",
		"packages/db/drizzle.config.ts": "export default {dialect: 'postgresql', out: './migrations'}",
	}
	journal := map[string]string{"packages/db/migrations/meta/_journal.json": "{}"}
	script := map[string]string{"packages/db/package.json": `{"name":"@x/db","main":"index.ts","scripts":{"db:migrate":"tsx migrate.ts"},"dependencies":{"postgres":"3"}}`}
	cases := []struct {
		name    string
		files   map[string]string
		choices Choices
		// needs are the apps with a database, migrate the migrations of api.
		needs   []string
		migrate string
	}{
		{"its migrations run before the first app", merge(drizzle, journal), nothing, []string{"api", "jobs"}, "cd ../../packages/db && npx drizzle-kit migrate"},
		{"a script of the package", merge(drizzle, script), nothing, []string{"api", "jobs"}, "npm run db:migrate --prefix ../../packages/db"},
		{"tables that are pushed", drizzle, nothing, []string{"api", "jobs"}, ""},
		{"a database elsewhere", merge(drizzle, journal, map[string]string{"packages/db/.env": "DATABASE_URL=postgres://u:p@db.example.com/x\n"}), nothing, nil, ""},
		{"no services wanted", merge(drizzle, journal), Choices{Port: -1, NoServices: true}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, c.choices)
			var needs []string
			for _, s := range m.Services {
				if slices.Contains(s.Needs, "db") {
					needs = append(needs, s.Name)
				}
				if want := map[string]string{"api": c.migrate}[s.Name]; s.Migrate.String() != want {
					t.Errorf("%s: the migration is %q, want %q", s.Name, s.Migrate, want)
				}
			}
			if !slices.Equal(needs, c.needs) {
				t.Errorf("the database is needed by %q, want %q", needs, c.needs)
			}
			checkReadsBack(t, m)
		})
	}
}

// A folder's name is a name in a shell's line, whatever is in it.
func TestNamesOfFoldersAreQuotedInCommands(t *testing.T) {
	const dir = "packages/d b; touch x"
	m, _ := mustInit(t, map[string]string{
		"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
		"apps/api/package.json":             `{"name":"api","scripts":{"dev":"node x.js"},"dependencies":{"@x/db":"*"}}`,
		"apps/api/x.js":                     "require('http').createServer().listen(process.env.PORT)",
		dir + "/package.json":               `{"name":"@x/db","main":"dist/index.js","scripts":{"build":"tsc"},"dependencies":{"pg":"8","drizzle-kit":"1"}}`,
		dir + "/drizzle.config.js":          "export default {out: './drizzle'}",
		dir + "/drizzle/meta/_journal.json": "{}",
	}, nothing)
	api, _ := m.Service("api")
	if got, want := api.Migrate.String(), "cd '../../packages/d b; touch x' && npx drizzle-kit migrate"; got != want {
		t.Errorf("the migration is %q, want %q", got, want)
	}
	if got, want := api.Dev.String(), "npm run build --prefix '../../packages/d b; touch x' && node x.js"; got != want {
		t.Errorf("development runs %q, want %q", got, want)
	}
}

func TestToolsOfALocalPackagesMigrationMayBeOfDevelopment(t *testing.T) {
	files := map[string]string{
		"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
		"apps/api/package.json":                  `{"name":"api","scripts":{"start":"node x.js"},"dependencies":{"@x/db":"*"}}`,
		"apps/api/x.js":                          "require('http').createServer().listen(process.env.PORT)",
		"packages/db/package.json":               `{"name":"@x/db","main":"index.js","dependencies":{"knex":"3","pg":"8"},"devDependencies":{"drizzle-kit":"1"}}`,
		"packages/db/index.js":                   "",
		"packages/db/drizzle.config.js":          "export default {out: './drizzle'}",
		"packages/db/drizzle/meta/_journal.json": "{}",
	}
	m, findings := mustInit(t, files, nothing)
	want := Finding{What: "migrate", Source: "drizzle-kit is among the development dependencies of packages/db, so production migrates in an image of its own that has these"}
	if !slices.Contains(findings, want) {
		t.Errorf("it is not said: %v", findings)
	}
	files[ModelFile] = string(m.YAML())
	p := projectOf(t, files)
	api, _ := p.Model.Service("api")
	if !p.PackageOf(api).needsTools(api) {
		t.Errorf("%s has no image of its own in production", api.Migrate)
	}
}

func TestAppsOfAWorkspaceShareOneImageWherePsIsNeeded(t *testing.T) {
	m, _ := mustInit(t, map[string]string{
		"package.json": `{"workspaces":["apps/*"]}`, "package-lock.json": "{}",
		"apps/api/package.json": `{"name":"api","scripts":{"start:dev":"nest start --watch"}}`,
		"apps/web/package.json": `{"name":"web","scripts":{"dev":"vite"}}`,
	}, nothing)
	for _, s := range m.Services {
		if !slices.Equal(s.BuildPackages, []string{"procps"}) {
			t.Errorf("%s: %q", s.Name, s.BuildPackages)
		}
	}
}
