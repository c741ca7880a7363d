package project

import (
	"slices"
	"strings"
)

// plain is a script's text without what devbox does itself: a restarter,
// NODE_ENV, cross-env, npx; and with what a development server needs in a
// container. Of a sequence the last command is taken so, and of a pipe the first;
// the others stay as they are. Any other text stays as it is.
func (c commandFinder) plain(subject string, line shellLine, pick *commandPick) string {
	whole := line
	line, pipe := line.beforePipe()
	before, last := c.lastCommand(subject, line, pick)
	assignments, words, ok := last.simple()
	if !ok {
		if subject == "dev" {
			pick.note(subject, c.restarterInside(whole), true)
		}
		return whole.src
	}
	assignments, words = c.unwrap(subject, assignments, words, pick)
	assignments = slices.DeleteFunc(assignments, func(a string) bool {
		drop := a == "NODE_ENV=development" || a == "NODE_ENV=production"
		if drop {
			pick.note(subject, a+" is left out, because devbox sets it for each mode", false)
		}
		return drop
	})
	rest, note := c.withoutRestarter(words)
	pick.note(subject, note, strings.Contains(note, "left in"))
	rest = c.missingEnvFiles(subject, rest, pick)
	words = c.reachable(subject, rest, pick)
	if subject == "prod" && c.developmentTool(pipe) != "" {
		pick.note(subject, pipe[0]+" is left out, because it is there for development only", false)
		pipe = nil
	}
	if len(pipe) > 0 {
		return before + joinCommand(assignments, words) + " | " + joinCommand(nil, pipe)
	}
	if before == "" {
		pick.assigned, pick.words = assignments, words
	}
	return before + joinCommand(assignments, words)
}

// beforePipe splits a line whose last command hands its output to one more, such as
// a program that makes logs readable. A pipe of other parts stays whole.
func (l shellLine) beforePipe() (app shellLine, pipe Command) {
	at := slices.IndexFunc(l.tokens, func(t shellToken) bool { return t.operator && t.text == "|" })
	if at < 1 || at+1 == len(l.tokens) || l.opaque {
		return l, nil
	}
	for _, t := range l.tokens[at+1:] {
		if t.operator || t.expands {
			return l, nil
		}
		pipe = append(pipe, t.text)
	}
	app, err := lexShell(strings.TrimSpace(l.src[:l.tokens[at].start]))
	if err != nil {
		return l, nil
	}
	return app, pipe
}

// lastCommand splits a line of commands joined by && before the last one. In
// production commands that build are dropped: its image is built before.
func (c commandFinder) lastCommand(subject string, line shellLine, pick *commandPick) (before string, last shellLine) {
	at := -1
	for i, t := range line.tokens {
		if t.operator && t.text != "&&" {
			return "", line
		}
		if t.operator {
			at = i
		}
	}
	if at < 0 || at+1 == len(line.tokens) || line.opaque {
		return "", line
	}
	split := line.tokens[at+1].start
	last, err := lexShell(line.src[split:])
	if err != nil {
		return "", line
	}
	before = line.src[:split]
	if subject == "prod" && c.onlyBuilds(strings.TrimSuffix(strings.TrimSpace(before), "&&")) {
		pick.note(subject, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(before), "&&"))+" is left out, because the image is built before it runs", false)
		return "", last
	}
	return before, last
}

// onlyBuilds tells whether all commands of a sequence build, so that an image
// has done them.
func (c commandFinder) onlyBuilds(text string) bool {
	for part := range strings.SplitSeq(text, "&&") {
		part = strings.TrimSpace(part)
		words := strings.Fields(part)
		if !c.builds(part) && (len(words) == 0 || !listed("tsc tsup rimraf swc babel esbuild rollup webpack copyfiles", words[0])) {
			return false
		}
	}
	return true
}

// simple takes a line apart that is one command of plain words, with plain
// assignments before it.
func (l shellLine) simple() (assignments, words []string, ok bool) {
	if l.opaque {
		return nil, nil, false
	}
	for _, t := range l.tokens {
		assigns := len(words) == 0 && l.assigns(t)
		// A shell expands no globs in an assignment.
		glob := assigns && !strings.ContainsAny(l.src[t.start:t.end], "$`~")
		switch {
		case t.operator || t.expands && !glob:
			return nil, nil, false
		case assigns:
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

// restarterInside says that a line has a restarter in it somewhere.
func (c commandFinder) restarterInside(line shellLine) string {
	for _, t := range line.tokens {
		if _, known := restarters[t.text]; known || t.text == "--watch" {
			return t.text + " is left in, because what it runs is not plain to see: it may restart the app beside devbox"
		}
	}
	return ""
}
