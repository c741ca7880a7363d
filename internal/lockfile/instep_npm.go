package lockfile

import (
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// npmCheck goes from the importers along all that is asked for, as npm does
// before it lets an exact install begin.
type npmCheck struct {
	lock      *Lock
	manifests []*Manifest
	root      *Manifest
	found     []Difference
	seen      map[string]bool
	queue     []*Package
}

func npmInStep(l *Lock, manifests []*Manifest) []Difference {
	c := &npmCheck{lock: l, manifests: manifests, root: manifestAt(manifests, "."), seen: map[string]bool{}}
	if c.root == nil {
		c.root = &Manifest{}
	}
	for _, m := range manifests {
		if m.Path != "." {
			c.member(m)
			if l.Importer(m.Path) == nil { // version 1 has no entry for a folder
				c.importer(&Importer{Path: m.Path})
			}
		}
	}
	for i := range l.Importers {
		if folder := l.Importers[i].Path; folder == "." || l.isMember(folder) {
			c.importer(&l.Importers[i])
		}
	}
	for len(c.queue) > 0 {
		p := c.queue[0]
		c.queue = c.queue[1:]
		c.locked(p)
	}
	return c.found
}

// isMember tells whether the root's workspaces, as the lock has them, link to
// a folder.
func (l *Lock) isMember(folder string) bool {
	i := l.Importer(folder)
	if i == nil || i.Name == "" {
		return false
	}
	p := l.Package(modules + i.Name)
	return p != nil && p.Source.Kind == Link && folderPath(p.Source.URL) == folder
}

// member checks that a workspace member has its place in the lock.
func (c *npmCheck) member(m *Manifest) {
	name := m.Name
	if name == "" {
		name = m.Path[strings.LastIndexByte(m.Path, '/')+1:]
	}
	p := c.lock.Package(modules + name)
	if p == nil || p.Source.Kind != Link || folderPath(p.Source.URL) != m.Path {
		c.found = append(c.found, Difference{Mismatch: Missing, Importer: ".", Name: name, Wanted: "workspace:" + m.Path, Refused: true})
	}
}

// importer checks one package.json: that of the folder where there is one,
// else what the lock keeps of it.
func (c *npmCheck) importer(i *Importer) {
	m := manifestAt(c.manifests, i.Path)
	wishes := i.Dependencies
	was := map[string]string{}
	if m != nil {
		wishes = m.Dependencies
		for _, d := range i.Dependencies {
			was[d.Name] = d.Spec
		}
	}
	for _, d := range wishes {
		to := c.lock.graph.resolve(i.Path, d)
		found := Difference{Importer: i.Path, Name: d.Name, Kind: d.Kind, Wanted: d.Spec, Recorded: was[d.Name], Refused: true}
		old, known := was[d.Name]
		switch {
		case to == nil && d.Kind == OptionalPeer:
		case to == nil && d.Kind == Peer && (known || !i.Recorded):
			// With legacy-peer-deps npm leaves peers out: that cannot be told from here.
		case to == nil:
			found.Mismatch = Missing
			c.found = append(c.found, found)
		case !c.met(i.Path, d, to, was):
			found.Mismatch, found.Locked, found.Refused = Unmet, c.shown(to), !c.hidden(i.Path, d, to, was)
			if d.Kind == OptionalPeer || d.Kind == Peer && old == d.Spec {
				break
			}
			c.found = append(c.found, found)
		}
		c.follow(to)
	}
	if m != nil && i.Recorded {
		c.found = append(c.found, c.tolerated(i, m)...)
	}
}

// tolerated are the specs that changed in a way that npm ci takes.
func (c *npmCheck) tolerated(i *Importer, m *Manifest) []Difference {
	refused := map[string]bool{}
	for _, d := range c.found {
		if d.Importer == i.Path {
			refused[d.Name] = true
		}
	}
	var all []Difference
	for _, d := range recorded(i, m, func(Mismatch, Dependency) bool { return false }) {
		if !refused[d.Name] {
			all = append(all, d)
		}
	}
	return all
}

func (c *npmCheck) follow(p *Package) {
	if p != nil && !c.seen[p.ID] {
		c.seen[p.ID] = true
		c.queue = append(c.queue, p)
	}
}

// locked checks what a locked package asks for. Its peers do not count: npm
// itself leaves locks with peers that are not met.
func (c *npmCheck) locked(p *Package) {
	if p.Source.Kind == Link {
		if i := c.lock.Importer(folderPath(p.Source.URL)); i != nil && !c.lock.isMember(i.Path) {
			c.importer(i)
		}
		return
	}
	if p.shrinkwrapped {
		return
	}
	for _, d := range p.Dependencies {
		to := c.lock.graph.resolve(p.ID, d)
		c.follow(to)
		if d.Kind == Peer || d.Kind == OptionalPeer || p.brings(d.Name) || p.Bundled {
			continue
		}
		found := Difference{By: p.ID, Name: d.Name, Wanted: d.Spec, Refused: true}
		switch {
		case to == nil && d.Kind == Optional:
		case to == nil:
			found.Mismatch = Missing
			c.found = append(c.found, found)
		case !to.Bundled && !c.met(p.ID, d, to, nil):
			found.Mismatch, found.Locked, found.Refused = Unmet, c.shown(to), !c.hidden(p.ID, d, to, nil)
			c.found = append(c.found, found)
		}
	}
}

// hidden tells whether a package that fits stands further up: npm takes the
// one away that hides it, and needs nothing that is not locked.
func (c *npmCheck) hidden(from string, d Dependency, to *Package, was map[string]string) bool {
	for _, p := range (npmGraph{c.lock}).candidates(from, d.Name, -1) {
		if p != to && c.met(from, d, p, was) {
			return true
		}
	}
	return false
}

func (p *Package) brings(name string) bool {
	for _, b := range p.bundles {
		if b == name {
			return true
		}
	}
	return false
}

// shown is what the lock has, as a message names it.
func (c *npmCheck) shown(p *Package) string {
	if p.Source.Kind == Link {
		return "a link to " + p.Source.URL
	}
	if p.Version == "" || p.Source.Kind == Git || p.Source.Kind == Tarball || p.Source.Kind == File {
		return p.Source.URL
	}
	if p.Alias != "" {
		return p.Name + "@" + p.Version
	}
	return p.Version
}

// met tells whether a package is what was asked for, with overrides. Was are
// the specs of the same package.json that the lock was made for.
func (c *npmCheck) met(from string, d Dependency, to *Package, was map[string]string) bool {
	rule, doubt := c.override(d)
	if doubt {
		return true
	}
	old, known := was[d.Name]
	if rule != "" {
		return c.meets(from, rule, to, "", false) || from == "." && c.meets(from, d.Spec, to, old, known)
	}
	return c.meets(from, d.Spec, to, old, known)
}

// override is the spec that package.json's overrides put in the place of
// another. Doubt is whether more is known about the tree than is told here.
func (c *npmCheck) override(d Dependency) (spec string, doubt bool) {
	for _, o := range c.root.Overrides {
		if o.Name != d.Name {
			continue
		}
		if o.Nested || o.Range != "" && o.Range != "*" {
			return "", true
		}
		spec = o.Spec
	}
	ref, isRef := strings.CutPrefix(spec, "$")
	if !isRef {
		return spec, false
	}
	for _, own := range c.root.Dependencies {
		if own.Name == ref {
			return own.Spec, false
		}
	}
	return "", true
}

// meets tells whether a package is what a spec asks for, by npm's rules. Where
// the lock was made for the very same spec, only versions are compared.
func (c *npmCheck) meets(from, text string, to *Package, old string, known bool) bool {
	s := parseSpec(text)
	same := known && old == text
	switch s.kind {
	case rangeSpec:
		return c.inRange(to, s.rng)
	case aliasSpec:
		sub := parseSpec(s.sub)
		return sub.kind != rangeSpec || c.inRange(to, sub.rng)
	case gitSpec:
		return same || metByGit(text, to, old, known)
	case remoteSpec:
		raw, _ := withoutSecrets(text)
		return same || to.Source.Kind != Link && to.Source.raw == raw
	case folderSpec:
		return same || to.Source.Kind != Link || folderPath(to.Source.URL) == relative(from, s.text) || strings.Contains(from, modules)
	case tarballSpec:
		return same || to.Source.Kind == File
	}
	return true
}

// inRange compares the version. One that the lock does not tell may be right.
func (c *npmCheck) inRange(p *Package, r semver.Range) bool {
	if r.Any() {
		return true
	}
	version, _ := c.lock.target(p)
	if p.Source.Kind == Link {
		if m := manifestAt(c.manifests, folderPath(p.Source.URL)); m != nil {
			version = m.Version
		}
	}
	v, ok := semver.Parse(version)
	return !ok || r.Has(v)
}

// metByGit compares repositories, and commits or ranges where the spec names
// one. What a branch pointed to when the lock was made cannot be told; that
// another one is asked for can.
func metByGit(text string, to *Package, old string, known bool) bool {
	if to.Source.Kind != Git {
		return false
	}
	repository, commit := gitParts(text)
	lockedRepository, lockedCommit := gitParts(to.Source.raw)
	if repository != lockedRepository {
		return false
	}
	if rng, ok := strings.CutPrefix(commit, "semver:"); ok {
		in, readable := semver.Satisfies(to.Version, rng)
		return in || !readable
	}
	if isCommit(commit) {
		return commit == lockedCommit
	}
	if known && parseSpec(old).kind == gitSpec {
		_, oldCommit := gitParts(old)
		return oldCommit == commit
	}
	return true
}

func isCommit(text string) bool {
	return len(text) >= 40 && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}
