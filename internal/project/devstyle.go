package project

import (
	"path"
	"slices"
	"strings"
)

// DevStyle is how a dev command meets an edit of source, as far as its words
// show.
type DevStyle struct {
	// Reloads names the tool that takes edits in by itself, such as "vite" or
	// "tsx watch"; empty where devbox has to restart the app.
	Reloads string
	// Loses names the tool that would do so and does not see every edit, so that
	// devbox restarts the app all the same.
	Loses string
	// Entry is the file that node runs, relative to the service's folder; empty
	// where that cannot be told.
	Entry string
	// Builds tells that something runs before the app that may build what it
	// runs, or the local packages that it loads, so that a restart builds them
	// anew.
	Builds bool
}

// DevStyleOf looks at a dev command, and through npm run and its like at the
// script behind it. What it does not understand is an app to be restarted. p may
// be nil.
func DevStyleOf(c Command, p *PackageJSON) DevStyle {
	s := scriptReader{pkg: p}
	s.command(c, 0)
	style := DevStyle{Builds: slices.ContainsFunc(s.before, mayBuild)}
	tools := make([]string, 0, len(s.running))
	for _, words := range s.running {
		if tool := reloadingTool(words); tool != "" {
			tools = append(tools, tool)
			continue
		}
		if style.Loses == "" {
			style.Loses = losingTool(words)
		}
		if file := nodeEntry(words); file != "" && style.Entry == "" {
			style.Entry = file
		}
	}
	if len(tools) > 0 && len(tools) == len(s.running) && !s.unclear {
		return DevStyle{Reloads: tools[0], Builds: style.Builds}
	}
	return style
}

// reloadingTools take in edits by themselves whatever their flags say. A
// program with a subcommand stands as two words.
var reloadingTools = wordSets(
	"nodemon", "node-dev", "ts-node-dev", "tsnd", "tsc-watch", "webpack-dev-server", "parcel", "parcel serve", "parcel watch",
	"vite", "vite dev", "vite serve", "vitepress dev", "next", "next dev", "nuxt", "nuxt dev", "nuxi dev", "astro dev",
	"remix dev", "remix vite:dev", "react-router dev", "webpack serve", "rspack serve", "rspack dev", "rsbuild dev",
	"ng serve", "react-scripts start", "vue-cli-service serve", "gatsby develop", "docusaurus start", "storybook dev",
	"wrangler dev", "nitro dev", "nitropack dev", "vinxi dev", "expo start", "svelte-kit dev", "quasar dev", "tsx watch",
)

// watchingTools do so with a flag.
var watchingTools = wordSets(
	"tsc", "tsup", "tsdown", "esbuild", "rollup", "webpack", "rspack build", "swc", "babel", "vite build", "nest start", "nest build",
	"parcel build", "bun build",
)

func wordSets(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// reloadingTool names the tool of a simple command that takes in edits by itself.
func reloadingTool(words []string) string {
	program, rest := words[0], words[1:]
	name := program
	if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && !looksLikePath(rest[0]) {
		name += " " + rest[0]
	}
	switch {
	case reloadingTools[name]:
		return name
	case (watchingTools[name] || watchingTools[program]) && slices.ContainsFunc(rest, isToolWatchFlag):
		return name + " --watch"
	case taskRunner(program) && slices.ContainsFunc(rest, namesDevTask):
		return program
	case program == "bun":
		for _, flag := range ownFlags(words) {
			if isWatchFlag(flag) || flag == "--hot" {
				return program + " " + flag
			}
		}
	}
	return ""
}

// taskRunner tells a program that starts the scripts of a workspace's packages.
// What these are for development takes in edits: the runner has none of its own.
func taskRunner(program string) bool {
	return program == "turbo" || program == "nx" || program == "lerna"
}

// namesDevTask tells whether a word of a runner's command is a task that goes on
// and watches: dev, api:serve, --targets=serve.
func namesDevTask(word string) bool {
	if _, value, ok := strings.Cut(word, "="); ok {
		word = value
	}
	return slices.ContainsFunc(strings.FieldsFunc(word, func(r rune) bool { return r == ':' || r == ',' }), func(part string) bool {
		return listed("dev develop serve watch", part)
	})
}

// losingTool names the tool of a simple command that takes in edits and loses
// some. node --watch watches files and not folders: after an editor has saved one
// by renaming another over it, it goes on watching the one that is gone.
func losingTool(words []string) string {
	if words[0] == "node" && slices.ContainsFunc(ownFlags(words), isWatchFlag) {
		return "node --watch"
	}
	return ""
}

// withoutWatch is a command without node's own flags for restarting: devbox does
// that, and does not lose edits. A script behind the command is left as it is.
func withoutWatch(words []string) []string {
	if len(words) == 0 || words[0] != "node" || scriptAt(words) == len(words) {
		return words
	}
	at := scriptAt(words)
	plain := []string{words[0]}
	for i := 1; i < at; i++ {
		flag, _, joined := strings.Cut(words[i], "=")
		switch {
		case flag == "--watch", listed(nodeWatch.drop, flag):
		case listed(nodeWatch.dropValue, flag):
			if !joined {
				i++
			}
		default:
			plain = append(plain, words[i])
		}
	}
	return append(plain, words[at:]...)
}

func looksLikePath(word string) bool { return strings.ContainsAny(word, "/.") }

func isToolWatchFlag(word string) bool {
	return word == "--watch" || word == "-w" || word == "--watchAll" || strings.HasPrefix(word, "--watch=") && word != "--watch=false"
}

// ownFlags are the flags of node or bun itself; those of its script come later.
func ownFlags(words []string) []string { return words[1:scriptAt(words)] }

// scriptAt is the place of the file that node or bun runs, or the length.
func scriptAt(words []string) int {
	for i := 1; i < len(words); i++ {
		switch {
		case words[i] == "run" && words[0] == "bun":
		case !strings.HasPrefix(words[i], "-"):
			return i
		case listed(nodeWatch.keepValue+" "+nodeWatch.dropValue, words[i]):
			i++
		}
	}
	return len(words)
}

// nodeEntry is the file that a simple command runs with node or bun.
func nodeEntry(words []string) string {
	if words[0] != "node" && words[0] != "bun" {
		return ""
	}
	at := scriptAt(words)
	if at == len(words) || path.IsAbs(words[at]) {
		return ""
	}
	return path.Clean(words[at])
}

// notBuilding are programs that leave an app's code as it is. Any other one that
// runs before the app may be what builds it.
var notBuilding = wordSet("prisma drizzle-kit knex sequelize rimraf rm mkdir cp echo printf wait-on wait-for sleep true cd export set test [ dotenv migrate")

func mayBuild(words []string) bool { return !notBuilding[words[0]] }
