package lockfile

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// specCheck compares what a lock records of package.json with what stands
// there now, for the formats that record it: pnpm, yarn berry and bun.
type specCheck struct {
	lock      *Lock
	manifests []*Manifest
	// same tells whether a changed wish is still the recorded one.
	same func(m *Manifest, now, recorded Dependency) bool
	// skipped are sections that the lock may leave out.
	skipped []Kind
	// lenient is the section whose wishes may be missing in the lock.
	lenient Kind
	// named tells that the lock counts on the names of the folders.
	named bool
}

func (c specCheck) differences() []Difference {
	var all []Difference
	for _, m := range c.manifests {
		i := c.lock.Importer(m.Path)
		switch {
		case i == nil:
			all = append(all, Difference{
				Mismatch: Missing, Importer: ".", Name: cmp.Or(m.Name, m.Path), Wanted: "workspace:" + m.Path,
				Refused: c.named || len(c.wishes(m.Dependencies)) > 0,
			})
		case c.named && i.Name != "" && m.Name != "" && i.Name != m.Name:
			all = append(all, Difference{Mismatch: Missing, Importer: ".", Name: m.Name, Wanted: "workspace:" + m.Path, Refused: true})
		case i.Recorded:
			all = append(all, c.importer(i, m)...)
		}
	}
	return all
}

func (c specCheck) importer(i *Importer, m *Manifest) []Difference {
	was, is := c.wishes(i.Dependencies), c.wishes(m.Dependencies)
	var all []Difference
	for _, name := range slices.Sorted(maps.Keys(is)) {
		d := is[name]
		old, known := was[name]
		found := Difference{Importer: m.Path, Name: name, Kind: d.Kind, Wanted: d.Spec, Refused: true}
		if !known {
			found.Mismatch, found.Refused = Missing, d.Kind != c.lenient
			all = append(all, found)
			continue
		}
		if same := c.same(m, d, old); !same || d.Spec != old.Spec || d.Kind != old.Kind {
			found.Mismatch, found.Recorded, found.Refused = Changed, old.Spec, !same
			if same && c.normal(d) == c.normal(old) {
				continue // only written otherwise
			}
			all = append(all, found)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, still := is[name]; !still {
			d := was[name]
			all = append(all, Difference{Mismatch: Extra, Importer: m.Path, Name: name, Kind: d.Kind, Recorded: d.Spec, Refused: true})
		}
	}
	return all
}

// wishes keeps of each name the section that counts: an optional dependency
// before a required one, that before a development one, peers last.
func (c specCheck) wishes(deps []Dependency) map[string]Dependency {
	order := []Kind{Optional, Prod, Dev, Peer, OptionalPeer}
	all := map[string]Dependency{}
	for _, d := range deps {
		if slices.Contains(c.skipped, d.Kind) {
			continue
		}
		if other, known := all[d.Name]; !known || slices.Index(order, d.Kind) < slices.Index(order, other.Kind) {
			all[d.Name] = d
		}
	}
	return all
}

// normal is a wish without what yarn berry does not record: its protocol, and
// whether only development needs it.
func (c specCheck) normal(d Dependency) Dependency {
	if c.lock.Format == YarnBerry {
		d.Spec, d.to = berrySpec(d), ""
		if d.Kind == Dev {
			d.Kind = Prod
		}
	}
	return Dependency{Name: d.Name, Spec: d.Spec, Kind: d.Kind}
}

// pnpmInStep wants the same specs in the same sections. Peers are recorded
// where they are installed for the root (auto-install-peers), as dependencies.
// Overrides stand in the lock in the place of the specs that they replace.
func pnpmInStep(l *Lock, manifests []*Manifest) []Difference {
	peers := l.Settings["settings.autoInstallPeers"] == "true"
	links := l.Settings["settings.excludeLinksFromLockfile"] == "true"
	c := specCheck{lock: l, skipped: []Kind{Peer, OptionalPeer}}
	if l.Version == "9.0" {
		c.lenient = Optional // pnpm 12 takes them
	}
	for _, m := range manifests {
		copied := *m
		copied.Dependencies = nil
		for _, d := range m.Dependencies {
			if peers && isPeer(d) && !m.hasBesidePeers(d.Name) {
				d.Kind = Prod
			}
			if links && strings.HasPrefix(d.Spec, "link:") {
				continue
			}
			copied.Dependencies = append(copied.Dependencies, d)
		}
		c.manifests = append(c.manifests, &copied)
	}
	c.same = func(_ *Manifest, now, recorded Dependency) bool {
		if now.Spec != recorded.Spec && l.pnpmOverrides(now.Name) {
			return true
		}
		return now.Spec == recorded.Spec && now.Kind == recorded.Kind
	}
	return c.differences()
}

func isPeer(d Dependency) bool { return d.Kind == Peer || d.Kind == OptionalPeer }

// hasBesidePeers tells whether a package is among the dependencies that are no peers,
// which is how pnpm records one that is both.
func (m *Manifest) hasBesidePeers(name string) bool {
	return slices.ContainsFunc(m.Dependencies, func(d Dependency) bool { return d.Name == name && !isPeer(d) })
}

// pnpmOverrides tells whether the lock has an override that may be for a name.
func (l *Lock) pnpmOverrides(name string) bool {
	for key := range l.Settings {
		if rule, found := strings.CutPrefix(key, "overrides."); found {
			rule = rule[strings.LastIndexByte(rule, '>')+1:]
			if overridden, _ := splitDescriptor(rule); overridden == name {
				return true
			}
		}
	}
	return false
}

// berryInStep wants the specs that the entry of each workspace has, and the
// name that it has. Resolutions take the place of the descriptors they are for.
func berryInStep(l *Lock, manifests []*Manifest) []Difference {
	c := specCheck{lock: l, manifests: manifests, named: true}
	c.same = func(_ *Manifest, now, recorded Dependency) bool { return c.normal(now) == c.normal(recorded) }
	all := c.differences()
	root := manifestAt(manifests, ".")
	if root == nil {
		return all
	}
	for _, o := range root.Overrides {
		if o.Nested || o.Range != "" || parseSpec(o.Spec).kind != rangeSpec || !l.has(o.Name) {
			continue
		}
		if l.graph.resolve(".", Dependency{Name: o.Name, Spec: o.Spec, Kind: Prod}) == nil {
			all = append(all, Difference{Mismatch: Missing, Importer: ".", Name: o.Name, Wanted: o.Spec, Refused: true})
		}
	}
	return all
}

func (l *Lock) has(name string) bool {
	return slices.ContainsFunc(l.Packages, func(p Package) bool { return p.InstalledName() == name })
}

// berrySpec is a spec with the protocol that yarn adds to ranges and tags.
func berrySpec(d Dependency) string {
	if s := parseSpec(d.Spec); d.Kind != Peer && d.Kind != OptionalPeer && (s.kind == rangeSpec || s.kind == tagSpec) && !strings.HasPrefix(d.Spec, "npm:") {
		return "npm:" + d.Spec
	}
	return d.Spec
}
