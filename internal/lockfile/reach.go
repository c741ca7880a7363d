package lockfile

// markByReach fills Dev and Optional of a lock whose format does not record
// them, by what leads to each package. What nothing leads to by this package's
// knowledge is left as it is.
func (l *Lock) markByReach() {
	all := l.reach(func(Dependency, bool) bool { return true })
	production := l.reach(func(d Dependency, root bool) bool { return !root || d.Kind != Dev })
	required := l.reach(func(d Dependency, _ bool) bool { return d.Kind != Optional })
	for i := range l.Packages {
		p := &l.Packages[i]
		p.Dev = all[p.ID] && !production[p.ID]
		p.Optional = p.Optional || all[p.ID] && !required[p.ID]
	}
}

// reach are the IDs of the packages that the importers lead to along the
// dependencies that follow lets through. Root tells that an importer asks.
func (l *Lock) reach(follow func(d Dependency, root bool) bool) map[string]bool {
	reached := map[string]bool{}
	var queue []*Package
	visit := func(from string, deps []Dependency, root bool) {
		for _, d := range deps {
			if !follow(d, root) {
				continue
			}
			if p := l.graph.resolve(from, d); p != nil && !reached[p.ID] {
				reached[p.ID] = true
				queue = append(queue, p)
			}
		}
	}
	for _, i := range l.Importers {
		visit(i.Path, i.Dependencies, true)
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		visit(p.ID, p.Dependencies, false)
	}
	return reached
}
