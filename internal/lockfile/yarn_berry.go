package lockfile

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// berryVersion is the newest __metadata.version that is known here. A newer
// one is no error: the number counts changes in how yarn resolves, the form
// has stayed.
const berryVersion = 10

// parseBerry reads the yarn.lock of yarn 2 and newer, which is YAML.
func parseBerry(file, text string) (*Lock, error) {
	root, bad := parseYAML(file, text)
	if bad != nil {
		return nil, bad
	}
	meta := root.at("__metadata")
	l := &Lock{File: file, Format: YarnBerry, Version: meta.at("version").text, Settings: map[string]string{}}
	if key := meta.at("cacheKey").text; key != "" {
		l.Settings["__metadata.cacheKey"] = key
	}
	if err := l.checkBerryVersion(meta.at("version")); err != nil {
		return nil, err
	}
	ids, bound := map[string]string{}, map[string]string{}
	for i := range root.members {
		if m := &root.members[i]; m.key != "__metadata" {
			if err := l.addBerry(m, ids, bound); err != nil {
				return nil, err
			}
		}
	}
	if l.Importer(".") == nil {
		l.Importers = append(l.Importers, Importer{Path: "."})
	}
	maps.Copy(ids, bound)
	l.sort()
	l.graph = berryGraph{descriptorGraph{l, ids}}
	l.markByReach()
	return l, nil
}

// addBerry takes an entry in: a member of the workspace, or a package, which is in ids
// by each wish that it is for, and in bound by those that can be said more loosely.
func (l *Lock) addBerry(m *member, ids, bound map[string]string) error {
	resolution := m.value.at("resolution").text
	if resolution == "" {
		return &Error{File: l.File, Line: m.line, Column: m.column, Text: show(m.key) + " has no resolution", Kind: ErrContent, Remedy: restore(l.File)}
	}
	if folder, isImporter := workspaceFolder(resolution); isImporter {
		name, _ := splitDescriptor(resolution)
		l.Importers = append(l.Importers, Importer{
			Path: folder, Name: name, Recorded: true, Dependencies: berryDependencies(&m.value),
		})
		return nil
	}
	l.Packages = append(l.Packages, berryPackage(m, resolution))
	for descriptor := range strings.SplitSeq(m.key, ", ") {
		ids[descriptor] = m.key
		if loose := unbound(descriptor); loose != "" {
			bound[loose] = m.key
		}
	}
	return nil
}

func (l *Lock) checkBerryVersion(n *node) *Error {
	number, err := strconv.Atoi(n.text)
	if err != nil || number < 1 {
		return &Error{
			File: l.File, Line: max(n.line, 1), Column: max(n.column, 1), Kind: ErrContent,
			Text: "__metadata.version " + show(n.text) + " is no version of a lock", Remedy: restore(l.File),
		}
	}
	if number > berryVersion {
		l.Warnings = append(l.Warnings, Warning{
			File: l.File, Line: n.line, Column: n.column,
			Text: fmt.Sprintf("version %d is newer than %d, the newest that devbox knows; it is read as that one", number, berryVersion),
		})
	}
	return nil
}

func workspaceFolder(resolution string) (string, bool) {
	_, spec := splitDescriptor(resolution)
	folder, found := strings.CutPrefix(spec, "workspace:")
	return folderPath(folder), found
}

func berryPackage(m *member, resolution string) Package {
	descriptor, _, _ := strings.Cut(m.key, ", ")
	installed, _ := splitDescriptor(descriptor)
	name, reference := splitDescriptor(resolution)
	p := Package{
		ID: m.key, Name: name, Version: m.value.at("version").text, Integrity: m.value.at("checksum").text,
		Source: berrySource(reference), Dependencies: berryDependencies(&m.value),
	}
	if installed != name {
		p.Alias = installed
	}
	if strings.HasPrefix(reference, "patch:") {
		p.patch = reference
	}
	p.OS, p.CPU, p.Libc = berryConditions(m.value.at("conditions").text)
	return p
}

// berrySource reads the reference of a resolution: npm:1.0.0, patch:a@npm%3A…,
// an address. A patched package comes from where the unpatched one does.
func berrySource(reference string) Source {
	if inner, patched := strings.CutPrefix(reference, "patch:"); patched {
		_, inner = splitDescriptor(inner)
		inner, _, _ = strings.Cut(inner, "#")
		return berrySource(strings.ReplaceAll(inner, "%3A", ":"))
	}
	if strings.HasPrefix(reference, "npm:") {
		if _, archive, found := strings.Cut(reference, "::__archiveUrl="); found {
			return Source{Kind: Registry, raw: archive}
		}
		return Source{Kind: Registry}
	}
	reference, _, _ = strings.Cut(reference, "::")
	if strings.Contains(reference, "#commit=") {
		s := sourceOf(reference)
		s.Kind = Git
		return s
	}
	return sourceOf(reference)
}

func berryDependencies(n *node) []Dependency {
	optional := n.at("dependenciesMeta").optionalNames()
	deps := n.at("dependencies").dependencies(Prod)
	for i := range deps {
		if optional[deps[i].Name] {
			deps[i].Kind = Optional
		}
	}
	return append(deps, settleKinds(n.at("peerDependencies").dependencies(Peer), n.at("peerDependenciesMeta").optionalNames())...)
}

var condition = regexp.MustCompile(`(os|cpu|libc)=([\w-]+)`)

func berryConditions(text string) (os, cpu, libc []string) {
	for _, m := range condition.FindAllStringSubmatch(text, -1) {
		switch m[1] {
		case "os":
			os = append(os, m[2])
		case "cpu":
			cpu = append(cpu, m[2])
		case "libc":
			libc = append(libc, m[2])
		}
	}
	return os, cpu, libc
}

var patched = regexp.MustCompile(`^(.+)@patch:.+?@(npm%3A[^#]*)#`)

// unbound is the descriptor that package.json has for what yarn patches or
// ties to the asking package. It is empty for all others.
func unbound(descriptor string) string {
	if m := patched.FindStringSubmatch(descriptor); m != nil {
		return m[1] + "@" + strings.ReplaceAll(m[2], "%3A", ":")
	}
	before, _, found := strings.Cut(descriptor, "::")
	if !found {
		return ""
	}
	return before
}

// berryGraph looks up descriptors whose protocol may be left out.
type berryGraph struct{ descriptorGraph }

func (g berryGraph) resolve(from string, d Dependency) *Package {
	if d.Kind == Peer || d.Kind == OptionalPeer {
		return nil // it is whatever the asking package has
	}
	for _, spec := range []string{d.Spec, "npm:" + d.Spec} {
		if p := g.descriptorGraph.resolve(from, Dependency{Name: d.Name, Spec: spec}); p != nil {
			return p
		}
	}
	return nil
}
