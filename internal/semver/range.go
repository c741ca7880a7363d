package semver

import (
	"regexp"
	"strings"
)

// comparator is one bound: an operator and a version. any has no bound.
type comparator struct {
	op  string // <, <=, >, >=, =
	v   Version
	any bool
}

func (c comparator) has(v Version) bool {
	if c.any {
		return true
	}
	order := v.Compare(c.v)
	switch c.op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return order == 0
}

// Range is a set of versions: those that all comparators of one of its lists
// allow.
type Range struct{ lists [][]comparator }

// Has tells whether a version is in the range. A pre-release is only where one
// of the comparators that it meets names a pre-release of the same numbers.
func (r Range) Has(v Version) bool {
	for _, list := range r.lists {
		if all(list, v) && (len(v.Pre) == 0 || namesPre(list, v)) {
			return true
		}
	}
	return false
}

// Any tells whether the range asks for nothing: *, x or an empty text.
func (r Range) Any() bool {
	return len(r.lists) == 1 && len(r.lists[0]) == 1 && r.lists[0][0].any
}

func all(list []comparator, v Version) bool {
	for _, c := range list {
		if !c.has(v) {
			return false
		}
	}
	return true
}

func namesPre(list []comparator, v Version) bool {
	for _, c := range list {
		if !c.any && len(c.v.Pre) > 0 && c.v.sameNumbers(v) {
			return true
		}
	}
	return false
}

const xPart = `(\d{1,16}|[xX*])`

var (
	partial      = `[v=\s]*` + xPart + `(?:\.` + xPart + `(?:\.` + xPart + preParts + buildParts + `)?)?`
	partialForm  = regexp.MustCompile(`^(\^|~>?|>=|<=|>|<|=)?` + partial + `$`)
	hyphenForm   = regexp.MustCompile(`^\s*(` + partial + `)\s+-\s+(` + partial + `)\s*$`)
	operatorGap  = regexp.MustCompile(`(\^|~>?|>=|<=|>|<|=)\s+`)
	longestRange = 4096 // far above what people write; work grows with it
)

// ParseRange reads a range: ^1.2, 1.x || >=2.5 <3, 1.2.3 - 2. It is false for
// what is none, such as the name of a tag. As npm does, it passes over single
// words in a range that mean nothing, as long as something is left.
func ParseRange(text string) (Range, bool) {
	if len(text) > longestRange {
		return Range{}, false
	}
	var r Range
	for part := range strings.SplitSeq(text, "||") {
		list, ok := parseList(part)
		if ok && len(list) == 1 && list[0].any {
			// Beside a star nothing else counts, not even a pre-release that it names.
			return Range{lists: [][]comparator{list}}, true
		}
		if ok {
			r.lists = append(r.lists, list)
		}
	}
	return r, len(r.lists) > 0
}

// Satisfies tells whether a version is in a range, both as text. Known is
// false where one of the two cannot be read.
func Satisfies(version, ranged string) (in, known bool) {
	v, ok := Parse(version)
	if !ok {
		return false, false
	}
	r, ok := ParseRange(ranged)
	return ok && r.Has(v), ok
}

// parseList reads what stands between two ||.
func parseList(text string) ([]comparator, bool) {
	text = strings.TrimSpace(text)
	if m := hyphenForm.FindStringSubmatch(text); m != nil {
		return hyphen(m)
	}
	words := strings.Fields(operatorGap.ReplaceAllString(text, "$1"))
	if len(words) == 0 {
		return []comparator{{any: true}}, true
	}
	var list []comparator
	for _, word := range words {
		if m := partialForm.FindStringSubmatch(word); m != nil {
			if p, ok := readPartial(m[2:6]); ok && (!p.gap || m[1] == "^" || strings.HasPrefix(m[1], "~")) {
				list = append(list, expand(m[1], p)...)
			}
		}
	}
	return list, len(list) > 0
}

// part is a version that may end early: 1.2, 1.x.
type part struct {
	v     Version
	given int // numbers before the first x, 0 to 3
	// gap tells that a number follows an x: 1.x.2 means something after ^ and ~
	// only.
	gap bool
}

func readPartial(words []string) (part, bool) {
	var p part
	for i, field := range []*uint64{&p.v.Major, &p.v.Minor, &p.v.Patch} {
		if words[i] == "" || strings.ContainsAny(words[i], "xX*") {
			p.gap = strings.ContainsAny(strings.Join(words[i+1:3], ""), "0123456789")
			return p, true
		}
		n, ok := number(words[i])
		if !ok {
			return p, false
		}
		*field = n
		p.given++
	}
	p.v.Pre = identifiers(words[3])
	return p, true
}

// below is the least version with other numbers than the first n of v. No
// pre-release of it is within the range either.
func (p part) below(n int) Version {
	v := Version{Pre: []string{"0"}}
	switch n {
	case 1:
		v.Major = p.v.Major + 1
	case 2:
		v.Major, v.Minor = p.v.Major, p.v.Minor+1
	case 3:
		v.Major, v.Minor, v.Patch = p.v.Major, p.v.Minor, p.v.Patch+1
	}
	return v
}

// nothing is met by no version.
var nothing = comparator{op: "<", v: Version{Pre: []string{"0"}}}

// expand turns an operator and a partial version into comparators.
func expand(op string, p part) []comparator {
	from := comparator{op: ">=", v: p.v}
	switch op {
	case "^":
		return caret(p, from)
	case "~", "~>":
		if p.given == 0 {
			return []comparator{{any: true}}
		}
		return []comparator{from, {op: "<", v: p.below(min(p.given, 2))}}
	}
	if p.given == 3 {
		if op == "" {
			op = "="
		}
		return []comparator{{op: op, v: p.v}}
	}
	return expandShort(op, p, from)
}

// expandShort is for versions that end early.
func expandShort(op string, p part, from comparator) []comparator {
	if p.given == 0 {
		if op == ">" || op == "<" {
			return []comparator{nothing}
		}
		return []comparator{{any: true}}
	}
	end := p.below(p.given)
	switch op {
	case ">=":
		return []comparator{from}
	case ">":
		end.Pre = nil
		return []comparator{{op: ">=", v: end}}
	case "<":
		p.v.Pre = []string{"0"}
		return []comparator{{op: "<", v: p.v}}
	case "<=":
		return []comparator{{op: "<", v: end}}
	}
	return []comparator{from, {op: "<", v: end}}
}

// caret allows what does not change the leftmost number that is not 0.
func caret(p part, from comparator) []comparator {
	if p.given == 0 {
		return []comparator{{any: true}}
	}
	numbers := []uint64{p.v.Major, p.v.Minor, p.v.Patch}
	n := 1
	for n < p.given && numbers[n-1] == 0 {
		n++
	}
	return []comparator{from, {op: "<", v: p.below(n)}}
}

// hyphen reads 1.2 - 2.3.4.
func hyphen(m []string) ([]comparator, bool) {
	low, okLow := readPartial(m[2:6])
	high, okHigh := readPartial(m[7:11])
	if !okLow || !okHigh {
		return nil, false
	}
	var list []comparator
	if low.given > 0 {
		list = append(list, comparator{op: ">=", v: low.v})
	}
	switch {
	case high.given == 3:
		list = append(list, comparator{op: "<=", v: high.v})
	case high.given > 0:
		list = append(list, comparator{op: "<", v: high.below(high.given)})
	}
	if list == nil {
		list = []comparator{{any: true}}
	}
	return list, true
}
