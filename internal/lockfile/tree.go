package lockfile

import (
	"cmp"
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
