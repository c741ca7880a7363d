package lockfile

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// ChangeKind is what became of a package.
type ChangeKind string

// The kinds of changes. Replaced is the same version with another content or
// from another source.
const (
	Added      ChangeKind = "added"
	Removed    ChangeKind = "removed"
	Upgraded   ChangeKind = "upgraded"
	Downgraded ChangeKind = "downgraded"
	Replaced   ChangeKind = "replaced"
)

// Change is what became of one version of a package.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Name string     `json:"name"`
	// From and To are versions; where a source has none, its address.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Importers are the folders whose package.json asks for it; a transitive
	// change has none.
	Importers []string `json:"importers,omitempty"`
	// Dev tells that only development dependencies lead to it.
	Dev bool `json:"dev,omitempty"`
	// InstallScript tells that the new one runs a script when it is installed
	// and the old one, if any, did not.
	InstallScript bool `json:"installScript,omitempty"`
	// IntegrityChanged: the same version has another checksum than before, or
	// none any more.
	IntegrityChanged bool `json:"integrityChanged,omitempty"`
	// SourceFrom and SourceTo are filled where another kind of source, another
	// address outside a registry, or another registry took over.
	SourceFrom *Source `json:"sourceFrom,omitempty"`
	SourceTo   *Source `json:"sourceTo,omitempty"`
}

// Direct tells whether a package.json asks for the package.
func (c Change) Direct() bool { return len(c.Importers) > 0 }

// Loud tells whether somebody should look at the change: a known version with
// other content, a source that is no registry any more, or a new script.
func (c Change) Loud() bool {
	if c.IntegrityChanged || c.InstallScript {
		return true
	}
	return c.SourceTo != nil && (c.SourceTo.Kind != Registry || c.SourceFrom == nil || c.SourceFrom.Kind == Registry)
}

