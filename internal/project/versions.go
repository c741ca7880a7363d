package project

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// nodeVersions are the releases that a range or a major version resolves to,
// newest LTS first. As of 2026-11: 26 and 24 are LTS, 22 is in maintenance.
var nodeVersions = []string{"26.10.0", "24.21.0", "22.23.3"}

// Versions of the package managers that are taken where a project names none.
const (
	bundledNPM  = "11.21.2"
	yarnClassic = "1.22.22"
	pnpmCurrent = "10.33.0"
	bunCurrent  = "1.3.9"
)

func newestNode() string { return nodeVersions[0] }

// nodeVersion finds the exact Node.js version, and where it comes from.
func (f *Facts) nodeVersion() (version, source string) {
	type wish struct{ text, source string }
	wishes := []wish{{f.NodeFile, f.NodeFileName}}
	if p := f.Package; p != nil {
		wishes = append(wishes, wish{p.VoltaNode, "package.json volta"}, wish{p.Node, "package.json engines"})
	}
	for _, w := range wishes {
		if v, ok := ResolveNode(w.text); ok {
			return v, w.source
		}
	}
	return newestNode(), "newest LTS"
}

var (
	versionText = regexp.MustCompile(`^v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$`)
	rangeText   = regexp.MustCompile(`^(>=|>|\^|~|=|<=|<)?\s*v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$`)
)

// ResolveNode turns what projects write about Node.js, such as 26.10.0, v24,
// lts/*, >=20 or ^22.3.0, into an exact version.
func ResolveNode(text string) (string, bool) {
	text = strings.TrimSpace(strings.ToLower(text))
	switch text {
	case "":
		return "", false
	case "*", "x", "node", "latest", "stable", "current", "lts/*", "lts":
		return newestNode(), true
	case "lts/krypton":
		return "24.21.0", true
	case "lts/jod":
		return "22.23.3", true
	}
	if m := versionText.FindStringSubmatch(text); m != nil {
		if isNumber(m[2]) && isNumber(m[3]) {
			return fmt.Sprintf("%s.%s.%s", m[1], m[2], m[3]), true
		}
		return knownMajor(m[1])
	}
	for alternative := range strings.SplitSeq(text, "||") {
		if v, ok := newestFitting(strings.TrimSpace(alternative)); ok {
			return v, true
		}
	}
	return "", false
}

// newestFitting is the newest known version that meets all bounds of a range.
func newestFitting(text string) (string, bool) {
	text = regexp.MustCompile(`(>=|>|<=|<|\^|~|=)\s+`).ReplaceAllString(text, "$1")
	if low, high, ok := strings.Cut(text, " - "); ok {
		text = ">=" + strings.TrimSpace(low) + " <=" + strings.TrimSpace(high)
	}
	bounds := strings.Fields(text)
	if len(bounds) == 0 {
		return "", false
	}
	for _, v := range nodeVersions {
		fits := true
		for _, b := range bounds {
			ok, known := meets(v, b)
			if !known {
				return "", false
			}
			fits = fits && ok
		}
		if fits {
			return v, true
		}
	}
	return "", false
}

// meets tells whether a version meets one bound such as >=20.1 or ^22.
func meets(version, bound string) (ok, known bool) {
	m := rangeText.FindStringSubmatch(bound)
	if m == nil {
		return false, false
	}
	have := numbers(strings.Split(version, "."))
	want := numbers(m[2:])
	given := 1
	for given < 3 && isNumber(m[2+given]) {
		given++
	}
	order := compare(have, want, 3)
	switch m[1] {
	case ">=":
		return order >= 0, true
	case ">":
		return compare(have, want, given) > 0, true
	case "<=":
		return compare(have, want, given) <= 0, true
	case "<":
		return order < 0, true
	case "^":
		return have[0] == want[0] && order >= 0, true
	case "~":
		return compare(have, want, min(given, 2)) == 0 && order >= 0, true
	}
	return compare(have, want, given) == 0, true
}

func compare(a, b [3]int, parts int) int {
	for i := range parts {
		if a[i] != b[i] {
			return a[i] - b[i]
		}
	}
	return 0
}

func numbers(parts []string) (n [3]int) {
	for i := range min(len(parts), len(n)) {
		n[i], _ = strconv.Atoi(parts[i])
	}
	return n
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func knownMajor(major string) (string, bool) {
	for _, v := range nodeVersions {
		if strings.HasPrefix(v, major+".") {
			return v, true
		}
	}
	return "", false
}

// packageManager finds the package manager, and where it comes from.
func (f *Facts) packageManager() (m PackageManager, source string) {
	if p := f.Package; p != nil && p.PackageManager != "" {
		if m, ok := ParsePackageManager(p.PackageManager); ok {
			return m, "package.json packageManager"
		}
	}
	if f.Lock == "" {
		return PackageManager{"npm", bundledNPM}, "default"
	}
	name := managerOfLock(f.Lock)
	versions := map[string]string{"npm": bundledNPM, "yarn": yarnClassic, "pnpm": pnpmCurrent, "bun": bunCurrent}
	return PackageManager{name, versions[name]}, f.Lock
}
