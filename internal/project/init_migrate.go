package project

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// migrateScripts are scripts of package.json that bring a database up to date,
// the likeliest first. Those that make a new migration are not among them.
var migrateScripts = []string{
	"db:migrate:deploy", "migrate:deploy", "db:deploy", "db:migrate", "migrate", "migrate:up", "migrate:latest", "db:migrate:up",
	"migration:run", "migrations:run", "db:migrations:run", "typeorm:migration:run", "knex:migrate", "knex:migrate:latest",
}

// migrator is a tool for migrations: the package that shows it, and its command.
type migrator struct {
	packages []string
	command  Command
	// sign has to be there as well, as a file at the top or as a folder: the
	// package alone is often there for queries only.
	signs []string
}

// prismaMigrations is where Prisma keeps migrations, unless package.json names
// another place for its schema.
const prismaMigrations = "prisma/migrations"

const sequelizeTool = "sequelize-cli"

var migrators = []migrator{
	{[]string{"prisma", "@prisma/client"}, Command{"npx", "prisma", "migrate", "deploy"}, []string{prismaMigrations}},
	{[]string{"drizzle-kit"}, Command{"npx", "drizzle-kit", "migrate"}, []string{"drizzle.config.ts", "drizzle.config.js", "drizzle.config.json"}},
	{[]string{"knex"}, Command{"npx", "knex", "migrate:latest"}, []string{"knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs"}},
	{[]string{sequelizeTool}, Command{"npx", sequelizeTool, "db:migrate"}, []string{".sequelizerc", "config/config.json", "config/config.js", "migrations"}},
	{[]string{"node-pg-migrate"}, Command{"npx", "node-pg-migrate", "up"}, []string{"migrations"}},
}

// addMigrations gives the apps that have data of their own the command that
// brings these up to date. Data on another machine are nobody's to change at a
// start, so an app without a database beside it gets none.
func addMigrations(m *Model, f *Facts, places []appPlace) []Finding {
	var findings []Finding
	taken := map[string]bool{}
	for i, place := range places {
		s := &m.Services[i]
		if len(s.Migrate) > 0 || !m.hasDatabase(*s, place.data) || strings.Contains(s.Dev.String(), "migrat") {
			continue
		}
		var found []Finding
		s.Migrate, found = findMigrate(place.facts)
		if len(s.Migrate) == 0 {
			s.Migrate, found = f.localMigrate(place, *s, taken)
		} else if tool := place.facts.developmentMigrator(s.Migrate); tool != "" && s.hasProd() {
			found = append(found, developmentStep(tool, "", s.Dockerfile.used()))
		}
		findings = append(findings, ofService(found, place.name, len(places))...)
	}
	return findings
}

// developmentStep says what becomes of a migration in production whose tool is a
// development dependency, of a local package in a folder or of the app itself.
func developmentStep(tool, local string, ownDockerfile bool) Finding {
	text := tool + " is among the development dependencies"
	if local != "" {
		text += " of " + local
	}
	if ownDockerfile {
		return Finding{What: "migrate", Warning: true, Source: text + ": in production it runs in the image of your Dockerfile, which has to have it"}
	}
	return Finding{What: "migrate", Source: text + ", so production migrates in an image of its own that has these"}
}

// hasDatabase tells whether an app has a database of its own: a service that it
// needs, or a file.
func (m *Model) hasDatabase(s Service, f *Facts) bool {
	if slices.ContainsFunc(f.Survey.Data, func(d Fact) bool { return d.Text == "sqlite" }) {
		return true
	}
	return slices.ContainsFunc(s.Needs, m.isDatabase)
}

