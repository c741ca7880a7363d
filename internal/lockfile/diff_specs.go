package lockfile

import (
	"cmp"
	"slices"
)

// specChanges compares what both locks record of package.json.
func specChanges(old, now *Lock) []SpecChange {
	type key struct{ importer, name string }
	type wish struct {
		kind Kind
		spec string
	}
	wishes := func(l *Lock) map[key]wish {
		all := map[key]wish{}
		for _, i := range l.Importers {
			if i.Recorded {
				for _, d := range i.Dependencies {
					all[key{i.Path, d.Name}] = wish{d.Kind, withoutPassword(d.Spec)}
				}
			}
		}
		return all
	}
	before, after := wishes(old), wishes(now)
	var all []SpecChange
	for k, was := range before {
		if is, still := after[k]; !still {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: was.kind, From: was.spec})
		} else if is != was {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: is.kind, From: was.spec, To: is.spec})
		}
	}
	for k, is := range after {
		if _, known := before[k]; !known {
			all = append(all, SpecChange{Importer: k.importer, Name: k.name, Kind: is.kind, To: is.spec})
		}
	}
	slices.SortFunc(all, func(a, b SpecChange) int {
		return cmp.Or(cmp.Compare(rank(a.Importer), rank(b.Importer)), cmp.Compare(a.Importer, b.Importer), cmp.Compare(a.Name, b.Name))
	})
	return all
}
