package volumes

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// TreeChange is how an entry of a tree differs from what the lock gives.
type TreeChange string

// The ways in which an entry differs.
const (
	// Missing: the lock gives it, and the tree has it not.
	Missing TreeChange = "missing"
	// Extra: the tree has it, and the lock does not give it.
	Extra TreeChange = "extra"
	// OtherType: a file where there should be a symlink, and the like.
	OtherType TreeChange = "type"
	// OtherMode: it can be executed and should not, or the other way round.
	OtherMode TreeChange = "mode"
	// OtherTarget: a symlink that names something else.
	OtherTarget TreeChange = "target"
	// OtherContent: a file with another content.
	OtherContent TreeChange = "content"
)

// TreeDifference is one entry that differs.
type TreeDifference struct {
	// Path is relative to node_modules.
	Path   string     `json:"path"`
	Change TreeChange `json:"change"`
	// Package is the package that it belongs to, as name@version.
	Package string `json:"package,omitempty"`
	// Built says that it looks like the output of a compiler, which an install
	// script has made: those may differ from one install to the next.
	Built bool `json:"built,omitempty"`
}

// CompareTrees tells where a tree differs from the one that the lock gives,
// sorted by path.
func CompareTrees(want, have *ModuleTree) []TreeDifference {
	var list []TreeDifference
	for name, w := range want.filled() {
		h, there := have.Files[name]
		if change := compareFiles(w, h, there); change != "" {
			list = append(list, difference(want, name, change))
		}
	}
	for name := range have.filled() {
		if _, there := want.Files[name]; !there {
			list = append(list, difference(have, name, Extra))
		}
	}
	sortDifferences(list)
	return list
}

func compareFiles(want, have TreeFile, there bool) TreeChange {
	switch {
	case !there:
		return Missing
	case want.Type != have.Type:
		return OtherType
	case want.Sum != have.Sum && want.Type == Symlink:
		return OtherTarget
	case want.Sum != have.Sum:
		return OtherContent
	case want.Exec != have.Exec:
		return OtherMode
	}
	return ""
}

func difference(t *ModuleTree, name string, change TreeChange) TreeDifference {
	return TreeDifference{Path: name, Change: change, Package: t.Packages[packageFolder(name)], Built: isBuilt(name)}
}

func sortDifferences(list []TreeDifference) {
	slices.SortFunc(list, func(a, b TreeDifference) int { return strings.Compare(a.Path, b.Path) })
}

// isBuilt tells whether a file is where node-gyp and its like put their output.
func isBuilt(name string) bool {
	inside := strings.TrimPrefix(name, packageFolder(name))
	return strings.HasSuffix(name, ".node") || strings.HasPrefix(inside, "/build/") || strings.HasSuffix(name, ".o") || strings.HasSuffix(name, ".a")
}

// Roles tell which packages, as name@version, a lock has for what. One may be
// in both; what a package brings along inside of it is in neither.
type Roles struct{ Production, Development map[string]bool }

// CompareProduction tells where the tree of a production image differs from
// what the lock gives without development dependencies. Packages are compared
// by name and version wherever they lie, since some package managers arrange a
// smaller tree in another way.
func CompareProduction(want, have *ModuleTree, roles Roles) []TreeDifference {
	wanted, there := want.byPackage(), have.byPackage()
	var list []TreeDifference
	for _, id := range slices.Sorted(maps.Keys(there)) {
		surplus := wanted[id] == nil || roles.Development[id] && !roles.Production[id]
		for _, folder := range there[id].folders() {
			if surplus {
				list = append(list, TreeDifference{Path: folder, Change: Extra, Package: id})
			} else {
				list = append(list, nearest(wanted[id], there[id][folder], id, folder)...)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		if roles.Production[id] && there[id] == nil {
			list = append(list, TreeDifference{Path: wanted[id].folders()[0], Change: Missing, Package: id})
		}
	}
	sortDifferences(list)
	return list
}

// instances are the folders in which one package lies, each with its files.
type instances map[string]*ModuleTree

func (i instances) folders() []string { return slices.Sorted(maps.Keys(i)) }

// byPackage takes a tree apart into its packages, by name@version. The paths
// of files are then relative to their package.
func (t *ModuleTree) byPackage() map[string]instances {
	all := map[string]instances{}
	for folder, id := range t.Packages {
		if all[id] == nil {
			all[id] = instances{}
		}
		all[id][folder] = NewModuleTree()
	}
	for name, f := range t.Files {
		folder := packageFolder(name)
		id, known := t.Packages[folder]
		inside := strings.TrimPrefix(strings.TrimPrefix(name, folder), "/")
		if !known || inside == "" || inside == modulesFolder {
			continue
		}
		all[id][folder].Files[inside] = f
	}
	return all
}

// nearest compares a package with the most similar of those that the lock gives.
func nearest(wanted instances, have *ModuleTree, id, folder string) []TreeDifference {
	var best []TreeDifference
	for i, at := range wanted.folders() {
		if list := CompareTrees(wanted[at], have); i == 0 || len(list) < len(best) {
			best = list
		}
	}
	for i := range best {
		best[i].Package, best[i].Path = id, folder+"/"+best[i].Path
		best[i].Built = isBuilt(best[i].Path)
	}
	return best
}

// Topmost leaves out what is missing or extra only because the folder that it
// is in is so, and puts first what is most alarming: other contents.
func Topmost(list []TreeDifference) []TreeDifference {
	gone := map[string]bool{}
	var out []TreeDifference
	for _, d := range list {
		parent := d.Path
		inside := false
		for !inside {
			at := strings.LastIndexByte(parent, '/')
			if at < 0 {
				break
			}
			parent = parent[:at]
			inside = gone[string(d.Change)+":"+parent]
		}
		if inside {
			continue
		}
		if d.Change == Missing || d.Change == Extra {
			gone[string(d.Change)+":"+d.Path] = true
		}
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b TreeDifference) int { return cmp.Compare(alarm(a), alarm(b)) })
	return out
}

func alarm(d TreeDifference) int {
	switch {
	case d.Change == Missing:
		return 1
	case d.Built:
		return 2
	}
	return 0
}
