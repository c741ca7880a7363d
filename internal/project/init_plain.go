package project

import (
	"slices"
	"strings"
)

// plain is a script's text without what devbox does itself: a restarter,
// NODE_ENV, cross-env, npx; and with the flag that makes a development server
// listen for more than its own container. A text that is more than one simple
// command stays as it is.
func (c commandFinder) plain(subject string, line shellLine, pick *commandPick) string {
	assignments, words, ok := line.simple()
	if !ok {
		if subject == "dev" {
			pick.note(subject, c.restarterInside(line), true)
		}
		return line.src
	}
	if words[0] == "cross-env" && len(words) > 1 {
		set, rest := crossEnv(words[1:])
		if len(rest) > 0 {
			assignments, words = append(assignments, set...), rest
			pick.note(subject, "cross-env is left out, because a shell in Linux sets variables by itself", false)
		}
	}
	assignments = slices.DeleteFunc(assignments, func(a string) bool {
		drop := a == "NODE_ENV=development" || a == "NODE_ENV=production"
		if drop {
			pick.note(subject, a+" is left out, because devbox sets it for each mode", false)
		}
		return drop
	})
	if words[0] == "npx" && len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		words = words[1:]
	}
	rest, note := withoutRestarter(words, c.facts.Package, c.nodemonConfig())
	pick.note(subject, note, strings.Contains(note, "left in"))
	words = c.reachable(rest, pick)
	return joinCommand(assignments, words)
}

// simple takes a line apart that is one command of plain words, with plain
// assignments before it.
func (l shellLine) simple() (assignments, words []string, ok bool) {
	if l.opaque {
		return nil, nil, false
	}
	for _, t := range l.tokens {
		switch {
		case t.operator || t.expands:
			return nil, nil, false
		case len(words) == 0 && l.assigns(t):
			assignments = append(assignments, t.text)
		default:
			words = append(words, t.text)
		}
	}
	return assignments, words, len(words) > 0 && words[0] != "" && !notPrograms[words[0]]
}

// crossEnv splits cross-env's words into assignments and a command. Values
// with a $ are cross-env's own to expand, so they stay with it.
func crossEnv(words []string) (assignments, rest []string) {
	for i, w := range words {
		if !assignment.MatchString(w) {
			return assignments, words[i:]
		}
		if strings.ContainsAny(w, "$%") {
			return nil, nil
		}
		assignments = append(assignments, w)
	}
	return nil, nil
}

// joinCommand is the text of a command with assignments before it.
func joinCommand(assignments, words []string) string {
	parts := make([]string, 0, len(assignments)+len(words))
	for _, a := range assignments {
		name, value, _ := strings.Cut(a, "=")
		if value != "" {
			value = quoteWord(value, false)
		}
		parts = append(parts, name+"="+value)
	}
	for i, w := range words {
		parts = append(parts, quoteWord(w, i == 0))
	}
	return strings.Join(parts, " ")
}

func (c commandFinder) nodemonConfig() bool {
	return c.facts.NodemonConfig || c.facts.Package != nil && c.facts.Package.NodemonConfig
}

// restarterInside says that a line has a restarter in it somewhere.
func (c commandFinder) restarterInside(line shellLine) string {
	for _, t := range line.tokens {
		if _, known := restarters[t.text]; known || t.text == "--watch" {
			return t.text + " is left in, because what it runs is not plain to see: it may restart the app beside devbox"
		}
	}
	return ""
}

// openHosts are the flags that make development servers listen on all
// addresses of their container: on its loopback nobody outside finds them.
var openHosts = []struct {
	words []string // the command
	not   []string // second words with which it is no server
	flag  []string
}{
	{[]string{"vite"}, []string{"build", "optimize"}, []string{"--host"}},
	{[]string{"astro", "dev"}, nil, []string{"--host"}},
	{[]string{"nuxt", "dev"}, nil, []string{"--host"}},
	{[]string{"nuxi", "dev"}, nil, []string{"--host"}},
	{[]string{"ng", "serve"}, nil, []string{"--host", "0.0.0.0"}},
	{[]string{"ng", "s"}, nil, []string{"--host", "0.0.0.0"}},
	{[]string{"gatsby", "develop"}, nil, []string{"--host", "0.0.0.0"}},
	{[]string{"webpack", "serve"}, nil, []string{"--host", "0.0.0.0"}},
	{[]string{"webpack-dev-server"}, nil, []string{"--host", "0.0.0.0"}},
}

// reachable adds such a flag to a command that needs it.
func (c commandFinder) reachable(words []string, pick *commandPick) []string {
	for _, rule := range openHosts {
		if len(words) < len(rule.words) || !slices.Equal(words[:len(rule.words)], rule.words) {
			continue
		}
		if len(words) > 1 && slices.Contains(rule.not, words[1]) || slices.ContainsFunc(words, isHostFlag) {
			continue
		}
		flag := strings.Join(rule.flag, " ")
		pick.note("dev", flag+" is added, because on its loopback nobody outside the container finds the server", false)
		return append(slices.Clone(words), rule.flag...)
	}
	return words
}

func isHostFlag(word string) bool {
	return word == "--host" || strings.HasPrefix(word, "--host=") || word == "-H" || word == "--"
}
