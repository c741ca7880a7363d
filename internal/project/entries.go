package project

import (
	"path"
	"slices"
	"strings"
)

// Entries are the files, relative to the project, by which a local package in a
// folder is loaded: what main, module and exports of its package.json name. Types
// are for compilers alone and left out; where exports has a pattern, any file
// stands for those that fit.
func (k *Package) Entries(dir string) []string {
	i := slices.IndexFunc(k.Members, func(m Member) bool { return m.Dir == dir })
	if i < 0 || k.Members[i].manifest == nil {
		return nil
	}
	var list []string
	for _, name := range k.Members[i].manifest.entries() {
		name = strings.ReplaceAll(name, "*", "_")
		if strings.HasSuffix(name, ".d.ts") {
			continue
		}
		if file := path.Join(dir, name); !slices.Contains(list, file) {
			list = append(list, file)
		}
	}
	slices.Sort(list)
	return list
}
