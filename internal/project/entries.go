package project

import (
	"encoding/json"
	"io/fs"
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
		if file := path.Join(dir, strings.ReplaceAll(name, "*", "_")); !slices.Contains(list, file) {
			list = append(list, file)
		}
	}
	slices.Sort(list)
	return list
}

// entries are the files by which the package is loaded, relative to it, with the
// patterns that exports may have.
func (p *PackageJSON) entries() []string {
	var list []string
	for _, key := range []string{"main", "module", "exports"} {
		var v any
		if raw, there := p.raw[key]; there && json.Unmarshal(raw, &v) == nil {
			list = append(list, filesIn(v)...)
		}
	}
	return list
}

// filesIn are the files that a value of exports names, under all conditions.
func filesIn(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		name := path.Clean(v)
		if !strings.HasSuffix(name, ".d.ts") && fs.ValidPath(name) && name != "." {
			list = append(list, name)
		}
	case []any:
		for _, e := range v {
			list = append(list, filesIn(e)...)
		}
	case map[string]any:
		for condition, e := range v {
			if condition != "types" {
				list = append(list, filesIn(e)...)
			}
		}
	}
	return list
}
