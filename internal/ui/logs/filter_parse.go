package logs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FilterError says what is wrong with a filter or a search, and where.
type FilterError struct {
	// Begin and End are the bytes of the text that it is about.
	Begin, End int
	Problem    string
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("%s, at character %d", e.Problem, e.Begin+1)
}

// ParseFilter reads a filter. An empty one, which keeps everything, is nil. The
// error is a *FilterError.
func ParseFilter(text string) (*Filter, error) {
	f := &Filter{source: text}
	for p := (parser{text: text}); ; {
		w, ok, err := p.word()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		c, err := w.condition()
		if err != nil {
			return nil, err
		}
		f.conditions = append(f.conditions, c)
	}
	if len(f.conditions) == 0 {
		return nil, nil
	}
	return f, nil
}

// parser takes a filter apart into words.
type parser struct {
	text string
	at   int
}

// word is one condition as it was written. Its key and operator are empty where
// the whole of it is text.
type word struct {
	begin, end int
	negated    bool
	key, op    string
	value      string
	valueAt    int
	regex      bool
	quoted     bool
}

// word reads the next word; ok is false at the end.
func (p *parser) word() (w word, ok bool, err error) {
	for p.at < len(p.text) && isBlank(p.text[p.at]) {
		p.at++
	}
	if p.at == len(p.text) {
		return w, false, nil
	}
	w.begin = p.at
	if b := p.text[p.at]; b == '-' || b == '!' {
		w.negated = true
		p.at++
		if p.at == len(p.text) || isBlank(p.text[p.at]) {
			return w, false, &FilterError{w.begin, p.at, fmt.Sprintf("%q needs something behind it", b)}
		}
	}
	w.key, w.op = keyAndOperator(p.text[p.at:])
	p.at += len(w.key) + len(w.op)
	w.valueAt = p.at
	if err := p.value(&w); err != nil {
		return w, false, err
	}
	w.end = p.at
	return w, true, nil
}

// operators are tried in this order: the longer ones first.
var operators = []string{">=", "<=", "!=", "!~", "=", "~", ">", "<", ":"}

// keyAndOperator reads `name op`, as far as the text begins with it.
func keyAndOperator(text string) (key, op string) {
	n := 0
	for n < len(text) && (isLetter(text[n]) || text[n] == '_' || text[n] == '@' || text[n] == '$' || n > 0 && (text[n] == '.' || text[n] == '-' || text[n] >= '0' && text[n] <= '9')) {
		n++
	}
	if n == 0 {
		return "", ""
	}
	key = text[:n]
	for _, op := range operators {
		if strings.HasPrefix(text[n:], op) {
			// `a:b` is text, but for the few keys that take it: http://host.
			if op == ":" && !slices.Contains([]string{"service", "stream", "level"}, key) {
				return "", ""
			}
			return key, op
		}
	}
	return "", ""
}

// value reads a text: in quotes, between slashes, or up to the next blank.
func (p *parser) value(w *word) error {
	rest := p.text[p.at:]
	switch {
	case rest != "" && rest[0] == '"':
		return p.quoted(w)
	case rest != "" && rest[0] == '/' && (w.op == "" || w.op == "~" || w.op == "!~"):
		if n := regexLength(rest); n > 0 {
			w.regex, w.value = true, rest[1:n-1]
			w.valueAt++
			p.at += n
			return nil
		}
	}
	n := 0
	for n < len(rest) && !isBlank(rest[n]) {
		n++
	}
	w.value = rest[:n]
	p.at += n
	return nil
}

// quoted reads a text in quotes, in which `\"` is a quote and `\\` a backslash.
func (p *parser) quoted(w *word) error {
	w.quoted = true
	begin := p.at
	var value []byte
	for p.at++; p.at < len(p.text); p.at++ {
		b := p.text[p.at]
		if b == '"' {
			p.at++
			w.value = string(value)
			return nil
		}
		if b == '\\' && p.at+1 < len(p.text) && (p.text[p.at+1] == '"' || p.text[p.at+1] == '\\') {
			p.at++
			b = p.text[p.at]
		}
		value = append(value, b)
	}
	return &FilterError{begin, len(p.text), "the quote is not closed"}
}

// regexLength is the length of `/…/` at the beginning of a text, up to a slash
// that ends a word; 0 where there is none, as in the path /api/users. A slash
// within the expression is written `\/`.
func regexLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '/':
			if i > 1 && (i+1 == len(text) || isBlank(text[i+1])) {
				return i + 1
			}
			return 0
		}
	}
	return 0
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// condition makes sense of a word.
func (w word) condition() (condition, error) {
	c := condition{negated: w.negated, op: w.op, field: w.key, of: ofField}
	if w.value == "" && (w.op == "" || !w.quoted) {
		problem := "there is no text between the quotes"
		if w.op != "" {
			problem = fmt.Sprintf("%s%s needs a value", w.key, w.op)
		}
		return c, &FilterError{w.begin, w.end, problem}
	}
	read := word.readValue
	switch {
	case w.op == "":
		c.of = ofText
		read = word.readPattern
	case w.op == "~", w.op == "!~":
		read = word.readPattern
	case w.key == "level":
		read = word.readLevel
	case w.op == ":":
		read = word.readNames
	}
	err := read(w, &c)
	return c, err
}

func (w word) readPattern(c *condition) (err error) {
	if !w.regex {
		c.pattern = textPattern(w.value)
		return nil
	}
	if c.pattern, err = regexPattern(strings.ReplaceAll(w.value, `\/`, "/")); err != nil {
		return regexError(err, w.valueAt, len(w.value))
	}
	return nil
}

func (w word) readLevel(c *condition) error {
	c.of = ofLevel
	if w.op == ":" {
		c.op = "="
	}
	c.level = wordLevel([]byte(w.value))
	if n, err := strconv.Atoi(w.value); err == nil {
		c.level = numberLevel(n)
	}
	if c.level == LevelNone {
		return &FilterError{w.valueAt, w.end, fmt.Sprintf("%q is no level; there are trace, debug, info, warn, error and fatal", w.value)}
	}
	return nil
}

func (w word) readNames(c *condition) error {
	c.of, c.names = ofService, strings.Split(w.value, ",")
	if w.key == "service" {
		return nil
	}
	c.of = ofStream
	for _, name := range c.names {
		if name != "stdout" && name != "stderr" {
			return &FilterError{w.valueAt, w.end, fmt.Sprintf("%q is no stream; there are stdout and stderr", name)}
		}
	}
	return nil
}

func (w word) readValue(c *condition) error {
	c.text = w.value
	n, err := strconv.ParseFloat(w.value, 64)
	c.number, c.numeric = n, err == nil && !w.quoted
	c.fold = c.text == strings.ToLower(c.text)
	if w.op != "=" && w.op != "!=" && !c.numeric {
		return &FilterError{w.valueAt, w.end, fmt.Sprintf("%s%s needs a number", w.key, w.op)}
	}
	return nil
}
