package lockfile

import "slices"

// edge is a dependency between two packages, by their IDs. Importers take part
// by their paths, behind a mark that no ID begins with.
type edge struct {
	from, to string
	optional bool
}

type edges struct{ in, out map[string][]edge }

const importerMark = "\x00"

func (l *Lock) edges() edges {
	g := edges{in: map[string][]edge{}, out: map[string][]edge{}}
	add := func(id, from string, deps []Dependency) {
		for _, d := range deps {
			if to := l.graph.resolve(from, d); to != nil {
				e := edge{id, to.ID, d.Kind == Optional || d.Kind == OptionalPeer}
				g.out[id] = append(g.out[id], e)
				g.in[to.ID] = append(g.in[to.ID], e)
			}
		}
	}
	for _, i := range l.Importers {
		add(importerMark+i.Path, i.Path, i.Dependencies)
	}
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Source.Kind != Link { // the folder's dependencies are its importer's
			add(p.ID, p.ID, p.Dependencies)
		}
	}
	return g
}

// optionalSet is what cannot be installed when one optional package cannot: up
// to the edges that make it optional, and down to what others need as well.
func (g edges) optionalSet(id string, inert map[string]bool) map[string]bool {
	core := map[string]bool{id: true}
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.in[queue[0]] {
			if !e.optional && !core[e.from] && e.from[:1] != importerMark {
				core[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	counts := func(e edge) bool { return !core[e.to] && !inert[e.from] }
	set := map[string]bool{}
	var queue []string
	for member := range core {
		set[member] = true
		queue = append(queue, member)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.out[queue[0]] {
			if counts(e) && !set[e.to] {
				set[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for member := range set {
			needed := slices.ContainsFunc(g.in[member], func(e edge) bool { return !set[e.from] && counts(e) })
			if needed {
				delete(set, member)
				changed = true
			}
		}
	}
	return set
}
