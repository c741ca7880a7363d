package lockfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/devbox-node/devbox/internal/semver"
)

// Platform is what a tree is installed for.
type Platform struct {
	// OS, CPU and Libc are in Node.js's words: linux, x64 or arm64, glibc or musl.
	// An empty one leaves nothing out.
	OS, CPU, Libc string
	// Node is the version of Node.js. Optional packages that ask for another
	// one are left out; empty means that none is.
	Node string
	// Omit are the sections that are left out: Dev, Optional, Peer.
	Omit []Kind
}

// Installed is a package in a tree, or one that should be there.
type Installed struct {
	// Location is its folder, such as node_modules/a. Only npm's locks tell.
	Location string `json:"location,omitempty"`
	Name     string `json:"name"`
	Version  string `json:"version,omitempty"`
	// Link is the folder that it links to.
	Link string `json:"link,omitempty"`
	// Bundled packages came inside of another one.
	Bundled bool `json:"bundled,omitempty"`
}

// Tree lists what an exact install of the lock puts into node_modules. Of npm
// that is every folder; of the other formats it is each name and version once,
// in the order of names, since their locks do not tell where a package goes.
//
// An optional package that is not for the platform is left out together with
// what only it needs and, up to the optional dependency, what needs it.
func (l *Lock) Tree(on Platform) []Installed {
	out := l.leftOut(on)
	var all []Installed
	for i := range l.Packages {
		p := &l.Packages[i]
		if out[p.ID] || l.Format != NPM && p.Source.Kind == Link {
			continue
		}
		in := Installed{Location: p.Location, Name: p.Name, Version: p.Version, Bundled: p.Bundled}
		if p.Source.Kind == Link {
			in.Link, in.Version = folderPath(p.Source.URL), ""
		}
		all = append(all, in)
	}
	slices.SortFunc(all, func(a, b Installed) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return slices.Compact(all)
}

// Unsupported lists the packages that are not for the platform and not
// optional either: an exact install stops at them.
func (l *Lock) Unsupported(on Platform) []*Package {
	var all []*Package
	for i := range l.Packages {
		if p := &l.Packages[i]; !p.Optional && !p.omitted(on) && !p.runsOn(on) {
			all = append(all, p)
		}
	}
	return all
}

// runsOn tells whether a package is for a platform.
func (p *Package) runsOn(on Platform) bool {
	return listed(on.OS, p.OS) && listed(on.CPU, p.CPU) && listed(on.Libc, p.Libc)
}

// listed reads a list as npm does: !x keeps x out, and where any is named
// without, it must be among those.
func listed(value string, list []string) bool {
	if value == "" || len(list) == 0 || len(list) == 1 && list[0] == "any" {
		return true
	}
	negated, match := 0, false
	for _, entry := range list {
		if entry != "" && entry[0] == '!' {
			negated++
			if entry[1:] == value {
				return false
			}
			continue
		}
		match = match || entry == value
	}
	return match || negated == len(list)
}

func (p *Package) omitted(on Platform) bool {
	dev, optional := slices.Contains(on.Omit, Dev), slices.Contains(on.Omit, Optional)
	return p.Dev && dev || p.Optional && optional || p.DevOptional && dev && optional || p.Peer && slices.Contains(on.Omit, Peer)
}

func (p *Package) takes(node string) bool {
	if node == "" || p.engine == "" {
		return true
	}
	in, known := semver.Satisfies(node, p.engine)
	return in || !known
}

// leftOut are the IDs of the packages that are not installed.
func (l *Lock) leftOut(on Platform) map[string]bool {
	out := map[string]bool{}
	g := l.edges()
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.omitted(on) {
			out[p.ID] = true
		}
	}
	inert := map[string]bool{}
	for i := range l.Packages {
		p := &l.Packages[i]
		if !p.Optional || inert[p.ID] || p.runsOn(on) && p.takes(on.Node) {
			continue
		}
		for id := range g.optionalSet(p.ID, inert) {
			inert[id] = true
		}
	}
	for id := range inert {
		out[id] = true
	}
	return out
}

// edge is a dependency between two packages, by their IDs. Importers take part
// by their paths, behind a mark that no ID begins with.
type edge struct {
	from, to string
	optional bool
}

type edges struct{ in, out map[string][]edge }

const importerMark = "\x00"

