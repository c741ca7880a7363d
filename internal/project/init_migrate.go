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

var migrators = []migrator{
	{[]string{"prisma", "@prisma/client"}, Command{"npx", "prisma", "migrate", "deploy"}, []string{prismaMigrations}},
	{[]string{"drizzle-kit"}, Command{"npx", "drizzle-kit", "migrate"}, []string{"drizzle.config.ts", "drizzle.config.js", "drizzle.config.json"}},
	{[]string{"knex"}, Command{"npx", "knex", "migrate:latest"}, []string{"knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs"}},
	{[]string{"sequelize-cli"}, Command{"npx", "sequelize-cli", "db:migrate"}, []string{".sequelizerc", "config/config.json", "config/config.js", "migrations"}},
	{[]string{"node-pg-migrate"}, Command{"npx", "node-pg-migrate", "up"}, []string{"migrations"}},
}

// prismaMigrations stands for the folder beside Prisma's schema, wherever that is.
const prismaMigrations = "prisma/migrations"

// migrationSigns lists the signs of migrators that a folder has.
func migrationSigns(fsys fs.FS, data []Fact) []string {
	var signs []string
	for _, m := range migrators {
		for _, sign := range m.signs {
			if _, err := fs.Stat(fsys, sign); err == nil && !slices.Contains(signs, sign) {
				signs = append(signs, sign)
			}
		}
	}
	for _, fact := range data {
		if path.Ext(fact.Source) != ".prisma" || slices.Contains(signs, prismaMigrations) {
			continue
		}
		if _, err := fs.Stat(fsys, path.Join(path.Dir(fact.Source), "migrations")); err == nil {
			signs = append(signs, prismaMigrations)
		}
	}
	return signs
}

// addMigrate lets the data of the databases that devbox adds for an app be
// brought up to date before it starts. Those that were there before, or are
// elsewhere, are for their owners to change.
func (m *Model) addMigrate(f *Facts, s *Service) []Finding {
	uses := slices.ContainsFunc(s.Needs, func(name string) bool {
		b, ok := m.BackingService(name)
		return ok && slices.Contains(databases, b.Use)
	})
	if len(s.Migrate) > 0 || !uses {
		return nil
	}
	command, findings := findMigrate(f, func(name string) bool { return slices.Contains(f.Survey.MigrationSigns, name) })
	s.Migrate = command
	return findings
}

// findMigrate finds the command that brings an app's data up to date: a script of
// package.json, or the tool that its dependencies and files show. isThere tells
// of files and folders relative to the app. There is no finding where nothing
// shows one; a script of TypeORM's is found by its name, since its command needs
// to be told where the data source is.
func findMigrate(f *Facts, isThere func(name string) bool) (Command, []Finding) {
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
		if i < 0 || !slices.ContainsFunc(m.signs, isThere) {
			continue
		}
		return slices.Clone(m.command), []Finding{{What: what, Value: m.command.String(), Source: "package.json depends on " + m.packages[i]}}
	}
	return nil, nil
}

// makesMigrations tells scripts that write migrations, or drop data, from those
// that run what is there.
func makesMigrations(text string) bool {
	return slices.ContainsFunc([]string{"migrate dev", "migrate reset", "--create", "migration:generate", "migration:create", "migrate:make", "drizzle-kit generate"}, func(words string) bool {
		return strings.Contains(text, words)
	})
}
