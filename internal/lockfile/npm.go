package lockfile

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// npmVersion is the newest lockfileVersion of npm that is known here.
const npmVersion = 3

// npmReader reads package-lock.json and npm-shrinkwrap.json. Version 1 holds a
// tree of dependencies, version 3 a flat list of packages by location, version
// 2 both: there the list counts, as it does for npm.
type npmReader struct {
	jsonReader
	lock *Lock
	// from tells where each location began, for warnings and errors.
	locations map[string]int
	root      Importer
	hasList   bool
	tree      []*npmTree
}

func parseNPM(file, text string) (*Lock, error) {
	r := &npmReader{
		jsonReader: jsonReader{file: file, data: text},
		lock:       &Lock{File: file, Format: NPM},
		locations:  map[string]int{},
		root:       Importer{Path: "."},
	}
	r.twice = r.warnTwice
	r.object("the lock", r.topLevel)
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	if !r.hasList {
		for _, d := range r.tree {
			d.flatten(r.lock, "")
		}
	}
	if r.lock.Importer(".") == nil {
		r.lock.Importers = append(r.lock.Importers, r.root)
	}
	r.lock.sort()
	r.lock.graph = npmGraph{r.lock}
	return r.lock, nil
}

func (r *npmReader) warnTwice(offset int, key string) {
	const most = 10
	if len(r.lock.Warnings) < most {
		e := errorAt(r.file, r.data, offset, ErrDuplicate, fmt.Sprintf("%s is there twice; the last one counts", show(key)))
		r.lock.Warnings = append(r.lock.Warnings, Warning{e.File, e.Line, e.Column, e.Text})
	}
}

func (r *npmReader) topLevel(key string) {
	switch key {
	case "name":
		r.root.Name = r.text()
	case "version":
		r.root.Version = r.text()
	case "lockfileVersion":
		r.version()
	case "packages":
		r.hasList = true
		r.lock.Packages, r.lock.Importers = nil, nil
		r.object(`"packages"`, r.entry)
	case "dependencies":
		if r.hasList {
			return // the list counts
		}
		r.tree = r.dependencies()
	}
}

func (r *npmReader) version() {
	r.next()
	offset := r.pos
	if kind := r.kind(); kind != "a number" {
		r.fail(offset, ErrContent, `"lockfileVersion" must be a number, not %s`, kind)
		return
	}
	word := r.number()
	r.lock.Version = word
	switch {
	case word == "1" || word == "2" || word == "3" || r.err != nil:
	case len(word) < 4 && strings.Trim(word, "0123456789") == "" && word > "3":
		r.fail(offset, ErrNewer, "lockfileVersion %s is newer than %d, the newest that devbox knows", word, npmVersion)
		r.err.Remedy = "use a newer devbox, or write the lock with an npm of an older version"
	default:
		r.fail(offset, ErrContent, "lockfileVersion %s is none that npm has", show(word))
	}
}

// entry reads one member of packages.
func (r *npmReader) entry(location string) {
	offset := r.pos
	p := Package{ID: location, Location: location}
	e := npmEntry{Package: &p}
	r.object("packages."+show(location), func(key string) { e.member(&r.jsonReader, key) })
	if r.err != nil {
		return
	}
	if bad := badLocation(location); bad != "" {
		r.fail(offset, ErrContent, "the location %s %s", show(location), bad)
		return
	}
	e.finish()
	name := nameAt(location)
	if name == "" { // a folder of the project and no installed package
		p.Name = cmpName(p.Name, path.Base(location))
		r.addImporter(Importer{
			Path: folderPath(location), Name: p.Name, Version: p.Version, Recorded: true, Dependencies: p.Dependencies,
		})
		return
	}
	p.Alias = ""
	if p.Name == "" || p.Name == name {
		p.Name = name
	} else {
		p.Alias = name
	}
	if at, again := r.locations[location]; again {
		r.lock.Packages[at] = p
		return
	}
	r.locations[location] = len(r.lock.Packages)
	r.lock.Packages = append(r.lock.Packages, p)
}

func (r *npmReader) addImporter(i Importer) {
	if i.Path == "." {
		i.Name = cmpName(r.root.Name, i.Name)
	}
	at := slices.IndexFunc(r.lock.Importers, func(known Importer) bool { return known.Path == i.Path })
	if at >= 0 {
		r.lock.Importers[at] = i
		return
	}
	r.lock.Importers = append(r.lock.Importers, i)
}

func cmpName(name, other string) string {
	if name != "" || other == "." || other == "/" {
		return name
	}
	return other
}

const modules = "node_modules/"

// nameAt is the name that a package has at a location. That of what is no
// installed package is empty.
func nameAt(location string) string {
	i := strings.LastIndex("/"+location, "/"+modules)
	if i < 0 {
		return ""
	}
	return location[i+len(modules):]
}

// badLocation tells why no package can be at a location, or nothing.
func badLocation(location string) string {
	switch {
	case strings.HasPrefix(location, "/"):
		return "is absolute"
	case strings.ContainsAny(location, "\\\x00"):
		return "holds a character that none may hold"
	case location == "":
		return ""
	}
	up := true // folders beside the project may be linked: ../lib
	for part := range strings.SplitSeq(location, "/") {
		if part == ".." && up {
			continue
		}
		up = false
		if part == "" || part == "." || part == ".." {
			return "does not name a folder"
		}
	}
	if name := nameAt(location); strings.Count(name, "/") > 1 || strings.Contains(name, "/") && name[0] != '@' {
		return "does not end in the name of a package"
	}
	return ""
}

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
