package project

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// memberSections are those sections of a member's package.json that an install
// minds beside the ones about dependencies.
var memberSections = append([]string{"name", "version", "bin", "publishConfig", "engines", "os", "cpu"}, manifestSections...)

// readMembers reads the folders of the workspaces, and those that dependencies
// name by path.
func (k *Package) readMembers(fsys fs.FS) error {
	workspace, err := lockfile.ReadManifests(subFS{fsys, k.Dir})
	if err != nil {
		return errorIn(err, k.Dir)
	}
	var queue []string
	for _, m := range workspace {
		if m.Path != "." {
			queue = append(queue, path.Join(k.Dir, m.Path))
		}
	}
	queue = append(queue, k.Facts.Package.folders(k.Dir)...)
	seen := map[string]bool{k.Dir: true}
	for ; len(queue) > 0; queue = queue[1:] {
		dir := queue[0]
		if seen[dir] || !isRegular(fsys, path.Join(dir, packageFile)) {
			continue
		}
		seen[dir] = true
		m, p, err := readMember(fsys, dir)
		if err != nil {
			return err
		}
		k.Members = append(k.Members, m)
		queue = append(queue, p.folders(dir)...)
	}
	slices.SortFunc(k.Members, func(a, b Member) int { return strings.Compare(a.Dir, b.Dir) })
	return nil
}

// readMember reads what an install takes from a member.
func readMember(fsys fs.FS, dir string) (Member, *PackageJSON, error) {
	name := path.Join(dir, packageFile)
	if !plainPath.MatchString(dir) {
		return Member{}, nil, configError(name, []Problem{{Text: "devbox cannot mount a volume below " + show(dir), Suggestion: "use letters, digits and @ % + = . _ - in the folder's name"}})
	}
	data, err := readLimited(fsys, name, maxJSONSize)
	if err != nil {
		return Member{}, nil, err
	}
	p, err := ParsePackageJSON(data)
	if err != nil {
		return Member{}, nil, errorIn(err, dir)
	}
	own := subFS{fsys, dir}
	m := Member{
		Dir: dir, Name: p.Name, Files: []File{{packageFile, data}},
		scripts: p.hasInstallScript() || isRegular(own, "binding.gyp"),
	}
	m.Bins = p.bins()
	m.manifest = p
	return m, p, nil
}

// bins are the files that package.json names as programs, but for those with
// names that a Dockerfile and a shell would take for more than a path.
func (p *PackageJSON) bins() []string {
	var one string
	var many map[string]string
	if json.Unmarshal(p.raw["bin"], &one) == nil {
		many = map[string]string{"": one}
	} else if json.Unmarshal(p.raw["bin"], &many) != nil {
		return nil
	}
	var list []string
	for _, file := range slices.Sorted(maps.Values(many)) {
		if file = path.Clean(file); fs.ValidPath(file) && file != "." && plainPath.MatchString(file) {
			list = append(list, file)
		}
	}
	return slices.Compact(list)
}

// folders are the folders of the project that dependencies name by path, for a
// package.json in a folder.
func (p *PackageJSON) folders(dir string) []string {
	var list []string
	for _, place := range p.folderDependencies() {
		if at := path.Join(dir, place); fs.ValidPath(at) && at != "." {
			list = append(list, at)
		}
	}
	return list
}

// link finds out which local packages depend on which.
func (k *Package) link() {
	byName := map[string]string{}
	for _, m := range k.Members {
		if m.Name != "" {
			byName[m.Name] = m.Dir
		}
	}
	locals := func(p *PackageJSON, dir string) []string {
		list := p.folders(dir)
		for _, deps := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies, p.peers()} {
			for name := range deps {
				if at, ok := byName[name]; ok && at != dir {
					list = append(list, at)
				}
			}
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	k.Dependencies.local = locals(k.Facts.Package, k.Dir)
	for i, m := range k.Members {
		k.Members[i].local = locals(m.manifest, m.Dir)
	}
}

func (p *PackageJSON) peers() map[string]string {
	var peers map[string]string
	_ = json.Unmarshal(p.raw["peerDependencies"], &peers) // what is no object of texts names no package
	return peers
}

// membersDigested is what the members' package.json say that an install minds.
func (k *Package) membersDigested() []byte {
	var out []byte
	for _, m := range k.Members {
		var files []string
		for _, f := range m.Files {
			files = append(files, f.Name)
		}
		out = fmt.Appendf(out, "%q %q %s %s\n", m.Dir, files, m.manifest.canonical(memberSections), m.manifest.canonicalScripts())
	}
	return out
}

// checkMembers says what makes no sense: patterns of workspaces that lead out of
// the folder or all to nothing, and two members of one name.
func (k *Package) checkMembers(fsys fs.FS) error {
	patterns, source, err := lockfile.WorkspacePatterns(subFS{fsys, k.Dir})
	if err != nil {
		return errorIn(err, k.Dir)
	}
	file := path.Join(k.Dir, source)
	var problems []Problem
	matched := len(patterns) == 0
	for _, pattern := range patterns {
		if strings.HasPrefix(pattern, "!") {
			continue
		}
		if outside(pattern) {
			problems = append(problems, Problem{Text: "the workspace " + show(pattern) + " leads out of the folder", Suggestion: "name folders below that of " + file})
			continue
		}
		found, err := lockfile.MembersOf(subFS{fsys, k.Dir}, pattern)
		if err != nil {
			return errorIn(err, k.Dir)
		}
		matched = matched || len(found) > 0
	}
	if !matched && problems == nil {
		problems = []Problem{{Text: "no folder with a package.json matches the workspaces " + show(strings.Join(patterns, ", ")), Suggestion: "correct the patterns, or take them out"}}
	}
	if err := configError(file, problems); err != nil {
		return err
	}
	return k.checkNames()
}

func outside(pattern string) bool {
	return path.IsAbs(pattern) || !fs.ValidPath(path.Clean(strings.TrimPrefix(pattern, "./")))
}

func (k *Package) checkNames() error {
	first := map[string]string{}
	if name := k.Facts.Package.Name; name != "" {
		first[name] = k.Dir
	}
	for _, m := range k.Members {
		if m.Name == "" {
			continue
		}
		if other, twice := first[m.Name]; twice {
			return configError(path.Join(m.Dir, packageFile), []Problem{{
				Text:       fmt.Sprintf("the name %s is taken by %s already", show(m.Name), path.Join(other, packageFile)),
				Suggestion: "packages of one workspace need different names",
			}})
		}
		first[m.Name] = m.Dir
	}
	return nil
}

// plainPath is what a Dockerfile, a shell and Compose take for nothing but a path.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9@%+=./_][A-Za-z0-9@%+=./_-]*$`)
