package project

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shellToken is a word or an operator of a command as a POSIX shell sees it.
type shellToken struct {
	// text is a word without its quotes, or an operator.
	text string
	// operator is set for &&, ;, > and their like.
	operator bool
	// expands is set for a word that only a shell can finish: it has a
	// variable, a glob or a tilde in it.
	expands bool
	// quoted is set for a word that has quotes or backslashes.
	quoted bool
	// start and end are the word's place in the source.
	start, end int
}

// shellLine is a command, taken apart as far as it was understood.
type shellLine struct {
	src    string
	tokens []shellToken
	// opaque is set when something was met that this scanner does not follow:
	// substitutions, comments, here-documents.
	opaque bool
}

// shellOperators are tried in this order: longer ones come first.
var shellOperators = []string{"<<-", "<<", "<>", "<&", ">>", ">&", ">|", "&&", "||", ";;", ";", "|", "&", "(", ")", "<", ">", "\n"}

// lexShell takes a command apart. It fails on what no shell would run either
// (an open quote) and on control characters.
func lexShell(text string) (shellLine, error) {
	if err := checkCommandText(text); err != nil {
		return shellLine{}, err
	}
	l := &shellLexer{src: text, line: shellLine{src: text}}
	for l.skipBlanks(); l.pos < len(l.src) && !l.line.opaque; l.skipBlanks() {
		if l.src[l.pos] == '#' {
			l.line.opaque = true
			break
		}
		if l.operator() {
			continue
		}
		if err := l.word(); err != nil {
			return shellLine{}, err
		}
	}
	return l.line, nil
}

func checkCommandText(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("command %s is not UTF-8", show(text))
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\t' && r != '\n' {
			return fmt.Errorf("command %s holds the control character U+%04X", show(text), r)
		}
	}
	return nil
}

type shellLexer struct {
	src  string
	pos  int
	line shellLine
}

func (l *shellLexer) skipBlanks() {
	for l.pos < len(l.src) {
		switch {
		case l.src[l.pos] == ' ' || l.src[l.pos] == '\t':
			l.pos++
		case strings.HasPrefix(l.src[l.pos:], "\\\n"):
			l.pos += 2
		default:
			return
		}
	}
}

func (l *shellLexer) operator() bool {
	for _, op := range shellOperators {
		if strings.HasPrefix(l.src[l.pos:], op) {
			l.line.opaque = op == "<<" || op == "<<-"
			l.line.tokens = append(l.line.tokens, shellToken{
				text: op, operator: true, start: l.pos, end: l.pos + len(op),
			})
			l.pos += len(op)
			return true
		}
	}
	return false
}

// word reads one word: its letters up to a blank or an operator.
func (l *shellLexer) word() error {
	word := shellToken{start: l.pos}
	var text strings.Builder
	for l.pos < len(l.src) && !strings.ContainsRune(" \t\n;&|()<>", rune(l.src[l.pos])) && !l.line.opaque {
		switch c := l.src[l.pos]; c {
		case '\'':
			word.quoted = true
			end := strings.IndexByte(l.src[l.pos+1:], '\'')
			if end < 0 {
				return l.openQuote()
			}
			text.WriteString(l.src[l.pos+1 : l.pos+1+end])
			l.pos += end + 2
		case '"':
			word.quoted = true
			if err := l.doubleQuotes(&word, &text); err != nil {
				return err
			}
		case '\\':
			word.quoted = true
			l.backslash(&text)
		default:
			l.letter(&word, &text)
		}
	}
	word.text, word.end = text.String(), l.pos
	l.line.tokens = append(l.line.tokens, word)
	return nil
}

// letter takes one character that stands outside of quotes.
func (l *shellLexer) letter(word *shellToken, text *strings.Builder) {
	switch c := l.src[l.pos]; c {
	case '$':
		l.dollar(word)
	case '`':
		l.line.opaque = true
	case '*', '?', '[':
		word.expands = true
	case '~':
		if l.pos == word.start || l.src[l.pos-1] == '=' || l.src[l.pos-1] == ':' {
			word.expands = true
		}
	}
	text.WriteByte(l.src[l.pos])
	l.pos++
}

// dollar looks at what follows a $ and leaves the position on the last
// character that it understood.
func (l *shellLexer) dollar(word *shellToken) {
	rest := l.src[l.pos+1:]
	switch {
	case strings.HasPrefix(rest, "("):
		l.line.opaque = true
	case strings.HasPrefix(rest, "{"):
		end := strings.IndexByte(rest, '}')
		if end < 0 || strings.ContainsAny(rest[:end], "'\"\\`$") {
			l.line.opaque = true
			return
		}
		word.expands = true
		l.pos += end + 1
	case rest != "" && strings.ContainsRune("_@*#?-$!'\"\\", rune(rest[0])), rest != "" && isASCIILetterOrDigit(rest[0]):
		word.expands = true
	}
}

func (l *shellLexer) doubleQuotes(word *shellToken, text *strings.Builder) error {
	open := l.pos
	for l.pos++; l.pos < len(l.src) && !l.line.opaque; l.pos++ {
		switch c := l.src[l.pos]; c {
		case '"':
			l.pos++
			return nil
		case '\\':
			if l.pos+1 < len(l.src) && strings.IndexByte("$`\"\\\n", l.src[l.pos+1]) >= 0 {
				l.pos++
				if l.src[l.pos] == '\n' {
					continue
				}
			}
		case '`':
			l.line.opaque = true
		case '$':
			if !strings.HasPrefix(l.src[l.pos+1:], `"`) {
				l.dollar(word)
			}
		}
		if !l.line.opaque {
			text.WriteByte(l.src[l.pos])
		}
	}
	if l.line.opaque {
		return nil
	}
	l.pos = open
	return l.openQuote()
}

func (l *shellLexer) backslash(text *strings.Builder) {
	if strings.HasPrefix(l.src[l.pos:], "\\\n") {
		l.pos += 2
		return
	}
	// A backslash at the very end stands for itself.
	if l.pos++; l.pos == len(l.src) {
		text.WriteByte('\\')
		return
	}
	text.WriteByte(l.src[l.pos])
	l.pos++
}

func (l *shellLexer) openQuote() error {
	return fmt.Errorf("command %s: the quote in column %d is not closed", show(l.src), utf8.RuneCountInString(l.src[:l.pos])+1)
}

func isASCIILetterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
