package project

import (
	"errors"
	"io/fs"
	"slices"
)

// Facts are what a folder shows of its project: what is there and what it
// says, each with where it was read. Nothing is decided here.
type Facts struct {
	// Package is what package.json says. It is nil where there is none.
	Package *PackageJSON
	// Node lists what asks for a Node.js version, the strongest wish first.
	Node []Fact
	// Locks are the lock files that are there, the one that counts first.
	Locks []LockFile
	// Npmrc tells that there is an .npmrc. It may hold tokens: it is not read.
	Npmrc bool
	// Settings are the other files at the top that an install reads.
	Settings []string
	// YarnRelease is the version of the yarn that yarn's settings name.
	YarnRelease string
	// NodeLinker is how yarn's settings have it install, empty for its default,
	// which is pnp from version 2 on.
	NodeLinker string
	// EnvPort and ExposedPort are ports that an .env file and a Dockerfile name.
	EnvPort, ExposedPort Fact
	// Entry is what the code shows where it starts.
	Entry Entry
	// Files are the files there whose names devbox would write or that do the
	// same work.
	Files []FoundFile
	// NodemonConfig tells that there is a nodemon.json.
	NodemonConfig bool
	// NodeGyp tells that there is a binding.gyp, which npm builds at an install.
	NodeGyp bool
	// Imports are other tools' files of the user's; nil outside of init.
	Imports *Imports
	// Survey is what init wants to know beside it; only DetectAll fills it in.
	Survey Survey
}

// Fact is a text and the place that it was found in.
type Fact struct{ Text, Source string }

// FileKind is what stands under a name in a folder.
type FileKind string

// The kinds of files.
const (
	RegularFile FileKind = "file"
	Symlink     FileKind = "symlink"
	Directory   FileKind = "folder"
	SpecialFile FileKind = "special file"
)

func kindOfMode(mode fs.FileMode) FileKind {
	switch {
	case mode.IsRegular():
		return RegularFile
	case mode&fs.ModeSymlink != 0:
		return Symlink
	case mode.IsDir():
		return Directory
	}
	return SpecialFile
}

// FoundFile is a name in the folder and what stands there.
type FoundFile struct {
	Name string
	Kind FileKind
	// Made tells that devbox made it, going by its header.
	Made bool
}

// notedFiles are the names that Facts.Files looks for.
var notedFiles = []string{
	ModelFile, DockerFile, IgnoreFile, ComposeFile, ComposeProdFile,
	"compose.yml", "docker-compose.yaml", "docker-compose.yml", "docker-compose.prod.yml", "compose.prod.yml",
	"compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", StateDir,
}

// File tells what stands under one of the names that devbox minds.
func (f *Facts) File(name string) (FileKind, bool) {
	i := slices.IndexFunc(f.Files, func(file FoundFile) bool { return file.Name == name })
	if i < 0 {
		return "", false
	}
	return f.Files[i].Kind, true
}

// Detect reads the facts of a folder. A file that cannot be what its name says
// is an error, with the place in it where that can be told.
func Detect(fsys fs.FS) (*Facts, error) {
	f := &Facts{}
	data, err := readLimited(fsys, packageFile, maxJSONSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if f.Package, err = ParsePackageJSON(data); err != nil {
			return nil, err
		}
	}
	if f.Node, err = nodeWishes(fsys, f.Package); err != nil {
		return nil, err
	}
	f.Locks = detectLocks(fsys)
	f.Npmrc = isRegular(fsys, npmrcFile)
	f.YarnRelease, f.NodeLinker = yarnRelease(fsys), nodeLinker(fsys)
	f.NodemonConfig = isRegular(fsys, "nodemon.json")
	f.NodeGyp = isRegular(fsys, "binding.gyp")
	for _, name := range settingsFiles {
		if isRegular(fsys, name) {
			f.Settings = append(f.Settings, name)
		}
	}
	f.EnvPort = envPort(fsys)
	f.readDockerfile(fsys)
	f.Entry = detectEntry(fsys, f.Package)
	f.Files = detectFiles(fsys)
	return f, nil
}

func detectFiles(fsys fs.FS) []FoundFile {
	var found []FoundFile
	for _, name := range notedFiles {
		if info, err := fs.Lstat(fsys, name); err == nil {
			made := info.Mode().IsRegular() && author([]byte(peek(fsys, name))) != foreign
			found = append(found, FoundFile{name, kindOfMode(info.Mode()), made})
		}
	}
	return found
}

func isRegular(fsys fs.FS, name string) bool {
	info, err := fs.Lstat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// committed are the facts that everybody who has the repository sees: an .env
// is one person's own, and a Dockerfile may be what devbox made of the rest.
func (f *Facts) committed() *Facts {
	c := *f
	c.EnvPort, c.ExposedPort = Fact{}, Fact{}
	return &c
}

// folders gives the facts of the packages that folders belong to.
func (f *Facts) folders(fsys fs.FS) folderFacts {
	return func(dir string) (*Facts, error) {
		if dir == "" {
			return f, nil
		}
		if err := checkFolder(fsys, dir); err != nil {
			return f, err
		}
		at, err := packageDir(fsys, dir)
		if err != nil || at == "" {
			return f, err
		}
		own, err := Detect(subFS{fsys, at})
		if err != nil {
			return f, errorIn(err, at)
		}
		if len(own.Node) == 0 {
			own.Node = f.Node
		}
		return own, nil
	}
}

// RenderFacts are the facts that rendering needs of a folder, as far as it alone
// tells them: what stands in its workspaces is not known.
func (f *Facts) RenderFacts() RenderFacts {
	r := RenderFacts{PackageJSON: f.Package != nil, Lock: f.Lock(), Settings: f.Settings, Npmrc: f.Npmrc}
	if p := f.managerPackage(); p != nil {
		r.Pinned = p.Manager
	}
	r.WholeFolder = f.readsMore() || f.Package != nil && (f.Package.Workspaces || slices.Contains(f.Settings, "pnpm-workspace.yaml"))
	return r
}

// readsMore tells that an install of the folder's package.json reads more than
// that, the lock and settings: scripts that run at an install, other folders
// that are copied, patches.
func (f *Facts) readsMore() bool {
	p := f.Package
	return p != nil && (f.NodeGyp || p.Patches || p.hasInstallScript() || p.hasFolderDependency())
}
