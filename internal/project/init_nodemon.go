package project

import (
	"path"
	"slices"
	"strings"
)

// nodemonUse is what a call of nodemon comes down to.
type nodemonUse struct {
	// exec is the command that runs the file; empty means node, or what the
	// file's ending asks for.
	exec string
	// flags are those of node, file the file, args its own arguments.
	flags []string
	file  string
	args  []string
}

// underNodemon is the command that nodemon runs, worked out by its own rules:
// flags before settings, settings before package.json.
func (c commandFinder) underNodemon(args []string) ([]string, bool) {
	settings := c.facts.Survey.Nodemon
	if settings.Unclear || c.facts.nodemonUnread() {
		return nil, false
	}
	use, ok := parseNodemonArgs(args)
	if !ok {
		return nil, false
	}
	if use.exec == "" && use.file == "" {
		use.exec, use.file = settings.Exec, settings.Script
	} else if use.exec == "" && settings.Exec != "" {
		use.exec = settings.Exec
	}
	if use.exec == "" && use.file == "" {
		return c.nodemonDefault(use)
	}
	return use.command(settings, c.facts.Package)
}

// nodemonUnread tells that there are settings of nodemon's which nobody read.
func (f *Facts) nodemonUnread() bool {
	there := f.NodemonConfig || f.Package != nil && f.Package.NodemonConfig
	return there && f.Survey.Nodemon.Source == ""
}

// nodemonDefault is what nodemon runs when it is told nothing: main, else the
// script named start.
func (c commandFinder) nodemonDefault(use nodemonUse) ([]string, bool) {
	if p := c.facts.Package; p != nil && p.Main != "" {
		use.file = path.Clean(p.Main)
		return use.command(c.facts.Survey.Nodemon, p)
	}
	start, err := ParseCommand(c.script("start"))
	if err != nil || start.IsShell() || start[0] == "nodemon" {
		return nil, false
	}
	return start, true
}

// parseNodemonArgs sorts the words behind nodemon.
func parseNodemonArgs(args []string) (use nodemonUse, ok bool) {
	r := restarters["nodemon"]
	for i := 0; i < len(args); i++ {
		word := args[i]
		flag, value, joined := strings.Cut(word, "=")
		switch {
		case flag == "--exec" || flag == "-x":
			if !joined {
				if i++; i == len(args) {
					return use, false
				}
				value = args[i]
			}
			use.exec = value
		case word == "--" && i+1 < len(args):
			use.file, use.args = args[i+1], args[i+2:]
			return use, true
		case !strings.HasPrefix(word, "-"):
			use.file, use.args = word, args[i+1:]
			return use.nodeFlags(), true
		case listed(r.drop, word), joined && listed(r.dropValue, flag):
		case listed(r.dropValue, word):
			i++
		case listed(r.keep, flag), joined && listed(r.keepValue, flag):
			use.flags = append(use.flags, word)
		case listed(r.keepValue, word) && i+1 < len(args):
			use.flags = append(use.flags, word, args[i+1])
			i++
		default:
			return use, false
		}
	}
	return use, true
}

// nodeFlags moves the inspector's flags that stand behind the file to node's:
// nodemon gives them to node wherever they are.
func (u nodemonUse) nodeFlags() nodemonUse {
	u.args = slices.DeleteFunc(slices.Clone(u.args), func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		if flag == "--inspect" || flag == "--inspect-brk" {
			u.flags = append(u.flags, word)
			return true
		}
		return false
	})
	return u
}

// command puts the words together that nodemon would run.
func (u nodemonUse) command(settings Nodemon, p *PackageJSON) ([]string, bool) {
	if u.exec == "" {
		u.exec = u.program(settings, p)
	}
	command, err := ParseCommand(u.exec)
	if err != nil || command.IsShell() {
		return nil, false
	}
	words := append(slices.Clone(command), u.flags...)
	if u.file != "" {
		words = append(words, u.file)
	}
	if u.file == "" && len(command) == 1 {
		return nil, false
	}
	return append(words, u.args...), true
}

// program is what runs a file with that ending.
func (u nodemonUse) program(settings Nodemon, p *PackageJSON) string {
	ending := strings.TrimPrefix(path.Ext(u.file), ".")
	if program := settings.Exts[ending]; program != "" {
		return program
	}
	if !isTyped(u.file) {
		return "node"
	}
	for _, program := range []string{"ts-node", "tsx"} {
		if p.Has(program) {
			return program
		}
	}
	return ""
}