// SpecChange is a changed wish of a package.json, as far as the locks record
// it. From or To is empty where the dependency is new or gone.
type SpecChange struct {
	Importer string `json:"importer"`
	Name     string `json:"name"`
	Kind     Kind   `json:"kind"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

// Changes are what is different between two locks.
type Changes struct {
	File string `json:"file"`
	// OldFormat and NewFormat name format and version where these changed.
	OldFormat string `json:"oldFormat,omitempty"`
	NewFormat string `json:"newFormat,omitempty"`
	// Packages are sorted: loud ones first, then direct ones, then by name.
	Packages []Change     `json:"packages"`
	Specs    []SpecChange `json:"specs,omitempty"`
	// Settings are the keys of other settings that changed.
	Settings []string `json:"settings,omitempty"`
}

// Empty tells that nothing changed that an install would show.
func (c *Changes) Empty() bool {
	return len(c.Packages) == 0 && len(c.Specs) == 0 && len(c.Settings) == 0 && c.OldFormat == c.NewFormat
}

// Diff tells what changed from one lock to another. Where there was none, old
// is nil; where there is none any more, now is nil.
func Diff(old, now *Lock) *Changes {
	c := &Changes{}
	if old == nil {
		old = &Lock{}
	}
	if now == nil {
		now = &Lock{File: old.File}
	}
	c.File = now.File
	if was, is := old.formatName(), now.formatName(); was != is && was != "" && is != "" {
		c.OldFormat, c.NewFormat = was, is
	}
	before, after := editions(old), editions(now)
	for name := range after {
		if _, known := before[name]; !known {
			before[name] = nil
		}
	}
	for name, was := range before {
		c.Packages = append(c.Packages, changesOf(name, was, after[name])...)
	}
	slices.SortFunc(c.Packages, compareChanges)
	c.Specs = specChanges(old, now)
	for key := range old.Settings {
		if now.Settings[key] != old.Settings[key] {
			c.Settings = append(c.Settings, key)
		}
	}
	for key := range now.Settings {
		if _, known := old.Settings[key]; !known {
			c.Settings = append(c.Settings, key)
		}
	}
	slices.Sort(c.Settings)
	return c
}

func (l *Lock) formatName() string {
	return strings.TrimSpace(string(l.Format) + " " + l.Version)
}

func compareChanges(a, b Change) int {
	return cmp.Or(
		-compareBool(a.Loud(), b.Loud()), -compareBool(a.Direct(), b.Direct()),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

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

// changesOf compares the versions of one package.
func changesOf(name string, was, is []*edition) []Change {
	var all []Change
	var gone, came []*edition
	matched := map[*edition]bool{}
	for _, o := range was {
		n := sameEdition(o, is, matched)
		if n == nil {
			gone = append(gone, o)
			continue
		}
		matched[n] = true
		if c, changed := replaced(name, o, n); changed {
			all = append(all, c)
		}
	}
	for _, n := range is {
		if !matched[n] {
			came = append(came, n)
		}
	}
	for _, pair := range pairs(gone, came) {
		all = append(all, change(name, pair[0], pair[1]))
	}
	return all
}

func sameEdition(o *edition, is []*edition, matched map[*edition]bool) *edition {
	for _, sameKind := range []bool{true, false} {
		for _, n := range is {
			if !matched[n] && n.version == o.version && (!sameKind || n.source.Kind == o.source.Kind) {
				return n
			}
		}
	}
	return nil
}

// replaced tells whether the same version is not the same any more.
func replaced(name string, o, n *edition) (Change, bool) {
	c := change(name, o, n)
	c.Kind = Replaced
	c.IntegrityChanged = integrityChanged(o, n)
	return c, c.IntegrityChanged || c.InstallScript || c.SourceTo != nil
}

// integrityChanged compares checksums of the same algorithm. Another algorithm
// for the same content is a newer package manager's doing.
func integrityChanged(o, n *edition) bool {
	if o.integrity == "" || o.integrity == n.integrity {
		return false
	}
	if n.integrity == "" {
		return n.source.Kind == o.source.Kind && n.source.Kind == Registry
	}
	oldSums, newSums := sums(o.integrity), sums(n.integrity)
	shared := false
	for algorithm, sum := range oldSums {
		if other, both := newSums[algorithm]; both {
			if sum == other {
				return false
			}
			shared = true
		}
	}
	return shared
}

// sums are the checksums of an integrity by their algorithm.
func sums(integrity string) map[string]string {
	all := map[string]string{}
	for word := range strings.FieldsSeq(integrity) {
		algorithm, sum, found := strings.Cut(word, "-")
		if !found {
			algorithm, sum, _ = strings.Cut(word, "/") // yarn berry: the key of its cache, then the sum
		}
		all[algorithm] += sum
	}
	return all
}

// pairs puts together what went and what came: first the versions that the
// same package.json asks for, then those of the same major version, then the
// rest in order. What is left alone was added or removed.
func pairs(gone, came []*edition) [][2]*edition {
	var all [][2]*edition
	match := func(fits func(o, n *edition) bool) {
		gone = slices.DeleteFunc(slices.Clone(gone), func(o *edition) bool {
			i := slices.IndexFunc(came, func(n *edition) bool { return fits(o, n) })
			if i < 0 {
				return false
			}
			all = append(all, [2]*edition{o, came[i]})
			came = slices.Delete(slices.Clone(came), i, i+1)
			return true
		})
	}
	match(func(o, n *edition) bool {
		return slices.ContainsFunc(o.importers, func(i string) bool { return slices.Contains(n.importers, i) })
	})
	match(func(o, n *edition) bool { return o.release && n.release && o.comparable.Major == n.comparable.Major })
	match(func(_, _ *edition) bool { return true })
	for _, o := range gone {
		all = append(all, [2]*edition{o, nil})
	}
	for _, n := range came {
		all = append(all, [2]*edition{nil, n})
	}
	return all
}

// change describes one pair; either may be nil.
func change(name string, o, n *edition) Change {
	c := Change{Name: name}
	switch {
	case o == nil:
		c.Kind, c.To, c.Importers, c.Dev, c.InstallScript = Added, n.version, n.importers, n.dev, n.script
		if n.source.Kind != Registry && n.source.Kind != InParent {
			c.SourceTo = &n.source
		}
		return c
	case n == nil:
		c.Kind, c.From, c.Importers, c.Dev = Removed, o.version, o.importers, o.dev
		return c
	}
	c.Kind, c.From, c.To, c.Importers, c.Dev = Upgraded, o.version, n.version, n.importers, n.dev
	if o.release && n.release && n.comparable.Compare(o.comparable) < 0 {
		c.Kind = Downgraded
	}
	c.InstallScript = n.script && !o.script
	if movedSource(o, n) {
		c.SourceFrom, c.SourceTo = &o.source, &n.source
	}
	return c
}

// movedSource tells whether a package comes from elsewhere than before.
func movedSource(o, n *edition) bool {
	a, b := o.source, n.source
	if a.Kind == InParent || b.Kind == InParent {
		return false
	}
	if a.Kind != b.Kind {
		return true
	}
	if a.Kind == Registry {
		return a.raw != "" && b.raw != "" && host(a.raw) != host(b.raw)
	}
	return a.raw != b.raw
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// specChanges compares what both locks record of package.json.
func specChanges(old, now *Lock) []SpecChange {
	type key struct{ importer, name string }
	type wish struct {
		kind Kind
		spec string
	}
	wishes := func(l *Lock) map[key]wish {
		all := map[key]wish{}
		for _, i := range l.Importers {
			if i.Recorded {
				for _, d := range i.Dependencies {
					all[key{i.Path, d.Name}] = wish{d.Kind, withoutPassword(d.Spec)}
				}
			}
		}
		return all
	}
	before, after := wishes(old), wishes(now)
	var all []SpecChange
	for k, was := range before {
		if is, still := after[k]; !still {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: was.kind, From: was.spec})
		} else if is != was {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: is.kind, From: was.spec, To: is.spec})
		}
	}
	for k, is := range after {
		if _, known := before[k]; !known {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: is.kind, To: is.spec})
		}
	}
	slices.SortFunc(all, func(a, b SpecChange) int {
		return cmp.Or(cmp.Compare(rank(a.Importer), rank(b.Importer)), cmp.Compare(a.Importer, b.Importer), cmp.Compare(a.Name, b.Name))
	})
	return all
}
