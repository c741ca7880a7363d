package lockfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// edition is one version of a package, of which the tree may hold many copies.
type edition struct {
	version    string
	source     Source
	integrity  string
	script     bool
	dev        bool
	importers  []string
	comparable semver.Version
	release    bool // comparable holds the version
}

// editions are the versions of each package by its name. Links to folders of
// the project are no packages that a lock decides on.
func editions(l *Lock) map[string][]*edition {
	all := map[string][]*edition{}
	asking := l.direct()
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Source.Kind == Link {
			continue
		}
		e := editionOf(all[p.Name], p)
		if e == nil {
			e = &edition{version: cmp.Or(p.Version, p.Source.URL), source: p.Source, integrity: p.Integrity, dev: true}
			e.comparable, e.release = semver.Parse(p.Version)
			all[p.Name] = append(all[p.Name], e)
		}
		e.script = e.script || p.InstallScript
		e.dev = e.dev && p.Dev
		e.integrity = cmp.Or(e.integrity, p.Integrity)
		e.importers = append(e.importers, asking[p.ID]...)
	}
	for _, list := range all {
		slices.SortFunc(list, compareEditions)
		for _, e := range list {
			slices.Sort(e.importers)
			e.importers = slices.Compact(e.importers)
		}
	}
	return all
}

// editionOf is the edition among those known that a package is a copy of.
// Bundled copies have neither source nor checksum.
func editionOf(known []*edition, p *Package) *edition {
	for _, e := range known {
		if e.version == cmp.Or(p.Version, p.Source.URL) && (e.source.Kind == p.Source.Kind || p.Source.Kind == InParent || e.source.Kind == InParent) {
			if e.source.Kind == InParent {
				e.source = p.Source
			}
			return e
		}
	}
	return nil
}

func compareEditions(a, b *edition) int {
	if a.release && b.release {
		if c := a.comparable.Compare(b.comparable); c != 0 {
			return c
		}
	}
	return cmp.Or(strings.Compare(a.version, b.version), strings.Compare(string(a.source.Kind), string(b.source.Kind)))
}

// direct lists the importers that ask for each package, by its ID.
func (l *Lock) direct() map[string][]string {
	asking := map[string][]string{}
	for _, i := range l.Importers {
		for _, d := range i.Dependencies {
			if p := l.Resolve(i.Path, d); p != nil {
				asking[p.ID] = append(asking[p.ID], i.Path)
			}
		}
	}
	return asking
}
