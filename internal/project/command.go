package project

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// shell is what runs a command that is more than words.
var shell = []string{"/bin/sh", "-c"}

// ParseCommand turns a command as people write it into exec form. Plain words
// become themselves. What only a shell can do (operators, variables, globs,
// assignments) is left to /bin/sh, which hands its process over to the last
// command where it can, so that signals reach the app and not a shell.
func ParseCommand(text string) (Command, error) {
	text = strings.Trim(text, " \t\r\n")
	if text == "" {
		return nil, errors.New("the command is empty")
	}
	line, err := lexShell(text)
	if err != nil {
		return nil, err
	}
	if words, ok := line.words(); ok {
		if words[0] == "" {
			return nil, errors.New("the command's first word is empty")
		}
		return words, nil
	}
	return Command{shell[0], shell[1], line.withExec()}, nil
}

// IsShell says whether a shell runs the command.
func (c Command) IsShell() bool {
	return len(c) == 3 && slices.Equal(c[:2], shell)
}

// String is the command as people write it. ParseCommand makes the same
// command from it, but for the few that only exec form can say.
func (c Command) String() string {
	if c.IsShell() {
		for _, text := range []string{withoutExec(c[2]), c[2]} {
			if parsed, err := ParseCommand(text); err == nil && slices.Equal(parsed, c) {
				return text
			}
		}
	}
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = quoteWord(w, i == 0)
	}
	return strings.Join(words, " ")
}

// text is String where it leads back to the same command.
func (c Command) text() (string, bool) {
	text := c.String()
	parsed, err := ParseCommand(text)
	return text, err == nil && slices.Equal(parsed, c)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoteWord quotes a word for a shell where it needs that. A first word is
// quoted as well when it would be taken for an assignment.
func quoteWord(word string, first bool) string {
	if plainWord.MatchString(word) && !(first && assignment.MatchString(word)) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

func (l shellLine) assigns(t shellToken) bool {
	return !t.operator && assignment.MatchString(l.src[t.start:t.end])
}

// notPrograms are the words that mean something to a shell where a program's
// name stands, and that no image has as a program.
var notPrograms = wordSet(`! { } if then elif else fi for while until do done case esac in function
	. : alias bg break cd command continue eval exec exit export fc fg getopts hash jobs local read
	readonly return set shift source times trap type ulimit umask unalias unset wait`)

// keepsExec are the builtins after which a line may still end in exec.
var keepsExec = wordSet(`. : cd export set source ulimit umask unset`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// words are the words of a line that needs no shell.
func (l shellLine) words() (Command, bool) {
	if l.opaque || len(l.tokens) == 0 {
		return nil, false
	}
	words := make(Command, len(l.tokens))
	for i, t := range l.tokens {
		if t.operator || t.expands {
			return nil, false
		}
		words[i] = t.text
	}
	if notPrograms[words[0]] || l.assigns(l.tokens[0]) {
		return nil, false
	}
	return words, true
}

// withExec puts exec before the last command of a line where that changes
// nothing but the process: the commands stand in sequence, and the last one
// is a program.
func (l shellLine) withExec() string {
	commands, ok := l.sequence()
	if l.opaque || !ok {
		return l.src
	}
	last := len(commands) - 1
	for _, command := range commands[:last] {
		if program, found := l.program(command); len(command) == 0 || found && notPrograms[program.text] && !keepsExec[program.text] {
			return l.src
		}
	}
	program, found := l.program(commands[last])
	if !found || program.expands || notPrograms[program.text] {
		return l.src
	}
	return l.src[:program.start] + "exec " + l.src[program.start:]
}

// sequence splits a line at &&, ; and newlines. It fails when there is
// another operator that joins commands.
func (l shellLine) sequence() (commands [][]shellToken, ok bool) {
	commands = [][]shellToken{nil}
	for _, t := range l.tokens {
		switch {
		case t.operator && (t.text == "&&" || t.text == ";" || t.text == "\n"):
			commands = append(commands, nil)
		case t.operator && !strings.ContainsAny(t.text, "<>"):
			return nil, false
		default:
			last := len(commands) - 1
			commands[last] = append(commands[last], t)
		}
	}
	return commands, true
}

// program is the word of a simple command that names its program: the first
// one that is neither an assignment nor part of a redirection.
func (l shellLine) program(command []shellToken) (shellToken, bool) {
	for i, t := range command {
		if t.operator || l.assigns(t) {
			continue
		}
		if i > 0 && command[i-1].operator {
			continue // the file of a redirection
		}
		if i+1 < len(command) && command[i+1].operator && command[i+1].start == t.end && isDigits(t.text) {
			continue // the number of a redirection, 2>file
		}
		return t, true
	}
	return shellToken{}, false
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// withoutExec takes out the last exec of a line, which ParseCommand puts in.
func withoutExec(text string) string {
	if i := strings.LastIndex(text, "exec "); i >= 0 {
		return text[:i] + text[i+len("exec "):]
	}
	return text
}
