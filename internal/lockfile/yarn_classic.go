package lockfile

import "strings"

// parseClassic reads the yarn.lock of yarn 1: entries of descriptors, with two
// spaces more for each level, keys and values in quotes where they need it.
func parseClassic(file, text string) (*Lock, error) {
	root, bad := parseIndented(file, text)
	if bad != nil {
		return nil, bad
	}
	l := &Lock{File: file, Format: YarnClassic, Version: "1", Importers: []Importer{{Path: "."}}}
	byDescriptor := map[string]int{}
	for i := range root.members {
		m := &root.members[i]
		if !m.value.mapping {
			return nil, &Error{File: file, Line: m.line, Column: 1, Text: show(m.key) + " has no entry", Kind: ErrContent, Remedy: restore(file)}
		}
		p := classicPackage(m)
		for _, descriptor := range strings.Split(m.key, ", ") {
			byDescriptor[descriptor] = len(l.Packages)
		}
		l.Packages = append(l.Packages, p)
	}
	ids := make(map[string]string, len(byDescriptor))
	for descriptor, i := range byDescriptor {
		ids[descriptor] = l.Packages[i].ID
	}
	l.sort()
	l.graph = descriptorGraph{l, ids}
	return l, nil
}

func classicPackage(m *member) Package {
	descriptor, _, _ := strings.Cut(m.key, ", ")
	name, spec := splitDescriptor(descriptor)
	p := Package{
		ID: m.key, Name: name, Version: m.value.at("version").text, Integrity: m.value.at("integrity").text,
		Source: sourceOf(m.value.at("resolved").text),
	}
	if s := parseSpec(spec); s.kind == aliasSpec && s.alias != "" {
		p.Name, p.Alias = s.alias, name
	} else if p.Source.URL == "" && s.kind != rangeSpec && s.kind != tagSpec {
		p.Source = sourceOf(spec)
	}
	p.Dependencies = append(m.value.at("dependencies").dependencies(Prod), m.value.at("optionalDependencies").dependencies(Optional)...)
	return p
}

// descriptorGraph looks up name@spec, as both of yarn's formats have it.
type descriptorGraph struct {
	lock *Lock
	ids  map[string]string
}

func (g descriptorGraph) resolve(_ string, d Dependency) *Package {
	id, known := g.ids[d.Name+"@"+d.Spec]
	if !known {
		return nil
	}
	return g.lock.Package(id)
}
