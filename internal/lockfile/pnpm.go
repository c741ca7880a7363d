package lockfile

import (
	"regexp"
	"strconv"
	"strings"
)

// pnpmMajor is the newest lockfileVersion of pnpm that is known here, without
// what follows the dot.
const pnpmMajor = 9

// parsePNPM reads pnpm-lock.yaml, versions 5 to 9. Newer pnpm put a document
// about their own tools before the project's; the last one is the project's.
func parsePNPM(file, text string) (*Lock, error) {
	root, bad := parseYAML(file, text)
	if bad != nil {
		return nil, bad
	}
	version := root.at("lockfileVersion")
	if bad := checkPNPMVersion(file, version); bad != nil {
		return nil, bad
	}
	l := &Lock{File: file, Format: PNPM, Version: version.text, Settings: map[string]string{}}
	importers := root.at("importers")
	for i := range importers.members {
		m := &importers.members[i]
		l.Importers = append(l.Importers, pnpmImporter(m.key, &m.value))
	}
	if l.Importer(".") == nil {
		l.Importers = append(l.Importers, pnpmImporter(".", root))
	}
	l.readPNPMPackages(root.at("packages"), root.at("snapshots"))
	for i := range root.members {
		if m := &root.members[i]; !pnpmTree[m.key] {
			m.value.flatten(l.Settings, m.key)
		}
	}
	l.sort()
	l.graph = pnpmGraph{l}
	if root.at("snapshots").mapping {
		l.markByReach()
	}
	return l, nil
}

// pnpmTree are the keys that the model has a place for; all others are
// settings. When a package was published changes no tree.
var pnpmTree = map[string]bool{
	"lockfileVersion": true, "importers": true, "packages": true, "snapshots": true, "time": true,
	"dependencies": true, "devDependencies": true, "optionalDependencies": true, "specifiers": true,
}

func checkPNPMVersion(file string, n *node) *Error {
	e := &Error{File: file, Line: n.line, Column: n.column, Kind: ErrContent, Remedy: restore(file)}
	major, _, _ := strings.Cut(n.text, ".")
	number, err := strconv.Atoi(major)
	switch {
	case n.text == "":
		e.Text = "lockfileVersion is missing"
	case err != nil || number < 5:
		e.Text = "lockfileVersion " + show(n.text) + " is none that devbox reads: 5 to 9"
	case number > pnpmMajor:
		e.Kind, e.Remedy = ErrNewer, "use a newer devbox, or write the lock with a pnpm of an older version"
		e.Text = "lockfileVersion " + plain(n.text) + " is newer than " + strconv.Itoa(pnpmMajor) + ", the newest that devbox knows"
	default:
		return nil
	}
	return e
}

var sections = []Kind{Prod, Dev, Optional}

// pnpmImporter reads both forms: the spec beside the version, or all specs
// together in specifiers, as up to version 5.
func pnpmImporter(folder string, n *node) Importer {
	i := Importer{Path: folderPath(folder), Recorded: true}
	specifiers := n.at("specifiers")
	for _, kind := range sections {
		section := n.at(string(kind))
		for j := range section.members {
			m := &section.members[j]
			d := Dependency{Name: m.key, Kind: kind, Spec: specifiers.at(m.key).text, to: m.value.text}
			if m.value.mapping {
				d.Spec, d.to = m.value.at("specifier").text, m.value.at("version").text
			}
			i.Dependencies = append(i.Dependencies, d)
		}
	}
	return i
}

// readPNPMPackages joins what version 9 keeps apart: what a package is, once,
// and what it depends on, once for each set of peers.
func (l *Lock) readPNPMPackages(packages, snapshots *node) {
	if !snapshots.mapping {
		for i := range packages.members {
			m := &packages.members[i]
			l.Packages = append(l.Packages, pnpmPackage(m.key, &m.value, &m.value))
		}
		return
	}
	about := make(map[string]*node, len(packages.members))
	for i := range packages.members {
		about[packages.members[i].key] = &packages.members[i].value
	}
	for i := range snapshots.members {
		m := &snapshots.members[i]
		n := about[withoutPeers(m.key)]
		if n == nil {
			n = &node{}
		}
		l.Packages = append(l.Packages, pnpmPackage(m.key, n, &m.value))
	}
}

func withoutPeers(key string) string {
	before, _, _ := strings.Cut(key, "(")
	return before
}

func pnpmPackage(key string, about, tree *node) Package {
	p := Package{ID: key, Integrity: about.at("resolution").at("integrity").text}
	p.Name, p.Version = pnpmName(key)
	if name := about.at("name").text; name != "" {
		p.Name = name
	}
	if version := about.at("version").text; version != "" {
		p.Version = version
	}
	p.Source = pnpmSource(about.at("resolution"))
	p.Dev, p.Optional = about.at("dev").truth(), tree.at("optional").truth()
	p.InstallScript = about.at("requiresBuild").truth()
	p.OS, p.CPU, p.Libc = about.at("os").texts(), about.at("cpu").texts(), about.at("libc").texts()
	p.bundles = about.at("bundledDependencies").texts()
	p.engine = about.at("engines").at("node").text
	if _, hash, patched := strings.Cut(key, "patch_hash="); patched || about.at("patched").truth() {
		p.patch, _, _ = strings.Cut(hash, ")")
	}
	for _, kind := range sections {
		section := tree.at(string(kind))
		for i := range section.members {
			m := &section.members[i]
			// What the package itself asked for is not in the lock.
			p.Dependencies = append(p.Dependencies, Dependency{Name: m.key, Kind: kind, to: m.value.text})
		}
	}
	return p
}

// pnpmKey takes a key without peers in brackets apart: name@1.0.0, /name@1.0.0
// and /name/1.0.0_peer@2, which is the form up to version 5.
var pnpmKey = regexp.MustCompile(`^/?((?:@[^/@]+/)?[^/@]+)(?:@|/)(.+)$`)

func pnpmName(key string) (name, version string) {
	m := pnpmKey.FindStringSubmatch(withoutPeers(key))
	if m == nil {
		return key, ""
	}
	name, version = m[1], m[2]
	if strings.HasPrefix(key, "/"+name+"/") {
		version, _, _ = strings.Cut(version, "_")
	}
	if strings.ContainsAny(version, ":/") {
		version = "" // an address; the entry tells the version
	}
	return name, version
}

func pnpmSource(resolution *node) Source {
	if tarball := resolution.at("tarball").text; tarball != "" {
		s := sourceOf(tarball)
		if resolution.at("gitHosted").truth() {
			s.Kind = Git
		}
		return s
	}
	if repository := resolution.at("repo").text; repository != "" {
		s := sourceOf(repository + "#" + resolution.at("commit").text)
		s.Kind = Git
		return s
	}
	if directory := resolution.at("directory").text; directory != "" {
		return Source{Kind: File, URL: directory, raw: directory}
	}
	return Source{Kind: Registry}
}

// pnpmGraph follows the names that the lock gives its resolutions.
type pnpmGraph struct{ lock *Lock }

func (g pnpmGraph) resolve(_ string, d Dependency) *Package {
	if d.to == "" || strings.HasPrefix(d.to, "link:") {
		return nil // a folder of the project
	}
	for _, key := range []string{d.Name + "@" + d.to, d.to, "/" + d.Name + "@" + d.to, "/" + d.Name + "/" + d.to} {
		if p := g.lock.Package(key); p != nil {
			return p
		}
	}
	return nil
}
