package project

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
)

// Nodemon are nodemon's own settings.
type Nodemon struct {
	// Source is where they stand; empty where there are none.
	Source string
	// Exec is the command, Script the file; either may be empty.
	Exec, Script string
	// Exts are programs by the ending of the files that they run.
	Exts map[string]string
	// Env are variables that the app gets.
	Env map[string]string
	// Unclear tells that there is a setting that changes what runs and that
	// devbox does not know.
	Unclear bool
}

// readNodemon reads nodemon.json, or the settings in package.json.
func readNodemon(fsys fs.FS) Nodemon {
	if text := peek(fsys, "nodemon.json"); text != "" {
		return parseNodemon([]byte(text), "nodemon.json")
	}
	var p struct {
		Config json.RawMessage `json:"nodemonConfig"`
	}
	if json.Unmarshal([]byte(peek(fsys, packageFile)), &p) == nil && len(p.Config) > 0 {
		return parseNodemon(p.Config, packageFile+" nodemonConfig")
	}
	return Nodemon{}
}

func parseNodemon(data []byte, source string) Nodemon {
	n := Nodemon{Source: source}
	var raw map[string]json.RawMessage
	if json.Unmarshal(data, &raw) != nil {
		n.Unclear = true
		return n
	}
	for key, into := range map[string]any{"exec": &n.Exec, "script": &n.Script, "execMap": &n.Exts, "env": &n.Env} {
		if value, there := raw[key]; there && json.Unmarshal(value, into) != nil {
			n.Unclear = true
		}
	}
	// Events run commands of their own.
	_, n.Unclear = raw["events"]
	return n
}

var (
	prismaSource   = lazy(`(?s)\bdatasource\s+\w+\s*\{(.*?)\}`)
	prismaProvider = lazy(`(?m)^\s*provider\s*=\s*"([a-z]+)"`)
	dialectSetting = lazy(`["']?\b(?:dialect|client|type|provider)["']?\s*[:=]\s*["'](postgres(?:ql)?|pg|mysql2?|mariadb|mongodb|sqlite3?|better-sqlite3|mssql|cockroachdb)["']`)
)

// prismaSchemas are where Prisma's schema is by custom.
var prismaSchemas = []string{"prisma/schema.prisma", "prisma/schema/schema.prisma", "schema.prisma", "src/prisma/schema.prisma", "db/schema.prisma", "prisma/schema/base.prisma"}

// dialectFiles are the settings of tools that say which database there is.
var dialectFiles = []string{
	"knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs", "src/knexfile.js", "src/knexfile.ts",
	"ormconfig.json", "ormconfig.js", "ormconfig.ts", "data-source.ts", "src/data-source.ts", "src/config/typeorm.ts", "src/database/data-source.ts",
	"config/config.json", "config/config.js", "config/database.js", "config/database.ts", "src/config/config.js", "src/config/database.ts", "src/app.module.ts",
	"drizzle.config.ts", "drizzle.config.js", "mikro-orm.config.ts", "src/mikro-orm.config.ts",
}

// dataSettings are the databases that the settings of tools name, as kinds of
// devbox's; sqlite for one in a file.
func dataSettings(fsys fs.FS, p *PackageJSON) []Fact {
	var facts []Fact
	schemas := prismaSchemas
	if p != nil {
		if own := p.prismaSchema(); own != "" {
			schemas = append([]string{own, path.Join(own, "schema.prisma")}, schemas...)
		}
	}
	for _, name := range schemas {
		source := prismaSource().FindStringSubmatch(peek(fsys, name))
		if source == nil {
			continue
		}
		if m := prismaProvider().FindStringSubmatch(source[1]); m != nil {
			facts = append(facts, Fact{databaseKind(m[1]), name})
			break
		}
	}
	for _, name := range dialectFiles {
		if m := dialectSetting().FindStringSubmatch(lineComment.ReplaceAllString(peek(fsys, name), "")); m != nil {
			facts = append(facts, Fact{databaseKind(m[1]), name})
		}
	}
	return facts
}

