package lockfile

import "strings"

// graph finds what a dependency of a package or of an importer resolved to.
type graph interface {
	// resolve is nil where the lock holds nothing for it. From is the ID of a
	// package or the path of an importer.
	resolve(from string, d Dependency) *Package
}

// Resolve is the locked package that a dependency of a package (by its ID) or
// of an importer (by its path) leads to, nil where there is none.
func (l *Lock) Resolve(from string, d Dependency) *Package { return l.graph.resolve(from, d) }

// npmGraph looks up as Node.js does: in node_modules of the folder itself,
// then of each folder above.
type npmGraph struct{ lock *Lock }

func (g npmGraph) resolve(from string, d Dependency) *Package {
	if found := g.candidates(from, d.Name, 1); len(found) > 0 {
		return found[0]
	}
	return nil
}

// candidates are the packages of a name that a folder could see, the nearest
// first, no more than most: all but the first are hidden by it.
func (g npmGraph) candidates(from, name string, most int) []*Package {
	if from == "." {
		from = ""
	}
	if p := g.lock.Package(from); p != nil && p.Source.Kind == Link {
		from = p.Source.URL
	}
	outside := strings.HasPrefix(from, "../")
	var found []*Package
	for {
		location := modules + name
		if from != "" {
			location = from + "/" + location
		}
		if p := g.lock.Package(location); p != nil {
			found = append(found, p)
		}
		if from == "" || len(found) == most {
			return found
		}
		if from = above(from); outside && (from == "" || strings.HasSuffix(from, "..")) {
			return found
		}
	}
}

// above is the next folder whose node_modules is asked.
func above(location string) string {
	i := strings.LastIndexByte(location, '/')
	if i < 0 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(location[:i], "/node_modules"), "node_modules")
}

// target is the package itself, or for a link what it leads to: its version
// and its dependencies are those of the folder.
func (l *Lock) target(p *Package) (version string, dependencies []Dependency) {
	if p.Source.Kind == Link {
		if i := l.Importer(folderPath(p.Source.URL)); i != nil {
			return i.Version, i.Dependencies
		}
	}
	return p.Version, p.Dependencies
}
