package project

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// nodeRelease is a Node.js release that devbox knows to be there.
type nodeRelease struct {
	version string
	date    string // of the release
	line    string // the name of its long-term line; empty before it has one
	ended   bool   // nobody mends it any more
}

// nodeReleases has one release of each line, the newest line first, as of
// November 2026. Ranges and majors resolve to one of these, so that a project
// gets an exact version; any other exact version can be written out.
var nodeReleases = []nodeRelease{
	{version: defaultNode, date: "2026-09-23", line: "lithium"},
	{version: "24.21.0", date: "2026-09-10", line: "krypton"},
	{version: "22.23.3", date: "2026-09-24", line: "jod"},
	{version: "20.20.2", date: "2026-03-25", line: "iron", ended: true},
	{version: "18.20.8", date: "2025-03-27", line: "hydrogen", ended: true},
	{version: "16.20.2", date: "2023-08-08", line: "gallium", ended: true},
}

// defaultNode is of the newest line that has long-term support.
const defaultNode = "26.10.0"

func (r nodeRelease) number() version {
	words := strings.Split(r.version, ".")
	v, _ := numbers(words[:min(len(words), len(version{}))])
	return v
}

// nodeWish is a wish for a Node.js version, understood.
type nodeWish struct {
	Fact
	// exact is the version, if the wish names one.
	exact string
	// allow tells whether a release would do.
	allow func(nodeRelease) bool
	// least is the lowest version that a range allows.
	least version
}

// parseNodeWish understands exact versions, ranges, and the words of version
// managers.
func parseNodeWish(f Fact) (nodeWish, bool) {
	w := nodeWish{Fact: f}
	text := strings.TrimSpace(f.Text)
	if exact := strings.TrimPrefix(strings.TrimPrefix(text, "="), "v"); exactNode.MatchString(exact) && len(exact) < 30 {
		w.exact = exact
	}
	switch lower := strings.ToLower(text); {
	case slices.Contains([]string{"node", "latest", "current", "stable", "lts/*", "lts", "lts-*", "--lts"}, lower):
		w.allow = func(r nodeRelease) bool { return r.version == defaultNode }
	case strings.HasPrefix(lower, "lts/") || strings.HasPrefix(lower, "lts-"):
		w.allow = func(r nodeRelease) bool { return r.line == lower[len("lts/"):] }
	default:
		r, ok := parseRange(text)
		if !ok {
			return w, false
		}
		w.allow = func(n nodeRelease) bool { return r.has(n.number()) }
		w.least = r.least()
	}
	return w, true
}

// resolveNode is the release that a wish comes down to: itself when it is
// exact, else the newest one that it allows, and one that is still mended
// before one that is not.
func resolveNode(text string) (nodeRelease, bool) {
	wish, ok := parseNodeWish(Fact{Text: text})
	if !ok {
		return nodeRelease{}, false
	}
	return wish.resolve()
}

func (w nodeWish) resolve() (nodeRelease, bool) {
	if w.exact != "" {
		return nodeRelease{version: w.exact}, true
	}
	// The table has the ended lines last.
	i := slices.IndexFunc(nodeReleases, w.allow)
	if i < 0 {
		return nodeRelease{}, false
	}
	return nodeReleases[i], true
}

// nodePick is the Node.js version of a project and how it was found.
type nodePick struct {
	version  string
	findings []Finding
	// unknown says that what the folder asks for cannot be there.
	unknown error
}

// pickNode decides the version: what was asked for on the command line, else
// the strongest wish of the folder, made exact by another wish that agrees
// with it or by the table of releases.
func pickNode(f *Facts, asked string) nodePick {
	if asked != "" {
		release, _ := resolveNode(asked)
		return nodePick{version: release.version, findings: []Finding{{What: "node", Value: release.version, Source: "--node " + asked}}}
	}
	wishes, findings := f.understoodWishes()
	old, why := f.nodeOfManager()
	if len(wishes) == 0 {
		found := Finding{What: "node", Value: cmp.Or(old.version, defaultNode), Source: cmp.Or(why, "default")}
		return nodePick{version: found.Value, findings: append(findings, found)}
	}
	release, note := settleNode(wishes)
	if why != "" && wishes[0].exact == "" && wishes[0].allow(old) && release.number().compare(old.number()) > 0 {
		release, note = old, why
	}
	release, note = withImage(release, note)
	found := Finding{What: "node", Value: release.version, Source: wishes[0].Source, Warning: release.ended}
	if wishes[0].exact == "" {
		found.Source += ": " + wishes[0].Text
	}
	found.Source = withRemark(found.Source, strings.TrimPrefix(note, "; "))
	findings = append(findings, found)
	for _, w := range wishes[1:] {
		if w.exact != release.version && !w.allow(release) && w.Text != wishes[0].Text {
			findings = append(findings, Finding{
				What: "node", Warning: true, Source: fmt.Sprintf("%s asks for %s", w.Source, w.Text),
			})
		}
	}
	return nodePick{version: release.version, findings: findings, unknown: wishes[0].impossible()}
}

