// Package semver reads versions and ranges as npm, yarn, pnpm and bun do: the
// grammar and the rules of node-semver in its loose form, with what sets them
// apart from other languages' libraries: a pre-release satisfies a range only
// where the range itself names a pre-release of the same three numbers, and
// the end of ^1.2 lies below 2.0.0's own pre-releases. It is pure.
package semver

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// Version is one release. The zero value is 0.0.0.
type Version struct {
	Major, Minor, Patch uint64
	// Pre are the identifiers after the hyphen, without dots. Build metadata
	// has no part in any comparison and is dropped.
	Pre []string
}

const (
	longest    = 256       // of a version; node-semver refuses more
	maxNumber  = 1<<53 - 1 // what a number of JavaScript holds exactly
	numberPart = `(\d{1,16})`
	preParts   = `(?:-?((?:\d*[a-zA-Z-][0-9A-Za-z-]*|\d+)(?:\.(?:\d*[a-zA-Z-][0-9A-Za-z-]*|\d+))*))?`
	buildParts = `(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`
)

var versionForm = regexp.MustCompile(`^[v=\s]*` + numberPart + `\.` + numberPart + `\.` + numberPart + preParts + buildParts + `$`)

// Parse reads a version: 1.2.3, v1.2.3, 1.2.3-rc.1+build. It is false for
// everything else.
func Parse(text string) (Version, bool) {
	text = strings.TrimSpace(text)
	if len(text) > longest {
		return Version{}, false
	}
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		return Version{}, false
	}
	var v Version
	for i, part := range []*uint64{&v.Major, &v.Minor, &v.Patch} {
		n, ok := number(m[i+1])
		if !ok {
			return Version{}, false
		}
		*part = n
	}
	v.Pre = identifiers(m[4])
	return v, true
}

func number(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n <= maxNumber
}

func identifiers(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ".")
}

// String is the version in its plain form.
func (v Version) String() string {
	s := strconv.FormatUint(v.Major, 10) + "." + strconv.FormatUint(v.Minor, 10) + "." + strconv.FormatUint(v.Patch, 10)
	if len(v.Pre) > 0 {
		s += "-" + strings.Join(v.Pre, ".")
	}
	return s
}

// Compare is negative, zero or positive, as v comes before w, is equal to it
// or comes after it.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch), comparePre(v.Pre, w.Pre))
}

// comparePre puts a release after its pre-releases.
func comparePre(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(b), len(a))
	}
	for i := range min(len(a), len(b)) {
		if c := compareIdentifier(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareIdentifier puts numbers before words.
func compareIdentifier(a, b string) int {
	aNumeric, bNumeric := numeric(a), numeric(b)
	switch {
	case aNumeric && bNumeric:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case aNumeric:
		return -1
	case bNumeric:
		return 1
	}
	return strings.Compare(a, b)
}

func numeric(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func (v Version) sameNumbers(w Version) bool {
	return v.Major == w.Major && v.Minor == w.Minor && v.Patch == w.Patch
}
