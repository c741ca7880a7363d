package lockfile

import (
	"fmt"
	"strconv"
	"strings"
)

// bunVersion is the newest lockfileVersion of bun that is known here. A newer
// one is no error: the form has stayed from one to the next.
const bunVersion = 2

// parseBun reads bun.lock: JSON with commas after the last item and comments.
func parseBun(file, text string) (*Lock, error) {
	r := &jsonReader{file: file, data: text, relaxed: true}
	l := &Lock{File: file, Format: Bun, Settings: map[string]string{}}
	r.twice = l.warnTwice(text)
	r.object("the lock", func(key string) {
		switch key {
		case "lockfileVersion":
			l.bunVersion(r)
		case "workspaces":
			r.object(`"workspaces"`, func(folder string) { l.Importers = append(l.Importers, bunImporter(r, folder)) })
		case "packages":
			r.object(`"packages"`, func(key string) { l.bunPackage(r, key) })
		case "configVersion": // how a new bun sets up a new project
		default:
			n := r.node()
			n.flatten(l.Settings, key)
		}
	})
	r.end()
	if r.err == nil && l.Version == "" {
		r.fail(0, ErrContent, "lockfileVersion is missing")
	}
	if r.err != nil {
		return nil, r.err
	}
	l.Packages = lastOnes(l.Packages)
	if l.Importer(".") == nil {
		l.Importers = append(l.Importers, Importer{Path: "."})
	}
	l.sort()
	l.graph = bunGraph{l}
	l.markByReach()
	return l, nil
}

// lastOnes keeps the last of the packages that share an ID.
func lastOnes(all []Package) []Package {
	at := make(map[string]int, len(all))
	out := all[:0]
	for _, p := range all {
		if i, again := at[p.ID]; again {
			out[i] = p
			continue
		}
		at[p.ID] = len(out)
		out = append(out, p)
	}
	return out
}

func (l *Lock) bunVersion(r *jsonReader) {
	r.next()
	offset := r.pos
	if kind := r.kind(); kind != "a number" {
		r.fail(offset, ErrContent, `"lockfileVersion" must be a number, not %s`, kind)
		return
	}
	l.Version = r.number()
	number, err := strconv.Atoi(l.Version)
	if err != nil || number < 0 {
		r.fail(offset, ErrContent, "lockfileVersion %s is none that bun has", show(l.Version))
	} else if number > bunVersion {
		e := errorAt(r.file, r.data, offset, ErrNewer, fmt.Sprintf("lockfileVersion %d is newer than %d, the newest that devbox knows; it is read as that one", number, bunVersion))
		l.Warnings = append(l.Warnings, Warning{e.File, e.Line, e.Column, e.Text})
	}
}

func bunImporter(r *jsonReader, folder string) Importer {
	n := r.node()
	return Importer{
		Path: folderPath(folder), Name: n.at("name").text, Version: n.at("version").text, Recorded: true, Dependencies: bunDependencies(&n),
	}
}

func bunDependencies(n *node) []Dependency {
	peers := map[string]bool{}
	for _, name := range n.at("optionalPeers").texts() {
		peers[name] = true
	}
	var deps []Dependency
	for _, kind := range []Kind{Prod, Dev, Optional, Peer} {
		deps = append(deps, n.at(string(kind)).dependencies(kind)...)
	}
	return settleKinds(deps, peers)
}

// bunPackage reads one member of packages: its resolution, then, where they
// are, the registry, what its package.json says, and the checksum.
func (l *Lock) bunPackage(r *jsonReader, key string) {
	offset := r.pos
	var words []string
	var about node
	r.list("packages."+show(key), func() {
		if r.next() == '{' {
			about = r.node()
			return
		}
		words = append(words, r.text())
	})
	if r.err != nil {
		return
	}
	if len(words) == 0 || key == "" {
		r.fail(offset, ErrContent, "packages.%s has no resolution", show(key))
		return
	}
	name, resolution := splitDescriptor(words[0])
	p := Package{ID: key, Name: name, Source: sourceOf(resolution), Dependencies: bunDependencies(&about)}
	if installed := lastName(key); installed != name {
		p.Alias = installed
	}
	p.OS, p.CPU, p.Libc = about.at("os").texts(), about.at("cpu").texts(), about.at("libc").texts()
	p.Bundled = about.at("bundled").truth()
	switch {
	case strings.HasPrefix(resolution, "workspace:"), resolution == "root:", strings.HasPrefix(resolution, "link:"):
		_, folder, _ := strings.Cut(resolution, ":")
		p.Source = Source{Kind: Link, URL: folder, raw: folder}
	case p.Source.Kind == File && !strings.Contains(resolution, ":") && !isTarball(resolution):
		p.Version, p.Source = resolution, Source{Kind: Registry}
		if len(words) > 1 {
			p.Source.raw, p.Source.URL = withoutSecrets(words[1])
		}
	}
	if last := words[len(words)-1]; len(words) > 1 && strings.Contains(last, "-") && !strings.Contains(last, ":") {
		p.Integrity = last
	}
	l.Packages = append(l.Packages, p)
}

// lastName is the package's own part of a path of names: a/@s/b is @s/b.
func lastName(key string) string {
	i := strings.LastIndexByte(key, '/')
	if i < 0 {
		return key
	}
	if j := strings.LastIndexByte(key[:i], '/') + 1; key[j] == '@' {
		i = j - 1
	}
	return key[i+1:]
}

// bunGraph looks below the asking package, then below each one above.
type bunGraph struct{ lock *Lock }

func (g bunGraph) resolve(from string, d Dependency) *Package {
	if i := g.lock.Importer(from); i != nil {
		if from = i.Name; i.Path == "." {
			from = ""
		}
	}
	for from != "" {
		if p := g.lock.Package(from + "/" + d.Name); p != nil {
			return p
		}
		from = strings.TrimSuffix(strings.TrimSuffix(from, lastName(from)), "/")
	}
	return g.lock.Package(d.Name)
}