// oldManagers are releases of package managers that later lines of Node.js have no
// place for, and the newest line that they run on: yarn 2 calls functions that Node.js
// 23 has no more, and the requests of these releases of pnpm fail from Node.js 20 on.
var oldManagers = []struct{ name, versions, node string }{
	{"yarn", "2.x", "22"},
	{"pnpm", "<7.33.0 || >=8.0.0 <8.3.1", "18"},
}

// nodeOfManager is the newest release that an old package manager runs on, and why;
// without words it runs on all.
func (f *Facts) nodeOfManager() (release nodeRelease, why string) {
	name, version, _ := f.managerWish("")
	if version == "" {
		version = managerFor(name, f.lockOf(name).Format, defaultNode).Version
	}
	for _, old := range oldManagers {
		if r, _ := parseRange(old.versions); old.name == name && r.has(nodeRelease{version: version}.number()) {
			release, _ = resolveNode(old.node)
			return release, name + " " + version + " does not run on later ones"
		}
	}
	return nodeRelease{}, ""
}

// linesAhead is how many major versions may have come since devbox was made.
const linesAhead = 6

// impossible is an error for a version of a line that cannot be there yet.
func (w nodeWish) impossible() error {
	major, newest := w.least[0], nodeReleases[0].number()[0]
	if w.exact != "" {
		major = nodeRelease{version: w.exact}.number()[0]
	}
	if major <= newest+linesAhead || w.least == endless {
		return nil
	}
	return configError(w.Source, []Problem{{
		Text:       fmt.Sprintf("there is no Node.js %s; the newest line that devbox knows is %d", w.Text, newest),
		Suggestion: fmt.Sprintf("mend the file, or choose one with `devbox init --node %d`", newest),
	}})
}

// understoodWishes sorts out what cannot be a version.
func (f *Facts) understoodWishes() (wishes []nodeWish, findings []Finding) {
	for _, fact := range f.Node {
		w, ok := parseNodeWish(fact)
		if ok {
			wishes = append(wishes, w)
			continue
		}
		findings = append(findings, Finding{
			What: "node", Warning: true, Source: fmt.Sprintf("%s says %s, which is no version; passed over", fact.Source, show(fact.Text)),
		})
	}
	return wishes, findings
}

// settleNode makes the strongest wish exact. What no known release satisfies
// gets the nearest one above, with a note that says so.
func settleNode(wishes []nodeWish) (release nodeRelease, note string) {
	first := wishes[0]
	for _, w := range wishes {
		exact := nodeRelease{version: w.exact}
		if w.exact != "" && (w.exact == first.exact || first.allow(exact)) {
			return exact, ""
		}
	}
	release, ok := first.resolve()
	switch {
	case !ok:
		release = nearestRelease(first.least)
		release.ended = true
		return release, "devbox knows no release that this allows; if you need one, write it in " + ModelFile
	case release.ended:
		return release, "no longer maintained"
	}
	return release, ""
}

// firstImages are the first releases of their lines with an image on the Debian
// that devbox builds on; lines before them have none, later ones all.
var firstImages = []version{{16, 20, 1}, {18, 16, 1}, {20, 3, 1}}

// withImage is the release itself, or the nearest one that has an image.
func withImage(release nodeRelease, note string) (nodeRelease, string) {
	v := release.number()
	if v[0] > firstImages[len(firstImages)-1][0] || slices.ContainsFunc(firstImages, func(first version) bool {
		return v[0] == first[0] && v.compare(first) >= 0
	}) {
		return release, note
	}
	nearest := nearestRelease(v)
	nearest.ended = true
	return nearest, withRemark(note, "of "+release.version+" there is no image on Debian 12; this is the nearest that has one")
}

// nearestRelease is the first known release from a version on, else the newest.
func nearestRelease(least version) nodeRelease {
	for _, r := range slices.Backward(nodeReleases) {
		if r.number().compare(least) >= 0 {
			return r
		}
	}
	return nodeReleases[0]
}
