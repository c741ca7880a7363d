package project

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Package is a folder with an install of its own: one lock, and the node_modules
// folders that come of it. Several services can share one.
type Package struct {
	// Dir is relative to the project, with forward slashes; empty is its top.
	Dir   string
	Facts *Facts
	// Dependencies are the inputs of its install.
	Dependencies Dependencies
	// Members are the other folders that the install gives packages to: those of
	// the workspaces, and those that dependencies name.
	Members []Member
	// services are those that run in it, root is the project's folder, staged what
	// OpenStaged was given, relative to Dir.
	services []Service
	root     string
	staged   []File
	policy   LockPolicies
	model    *Model
}

// Member is a folder that has its packages from the install of another one.
type Member struct {
	// Dir is relative to the project.
	Dir string
	// Name is the name in its package.json, which may be empty.
	Name string
	// Files are those of its files that an install reads, relative to it.
	Files []File
	// Bins are the files that its package.json names as programs, relative to it,
	// whether a build has made them yet or not.
	Bins []string
	// local are the folders that its dependencies name, by path or by name.
	local []string
	// scripts tells that an install runs scripts of its own.
	scripts  bool
	manifest *PackageJSON
}

// PackageOf is the package that a service runs in.
func (p *Project) PackageOf(s Service) *Package {
	for _, k := range p.Packages {
		if slices.ContainsFunc(k.services, func(o Service) bool { return o.Name == s.Name }) {
			return k
		}
	}
	return p.Packages[0]
}

// Main is the package of the first service: the one that is meant where nobody
// says which.
func (p *Project) Main() *Package {
	if len(p.Model.Services) == 0 {
		return p.Packages[0]
	}
	return p.PackageOf(p.Model.Services[0])
}

// PackageJSON is the package.json that a service's commands are about: the
// nearest from its folder upwards, nil where there is none.
func (p *Project) PackageJSON(s Service) *PackageJSON {
	manifest, _ := p.PackageOf(s).manifestOf(s)
	return manifest
}

// manifestOf is the package.json of a service, and the folder that it is in.
func (k *Package) manifestOf(s Service) (*PackageJSON, string) {
	for dir := s.Dir; dir != k.Dir && dir != ""; dir = parentDir(dir) {
		for _, m := range k.Members {
			if m.Dir == dir {
				return m.manifest, dir
			}
		}
	}
	return k.Facts.Package, k.Dir
}

// Manager is the package manager of the first service there.
func (k *Package) Manager() PackageManager {
	if len(k.services) == 0 {
		return PackageManager{}
	}
	return k.services[0].PackageManager
}

// MemberOf is the folder of the member that a service is, relative to the
// package; empty where it is in no member.
func (k *Package) MemberOf(s Service) string {
	for dir := s.Dir; dir != k.Dir && dir != ""; dir = parentDir(dir) {
		if rel, below := k.within(dir); below && slices.Contains(k.MemberDirs(), dir) {
			return rel
		}
	}
	return ""
}

// At is the folder on the host.
func (k *Package) At() string { return filepath.Join(k.root, filepath.FromSlash(k.Dir)) }

// Place is where a file of the project is that stands in the package's folder.
func (k *Package) Place(name string) string { return path.Join(k.Dir, name) }

// InContainer is the package's folder in every container.
func (k *Package) InContainer() string { return path.Join(AppDir, k.Dir) }

// Modules are the node_modules folders, relative to the project: the package's
// own first, then one for each member.
func (k *Package) Modules() []string {
	list := []string{path.Join(k.Dir, nodeModules)}
	for _, m := range k.Members {
		list = append(list, path.Join(m.Dir, nodeModules))
	}
	return list
}

// MemberDirs are the folders of the members, relative to the project.
func (k *Package) MemberDirs() []string {
	list := make([]string, len(k.Members))
	for i, m := range k.Members {
		list[i] = m.Dir
	}
	return list
}

// Locals are the folders of the local packages that a folder of the project
// depends on, directly or through others.
func (k *Package) Locals(dir string) []string {
	known := map[string][]string{k.Dir: k.Dependencies.local}
	for _, m := range k.Members {
		known[m.Dir] = m.local
	}
	found := []string{dir}
	for i := 0; i < len(found); i++ {
		for _, next := range known[found[i]] {
			if !slices.Contains(found, next) {
				found = append(found, next)
			}
		}
	}
	list := found[1:]
	slices.Sort(list)
	return list
}

// read takes in what an install of the package reads. top are the facts of the
// project's top, which are known already.
func (k *Package) read(fsys fs.FS, top *Facts) (err error) {
	own := subFS{fsys, k.Dir}
	if k.Facts = top; k.Dir != "" {
		if k.Facts, err = Detect(own); err != nil {
			return errorIn(err, k.Dir)
		}
	}
	if k.Dependencies, err = readDependencies(own, k.Facts); err != nil {
		return errorIn(err, k.Dir)
	}
	if k.Facts.Package == nil {
		return nil
	}
	if err := k.readMembers(fsys); err != nil {
		return err
	}
	if err := k.checkMembers(fsys); err != nil {
		return err
	}
	k.link()
	k.Dependencies.Members = k.membersDigested()
	if k.wholeFolder() {
		k.Dependencies.NearbyFiles = nearbyNames(own, k.Facts.Package)
		k.Dependencies.Nearby, err = nearbyDigest(own, k.Dependencies.NearbyFiles)
	}
	return err
}

// wholeFolder tells that an install reads more than package.json, the lock
// and settings: scripts that run at an install, packages in the folder that are
// copied, patches, plugins.
func (k *Package) wholeFolder() bool {
	const mostLayers = 60 // an image has 127 at most, and each member takes one
	return k.Facts.readsMore() || len(k.Members) > mostLayers ||
		slices.ContainsFunc(k.Members, func(m Member) bool { return m.scripts }) ||
		slices.ContainsFunc(k.Dependencies.Settings, wantsMore)
}

// wantsMore tells of settings that name other files: patches and plugins.
func wantsMore(s File) bool {
	switch s.Name {
	case "pnpm-workspace.yaml":
		return bytes.Contains(s.Data, []byte("patchedDependencies:"))
	case ".yarnrc.yml":
		return bytes.Contains(s.Data, []byte("plugins:"))
	}
	return false
}

// inPackage are the files that stand in the package's folder, named from there.
func (k *Package) inPackage(files []File) []File {
	if k.Dir == "" {
		return files
	}
	var list []File
	for _, f := range files {
		if name, ok := k.within(f.Name); ok {
			list = append(list, File{name, f.Data})
		}
	}
	return list
}

// within is the name of a file of the project from the package's folder, false
// where it stands elsewhere.
func (k *Package) within(file string) (string, bool) {
	if k.Dir == "" {
		return file, true
	}
	return strings.CutPrefix(file, k.Dir+"/")
}

// renderFacts are what rendering needs of packages.
func renderFacts(list []*Package) RenderFacts {
	var all []RenderFacts
	for _, k := range list {
		f := k.Facts.RenderFacts()
		f.Dir, f.Members, f.WholeFolder, f.Writes = k.Dir, k.Members, k.wholeFolder(), map[string][]string{}
		for _, s := range k.services {
			f.Services = append(f.Services, s.Name)
			if k.needsTools(s) {
				f.Tooled = append(f.Tooled, s.Name)
			}
			f.Writes[s.Name] = k.Writes(s)
		}
		all = append(all, f)
	}
	first := all[0]
	first.Others = all[1:]
	return first
}
