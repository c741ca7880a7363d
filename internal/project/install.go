package project

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// CacheDir is where the package manager's cache is mounted.
const CacheDir = cacheDir

// Install is how the packages of a service are installed in development.
type Install struct {
	// Manager is the package manager's name.
	Manager string
	// Command is a shell command that installs from nothing or from any tree;
	// empty where there is nothing to install.
	Command string
	// Onward is one that goes on from another complete tree to the same result;
	// empty where only Command is sure to lead there.
	Onward string
	// Clean is Command for a tree that is to be compared: nothing is asked of the
	// registry that the cache has.
	Clean string
	// LockOnly brings the lock, Lock, in step with package.json.
	LockOnly, Lock string
	// WholeFolder tells that it needs more of the folder than Files.
	WholeFolder bool
	// Files are what it needs, named from the project's folder.
	Files []File
	// Dir is where it runs in a container; Members are the other folders that get
	// a node_modules there.
	Dir     string
	Members []string
	// Variables are the names of environment variables that the settings refer to.
	Variables []string
	// Witness is the file in node_modules by which the package manager itself
	// knows what is installed; empty where it keeps none.
	Witness string
}

// Install is how the packages of a service are installed.
func (k *Package) Install(s Service) (Install, error) {
	rules, err := s.PackageManager.rules()
	if err != nil || k.Dependencies.Package == nil {
		return Install{}, err
	}
	facts := renderFacts([]*Package{k})
	g := image{Manager: s.PackageManager, Rules: rules, Facts: facts}
	in := Install{
		Manager: s.PackageManager.Name, WholeFolder: facts.WholeFolder, Witness: rules.Witness, LockOnly: rules.LockOnly + rules.Cache,
		Lock: cmp.Or(k.Dependencies.LockFile, s.PackageManager.lockName()), Variables: k.Dependencies.variables(),
		Dir: k.InContainer(), Members: k.memberPlaces(), Files: k.installFiles(),
	}
	in.Command, _ = g.install(k.policy.Dev, facts, false)
	in.Clean = in.Command + rules.Offline
	if k.Dependencies.LockFile != "" && k.policy.Dev != Ignore {
		in.Files = append(in.Files, File{k.Place(k.Dependencies.LockFile), k.Dependencies.Lock})
		if !facts.WholeFolder && !rules.Leaves && len(k.Members) == 0 {
			in.Onward = in.Command
		}
		if in.Onward != "" && rules.Onward != "" {
			in.Onward = rules.Onward + rules.Cache
		}
	}
	return in, nil
}

// binStub stands for a program of a member during an install: some package
// managers make no link to one that is not there, and its build may come later.
const binStub = "#!/usr/bin/env node"

// installFiles are the files that an install reads, but for the lock.
func (k *Package) installFiles() []File {
	files := []File{{k.Place(packageFile), k.Dependencies.Package}}
	for _, f := range k.Dependencies.Settings {
		files = append(files, File{k.Place(f.Name), f.Data})
	}
	for _, m := range k.Members {
		for _, f := range m.Files {
			files = append(files, File{path.Join(m.Dir, f.Name), f.Data})
		}
		for _, bin := range m.Bins {
			files = append(files, File{path.Join(m.Dir, bin), []byte(binStub + "\n")})
		}
	}
	for _, f := range k.staged {
		name := k.Place(f.Name)
		if !slices.ContainsFunc(files, func(have File) bool { return have.Name == name }) && f.Name != k.Dependencies.LockFile {
			files = append(files, File{name, f.Data})
		}
	}
	return files
}

// memberPlaces are the members' folders in a container.
func (k *Package) memberPlaces() []string {
	var list []string
	for _, m := range k.Members {
		list = append(list, path.Join(AppDir, m.Dir))
	}
	return list
}

// Frozen is the project as if the policy for development were an exact install.
func (p *Project) Frozen() *Project {
	frozen, model := *p, *p.Model
	model.Lock.Dev = Frozen
	frozen.Model, frozen.Packages = &model, nil
	for _, k := range p.Packages {
		exact := *k
		exact.policy.Dev = Frozen
		frozen.Packages = append(frozen.Packages, &exact)
	}
	return &frozen
}

var variableReference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)[}:?-]`)

// variables lists the names that settings refer to, as ${NAME}.
func (d Dependencies) variables() []string {
	var names []string
	for _, f := range d.Settings {
		for _, m := range variableReference.FindAllSubmatch(f.Data, -1) {
			names = append(names, string(m[1]))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TreeFile is a file of the folder that is copied for an install.
type TreeFile struct {
	// Name is relative to the folder, with forward slashes.
	Name string
	Mode fs.FileMode
	// Link is what a symlink names.
	Link string
}

// InstallTree lists what of the project's folder an install may read: all that
// comes into an image too, less what tools have installed or keep for themselves.
func (k *Package) InstallTree() ([]TreeFile, error) {
	root, err := os.OpenRoot(k.root)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	ignored, err := dockerIgnore(root, k.model)
	if err != nil {
		return nil, err
	}
	folders := []string{cmp.Or(k.Dir, ".")}
	for _, m := range k.Members {
		if _, below := k.within(m.Dir); !below {
			folders = append(folders, m.Dir)
		}
	}
	var list []TreeFile
	for _, folder := range folders {
		more, err := treeOf(root, folder, ignored)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

func treeOf(root *os.Root, folder string, ignored *patternmatcher.PatternMatcher) ([]TreeFile, error) {
	var list []TreeFile
	err := fs.WalkDir(root.FS(), folder, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fileError("read", name, err)
		case name == ".":
			return nil
		case e.IsDir() && slices.Contains([]string{nodeModules, ".git", StateDir}, path.Base(name)):
			return fs.SkipDir
		}
		skip, err := ignored.MatchesOrParentMatches(name)
		if err != nil || skip && !e.IsDir() {
			return err
		}
		if skip && !ignored.Exclusions() {
			return fs.SkipDir
		}
		f, ok, err := treeFile(root, name, e)
		if ok {
			list = append(list, f)
		}
		return err
	})
	return list, err
}

// treeFile is false for what is no file, folder or symlink.
func treeFile(root *os.Root, name string, e fs.DirEntry) (TreeFile, bool, error) {
	info, err := e.Info()
	if err != nil {
		return TreeFile{}, false, fileError("read", name, err)
	}
	f := TreeFile{Name: name, Mode: info.Mode()}
	if f.Mode&fs.ModeSymlink != 0 {
		if f.Link, err = root.Readlink(name); err != nil {
			return f, false, fileError("read", name, err)
		}
		return f, true, nil
	}
	return f, f.Mode.IsRegular() || f.Mode.IsDir(), nil
}

func dockerIgnore(root *os.Root, m *Model) (*patternmatcher.PatternMatcher, error) {
	data, err := ReadFile(root, m.Files.Name(IgnoreFile))
	if err != nil {
		data = []byte(m.ignoreFile())
	}
	lines, err := ignorefile.ReadAll(strings.NewReader(string(data)))
	if err != nil {
		return nil, fileError("read", m.Files.Name(IgnoreFile), err)
	}
	matcher, err := patternmatcher.New(lines)
	if err != nil {
		return nil, configError(m.Files.Name(IgnoreFile), []Problem{{Text: err.Error()}})
	}
	return matcher, nil
}
