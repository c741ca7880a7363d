package lockfile

import "slices"

// pairs puts together what went and what came: first the versions that the
// same package.json asks for, then those of the same major version, then the
// rest in order. What is left alone was added or removed.
func pairs(gone, came []*edition) [][2]*edition {
	var all [][2]*edition
	match := func(fits func(o, n *edition) bool) {
		gone = slices.DeleteFunc(slices.Clone(gone), func(o *edition) bool {
			i := slices.IndexFunc(came, func(n *edition) bool { return fits(o, n) })
			if i < 0 {
				return false
			}
			all = append(all, [2]*edition{o, came[i]})
			came = slices.Delete(slices.Clone(came), i, i+1)
			return true
		})
	}
	match(func(o, n *edition) bool {
		return slices.ContainsFunc(o.importers, func(i string) bool { return slices.Contains(n.importers, i) })
	})
	match(func(o, n *edition) bool { return o.release && n.release && o.comparable.Major == n.comparable.Major })
	match(func(_, _ *edition) bool { return true })
	for _, o := range gone {
		all = append(all, [2]*edition{o, nil})
	}
	for _, n := range came {
		all = append(all, [2]*edition{nil, n})
	}
	return all
}