// prismaSchema is the schema that package.json names for Prisma.
func (p *PackageJSON) prismaSchema() string {
	var prisma struct{ Schema string }
	if json.Unmarshal(p.raw["prisma"], &prisma) != nil {
		return ""
	}
	if name := path.Clean(prisma.Schema); prisma.Schema != "" && fs.ValidPath(name) {
		return name
	}
	return ""
}

// databaseKind is devbox's name of a database that goes by several.
func databaseKind(name string) string {
	switch name {
	case "postgresql", "pg", "cockroachdb":
		return "postgres"
	case "mysql2":
		return "mysql"
	case "mongodb":
		return "mongo"
	case "sqlite3", "better-sqlite3":
		return "sqlite"
	}
	return name
}

var outDirSetting = lazy(`"outDir"\s*:\s*"([^"]+)"`)

// outDir is the folder that the TypeScript compiler writes to.
func outDir(fsys fs.FS) Fact {
	for _, name := range []string{"tsconfig.build.json", "tsconfig.json"} {
		if m := outDirSetting().FindStringSubmatch(lineComment.ReplaceAllString(peek(fsys, name), "")); m != nil {
			if dir := path.Clean(m[1]); fs.ValidPath(dir) && dir != "." {
				return Fact{dir, name + " outDir"}
			}
		}
	}
	return Fact{}
}

var (
	envFileName = lazy(`(?:^|[\s='"])([\w./-]*\.env[\w.-]*)`)
	serverPort  = lazy(`\b(?:server|devServer|serve)["']?\s*:\s*\{[^{}]{0,400}?\bport["']?\s*:\s*(?:[^,}\n]{0,60}?(?:\|\||\?\?)\s*)?["']?(\d{2,5})\b`)
	angularPort = lazy(`"options"\s*:\s*\{[^{}]{0,400}?"port"\s*:\s*(\d{2,5})`)
)

// missingFiles are the files that scripts and main name and that are not there.
func missingFiles(fsys fs.FS, p *PackageJSON) []string {
	if p == nil {
		return nil
	}
	names := scriptFiles(p)
	if p.Main != "" {
		names = append(names, path.Clean(p.Main))
	}
	var missing []string
	for _, name := range names {
		if !fs.ValidPath(name) {
			continue
		}
		if _, err := fs.Stat(fsys, name); err != nil {
			missing = append(missing, name)
		}
	}
	return missing
}

// namedEnvFiles are the files of variables that scripts name and that are there.
func namedEnvFiles(fsys fs.FS, p *PackageJSON) []string {
	names := []string{".env"}
	if p != nil {
		for _, script := range p.Scripts {
			for _, m := range envFileName().FindAllStringSubmatch(script, -1) {
				names = append(names, path.Clean(m[1]))
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return !fs.ValidPath(name) || !isRegular(fsys, name) })
}

// toolSettings are the settings of development servers.
var toolSettings = []string{
	"vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs", "astro.config.mjs", "astro.config.ts", "nuxt.config.ts", "nuxt.config.js",
	"webpack.config.js", "webpack.config.ts", "webpack.dev.js", "webpack.dev.config.js", "vue.config.js", "rsbuild.config.ts", "rspack.config.js", "quasar.config.js",
}

// toolPort is the port in the settings of a development server.
func toolPort(fsys fs.FS) Fact {
	for _, name := range toolSettings {
		if m := serverPort().FindStringSubmatch(lineComment.ReplaceAllString(peek(fsys, name), "")); m != nil && validPort(m[1]) {
			return Fact{m[1], name}
		}
	}
	if m := angularPort().FindStringSubmatch(peek(fsys, "angular.json")); m != nil && validPort(m[1]) {
		return Fact{m[1], "angular.json"}
	}
	return Fact{}
}
