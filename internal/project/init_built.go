package project

import (
	"path"
	"slices"
	"strings"
)

// buildFolders are where builds write to by custom.
var buildFolders = wordSet("dist build lib out .output .next")

// isBuilt tells whether a command runs a file that is not there and that a
// build makes.
func (c commandFinder) isBuilt(command Command) bool {
	words := programWords(command)
	if len(words) < 2 || words[0] != "node" {
		return false
	}
	at := scriptAt(words)
	if at >= len(words) {
		return false
	}
	file := path.Clean(words[at])
	if slices.Contains(c.facts.Survey.Typed, file) && strings.Contains(c.script("build"), "tsc") {
		return true // the compiler writes beside the source
	}
	return slices.Contains(c.facts.Survey.Missing, file) && c.inBuild(file) || c.inBuild(file) && path.Ext(file) == "" && c.compiles()
}

// inBuild tells whether a file is where a build writes to.
func (c commandFinder) inBuild(file string) bool {
	top, _, _ := strings.Cut(file, "/")
	out := c.facts.Survey.OutDir.Text
	return buildFolders[top] || out != "" && strings.HasPrefix(file, out+"/")
}

// compiles tells whether the TypeScript compiler makes what runs.
func (c commandFinder) compiles() bool {
	return c.facts.Package.Has("typescript") && c.facts.Survey.OutDir.Text != ""
}

// beforeBuilt is the command for development where the script that starts the
// app needs a build: nodemon's, if it has one, else the build before it.
func (c commandFinder) beforeBuilt(pick commandPick) commandPick {
	if nodemon, ok := c.fromNodemon(); ok {
		return nodemon
	}
	build := c.build()
	if len(build.command) == 0 || pick.command.IsShell() {
		return pick
	}
	command, err := ParseCommand(build.command.String() + " && " + pick.command.String())
	if err != nil {
		return pick
	}
	pick.command, pick.words = command, nil
	pick.findings[0].Value = command.String()
	pick.note("dev", "the build comes first, because the app runs what it makes", false)
	return pick
}

// compile is the TypeScript compiler where what is started is its output and no
// script builds.
func (c commandFinder) compile() commandPick {
	if !c.compiles() || c.facts.Survey.OutDir.Text == "" {
		return commandPick{}
	}
	made := false
	for _, name := range append(slices.Clone(prodScripts), devScripts...) {
		command, err := ParseCommand(c.script(name))
		made = made || err == nil && c.isBuilt(command)
	}
	if !made {
		return commandPick{}
	}
	command := Command{"tsc"}
	return commandPick{command: command, findings: []Finding{{What: "build", Value: command.String(), Source: c.facts.Survey.OutDir.Source}}}
}

// builtApps are what the builds of frameworks make for production.
var builtApps = []struct{ dependency, file string }{
	{"nuxt", ".output/server/index.mjs"},
	{"@astrojs/node", "dist/server/entry.mjs"},
	{"@sveltejs/adapter-node", "build"},
	{"@nestjs/core", "dist/main"},
}

// fromBuild is the command for production that runs what the build makes,
// where no script says so.
func (c commandFinder) fromBuild() commandPick {
	if c.script("build") == "" {
		return commandPick{}
	}
	found := func(file, source string) commandPick {
		command := Command{"node", file}
		return commandPick{command: command, words: command, findings: []Finding{{What: "prod", Value: command.String(), Source: source}}}
	}
	if built := c.facts.Survey.Built; built.Text != "" {
		return found(built.Text, built.Source)
	}
	for _, app := range builtApps {
		if c.facts.Package.Has(app.dependency) {
			return found(app.file, "what "+app.dependency+" builds")
		}
	}
	if c.bundles() {
		return commandPick{}
	}
	main := path.Clean(c.facts.Package.Main)
	if c.facts.Package.Main != "" && c.inBuild(main) && slices.Contains(c.facts.Survey.Missing, main) {
		return found(main, "package.json main")
	}
	return c.fromOutDir(found)
}

// fromOutDir is what the compiler makes of the file that development runs.
func (c commandFinder) fromOutDir(found func(file, source string) commandPick) commandPick {
	out := c.facts.Survey.OutDir
	if out.Text == "" || !strings.Contains(c.script("build"), "tsc") {
		return commandPick{}
	}
	for _, name := range devScripts {
		for _, word := range strings.Fields(c.script(name)) {
			if inside, ok := strings.CutPrefix(path.Clean(word), "src/"); ok && isTyped(inside) {
				return found(path.Join(out.Text, strings.TrimSuffix(inside, path.Ext(inside))+".js"), out.Source+" and scripts."+name)
			}
		}
	}
	return commandPick{}
}
