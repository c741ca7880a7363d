package project

import (
	"path"
	"slices"
	"strings"
)

// needsTools tells whether the migration of a service takes a program or a module
// that production does not install. In doubt it is true: the image with the tools
// has all that production's has.
func (k *Package) needsTools(s Service) bool {
	if len(s.Migrate) == 0 || k.Facts == nil || k.Facts.Package == nil {
		return false
	}
	t := toolSearch{manifests: []*PackageJSON{k.Facts.Package}, seen: map[string]bool{}}
	for _, m := range k.Members {
		if m.manifest != nil {
			t.manifests = append(t.manifests, m.manifest)
		}
	}
	t.scopes = []*PackageJSON{k.Facts.Package}
	places := k.stepDirs(s)
	for _, m := range k.Members {
		rel, below := k.within(m.Dir)
		if m.manifest != nil && (below && rel == k.MemberOf(s) || slices.Contains(places, m.Dir)) {
			t.scopes = append(t.scopes, m.manifest)
		}
	}
	return t.command(s.Migrate)
}

// toolSearch looks through a command, and the scripts that it calls, for tools of
// development.
type toolSearch struct {
	// scopes are the manifests whose packages a command sees, manifests all whose
	// scripts it may call.
	scopes, manifests []*PackageJSON
	seen              map[string]bool
}

func (t *toolSearch) command(c Command) bool {
	words := programWords(c)
	if slices.ContainsFunc(words, t.isTool) || t.unknown(words) {
		return true
	}
	if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(scriptRunners, w) }) {
		return false
	}
	return slices.ContainsFunc(words, t.script)
}

// script looks through the scripts of a name, whoever has one.
func (t *toolSearch) script(name string) bool {
	if t.seen[name] {
		return false
	}
	t.seen[name] = true
	for _, m := range t.manifests {
		if m.Scripts[name] == "" {
			continue
		}
		if !slices.Contains(t.scopes, m) {
			t.scopes = append(t.scopes, m)
		}
		for _, called := range []string{"pre" + name, name, "post" + name} {
			if c, err := ParseCommand(m.Scripts[called]); err == nil && t.command(c) {
				return true
			}
		}
	}
	return false
}

// isTool tells whether a word of a command names a package that is there for
// development only, or one that needs such a package to read TypeScript.
func (t *toolSearch) isTool(word string) bool {
	owner := packageOfWord(word)
	for _, m := range t.scopes {
		if m.developmentOnly(owner) {
			return true
		}
		if slices.Contains(readersOfTypeScript, owner) && slices.ContainsFunc(typeScriptLoaders, m.developmentOnly) {
			return true
		}
	}
	return false
}

// unknown tells whether the program of a command is neither of the image nor of
// production's packages, while development has some that production has not.
func (t *toolSearch) unknown(words []string) bool {
	if len(words) > 1 && (words[0] == "npx" || words[0] == "bunx") && !strings.HasPrefix(words[1], "-") {
		words = words[1:]
	}
	if len(words) == 0 || strings.Contains(words[0], "/") || slices.Contains(programsOfImage, words[0]) {
		return false
	}
	owner, more := packageOfWord(words[0]), false
	for _, m := range t.scopes {
		if m.Has(owner) {
			return false // isTool has looked at it
		}
		more = more || len(m.DevDependencies) > 0
	}
	return more
}

// developmentOnly tells whether production does not install a package.
func (p *PackageJSON) developmentOnly(name string) bool {
	_, optional := p.OptionalDependencies[name]
	return p.hasDev(name) && p.Dependencies[name] == "" && !optional
}

// packageOfWord is the package that a word of a command may be about: a program, a
// file of a package, or a module that an option loads.
func packageOfWord(word string) string {
	if strings.HasPrefix(word, "-") {
		_, word, _ = strings.Cut(word, "=")
	}
	if inside, ok := afterLast(word, nodeModules+"/"); ok {
		word = strings.TrimPrefix(inside, ".bin/")
	}
	parts := strings.SplitN(word, "/", 3)
	if name := parts[0]; strings.HasPrefix(name, "@") && len(parts) > 1 {
		word = path.Join(name, parts[1])
	} else {
		word = name
	}
	if at := strings.LastIndex(word, "@"); at > 0 {
		word = word[:at] // npx takes a version
	}
	for _, table := range []map[string]string{programs, migrationPrograms} {
		if owner, ok := table[word]; ok {
			return owner
		}
	}
	return word
}

var (
	// migrationPrograms are the packages that programs of steps belong to.
	migrationPrograms = map[string]string{
		"sequelize": "sequelize-cli", "mikro-orm": "@mikro-orm/cli", "mikro-orm-esm": "@mikro-orm/cli",
		"ts-node-esm": "ts-node", "ts-node-script": "ts-node", "ts-node-transpile-only": "ts-node",
		"typeorm-ts-node-commonjs": "ts-node", "typeorm-ts-node-esm": "ts-node", "esr": "esbuild-runner", "dotenv": "dotenv-cli",
	}
	// readersOfTypeScript take their settings or migrations in TypeScript, for which
	// one of typeScriptLoaders has to be there.
	readersOfTypeScript = []string{"knex", "typeorm", "@mikro-orm/cli", "sequelize-cli", "umzug", "node-pg-migrate"}
	typeScriptLoaders   = []string{"ts-node", "tsx", "jiti", "@swc-node/register", "@swc/register", "esbuild-register", "@babel/register", "sucrase"}
	// scriptRunners run scripts of package.json.
	scriptRunners = []string{"npm", "yarn", "pnpm", "bun", "turbo", "nx", "lerna", "npm-run-all", "run-s", "run-p"}
	// programsOfImage are programs that every image has: the base image's, and the
	// package manager.
	programsOfImage = []string{
		"node", "npm", "npx", "corepack", "yarn", "pnpm", "pnpx", "bun", "bunx", "sh", "bash", "dash", "env", "exec", "cd", "echo",
		"printf", "set", "export", "test", "[", "true", "false", "sleep", "timeout", "nice", "cat", "cp", "mv", "rm", "mkdir", "if", "until", "while", "for", "!",
	}
)
