package watch

import (
	"bytes"
	"strings"
)

// verdict is what one set of rules says about one path.
type verdict int8

const (
	silent verdict = iota // no rule matches
	ignore
	keep // a rule with ! matches
)

// rule is one line of a .gitignore file.
type rule struct {
	keep     bool // !
	dirOnly  bool // a slash at the end
	anchored bool // a slash elsewhere: it matches from the file's own folder on
	segments []string
	// suffix is the rest of a pattern like *.log, which is most of them.
	suffix string
}

// ruleList is a .gitignore file: the last rule that matches decides.
type ruleList struct {
	rules []rule
	// named are the places in rules of plain names, such as node_modules;
	// others those of all other rules.
	named  map[string][]int
	others []int
}

// parseRules reads the text of a .gitignore file as git does
// (https://git-scm.com/docs/gitignore).
func parseRules(text []byte) ruleList {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	list := ruleList{named: map[string][]int{}}
	for line := range strings.SplitSeq(string(text), "\n") {
		if r, ok := parseRule(strings.TrimSuffix(line, "\r")); ok {
			list.add(r)
		}
	}
	return list
}

func (l *ruleList) add(r rule) {
	i := len(l.rules)
	l.rules = append(l.rules, r)
	if name := r.segments[0]; !r.anchored && !strings.ContainsAny(name, `*?[\`) {
		l.named[name] = append(l.named[name], i)
		return
	}
	l.others = append(l.others, i)
}

func parseRule(line string) (rule, bool) {
	if strings.HasPrefix(line, "#") {
		return rule{}, false
	}
	line = trimSpaces(line)
	r := rule{}
	if strings.HasPrefix(line, "!") {
		r.keep = true
		line = line[1:]
	}
	if strings.HasSuffix(line, "/") {
		r.dirOnly = true
		line = line[:len(line)-1]
	}
	if strings.Contains(line, "/") {
		r.anchored = true
		line = strings.TrimPrefix(line, "/")
	}
	if line == "" {
		return rule{}, false
	}
	r.segments = splitPattern(line)
	if r.anchored && r.segments[len(r.segments)-1] == "**" {
		r.segments = append(r.segments, "*") // a/** is what is inside a, not a itself
	}
	if rest, ok := strings.CutPrefix(line, "*"); ok && !r.anchored && !strings.ContainsAny(rest, `*?[\`) {
		r.suffix = rest
	}
	return r, true
}

// splitPattern splits at slashes that are not in brackets. Two stars and more
// are the same, as they are to git.
func splitPattern(line string) []string {
	var segments []string
	start := 0
	for i := 0; i <= len(line); i++ {
		switch {
		case i == len(line) || line[i] == '/':
			segment := line[start:i]
			if len(segment) > 2 && strings.Trim(segment, "*") == "" {
				segment = "**"
			}
			segments = append(segments, segment)
			start = i + 1
		case line[i] == '\\':
			i = min(i+1, len(line)-1)
		case line[i] == '[':
			if width, _ := matchClass(line[i:], 0); width > 0 {
				i += width - 1
			}
		}
	}
	return segments
}

// trimSpaces drops the spaces at the end of a line unless a backslash keeps
// them.
func trimSpaces(line string) string {
	for strings.HasSuffix(line, " ") {
		before := strings.TrimSuffix(line, " ")
		slashes := len(before) - len(strings.TrimRight(before, `\`))
		if slashes%2 == 1 {
			break
		}
		line = before
	}
	return line
}

// matches takes the path below the rule's folder, as segments.
func (r rule) matches(path []string, dir bool) bool {
	if r.dirOnly && !dir {
		return false
	}
	if r.suffix != "" {
		return strings.HasSuffix(path[len(path)-1], r.suffix)
	}
	if !r.anchored {
		return matchSegment(r.segments[0], path[len(path)-1])
	}
	return matchSegments(r.segments, path)
}

// verdict says what the last matching rule says. It looks at the path alone:
// that nothing below an ignored folder can be wanted is the Matcher's part.
func (l ruleList) verdict(path []string, dir bool) verdict {
	last := l.lastMatch(l.named[path[len(path)-1]], -1, path, dir)
	last = l.lastMatch(l.others, last, path, dir)
	switch {
	case last < 0:
		return silent
	case l.rules[last].keep:
		return keep
	default:
		return ignore
	}
}

// lastMatch returns the last of some rules that matches and comes after the
// given one, or that one.
func (l ruleList) lastMatch(places []int, after int, path []string, dir bool) int {
	for i := len(places) - 1; i >= 0 && places[i] > after; i-- {
		if l.rules[places[i]].matches(path, dir) {
			return places[i]
		}
	}
	return after
}

// reopens reports whether a rule names something below dir with !, spelled
// from the top: !data/seed.json. A rule that could match anywhere (!*.json)
// does not, or no folder could ever be left out.
func (l ruleList) reopens(dir []string) bool {
	for _, r := range l.rules {
		if r.keep && r.anchored && reaches(r.segments, dir) && r.segments[0] != "**" {
			return true
		}
	}
	return false
}

// reaches reports whether a pattern can match something below dir.
func reaches(pattern, dir []string) bool {
	for i, name := range dir {
		if i >= len(pattern) {
			return false
		}
		if pattern[i] == "**" {
			return true
		}
		if !matchSegment(pattern[i], name) {
			return false
		}
	}
	return len(pattern) > len(dir)
}
