package lockfile

import "slices"

// Installed tells how a tree differs from its lock, by the notes that npm keeps
// of a tree in node_modules/.package-lock.json. What npm may leave out, such as
// an optional package of another platform, is no difference. The notes only say
// what npm believes: whether the files are as they were, they do not tell.
func Installed(lock, notes *Lock) []Change {
	list := Diff(lock, notes).Packages
	return slices.DeleteFunc(list, func(c Change) bool { return c.Kind == Removed && lock.mayLackAll(c.Name, c.From) })
}

// mayLackAll tells whether every entry of a package may be missing in a tree.
func (l *Lock) mayLackAll(name, version string) bool {
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Name == name && p.Version == version && !p.Optional && !p.DevOptional {
			return false
		}
	}
	return true
}
