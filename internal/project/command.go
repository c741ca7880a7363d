package project

import (
	"slices"
	"strings"
)

// shellSigns are the characters that only a shell understands. A word that has
// none of them, quotes apart, means the same to exec.
const shellSigns = "|&;<>()$`\\*?[]#~!{}\n"

// ParseCommand turns the text of a command into exec form. Plain words become
// the words themselves; text that needs a shell becomes a call of one, which
// replaces itself by the command where the text is a single command.
func ParseCommand(text string) Command {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if words, ok := plainWords(text); ok {
		return words
	}
	return Command{"/bin/sh", "-c", withExec(text)}
}

// plainWords splits text into words, as a shell would where it has nothing
// special to do: quotes group, and nothing is expanded.
func plainWords(text string) (Command, bool) {
	var words Command
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, r := range text {
		switch {
		case quote == '\'' && r != '\'', quote == '"' && r != '"' && !strings.ContainsRune("$`\\!", r):
			word.WriteRune(r)
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote != 0, strings.ContainsRune(shellSigns, r):
			return nil, false
		case r == ' ' || r == '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, false
	}
	if inWord {
		words = append(words, word.String())
	}
	if len(words) == 0 || isAssignment(words[0]) || shellBuiltins[words[0]] {
		return nil, false
	}
	return words, true
}

// shellBuiltins are words that are a command to a shell only.
var shellBuiltins = map[string]bool{"cd": true, "export": true, "exec": true, "set": true, ".": true, "source": true, "if": true, "for": true, "while": true, "ulimit": true, "eval": true, "unset": true, "trap": true}

// isAssignment tells words like PORT=8080.
func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" {
		return false
	}
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// withExec makes the shell hand its process over to a single command, so that
// signals reach it. Text of several commands needs the shell to the end.
func withExec(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(text, "|&;\n(){}") || shellBuiltins[first] {
		return text
	}
	if isAssignment(first) {
		return "exec env " + text
	}
	return "exec " + text
}

// Text is the command as a person writes it in devbox.yaml: a line of words
// where that means the same, else empty.
func (c Command) Text() string {
	text := strings.Join(c, " ")
	if words, ok := plainWords(text); ok && slices.Equal(words, c) {
		return text
	}
	return ""
}
