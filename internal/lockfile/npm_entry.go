package lockfile

// npmEntry is a package while it is read.
type npmEntry struct {
	*Package
	resolved     string
	link         bool
	peerOptional map[string]bool
}

// member reads one key of an entry.
func (e *npmEntry) member(r *jsonReader, key string) {
	switch key {
	case "name":
		e.Name = r.text()
	case "version":
		e.Version = r.text()
	case "resolved":
		e.resolved = r.text()
	case "integrity":
		e.Integrity = r.text()
	case "link":
		e.link = r.truth()
	case "dev":
		e.Dev = r.truth()
	case "optional":
		e.Optional = r.truth()
	case "devOptional":
		e.DevOptional = r.truth()
	case "peer":
		e.Peer = r.truth()
	case "inBundle":
		e.Bundled = r.truth()
	case "hasInstallScript":
		e.InstallScript = r.truth()
	case "hasShrinkwrap":
		e.shrinkwrapped = r.truth()
	case "bundleDependencies", "bundledDependencies":
		e.bundles = r.texts()
	case "os":
		e.OS = r.texts()
	case "cpu":
		e.CPU = r.texts()
	case "libc":
		e.Libc = r.texts()
	case "engines":
		e.engine = readEngine(r)
	case "peerDependenciesMeta":
		e.peerOptional = readPeerMeta(r)
	case string(Prod), string(Dev), string(Optional), string(Peer):
		e.Dependencies = append(e.Dependencies, readSpecs(r, Kind(key))...)
	}
}

// finish puts together what several keys say.
func (e *npmEntry) finish() {
	e.Dependencies = settleKinds(e.Dependencies, e.peerOptional)
	e.Source = sourceOf(e.resolved)
	switch {
	case e.link:
		e.Source = Source{Kind: Link, URL: e.resolved, raw: e.resolved}
	case e.Bundled:
		e.Source = Source{Kind: InParent}
	}
}

func readEngine(r *jsonReader) (node string) {
	if r.next() != '{' {
		return ""
	}
	r.object("", func(key string) {
		if key == "node" {
			node = r.text()
		}
	})
	return node
}

func readPeerMeta(r *jsonReader) map[string]bool {
	if r.next() != '{' {
		return nil
	}
	optional := map[string]bool{}
	r.object("", func(name string) {
		if r.next() != '{' {
			return
		}
		r.object("", func(key string) {
			if key == "optional" && r.truth() {
				optional[name] = true
			}
		})
	})
	return optional
}

// readSpecs reads an object of names and specs.
func readSpecs(r *jsonReader, kind Kind) []Dependency {
	if r.next() != '{' {
		return nil
	}
	var deps []Dependency
	r.object("", func(name string) {
		if r.next() == '"' {
			deps = append(deps, Dependency{Name: name, Spec: r.text(), Kind: kind})
		}
	})
	return deps
}

// settleKinds marks the peers that may be missing and drops what is in a
// stronger section as well: npm lists optional dependencies in both.
func settleKinds(deps []Dependency, peerOptional map[string]bool) []Dependency {
	optional := map[string]bool{}
	for _, d := range deps {
		if d.Kind == Optional {
			optional[d.Name] = true
		}
	}
	out := deps[:0]
	for _, d := range deps {
		if d.Kind == Prod && optional[d.Name] {
			continue
		}
		if d.Kind == Peer && peerOptional[d.Name] {
			d.Kind = OptionalPeer
		}
		out = append(out, d)
	}
	return out
}
