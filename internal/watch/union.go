package watch

import "strings"

// Ignorer decides which paths are source. A Matcher is one, and Union makes one
// of several.
type Ignorer interface {
	// Ignored reports whether a change of the path, which is relative to the root
	// and has forward slashes, is none.
	Ignored(path string, dir bool) bool
	// Pruned reports whether nothing below the folder can be wanted.
	Pruned(dir string) bool
	// Reload forgets what was read of the ignore files in the folder.
	Reload(dir string)
}

// Union ignores what every matcher ignores: what is source to one of them is
// watched, whatever the others leave out. It needs at least one.
func Union(matchers ...*Matcher) Ignorer {
	if len(matchers) == 1 {
		return matchers[0]
	}
	return union(matchers)
}

type union []*Matcher

func (u union) Ignored(path string, dir bool) bool {
	for _, m := range u {
		if !m.Ignored(path, dir) {
			return false
		}
	}
	return true
}

func (u union) Pruned(dir string) bool {
	for _, m := range u {
		if !m.Pruned(dir) {
			return false
		}
	}
	return true
}

func (u union) Reload(dir string) {
	for _, m := range u {
		m.Reload(dir)
	}
}

// Patterns are lines in .gitignore's form that name what is meant, instead of
// what is left out.
type Patterns struct{ rules ruleList }

// ParsePatterns reads patterns relative to the root.
func ParsePatterns(lines []string) Patterns {
	return Patterns{parseRules([]byte(strings.Join(lines, "\n")))}
}

// Match reports whether a pattern names the file or a folder that it is in; a
// pattern with ! takes out again what an earlier one named.
func (p Patterns) Match(path string) bool {
	segments := strings.Split(path, "/")
	named := false
	for i := range segments {
		switch p.rules.verdict(segments[:i+1], i < len(segments)-1) {
		case ignore:
			named = true
		case keep:
			named = false
		}
	}
	return named
}

// Literal is a pattern that names a file by its path alone, whatever is in that.
func Literal(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(path)
}
