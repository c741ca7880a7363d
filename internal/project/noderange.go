package project

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// version is the three numbers of a release.
type version [3]int

func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v[0], w[0]), cmp.Compare(v[1], w[1]), cmp.Compare(v[2], w[2]))
}

// span is the versions from one up to, but not including, another.
type span struct{ from, below version }

// endless is above every version.
var endless = version{1 << 30}

func (s span) has(v version) bool { return v.compare(s.from) >= 0 && v.compare(s.below) < 0 }

// versionRange is a range in npm's form: a version is in it when it is in all
// spans of one of the lists.
type versionRange [][]span

func (r versionRange) has(v version) bool {
	for _, all := range r {
		in := true
		for _, s := range all {
			in = in && s.has(v)
		}
		if in {
			return true
		}
	}
	return false
}

// least is the lowest version that any of the lists starts from.
func (r versionRange) least() version {
	lowest := endless
	for _, all := range r {
		from := version{}
		for _, s := range all {
			if s.from.compare(from) > 0 {
				from = s.from
			}
		}
		if from.compare(lowest) < 0 {
			lowest = from
		}
	}
	return lowest
}

var (
	comparator    = regexp.MustCompile(`^(\^|~>?|>=|<=|>|<|=)?v?(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:[-+][0-9A-Za-z.+-]*)?$`)
	operatorSpace = regexp.MustCompile(`([~^<>=])\s+`)
	hyphenRange   = regexp.MustCompile(`^(\S+)\s+-\s+(\S+)$`)
)

// parseRange reads a range as engines has them: ^20, >=18 <23, 20.x || 22.x,
// 18 - 22. Pre-release parts are passed over: no table here has any.
func parseRange(text string) (versionRange, bool) {
	const longest = 256
	if len(text) > longest {
		return nil, false
	}
	var r versionRange
	for part := range strings.SplitSeq(text, "||") {
		part = strings.TrimSpace(part)
		if m := hyphenRange.FindStringSubmatch(part); m != nil {
			part = ">=" + m[1] + " <=" + m[2]
		}
		all := []span{}
		for word := range strings.FieldsSeq(operatorSpace.ReplaceAllString(part, "$1")) {
			s, ok := parseComparator(word)
			if !ok {
				return nil, false
			}
			all = append(all, s)
		}
		r = append(r, all)
	}
	return r, true
}

// parseComparator turns one comparator into the span of what it allows.
func parseComparator(word string) (span, bool) {
	m := comparator.FindStringSubmatch(word)
	if m == nil {
		return span{}, false
	}
	v, given := numbers(m[2:5])
	next := above(v, given)
	switch m[1] {
	case "^":
		return span{v, caretEnd(v, given)}, true
	case "~", "~>":
		return span{v, above(v, min(given, 2))}, true
	case ">=":
		return span{v, endless}, true
	case ">":
		return span{next, endless}, true
	case "<":
		return span{version{}, v}, true
	case "<=":
		return span{version{}, next}, true
	}
	return span{v, next}, true
}

// numbers reads up to three numbers and tells how many there are before the
// first x.
func numbers(words []string) (v version, given int) {
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil {
			return v, i
		}
		v[i] = n
	}
	return v, len(words)
}

// above is the first version after those that share so many numbers with v.
func above(v version, given int) version {
	switch given {
	case 0:
		return endless
	case 1:
		return version{v[0] + 1}
	case 2:
		return version{v[0], v[1] + 1}
	}
	return version{v[0], v[1], v[2] + 1}
}

// caretEnd is the first version that changes the leftmost number that is not 0.
func caretEnd(v version, given int) version {
	for i := range given {
		if v[i] != 0 {
			return above(v, i+1)
		}
	}
	return above(v, given)
}