func (l *Lock) edges() edges {
	g := edges{in: map[string][]edge{}, out: map[string][]edge{}}
	add := func(id, from string, deps []Dependency) {
		for _, d := range deps {
			if to := l.graph.resolve(from, d); to != nil {
				e := edge{id, to.ID, d.Kind == Optional || d.Kind == OptionalPeer}
				g.out[id] = append(g.out[id], e)
				g.in[to.ID] = append(g.in[to.ID], e)
			}
		}
	}
	for _, i := range l.Importers {
		add(importerMark+i.Path, i.Path, i.Dependencies)
	}
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Source.Kind != Link { // the folder's dependencies are its importer's
			add(p.ID, p.ID, p.Dependencies)
		}
	}
	return g
}

// optionalSet is what cannot be installed when one optional package cannot: up
// to the edges that make it optional, and down to what others need as well.
func (g edges) optionalSet(id string, inert map[string]bool) map[string]bool {
	core := map[string]bool{id: true}
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.in[queue[0]] {
			if !e.optional && !core[e.from] && e.from[:1] != importerMark {
				core[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	counts := func(e edge) bool { return !core[e.to] && !inert[e.from] }
	set := map[string]bool{}
	var queue []string
	for member := range core {
		set[member] = true
		queue = append(queue, member)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.out[queue[0]] {
			if counts(e) && !set[e.to] {
				set[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for member := range set {
			needed := slices.ContainsFunc(g.in[member], func(e edge) bool { return !set[e.from] && counts(e) })
			if needed {
				delete(set, member)
				changed = true
			}
		}
	}
	return set
}

// ParseInstalled reads node_modules/.package-lock.json, in which npm keeps
// what it installed.
func ParseInstalled(data []byte) ([]Installed, error) {
	const file = "node_modules/.package-lock.json"
	text, bad := readable(file, data)
	if bad != nil {
		return nil, bad
	}
	l, err := parseNPM(file, text)
	if err != nil {
		return nil, err
	}
	return l.Tree(Platform{}), nil
}

// TreeDifference is one place at which a tree is not what it should be.
type TreeDifference struct {
	Mismatch Mismatch `json:"mismatch"` // Missing, Extra or Changed
	// Location is empty where only names and versions were compared.
	Location string `json:"location,omitempty"`
	Name     string `json:"name"`
	// Wanted and Found are versions, or the folder of a link.
	Wanted string `json:"wanted,omitempty"`
	Found  string `json:"found,omitempty"`
}

// String is a line for a terminal.
func (d TreeDifference) String() string {
	where := plain(cmp.Or(d.Location, d.Name))
	switch d.Mismatch {
	case Missing:
		return fmt.Sprintf("%s: %s is not installed", where, plain(d.Wanted))
	case Extra:
		return fmt.Sprintf("%s: %s is installed, the lock does not have it", where, plain(d.Found))
	}
	return fmt.Sprintf("%s: %s is installed, the lock has %s", where, plain(d.Found), plain(d.Wanted))
}

// CompareTree tells where an installed tree is not what the lock asks for,
// place by place, or, where expected has no locations, by name and version.
// What packages bundle counts only where the lock names it.
func CompareTree(expected, installed []Installed) []TreeDifference {
	byPlace := len(expected) > 0 && expected[0].Location != ""
	key := func(in Installed) string {
		if byPlace {
			return in.Location
		}
		return in.Name + "@" + in.Version
	}
	found := map[string]Installed{}
	for _, in := range installed {
		found[key(in)] = in
	}
	var all []TreeDifference
	wanted := map[string]bool{}
	for _, want := range expected {
		k := key(want)
		wanted[k] = true
		got, there := found[k]
		d := TreeDifference{Location: want.Location, Name: want.Name, Wanted: want.what(want.Name)}
		switch {
		case !there:
			d.Mismatch = Missing
		case got.what(want.Name) != d.Wanted && (want.Version != "" || want.Link != "" || got.Link != ""):
			d.Mismatch, d.Found = Changed, got.what(want.Name)
		default:
			continue
		}
		all = append(all, d)
	}
	for _, got := range installed {
		if k := key(got); !wanted[k] && !got.Bundled {
			wanted[k] = true
			all = append(all, TreeDifference{Mismatch: Extra, Location: got.Location, Name: got.Name, Found: got.what(got.Name)})
		}
	}
	slices.SortStableFunc(all, func(a, b TreeDifference) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Wanted, b.Wanted))
	})
	return all
}

// what is the version, with the name where that is not the expected one.
func (in Installed) what(name string) string {
	if in.Link != "" {
		return "a link to " + in.Link
	}
	if in.Name != name {
		return in.Name + "@" + in.Version
	}
	return in.Version
}
