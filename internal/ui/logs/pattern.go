package logs

import (
	"bytes"
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a text or a regular expression to look for. Where it is all lower
// case, capitals are the same.
type pattern struct {
	// literal is a text that every match has, in lower case where fold is set.
	// It is the whole of the pattern where re is nil.
	literal []byte
	fold    bool
	rare    int // where the byte of literal is that logs have the fewest of
	re      *regexp.Regexp
	// formed is true where the readable form of a JSON line may have a match that
	// the line itself does not have, escaped where only one with escapes may.
	formed, escaped bool
	// atom is a word that such a line has all the same, unless it is escaped; nil
	// where no word is certain. It spares most lines to be made readable.
	atom *pattern
}

func textPattern(text string) *pattern {
	fold := text == strings.ToLower(text)
	if fold && !isASCII(text) {
		// Only package regexp knows which characters are the same.
		p := &pattern{re: regexp.MustCompile("(?i)" + regexp.QuoteMeta(text)), fold: true, formed: formable(text), escaped: true}
		p.require(asciiPart(text))
		p.requireAtom()
		return p
	}
	p := &pattern{fold: fold, formed: formable(text), escaped: strings.Contains(text, "/") || !isASCII(text)}
	p.require(text)
	p.requireAtom()
	return p
}

func regexPattern(expr string) (*pattern, error) {
	fold := !hasCapital(expr)
	if fold {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	p := &pattern{re: re, fold: fold, formed: true}
	if parsed, err := syntax.Parse(expr, syntax.Perl); err == nil {
		text, folded := required(parsed.Simplify())
		p.fold = folded
		if folded {
			text = strings.ToLower(text)
		}
		p.require(asciiPart(text))
		p.requireAtom()
	}
	return p, nil
}

// regexError says what is wrong with an expression that is n bytes long and
// begins at a place.
func regexError(err error, at, n int) error {
	problem := "the regular expression is wrong"
	var e *syntax.Error
	if errors.As(err, &e) {
		problem = e.Code.String() + ": " + strings.TrimPrefix(e.Expr, "(?i)")
	}
	return &FilterError{at, at + n, problem}
}

// require sets the literal, and finds its rarest byte.
func (p *pattern) require(text string) {
	// common are the bytes of logs from the most to the least frequent.
	const common = " e0t1a2oin:s-rl3d45/h678c9u.pmf\"gy,wbv=_[]k()xjqz{}"
	p.literal = []byte(text)
	best := -1
	for i, b := range p.literal {
		rank := strings.IndexByte(common, b)
		if rank < 0 {
			rank = len(common)
		}
		if rank > best {
			best, p.rare = rank, i
		}
	}
}

// required is the longest text that every match of an expression has.
func required(re *syntax.Regexp) (text string, fold bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune), re.Flags&syntax.FoldCase != 0
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if t, f := required(sub); len(asciiPart(t)) > len(asciiPart(text)) {
				text, fold = t, f
			}
		}
	}
	return text, fold
}

// hasCapital looks for a capital that is not part of an escape such as \S.
func hasCapital(expr string) bool {
	escaped := false
	for _, r := range expr {
		if !escaped && unicode.IsUpper(r) {
			return true
		}
		escaped = r == '\\' && !escaped
	}
	return false
}

// asciiPart is the longest part of a text that is all ASCII.
func asciiPart(text string) string {
	best, begin := "", 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] < utf8.RuneSelf {
			continue
		}
		if i-begin > len(best) {
			best = text[begin:i]
		}
		begin = i + 1
	}
	return best
}

func isASCII(text string) bool { return len(asciiPart(text)) == len(text) }

// formable tells whether a text may be there only in the readable form of JSON:
// what is between its parts, the names of levels, and times.
func formable(text string) bool {
	if len(text) <= 2 && strings.Trim(text, "0123456789") == "" { // of a time
		return true
	}
	return strings.ContainsAny(text, " \t\n=.:\"\\{…}") || isLevelPart(text)
}

func isLevelPart(text string) bool {
	for _, name := range levelNames {
		if strings.Contains(name, strings.ToUpper(text)) {
			return true
		}
	}
	return false
}

// requireAtom finds the longest word of the literal that the readable form can
// only have from the line: not a level's name, and not the digits of a time.
func (p *pattern) requireAtom() {
	best := ""
	for _, word := range strings.FieldsFunc(string(p.literal), func(r rune) bool { return r != '_' && r != '-' && !isLetterOrDigit(r) }) {
		if len(word) > len(best) && strings.ContainsFunc(word, unicode.IsLetter) && !isLevelPart(word) {
			best = word
		}
	}
	if best != "" {
		p.atom = &pattern{fold: p.fold}
		p.atom.require(best)
	}
}

func isLetterOrDigit(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// inForm tells whether the readable form of a line of JSON is worth a look, where
// the line itself has no match.
func (p *pattern) inForm(line []byte) bool {
	if !p.formed && !p.escaped {
		return false
	}
	if bytes.IndexByte(line, '\\') >= 0 {
		return true
	}
	return p.formed && (p.atom == nil || p.atom.in(line))
}

// in tells whether a text has a match.
func (p *pattern) in(text []byte) bool {
	if len(p.literal) > 0 {
		f := finder{p: p, text: text}
		if f.literal() < 0 {
			return false
		}
	}
	return p.re == nil || p.re.Match(text)
}

// all are the first matches in a text that are not empty, at most limit of them.
func (p *pattern) all(text []byte, limit int) [][]int {
	if !p.in(text) {
		return nil
	}
	var found [][]int
	if p.re != nil {
		for _, loc := range p.re.FindAllIndex(text, limit) {
			if loc[1] > loc[0] {
				found = append(found, loc)
			}
		}
		return found
	}
	for f := (finder{p: p, text: text}); len(found) < limit; {
		i := f.literal()
		if i < 0 {
			break
		}
		f.at = i + len(p.literal)
		found = append(found, []int{i, f.at})
	}
	return found
}
