package session

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Use is what one service takes from the project's folder.
type Use struct {
	Service string
	// Folder is where the service is, empty for the project's own; Shared are the
	// folders of local packages that it depends on.
	Folder string
	Shared []string
	// Package is the folder that its packages are installed for, Members are the
	// others that this install is for.
	Package string
	Members []string
	// Installs tells of other files that the install reads, such as patches; nil is
	// none.
	Installs func(file string) bool
	// Names, where it is set, tells what the service uses, whatever its folder.
	Names func(file string) bool
	// Inputs are those of the layout's inputs that the service's container gets.
	Inputs []string
	// Migrates tells what the service's migration reads; nil is nothing.
	Migrates func(file string) bool
	// Ignores tells what the service has no use for; nil ignores nothing.
	Ignores func(file string) bool
	// Reloads names the tool in its command that takes in edits by itself.
	Reloads string
	// Builds tells that its command builds local packages, which such a tool does
	// not.
	Builds bool
	// Loses names one that would and loses edits.
	Loses string
	// Output is the folder of build output that the app is run from. Something
	// else builds it.
	Output string
	// SharedOutputs are such folders of the shared packages, by the packages'.
	SharedOutputs map[string]SharedOutput
}

// SharedOutput is the build output of a local package.
type SharedOutput struct {
	// Folders hold it, none of which would be watched without it.
	Folders []string
	// Whole says that nothing else of the package is loaded.
	Whole bool
}

// builtInto is the folder into which something builds a file before the app sees
// it; empty where the app may read the file itself.
func (u Use) builtInto(file string) string {
	if !isCompiled(file) {
		return ""
	}
	for _, folder := range slices.Sorted(maps.Keys(u.SharedOutputs)) {
		if !strings.HasPrefix(file, folder+"/") {
			continue
		}
		if out := u.SharedOutputs[folder]; out.Whole && !out.has(file) {
			return out.Folders[0]
		}
		return ""
	}
	return u.Output
}

func (o SharedOutput) has(file string) bool {
	return slices.ContainsFunc(o.Folders, func(folder string) bool { return strings.HasPrefix(file, folder+"/") })
}

// inFolder reports whether dir is folder or above it: a package is governed by
// the files in its own folder and in those that it lies in.
func inFolder(folder, dir string) bool {
	return folder == dir || strings.HasPrefix(folder, dir+"/")
}

// uses tells whether a file of source is part of a service. What it runs is,
// whatever else it says.
func (u Use) uses(file string) bool {
	switch {
	case u.Output != "" && strings.HasPrefix(file, u.Output+"/"):
		return true
	case u.runsShared(file):
		return true
	case u.Names != nil:
		return u.Names(file)
	case u.Folder == "":
		return true
	case u.shares(file):
		return true
	}
	return u.shared(file) || strings.HasPrefix(file, u.Folder+"/")
}

// shared tells whether a file is part of a local package that the service uses.
func (u Use) shared(file string) bool {
	return slices.ContainsFunc(u.Shared, func(folder string) bool { return strings.HasPrefix(file, folder+"/") })
}

// runsShared tells whether a file is build output of a shared package.
func (u Use) runsShared(file string) bool {
	for _, out := range u.SharedOutputs {
		if out.has(file) {
			return true
		}
	}
	return false
}

// installs tells whether an install of the service's packages reads the files for
// package managers in a folder.
func (u Use) installs(dir string) bool {
	return dir == u.Package || slices.Contains(u.Members, dir)
}

// foreign tells of files for package managers that are about other packages: where
// one changes nothing in those of the service, it has no use for it.
func (u Use) foreign(file string) bool {
	dir, name := path.Split(file)
	dir = strings.TrimSuffix(dir, "/")
	if !slices.Contains(packageFiles, name) || u.Folder == "" {
		return false
	}
	return dir != u.Package && dir != u.Folder && !slices.Contains(u.Shared, dir)
}

// shares tells of settings in the folders above a service, which it may take in
// as well: tsconfig.base.json, babel.config.js, .babelrc.
func (u Use) shares(file string) bool {
	dir, name := path.Split(file)
	dir = strings.TrimSuffix(dir, "/")
	if dir != "" && !inFolder(u.Folder, dir) {
		return false
	}
	return strings.HasPrefix(name, ".") || strings.Contains(name, ".config.") || slices.Contains([]string{".json", ".yaml", ".yml", ".toml"}, path.Ext(name))
}

// isCompiled tells files that node runs only after they were built, where an
// app runs from build output, and the settings of that.
func isCompiled(file string) bool {
	name := path.Base(file)
	return strings.HasPrefix(name, "tsconfig") && path.Ext(name) == ".json" || slices.Contains([]string{".ts", ".tsx", ".mts", ".cts"}, path.Ext(file))
}
