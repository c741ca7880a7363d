package lockfile

// Production are the IDs of the packages that an install without development
// dependencies has, platforms aside. The locks of yarn do not tell, so there it
// goes by the package.json files; an importer without one here needs nothing.
func (l *Lock) Production(manifests []*Manifest) map[string]bool {
	need := map[string]bool{}
	if l.Format != YarnClassic && l.Format != YarnBerry {
		for i := range l.Packages {
			if p := &l.Packages[i]; !p.Dev {
				need[p.ID] = true
			}
		}
		return need
	}
	var queue []*Package
	visit := func(from string, deps []Dependency) {
		for _, d := range deps {
			if d.Kind == Dev {
				continue
			}
			if p := l.Resolve(from, d); p != nil && !need[p.ID] {
				need[p.ID] = true
				queue = append(queue, p)
			}
		}
	}
	for _, m := range manifests {
		visit(m.Path, m.Dependencies)
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		visit(p.ID, p.Dependencies)
	}
	return need
}