// findMigrate finds the command that brings an app's data up to date: a script of
// package.json, or the tool that its dependencies and files show. There is no
// finding where nothing shows one; a script of TypeORM's is found by its name,
// since its command needs to be told where the data source is.
func findMigrate(f *Facts) (Command, []Finding) {
	if f == nil || f.Package == nil {
		return nil, nil
	}
	const what = "migrate"
	finder := commandFinder{facts: f, manager: "npm"}
	if m := pickManager(f, "", "").manager.Name; m != "" {
		finder.manager = m
	}
	for _, name := range migrateScripts {
		text := finder.script(name)
		if text == "" || makesMigrations(text) {
			continue
		}
		command := finder.run(name)
		return command, []Finding{{What: what, Value: command.String(), Source: "package.json scripts." + name}}
	}
	for _, m := range migrators {
		i := slices.IndexFunc(m.packages, func(p string) bool { return f.Package.Has(p) })
		if i < 0 || !slices.ContainsFunc(m.signs, func(sign string) bool { return slices.Contains(f.Survey.Migrations, sign) }) {
			continue
		}
		return slices.Clone(m.command), []Finding{{What: what, Value: m.command.String(), Source: "package.json depends on " + m.packages[i]}}
	}
	return nil, nil
}

// developmentMigrator is the program of a migration that only development has;
// empty for none.
func (f *Facts) developmentMigrator(command Command) string {
	finder := commandFinder{facts: f}
	if len(command) == 3 && command[1] == "run" {
		command, _ = ParseCommand(finder.script(command[2]))
	}
	words := programWords(command)
	if len(words) > 1 && words[0] == "npx" {
		words = words[1:]
	}
	return finder.developmentTool(words)
}

// migrationSigns lists what of the signs of tools for migrations is there.
func migrationSigns(fsys fs.FS, p *PackageJSON, data []Fact) []string {
	var found []string
	for _, m := range migrators {
		for _, sign := range m.signs {
			if strings.HasPrefix(sign, "drizzle.config.") && !hasDrizzleJournal(fsys, sign) {
				continue // its tables come by `drizzle-kit push`
			}
			if slices.Contains(m.packages, sequelizeTool) && !hasSequelizeMigrations(fsys) {
				continue // it fails where its folder is missing
			}
			if _, err := fs.Stat(fsys, sign); err == nil && !slices.Contains(found, sign) {
				found = append(found, sign)
			}
		}
	}
	var schemas []string
	if p != nil && p.prismaSchema() != "" {
		schemas = append(schemas, p.prismaSchema())
	}
	for _, fact := range data {
		if path.Ext(fact.Source) == ".prisma" {
			schemas = append(schemas, fact.Source)
		}
	}
	for _, schema := range schemas {
		if slices.Contains(found, prismaMigrations) {
			break
		}
		if path.Ext(schema) != "" {
			schema = path.Dir(schema)
		}
		if _, err := fs.Stat(fsys, path.Join(schema, "migrations")); err == nil {
			found = append(found, prismaMigrations)
		}
	}
	return found
}

var drizzleOut = lazy(`\bout\s*["']?\s*:\s*["']([^"']+)["']`)

// hasDrizzleJournal tells whether Drizzle's migrations are where its settings say.
func hasDrizzleJournal(fsys fs.FS, config string) bool {
	out := "drizzle"
	if m := drizzleOut().FindStringSubmatch(peek(fsys, config)); m != nil {
		out = path.Clean(m[1])
	}
	return isRegular(fsys, path.Join(out, "meta/_journal.json"))
}

var (
	sequelizePath = lazy(`["']?migrations-path["']?\s*:\s*([^\n]*)`)
	quotedWord    = lazy(`["']([\w./-]+)["']`)
)

// hasSequelizeMigrations tells whether the folder of Sequelize's migrations is there:
// the one that .sequelizerc names, else migrations.
func hasSequelizeMigrations(fsys fs.FS) bool {
	dir := "migrations"
	if m := sequelizePath().FindStringSubmatch(peek(fsys, ".sequelizerc")); m != nil {
		var parts []string
		for _, word := range quotedWord().FindAllStringSubmatch(m[1], -1) {
			parts = append(parts, word[1])
		}
		dir = path.Join(parts...)
	}
	info, err := fs.Stat(fsys, dir)
	return err == nil && info.IsDir()
}

// makesMigrations tells scripts that write migrations, or drop data, from those
// that run what is there.
func makesMigrations(text string) bool {
	return slices.ContainsFunc([]string{"migrate dev", "migrate reset", "--create", "migration:generate", "migration:create", "migrate:make", "drizzle-kit generate"}, func(words string) bool {
		return strings.Contains(text, words)
	})
}
