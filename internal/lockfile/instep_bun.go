package lockfile

import (
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// bunInStep wants a version that meets the spec for every wish, and no wish
// less; where in package.json it stands does not matter to bun.
func bunInStep(l *Lock, manifests []*Manifest) []Difference {
	c := specCheck{lock: l, manifests: slices.Clone(manifests), named: true, lenient: OptionalPeer}
	for i, m := range c.manifests {
		if m.Path == "." { // the root's own name counts for nothing
			root := *m
			root.Name = ""
			c.manifests[i] = &root
		}
	}
	c.same = func(m *Manifest, now, recorded Dependency) bool { return l.bunMeets(m.Path, now, recorded, manifests) }
	all := c.differences()
	for _, m := range manifests {
		all = append(all, l.bunMembers(m, manifests)...)
	}
	return all
}

func (l *Lock) bunMeets(from string, now, recorded Dependency, manifests []*Manifest) bool {
	if strings.TrimSpace(now.Spec) == strings.TrimSpace(recorded.Spec) {
		return true
	}
	p := l.graph.resolve(from, now)
	if p == nil {
		return false
	}
	s := parseSpec(now.Spec)
	name, rng := now.Name, s.rng
	switch s.kind {
	case aliasSpec:
		sub := parseSpec(s.sub)
		if name, rng = s.alias, sub.rng; sub.kind != rangeSpec {
			return p.Name == name
		}
	case tagSpec:
		return p.Source.Kind == Registry && p.Name == name
	case rangeSpec:
	default:
		return false
	}
	version := p.Version
	if m := manifestAt(manifests, folderPath(p.Source.URL)); p.Source.Kind == Link && m != nil {
		version = m.Version
	}
	v, ok := semver.Parse(version)
	return p.Name == name && (!ok || rng.Any() || rng.Has(v))
}

// bunMembers finds members whose version has changed to one that a dependent
// does not take.
func (l *Lock) bunMembers(m *Manifest, manifests []*Manifest) []Difference {
	var all []Difference
	for _, d := range m.Dependencies {
		p := l.graph.resolve(m.Path, d)
		s := parseSpec(d.Spec)
		if p == nil || p.Source.Kind != Link || s.kind != rangeSpec || s.rng.Any() {
			continue
		}
		target := manifestAt(manifests, folderPath(p.Source.URL))
		if target == nil {
			continue
		}
		if v, ok := semver.Parse(target.Version); ok && !s.rng.Has(v) {
			all = append(all, Difference{
				Mismatch: Unmet, Importer: m.Path, Name: d.Name, Kind: d.Kind, Wanted: d.Spec, Locked: target.Version, Refused: true,
			})
		}
	}
	return all
}
