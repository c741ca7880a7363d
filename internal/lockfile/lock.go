package lockfile

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Format is the kind of a lock file. One package manager may have several.
type Format string

// The formats that Parse reads.
const (
	NPM         Format = "npm"
	YarnClassic Format = "yarn classic"
	YarnBerry   Format = "yarn berry"
	PNPM        Format = "pnpm"
	Bun         Format = "bun"
)

// Manager is the package manager of a format: npm, yarn, pnpm or bun.
func (f Format) Manager() string {
	if f == YarnClassic || f == YarnBerry {
		return "yarn"
	}
	return string(f)
}

// Lock is what a lock file says, the same model for all formats.
type Lock struct {
	// File is the name that it was read under, such as package-lock.json.
	File   string `json:"file"`
	Format Format `json:"format"`
	// Version is the lockfileVersion as it stands there. It is empty in the
	// oldest shrinkwraps of npm, which have none.
	Version string `json:"version"`
	// Importers are the package.json files that the lock was made for: the root
	// first, then workspace members and linked folders by their path.
	Importers []Importer `json:"importers"`
	// Packages are sorted by ID.
	Packages []Package `json:"packages"`
	// Settings are what else the lock records that changes the tree, such as
	// pnpm's overrides or the checksum of a patch. Keys are dotted paths.
	Settings map[string]string `json:"settings,omitempty"`
	// Warnings are oddities that the package manager itself reads over.
	Warnings []Warning `json:"warnings,omitempty"`

	graph graph
}

// Warning is a remark on one place of a file.
type Warning struct {
	File         string `json:"file"`
	Line, Column int    `json:"-"`
	Text         string `json:"text"`
}

// String is file:line:column: text.
func (w Warning) String() string {
	return (&Error{File: w.File, Line: w.Line, Column: w.Column, Text: w.Text}).Error()
}

// warnTwice remarks on keys that their object holds already. The last one
// counts, as in JavaScript.
func (l *Lock) warnTwice(data string) func(offset int, key string) {
	const most = 10
	return func(offset int, key string) {
		if len(l.Warnings) < most {
			e := errorAt(l.File, data, offset, ErrDuplicate, show(key)+" is there twice; the last one counts")
			l.Warnings = append(l.Warnings, Warning{e.File, e.Line, e.Column, e.Text})
		}
	}
}

// Importer is a package.json that a lock was made for.
type Importer struct {
	// Path is the folder, relative to the root, which is ".".
	Path    string `json:"path"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	// Recorded tells that Dependencies is what the lock itself says. npm's
	// version 1 and yarn classic do not record package.json.
	Recorded     bool         `json:"recorded"`
	Dependencies []Dependency `json:"dependencies,omitempty"`
}

// Kind is the section of package.json that asks for a dependency.
type Kind string

// The kinds of dependencies.
const (
	Prod         Kind = "dependencies"
	Dev          Kind = "devDependencies"
	Optional     Kind = "optionalDependencies"
	Peer         Kind = "peerDependencies"
	OptionalPeer Kind = "optional peerDependencies"
)

// Dependency is one wish: a name and the spec that stands behind it.
type Dependency struct {
	Name string `json:"name"`
	Spec string `json:"spec"`
	Kind Kind   `json:"kind"`
	// to is the ID of what a format names outright as its resolution.
	to string
}

// Package is one locked package. npm lists the same name and version once for
// each place in the tree, the other managers once for each resolution.
type Package struct {
	// ID is the entry's key in the lock file, unique in it: npm's location, the
	// key of pnpm and bun, the descriptors of yarn.
	ID string `json:"id"`
	// Location is the folder that npm installs to, such as
	// node_modules/a/node_modules/b. The other formats have none.
	Location string `json:"location,omitempty"`
	// Name is that of the package itself, Alias the one that it is installed
	// under where that is another.
	Name    string `json:"name"`
	Alias   string `json:"alias,omitempty"`
	Version string `json:"version,omitempty"`
	Source  Source `json:"source"`
	// Integrity is the checksum in the format's own notation.
	Integrity string `json:"integrity,omitempty"`
	// Dev and Optional: only development or only optional dependencies lead to
	// it. DevOptional: both together do. Peer: only a peer dependency does.
	Dev         bool `json:"dev,omitempty"`
	Optional    bool `json:"optional,omitempty"`
	DevOptional bool `json:"devOptional,omitempty"`
	Peer        bool `json:"peer,omitempty"`
	// Bundled packages come inside of the one that asks for them.
	Bundled bool `json:"bundled,omitempty"`
	// InstallScript tells that the package runs a script when it is installed.
	// Only npm (from version 2), pnpm (up to version 8) record that.
	InstallScript bool `json:"installScript,omitempty"`
	// OS, CPU and Libc are the platforms that it is for; empty means all.
	OS           []string     `json:"os,omitempty"`
	CPU          []string     `json:"cpu,omitempty"`
	Libc         []string     `json:"libc,omitempty"`
	Dependencies []Dependency `json:"dependencies,omitempty"`

	shrinkwrapped bool     // its own npm-shrinkwrap.json decides below it
	bundles       []string // dependencies that it brings along
	engine        string   // the range of Node.js versions that it asks for
	patch         string   // what is changed in it after it is unpacked
}

// InstalledName is the name of the folder that holds it in node_modules.
func (p *Package) InstalledName() string { return cmp.Or(p.Alias, p.Name) }

// String is name@version.
func (p *Package) String() string {
	name := plain(p.Name)
	if p.Version != "" {
		name += "@" + plain(p.Version)
	}
	if p.Alias != "" {
		return plain(p.Alias) + " (" + name + ")"
	}
	return name
}

// Package finds an entry by its ID.
func (l *Lock) Package(id string) *Package {
	i, found := slices.BinarySearchFunc(l.Packages, id, func(p Package, id string) int { return strings.Compare(p.ID, id) })
	if !found {
		return nil
	}
	return &l.Packages[i]
}

// Importer finds a package.json that the lock was made for by its folder.
func (l *Lock) Importer(folder string) *Importer {
	i := slices.IndexFunc(l.Importers, func(i Importer) bool { return i.Path == folder })
	if i < 0 {
		return nil
	}
	return &l.Importers[i]
}

// sort puts everything into the order that the model promises.
func (l *Lock) sort() {
	slices.SortFunc(l.Importers, func(a, b Importer) int {
		if root := cmp.Compare(rank(a.Path), rank(b.Path)); root != 0 {
			return root
		}
		return strings.Compare(a.Path, b.Path)
	})
	slices.SortFunc(l.Packages, func(a, b Package) int { return strings.Compare(a.ID, b.ID) })
	for i := range l.Importers {
		l.Importers[i].Dependencies = sortDependencies(l.Importers[i].Dependencies)
	}
	for i := range l.Packages {
		l.Packages[i].Dependencies = sortDependencies(l.Packages[i].Dependencies)
	}
}

func rank(folder string) int {
	if folder == "." {
		return 0
	}
	return 1
}

// sortDependencies sorts by name and kind. Of equal ones the last remains, as
// in an object of JavaScript.
func sortDependencies(deps []Dependency) []Dependency {
	slices.SortStableFunc(deps, func(a, b Dependency) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	out := deps[:0]
	for i, d := range deps {
		if i+1 < len(deps) && deps[i+1].Name == d.Name && deps[i+1].Kind == d.Kind {
			continue
		}
		out = append(out, d)
	}
	return out
}

// folderPath is a path of a lock file in the form that Importer.Path has.
func folderPath(p string) string {
	if p == "" {
		return "."
	}
	return path.Clean(strings.ReplaceAll(p, "\\", "/"))
}
