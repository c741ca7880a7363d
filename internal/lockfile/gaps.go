package lockfile

import "slices"

// Gap is a dependency of a locked package for which the lock holds nothing.
type Gap struct {
	// Package is the locked package that asks for it, Wanted the name that it asks for.
	Package, Wanted string
}

// Gaps are the dependencies of locked packages that the lock has no entry for. npm
// leaves some out where it writes a lock by a tree that is there: optional packages of
// other platforms, mostly. Other package managers do not, and old formats of npm's do
// not tell.
func (l *Lock) Gaps() []Gap {
	if l.Format != NPM || l.Version != "2" && l.Version != "3" {
		return nil
	}
	var gaps []Gap
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Source.Kind == Link || p.Bundled || p.shrinkwrapped {
			continue
		}
		for _, d := range p.Dependencies {
			if (d.Kind == Prod || d.Kind == Optional) && !slices.Contains(p.bundles, d.Name) && l.Resolve(p.ID, d) == nil {
				gaps = append(gaps, Gap{p.InstalledName(), d.Name})
			}
		}
	}
	return gaps
}
