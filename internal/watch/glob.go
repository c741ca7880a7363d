package watch

import "strings"

// matchSegment reports whether name matches one segment of a .gitignore
// pattern: *, ?, [a-z], [!a-z], [[:alpha:]] and \x. It works on bytes, as git
// does, so names that are not UTF-8 match like any other. An unclosed bracket
// or a trailing backslash matches nothing.
func matchSegment(pattern, name string) bool {
	p, n := 0, 0
	starP, starN := -1, 0 // where to come back to: after the last *, one byte further
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p+1, n
			p++
			continue
		}
		if width, ok := matchOne(pattern[p:], name[n]); ok {
			p += width
			n++
			continue
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP, starN
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches c against the first element of pattern, which is not a
// star, and returns how many bytes of the pattern that element takes.
func matchOne(pattern string, c byte) (width int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '\\':
		return 2, len(pattern) > 1 && pattern[1] == c
	case '[':
		return matchClass(pattern, c)
	default:
		return 1, pattern[0] == c
	}
}

// matchClass matches c against the bracket expression at the start of pattern.
func matchClass(pattern string, c byte) (width int, ok bool) {
	i := 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	found := false
	for first := true; ; first = false {
		if i >= len(pattern) {
			return 0, false
		}
		if pattern[i] == ']' && !first {
			return i + 1, found != negated
		}
		if name, end, named := posixClass(pattern[i:]); named {
			in, known := posixClasses[name]
			if !known {
				return 0, false
			}
			found = found || in(c)
			i += end
			continue
		}
		low, next, good := classByte(pattern, i)
		if !good {
			return 0, false
		}
		high := low
		if next+1 < len(pattern) && pattern[next] == '-' && pattern[next+1] != ']' {
			if high, next, good = classByte(pattern, next+1); !good {
				return 0, false
			}
		}
		found = found || c == low || low <= c && c <= high // [z-a] is z, as it is to git
		i = next
	}
}

// classByte reads one byte of a bracket expression, escaped or not.
func classByte(pattern string, i int) (b byte, next int, ok bool) {
	if pattern[i] == '\\' {
		i++
	}
	if i >= len(pattern) {
		return 0, i, false
	}
	return pattern[i], i + 1, true
}

// posixClass reads a [:name:] at the start of s, which is inside brackets.
func posixClass(s string) (name string, end int, ok bool) {
	if !strings.HasPrefix(s, "[:") {
		return "", 0, false
	}
	closing := strings.Index(s[2:], ":]")
	if closing < 0 {
		return "", 0, false
	}
	return s[2 : 2+closing], closing + 4, true
}

var posixClasses = map[string]func(byte) bool{
	"alpha":  isAlpha,
	"digit":  isDigit,
	"alnum":  func(c byte) bool { return isAlpha(c) || isDigit(c) },
	"lower":  isLower,
	"upper":  isUpper,
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"space":  func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' },
	"cntrl":  func(c byte) bool { return c < ' ' || c == 0x7f },
	"graph":  func(c byte) bool { return '!' <= c && c <= '~' },
	"print":  func(c byte) bool { return ' ' <= c && c <= '~' },
	"punct":  func(c byte) bool { return '!' <= c && c <= '~' && !isAlpha(c) && !isDigit(c) },
	"xdigit": func(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' },
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isAlpha(c byte) bool { return isLower(c) || isUpper(c) }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// matchSegments matches a whole path, given as segments; a ** segment stands for
// any number of them, none included. Only the last ** has to be tried again, so
// no pattern takes more than pattern times path steps.
func matchSegments(pattern, path []string) bool {
	p, n := 0, 0
	deepP, deepN := -1, 0
	for n < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			p++
			deepP, deepN = p, n
		case p < len(pattern) && matchSegment(pattern[p], path[n]):
			p++
			n++
		case deepP >= 0:
			deepN++
			p, n = deepP, deepN
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}
