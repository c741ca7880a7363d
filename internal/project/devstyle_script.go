package project

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// scriptReader takes a command apart into the simple commands that it comes
// down to.
type scriptReader struct {
	pkg *PackageJSON
	// running are those that run as long as the service does, before those that
	// have ended by then.
	running, before [][]string
	// unclear tells that there is more that was not understood.
	unclear bool
}

// maxScripts is how deep scripts may call each other; deeper is a circle.
const maxScripts = 8

func (s *scriptReader) command(c Command, depth int) {
	if len(c) == 0 || depth > maxScripts {
		s.unclear = true
		return
	}
	if !c.IsShell() {
		s.simple(c, depth)
		return
	}
	line, err := lexShell(c[2])
	if err != nil || line.opaque {
		s.unclear = true
		return
	}
	s.line(line, depth)
}

// line sorts the commands of a shell line: one that is followed by & goes on,
// and so does the last, of a pipe the first of it.
func (s *scriptReader) line(line shellLine, depth int) {
	var words []string
	piped := false
	for i, t := range line.tokens {
		switch {
		case !t.operator && i > 0 && redirects(line.tokens[i-1]):
		case !t.operator && (len(words) > 0 || !line.assigns(t)):
			words = append(words, t.text)
		case !t.operator || redirects(t):
		case t.text == "(" || t.text == ")":
			s.unclear = true
			return
		default:
			s.ended(words, piped, t.text, depth)
			words, piped = nil, t.text == "|"
		}
	}
	if !piped {
		s.text(words, depth)
	}
}

func redirects(t shellToken) bool { return t.operator && strings.ContainsAny(t.text, "<>") }

// ended takes a command that an operator follows.
func (s *scriptReader) ended(words []string, piped bool, operator string, depth int) {
	switch {
	case len(words) == 0 || piped:
	case operator == "&" || operator == "|":
		s.text(words, depth)
	default:
		inner := scriptReader{pkg: s.pkg}
		inner.text(words, depth)
		s.before = append(append(s.before, inner.before...), inner.running...)
	}
}

func (s *scriptReader) text(words []string, depth int) {
	if len(words) > 0 {
		s.simple(words, depth)
	}
}

// simple takes one command without a shell: what only prepares another command
// is taken off, and scripts are looked up.
func (s *scriptReader) simple(words []string, depth int) {
	words = unwrapped(words)
	if len(words) == 0 {
		s.unclear = true
		return
	}
	if commands, ok := s.together(words); ok {
		for _, c := range commands {
			s.command(c, depth+1)
		}
		return
	}
	name, hooks := scriptName(words)
	text := ""
	if s.pkg != nil && name != "" {
		text = s.pkg.Scripts[name]
	}
	c, err := ParseCommand(text)
	if err != nil {
		s.running = append(s.running, words)
		return
	}
	if pre := s.pkg.Scripts["pre"+name]; hooks && pre != "" {
		s.before = append(s.before, strings.Fields(pre))
	}
	s.command(c, depth+1)
}

// scriptName is the script of package.json that a command runs, and whether the
// scripts named pre and post are run with it.
func scriptName(words []string) (name string, hooks bool) {
	if len(words) < 2 {
		return "", false
	}
	switch program, word := words[0], words[1]; {
	case program == "node" && word == "--run", program == "bun" && word == "run":
		return third(words), false
	case program == "node" || program == "bun":
		return "", false
	case !slices.Contains(managerNames, program):
		return "", false
	case word == "run" || word == "run-script":
		return third(words), true
	case program != "npm" || word == "start" || word == "test":
		return word, true
	}
	return "", false
}

// third is the first word behind the second that is no flag.
func third(words []string) string {
	for _, word := range words[2:] {
		if !strings.HasPrefix(word, "-") {
			return word
		}
	}
	return ""
}

// unwrapped takes off programs that only run another one, and the way to the
// programs of installed packages.
func unwrapped(words []string) []string {
	for len(words) > 0 {
		switch program := words[0]; {
		case slices.Contains([]string{"exec", "npx", "bunx", "env", "cross-env", "cross-env-shell", "dotenv", "time", "nice"}, program):
			words = words[1:]
		case len(words) > 1 && slices.Contains(managerNames, program) && (words[1] == "exec" || words[1] == "dlx" || words[1] == "x"):
			words = words[2:]
		case program == "--" || program == "-y" || program == "--yes" || program == "--no-install" || program == "--bun" || assignment.MatchString(program):
			words = words[1:]
		case program == "node" && len(words) > 1 && strings.Contains(words[1], "node_modules/"):
			words = words[1:]
		case strings.Contains(program, "node_modules/"):
			name := path.Base(program)
			return append([]string{strings.TrimSuffix(name, path.Ext(name))}, words[1:]...)
		default:
			return words
		}
	}
	return nil
}

// together are the commands that a program runs side by side.
func (s *scriptReader) together(words []string) ([]Command, bool) {
	var commands []Command
	switch words[0] {
	case "concurrently":
		valued := "-n --names -c --prefix-colors -p --prefix -s --success --restart-tries --restart-after -m --max-processes -i --handle-input --default-input-target --kill-signal -t --timestamp-format -l --prefix-length --pad-prefix"
		for i := 1; i < len(words); i++ {
			script, isScript := strings.CutPrefix(words[i], "npm:")
			switch {
			case listed(valued, words[i]):
				i++
			case strings.HasPrefix(words[i], "-"):
			case isScript:
				commands = append(commands, s.named(script)...)
			default:
				c, _ := ParseCommand(words[i])
				commands = append(commands, c)
			}
		}
	case "run-p", "npm-run-all":
		if words[0] == "npm-run-all" && !slices.ContainsFunc(words, func(w string) bool { return w == "-p" || w == "--parallel" }) {
			return nil, false
		}
		for _, word := range words[1:] {
			if !strings.HasPrefix(word, "-") {
				commands = append(commands, s.named(word)...)
			}
		}
	}
	return commands, len(commands) > 0
}

// named are the commands that run the scripts of a name, which may end in *.
func (s *scriptReader) named(pattern string) []Command {
	prefix, wild := strings.CutSuffix(pattern, "*")
	if !wild || s.pkg == nil {
		return []Command{{"npm", "run", pattern}}
	}
	var commands []Command
	for _, name := range slices.Sorted(maps.Keys(s.pkg.Scripts)) {
		if strings.HasPrefix(name, prefix) {
			commands = append(commands, Command{"npm", "run", name})
		}
	}
	return commands
}
