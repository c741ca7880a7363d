package project

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestMigrationsThatTakeToolsOfDevelopment(t *testing.T) {
	const knexAtWork = `"dependencies":{"knex":"3"},"devDependencies":{"eslint":"9"}`
	for _, test := range []struct {
		name, command, manifest string
		want                    bool
	}{
		{"no migration", "", `{"devDependencies":{"prisma":"6"}}`, false},
		{"a tool of production", "knex migrate:latest", `{` + knexAtWork + `}`, false},
		{"a tool of development", "npx prisma migrate deploy", `{"dependencies":{"@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`, true},
		{"one in a version", "npx prisma@6.1.0 migrate deploy", `{"devDependencies":{"prisma":"6"}}`, true},
		{"a program of another name", "sequelize db:migrate", `{"devDependencies":{"sequelize-cli":"6"}}`, true},
		{"in both lists", "node-pg-migrate up", `{"dependencies":{"node-pg-migrate":"8"},"devDependencies":{"node-pg-migrate":"8"}}`, false},
		{"optional", "node-pg-migrate up", `{"optionalDependencies":{"node-pg-migrate":"8"},"devDependencies":{"node-pg-migrate":"8"}}`, false},
		{"a script", "npm run migrate", `{"scripts":{"migrate":"drizzle-kit migrate"},"devDependencies":{"drizzle-kit":"1"}}`, true},
		{"a script that calls a script", "pnpm db:up", `{"scripts":{"db:up":"pnpm run migrate && echo done","migrate":"node-pg-migrate up"},"devDependencies":{"node-pg-migrate":"8"}}`, true},
		{"a script before the script", "npm run migrate", `{"scripts":{"premigrate":"tsc -p db","migrate":"node dist/migrate.js"},"devDependencies":{"typescript":"5"}}`, true},
		{"scripts in a circle", "npm run a", `{"scripts":{"a":"npm run b","b":"npm run a"},"devDependencies":{"eslint":"9"}}`, false},
		{"under another program", "dotenv -e .env -- knex migrate:latest", `{"dependencies":{"knex":"3"},"devDependencies":{"dotenv-cli":"8"}}`, true},
		{"a module that node loads", "node --import=tsx src/migrate.ts", `{"devDependencies":{"tsx":"4"}}`, true},
		{"a file of a module", "node -r ts-node/register src/migrate.ts", `{"devDependencies":{"ts-node":"10"}}`, true},
		{"a module with a scope", "node -r @swc-node/register src/migrate.ts", `{"devDependencies":{"@swc-node/register":"1"}}`, true},
		{"by its file", "node ./node_modules/typeorm/cli.js migration:run -d ds.js", `{"devDependencies":{"typeorm":"0.3"}}`, true},
		{"by its link", "./node_modules/.bin/knex migrate:latest", `{"devDependencies":{"knex":"3"}}`, true},
		{"typeorm by ts-node", "typeorm-ts-node-commonjs migration:run -d src/ds.ts", `{"dependencies":{"typeorm":"0.3"},"devDependencies":{"ts-node":"10"}}`, true},
		{"settings in TypeScript", "knex migrate:latest", `{"dependencies":{"knex":"3"},"devDependencies":{"tsx":"4"}}`, true},
		{"node alone", "node migrate.js", `{"devDependencies":{"prisma":"6"}}`, false},
		{"a shell", "export PGSSLMODE=require && knex migrate:latest", `{"devDependencies":{"knex":"3"}}`, true},
		{"a program of nobody's", "migrate-everything", `{"devDependencies":{"tools":"1"}}`, true},
		{"one where there are no tools", "migrate-everything", `{"dependencies":{"tools":"1"}}`, false},
		{"a program in the folder", "./migrate.sh", `{"devDependencies":{"tools":"1"}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := packageWith(t, fstest.MapFS{"package.json": {Data: []byte(test.manifest)}}, test.command, "")
			if got := k.needsTools(k.services[0]); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// packageWith is the package of a folder with one service, which migrates.
func packageWith(t *testing.T, files fstest.MapFS, migrate, dir string) *Package {
	t.Helper()
	m := withWeb(func(s *Service) {
		s.Dir = dir
		if migrate != "" {
			var err error
			if s.Migrate, err = ParseCommand(migrate); err != nil {
				t.Fatal(err)
			}
		}
	})
	facts, err := Detect(files)
	if err != nil {
		t.Fatal(err)
	}
	list, err := readPackages(files, m, facts)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

func TestMigrationsOfAWorkspacesMember(t *testing.T) {
	files := fstest.MapFS{
		"package.json":              {Data: []byte(`{"workspaces":["apps/*","packages/*"],"devDependencies":{"turbo":"2"}}`)},
		"package-lock.json":         {Data: []byte(`{"lockfileVersion":3,"packages":{}}`)},
		"apps/web/package.json":     {Data: []byte(`{"name":"web","dependencies":{"@acme/db":"*"}}`)},
		"packages/db/package.json":  {Data: []byte(`{"name":"@acme/db","scripts":{"db:up":"prisma migrate deploy"},"devDependencies":{"prisma":"6"}}`)},
		"packages/cfg/package.json": {Data: []byte(`{"name":"@acme/cfg","devDependencies":{"knex":"3"}}`)},
	}
	for command, want := range map[string]bool{
		"npm run db:up --workspace packages/db":             true,
		"turbo run db:up":                                   true,
		"cd ../../packages/db && npx prisma migrate deploy": true,
		"cd ../../packages/db && knex migrate:latest":       false,
		"node migrate.js":                                   false,
		"npm run other":                                     false,
	} {
		if k := packageWith(t, files, command, "apps/web"); k.needsTools(k.services[0]) != want {
			t.Errorf("%s: got %v", command, !want)
		}
	}
}

func TestToolsOfMigrationsAreRendered(t *testing.T) {
	shared := withTwoServices(func(web, worker *Service) {
		web.Migrate, worker.Migrate = Command{"npx", "prisma", "migrate", "deploy"}, Command{"knex", "migrate:latest"}
		web.Build = Command{"npm", "run", "build"}
	})
	member := withWeb(func(s *Service) { s.Dir, s.Migrate = "apps/web", Command{"knex", "migrate:latest"} })
	own := withWeb(func(s *Service) {
		s.Migrate = Command{"knex", "migrate:latest"}
		s.ComposeProd = map[string]any{"image": "registry.example/chat:1"}
	})
	ownBuild := withWeb(func(s *Service) {
		s.Migrate = Command{"knex", "migrate:latest"}
		s.ComposeProd = map[string]any{"image": "registry.example/chat:1", "build": map[string]any{"args": map[string]any{"A": "1"}}}
	})
	locked := npmLocked
	locked.Tooled = []string{"web", "worker"}
	workspace := locked
	workspace.Members = []Member{{Dir: "apps/web", Files: []File{{Name: "package.json"}}}}
	for _, test := range []struct {
		name  string
		model *Model
		facts RenderFacts
	}{
		{"two services", shared, locked},
		{"a workspace", member, workspace},
		{"an image of its own", own, locked},
		{"a build of its own", ownBuild, locked},
	} {
		t.Run(test.name, func(t *testing.T) {
			files, err := Render(test.model, test.facts)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if f.Name == ComposeProdFile || f.Name == DockerFile {
					golden(t, strings.ReplaceAll(test.name, " ", "-")+"/"+f.Name, string(f.Data))
				}
			}
		})
	}
}
