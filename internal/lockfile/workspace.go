package lockfile

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// WorkspacePatterns are the patterns of the folders of members, and the file that
// has them. A folder without a package.json has none.
func WorkspacePatterns(fsys fs.FS) (patterns []string, file string, err error) {
	data, err := readFile(fsys, "package.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	root, err := ParseManifest(".", data)
	if err != nil {
		return nil, "", err
	}
	patterns, file = patternsOf(fsys, root)
	return patterns, file, nil
}

// patternsOf are those of pnpm-workspace.yaml, where that has some, else those of
// package.json.
func patternsOf(fsys fs.FS, root *Manifest) (patterns []string, file string) {
	const pnpmFile = "pnpm-workspace.yaml"
	if data, err := readFile(fsys, pnpmFile); err == nil {
		var workspace struct {
			Packages []string `yaml:"packages"`
		}
		if yaml.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &workspace) == nil && len(workspace.Packages) > 0 {
			return workspace.Packages, pnpmFile
		}
	}
	return root.Workspaces, "package.json"
}

// MembersOf are the folders with a package.json that one pattern means.
func MembersOf(fsys fs.FS, pattern string) ([]string, error) {
	found := map[string]bool{}
	for _, p := range alternatives(pattern) {
		if err := expandPattern(fsys, plainPattern(p), found); err != nil {
			return nil, err
		}
	}
	var folders []string
	for folder := range found {
		if _, err := fs.Stat(fsys, path.Join(folder, "package.json")); err == nil {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return folders, nil
}

// plainPattern is a pattern without what says no more than "here".
func plainPattern(pattern string) string {
	return strings.TrimPrefix(path.Clean(strings.TrimPrefix(pattern, "./")), "/")
}

// mostAlternatives bounds what braces in a pattern are written out to.
const mostAlternatives = 100

// alternatives are the patterns that one with braces stands for: a/{b,c} is a/b
// and a/c.
func alternatives(pattern string) []string {
	list := []string{pattern}
	for i := 0; i < len(list) && len(list) < mostAlternatives; {
		before, rest, open := strings.Cut(list[i], "{")
		inside, after, closed := strings.Cut(rest, "}")
		if !open || !closed || strings.Contains(inside, "{") {
			i++
			continue
		}
		var more []string
		for _, choice := range strings.Split(inside, ",") {
			more = append(more, before+choice+after)
		}
		list = slices.Replace(list, i, i+1, more...)
	}
	return list
}
