package lockfile

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
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
