package project

import (
	"path"
	"slices"
	"strings"
)

// toolFolder is what tools keep for themselves while they run in development,
// and make anew when it is gone.
type toolFolder struct {
	// packages are the packages of the tools.
	packages string
	// folder is relative to the package that has one of them.
	folder string
	// from and before are the major versions of the tool that have the folder; 0 is
	// no bound.
	from, before int
}

// toolFolders are the folders of tools that devbox knows. None of them is what
// somebody looks at on the host; what is in node_modules would be shared by all
// checkouts with the same lock otherwise.
var toolFolders = []toolFolder{
	{packages: "next", folder: ".next"},
	{packages: "nuxt nuxt3", folder: ".nuxt"},
	{packages: "@sveltejs/kit", folder: ".svelte-kit"},
	{packages: "astro", folder: ".astro"},
	{packages: "@angular/cli", folder: ".angular"},
	{packages: "@react-router/dev", folder: ".react-router"},
	{packages: "@docusaurus/core", folder: ".docusaurus"},
	{packages: "vinxi @solidjs/start", folder: ".vinxi"},
	{packages: "parcel parcel-bundler", folder: ".parcel-cache"},
	{packages: "gatsby", folder: ".cache"},
	{packages: "turbo", folder: ".turbo"},
	// What else is in .wrangler is data of local databases.
	{packages: "wrangler", folder: ".wrangler/tmp"},
	// What else is in .nx is in git, such as plans of versions.
	// Before 17 .nx has to stay away: where it is, Nx keeps its things there, and
	// without a line in .gitignore restarts its apps for each that it writes.
	{packages: "nx", folder: "node_modules/.cache", before: 17},
	{packages: "nx", folder: ".nx/cache", from: 17},
	{packages: "nx", folder: ".nx/workspace-data", from: 17},
	{packages: "vite vitest astro @sveltejs/kit @react-router/dev vitepress", folder: "node_modules/.vite"},
	{packages: "nuxt nuxt3 react-scripts @craco/craco @vue/cli-service babel-loader gatsby storybook", folder: "node_modules/.cache"},
}

// outputNames are names that build output goes by. Like what tools keep for
// themselves, it can be made anew.
var outputNames = wordSets("dist", "build", "out", "coverage", ".output", ".cache", ".vite")

// without marks a folder of Service.Writes that gets no volume.
const without = "!"

// Writes are the folders of a service that have volumes of their own in
// development, relative to the project: those that its tools are known to write
// in, and those of devbox.yaml. What an image has that is not devbox's is not
// known, so there it is devbox.yaml's alone.
func (k *Package) Writes(s Service) []string {
	list := k.toolWrites(s)
	for _, folder := range s.Writes {
		if name, out := strings.CutPrefix(folder, without); out {
			list = slices.DeleteFunc(list, func(have string) bool { return have == name })
			continue
		}
		list = append(list, folder)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// has tells whether a package has the tool of a name in one of the versions. A wish
// that is no range, such as latest, is for a new one.
func (t toolFolder) has(p *PackageJSON, name string) bool {
	if !p.Has(name) || t.from == 0 && t.before == 0 {
		return p.Has(name)
	}
	r, ok := parseRange(strings.TrimSpace(p.spec(name)))
	old := ok && r.least().compare(version{max(t.from, t.before)}) < 0
	return old == (t.before > 0)
}

// toolWrites are the folders that the tools of a service are known to write in.
func (k *Package) toolWrites(s Service) []string {
	if s.Dockerfile.used() {
		return nil
	}
	p, dir := k.manifestOf(s)
	list := append(foldersOf(p, dir), foldersOf(k.Facts.Package, k.Dir)...)
	slices.Sort(list)
	return slices.Compact(list)
}

// foldersOf are the folders of the tools that a package in a folder has.
func foldersOf(p *PackageJSON, dir string) []string {
	if p == nil {
		return nil
	}
	var list []string
	for _, t := range toolFolders {
		if slices.ContainsFunc(strings.Fields(t.packages), func(name string) bool { return t.has(p, name) }) {
			list = append(list, path.Join(dir, t.folder))
		}
	}
	return list
}

// Writes are the folders of all services that have volumes of their own.
func (p *Project) Writes() []string {
	var list []string
	for _, s := range p.Model.Services {
		list = append(list, p.PackageOf(s).Writes(s)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// mountPoints are the folders of the project that volumes are mounted on. What
// is in node_modules is in a volume itself.
func (p *Project) mountPoints() []string {
	var points []string
	for _, k := range p.Packages {
		points = append(points, k.Modules()...)
	}
	for _, dir := range p.Writes() {
		if !inModules(dir) {
			points = append(points, dir)
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// inModules tells of a folder that is in a node_modules.
func inModules(dir string) bool { return slices.Contains(strings.Split(dir, "/"), nodeModules) }

// LabelWrites is the label of a volume on a folder that apps write. It says whether
// what is there can be made anew.
const LabelWrites = "dev.devbox.writes"

// The values of LabelWrites.
const (
	WritesOutput = "output" // what tools make from the source
	WritesData   = "data"   // what may be nowhere else
)

// WritesVolume is the name in the Compose file of the volume on a folder that apps
// write. Services that write the same folder share it.
func WritesVolume(dir string) string { return "writes-" + folderName(dir) }

// writesKind is the value of LabelWrites for a folder.
func writesKind(dir string) string {
	if IsOutput(dir) {
		return WritesOutput
	}
	return WritesData
}

// IsOutput tells of a folder, by its name, that what is in it can be made anew.
func IsOutput(dir string) bool {
	known := slices.ContainsFunc(toolFolders, func(t toolFolder) bool { return dir == t.folder || strings.HasSuffix(dir, "/"+t.folder) })
	return known || outputNames[path.Base(dir)]
}

// addWrites mounts the volumes on the folders that a service writes.
func addWrites(c, volumes map[string]any, folders []string) {
	mounts, _ := c["volumes"].([]any)
	for _, dir := range folders {
		name := WritesVolume(dir)
		volumes[name] = map[string]any{"labels": map[string]any{LabelWrites: writesKind(dir)}}
		mounts = append(mounts, map[string]any{"type": "volume", "source": name, "target": path.Join(AppDir, dir)})
	}
	c["volumes"] = mounts
}

// writes are the folders that the services of the image write.
func (g image) writes() []string {
	var list []string
	for _, s := range g.Services {
		list = append(list, g.Facts.Writes[s.Name]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// makeWritable makes the folders that apps write, for plain Compose: a volume that
// is new takes over the owner and the mode of the folder that it is mounted on.
func (d *dockerfile) makeWritable(g image) {
	folders := g.writes()
	if len(folders) == 0 {
		return
	}
	for i, dir := range folders {
		folders[i] = path.Join(AppDir, dir)
	}
	all := strings.Join(folders, " ")
	d.line("USER root\nRUN mkdir -p %s && chmod 1777 %s\nUSER node", all, all)
}
