package project

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/templates"
)

// buildRecords is where the states of local packages are noted that need no
// build. It is in the volume of the packages that builds are made with: all apps
// of an install share that, and another install gets another one.
const buildRecords = nodeModules + "/.cache/devbox-built"

// BuildOnce returns a copy of the project in which the builds of local packages
// that come before an app run only where one of these has changed since, and
// never at the same time for two apps. Only the copy in memory has it.
func (p *Project) BuildOnce(c *Compose) *Compose {
	out := *c
	out.Services = maps.Clone(c.Services)
	for _, s := range p.Model.Services {
		service, ok := out.Services[s.Name]
		k := p.PackageOf(s)
		if !ok || s.Dir == "" || len(k.Members) == 0 {
			continue
		}
		service.Command = []string(k.onceEach(Command(service.Command), s.Dir, c.Name))
		out.Services[s.Name] = service
	}
	return &out
}

// onceEach puts dbx_once before those commands of a line that build a local
// package and that others follow. dir is where the line runs, checkout what tells
// the locks of this folder from those of others with the same packages.
func (k *Package) onceEach(c Command, dir, checkout string) Command {
	if !c.IsShell() {
		return c
	}
	line, err := lexShell(c[2])
	if err != nil || line.opaque {
		return c
	}
	commands, ok := line.sequence()
	if !ok {
		return c
	}
	var b strings.Builder
	end := 0
	for i, command := range commands[:len(commands)-1] {
		words, plain := plainWords(command)
		if !plain || i > 0 && !line.joinedByAnd(command[0]) {
			continue
		}
		folder, script := k.builds(words, dir)
		if folder == "" {
			continue
		}
		b.WriteString(line.src[end:command[0].start] + k.once(folder, script, checkout) + " ")
		end = command[0].start
	}
	if end == 0 && b.Len() == 0 {
		return c
	}
	return Command{c[0], c[1], templates.BuildOnce() + b.String() + line.src[end:]}
}

// joinedByAnd tells whether the operator before a token is &&.
func (l shellLine) joinedByAnd(t shellToken) bool {
	return strings.HasSuffix(strings.TrimRight(l.src[:t.start], " \t\n"), "&&")
}

// plainWords are the words of a simple command in which a shell changes nothing.
func plainWords(command []shellToken) ([]string, bool) {
	words := make([]string, len(command))
	for i, t := range command {
		if t.operator || t.expands || i == 0 && assignment.MatchString(t.text) {
			return nil, false
		}
		words[i] = t.text
	}
	return words, len(words) > 0
}

// once are the words that come before a build.
func (k *Package) once(folder, script, checkout string) string {
	folders := []string{path.Join(AppDir, folder)}
	for _, local := range k.Locals(folder) {
		folders = append(folders, path.Join(AppDir, local))
	}
	var settings []string
	for dir := folder; dir != ""; {
		dir = parentDir(dir)
		settings = append(settings, path.Join(AppDir, dir))
	}
	lock := checkout + "-" + strings.ReplaceAll(folder, "/", "+")
	words := []string{path.Join(k.InContainer(), buildRecords), lock, folder + " " + script, strings.Join(folders, " "), strings.Join(settings, " ")}
	for i, word := range words {
		words[i] = quoteWord(word, false)
	}
	return "dbx_once " + strings.Join(words, " ")
}

// builds is the folder of the local package in which a command runs a script,
// and the script's name; empty where it does something else. dir is where the
// command runs.
func (k *Package) builds(words []string, dir string) (folder, script string) {
	for _, form := range scriptForms {
		found := matchForm(strings.Fields(form), words)
		script := found["SCRIPT"]
		i := slices.IndexFunc(k.Members, func(m Member) bool {
			return found["DIR"] != "" && m.Dir == path.Join(dir, found["DIR"]) || m.Name != "" && m.Name == found["NAME"]
		})
		if script != "" && i >= 0 && k.Members[i].Dir != dir && k.Members[i].manifest.Scripts[script] != "" {
			return k.Members[i].Dir, script
		}
	}
	return "", ""
}

// scriptForms are the ways to run a SCRIPT of another package of the workspace,
// by its DIR or by its NAME.
var scriptForms = []string{
	"npm run SCRIPT --prefix DIR", "npm run --prefix DIR SCRIPT", "npm --prefix DIR run SCRIPT",
	"npm run SCRIPT --workspace NAME", "npm run SCRIPT -w NAME", "npm run -w NAME SCRIPT", "npm -w NAME run SCRIPT",
	"pnpm --dir DIR run SCRIPT", "pnpm --dir DIR SCRIPT", "pnpm -C DIR run SCRIPT", "pnpm -C DIR SCRIPT",
	"pnpm --filter NAME run SCRIPT", "pnpm --filter NAME SCRIPT", "pnpm -F NAME run SCRIPT", "pnpm -F NAME SCRIPT",
	"yarn --cwd DIR run SCRIPT", "yarn --cwd DIR SCRIPT", "yarn workspace NAME run SCRIPT", "yarn workspace NAME SCRIPT",
	"bun run --cwd DIR SCRIPT", "bun --cwd DIR run SCRIPT", "bun run --filter NAME SCRIPT", "bun --filter NAME run SCRIPT",
}

// matchForm gives what a command's words have where a form has words in capitals;
// nil where they differ. A flag's value may stand behind =.
func matchForm(form, words []string) map[string]string {
	var split []string
	for _, word := range words {
		if flag, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "-") {
			split = append(split, flag, value)
		} else {
			split = append(split, word)
		}
	}
	if len(form) != len(split) {
		return nil
	}
	found := map[string]string{}
	for i, word := range form {
		switch {
		case !strings.HasPrefix(word, "-") && word == strings.ToUpper(word):
			found[word] = split[i]
		case word != split[i]:
			return nil
		}
	}
	return found
}
