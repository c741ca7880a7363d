package project

import (
	"fmt"
	"slices"
	"strings"
)

// devbox restarts an app by itself. A restarter inside the container would
// restart it a second time, does not see every edit, and keeps signals from
// the app; so init leaves it out where the command under it is plain to see,
// and leaves the command alone where it is not.

// restarter is a program that runs another one and restarts it.
type restarter struct {
	// drop are its flags that mean nothing without it, dropValue those that
	// have a value with them, keep and keepValue those of the program under it.
	drop, dropValue, keep, keepValue string
	// under is what the rest of the words are for: node.
	under string
	// only lets a restarter be left out only when this package is there.
	only string
}

var restarters = map[string]restarter{
	"nodemon": {
		drop:      "-q --quiet -V --verbose -I --no-stdin -L --legacy-watch -C --on-change-only --no-colors --spawn",
		dropValue: "-w --watch -e --ext -i --ignore -d --delay -s --signal",
		keep:      "--inspect --inspect-brk --no-warnings --enable-source-maps --trace-warnings",
		keepValue: "-r --require --import --env-file",
		under:     "node",
	},
	"node-dev": {
		drop:      "--respawn --notify=false --clear --dedupe --poll",
		keep:      "--inspect --no-warnings --enable-source-maps",
		keepValue: "-r --require --import",
		under:     "node",
	},
	"ts-node-dev": {
		drop:      "--respawn --poll --exit-child --rs --clear --cls --quiet --no-notify --notify=false --tree-kill",
		dropValue: "--ignore-watch --watch --interval --debounce",
		keep:      "--transpile-only -T --files --esm --inspect",
		keepValue: "-r --require -P --project -O --compilerOptions",
		under:     "ts-node", only: "ts-node",
	},
}

// nodeWatch are node's own flags for the same.
var nodeWatch = restarter{
	drop: "--watch --watch-preserve-output", dropValue: "--watch-path --watch-kill-signal",
	keep: `--inspect --inspect-brk --no-warnings --enable-source-maps --trace-warnings --experimental-strip-types
		--experimental-transform-types --no-deprecation`,
	keepValue: "-r --require --import --loader --experimental-loader --env-file --env-file-if-exists -C --conditions",
	under:     "node",
}

// tsxWatch is `tsx watch`.
var tsxWatch = restarter{
	drop: "--clear-screen=false --no-clear-screen --watch --watch-preserve-output", dropValue: "--ignore --include --exclude",
	keep: "--inspect --no-cache --no-warnings", keepValue: "--env-file --tsconfig --import -r --require --conditions",
	under: "tsx",
}

// withoutRestarter takes a restarter out of the words of a command. note says
// that it did, or that it had to leave one; it is empty when there is none.
func (c commandFinder) withoutRestarter(words []string) (rest []string, note string) {
	name := words[0]
	r, known := restarters[name]
	args := words[1:]
	switch {
	case name == "node" && slices.ContainsFunc(args, isWatchFlag):
		r, known, name = nodeWatch, true, "node --watch"
	case name == "tsx" && len(args) > 0 && args[0] == "watch":
		r, known, name, args = tsxWatch, true, "tsx watch", args[1:]
	case name == "tsx" && slices.ContainsFunc(args, isWatchFlag):
		r, known, name = tsxWatch, true, "tsx --watch"
	case name == "bun" && len(args) > 2 && args[0] == "run" && (args[1] == "--watch" || args[1] == "--hot"):
		return append([]string{"bun", "run"}, args[2:]...), leftOut("bun " + args[1])
	case name == "bun" && len(args) > 1 && (args[0] == "--watch" || args[0] == "--hot"):
		return append([]string{"bun"}, args[1:]...), leftOut("bun " + args[0])
	case name == "tsnd":
		r, known = restarters["ts-node-dev"], true
	}
	if !known {
		return words, ""
	}
	if name == "nodemon" {
		rest, ok := c.underNodemon(args)
		if !ok {
			return words, leftIn(name)
		}
		return rest, leftOut(name)
	}
	rest, ok := r.strip(args)
	if !ok || r.only != "" && !c.facts.Package.Has(r.only) {
		return words, leftIn(name)
	}
	return rest, leftOut(name)
}

func leftIn(name string) string {
	return fmt.Sprintf("%s is left in, because what it runs is not plain to see: it restarts the app beside devbox", name)
}

func leftOut(name string) string {
	return name + " is left out, because devbox restarts the app"
}

func isWatchFlag(word string) bool {
	return word == "--watch" || strings.HasPrefix(word, "--watch-path") || strings.HasPrefix(word, "--watch=")
}

// strip sorts a restarter's flags and gives the command that it would run. It
// fails at a flag that it does not know and when there is no file.
func (r restarter) strip(args []string) ([]string, bool) {
	kept := []string{r.under}
	for i := 0; i < len(args); i++ {
		word := args[i]
		flag, _, joined := strings.Cut(word, "=")
		switch {
		case !strings.HasPrefix(word, "-"):
			return append(kept, args[i:]...), true
		case word == "--":
			return append(kept, args[i+1:]...), i+1 < len(args)
		case listed(r.drop, word), joined && listed(r.dropValue, flag):
		case listed(r.dropValue, word):
			i++
		case listed(r.keep, flag), joined && listed(r.keepValue, flag):
			kept = append(kept, word)
		case listed(r.keepValue, word) && i+1 < len(args):
			kept = append(kept, word, args[i+1])
			i++
		default:
			return nil, false
		}
	}
	return nil, false
}

func listed(words, word string) bool { return slices.Contains(strings.Fields(words), word) }

func isTyped(file string) bool {
	return strings.HasSuffix(file, ".ts") || strings.HasSuffix(file, ".mts") || strings.HasSuffix(file, ".cts") || strings.HasSuffix(file, ".tsx")
}
