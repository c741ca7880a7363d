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
	// Files are what it needs of the folder.
	Files []File
	// Variables are the names of environment variables that the settings refer to.
	Variables []string
	// Witness is the file in node_modules by which the package manager itself
	// knows what is installed; empty where it keeps none.
	Witness string
}

// Install is how the packages of a service are installed.
func (p *Project) Install(s Service) (Install, error) {
	rules, err := s.PackageManager.rules()
	if err != nil || p.Dependencies.Package == nil {
		return Install{}, err
	}
	facts := p.Facts.RenderFacts()
	g := image{Manager: s.PackageManager, Rules: rules}
	in := Install{
		Manager: s.PackageManager.Name, WholeFolder: facts.WholeFolder, Witness: rules.Witness, LockOnly: rules.LockOnly + rules.Cache, Lock: cmp.Or(p.Dependencies.LockFile, s.PackageManager.lockName()), Variables: p.Dependencies.variables(),
		Files: append([]File{{packageFile, p.Dependencies.Package}}, p.Dependencies.Settings...),
	}
	for _, f := range p.staged {
		if !slices.ContainsFunc(in.Files, func(have File) bool { return have.Name == f.Name }) && f.Name != p.Dependencies.LockFile {
			in.Files = append(in.Files, f)
		}
	}
	in.Command, _ = g.install(p.Model.Lock.Dev, facts, false)
	in.Clean = in.Command + rules.Offline
	if p.Dependencies.LockFile != "" && p.Model.Lock.Dev != Ignore {
		in.Files = append(in.Files, File{p.Dependencies.LockFile, p.Dependencies.Lock})
		if !facts.WholeFolder && !rules.Leaves {
			in.Onward = in.Command
		}
		if in.Onward != "" && rules.Onward != "" {
			in.Onward = rules.Onward + rules.Cache
		}
	}
	return in, nil
}

// Frozen is the project as if the policy for development were an exact install.
func (p *Project) Frozen() *Project {
	frozen, model := *p, *p.Model
	model.Lock.Dev = Frozen
	frozen.Model = &model
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

// InstallTree lists what of the folder an install may read: all that comes into
// an image too, less what tools have installed or keep for themselves.
func (p *Project) InstallTree() ([]TreeFile, error) {
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	ignored, err := dockerIgnore(root, p.Model)
	if err != nil {
		return nil, err
	}
	var list []TreeFile
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
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
		f := TreeFile{Name: name}
		info, err := e.Info()
		if err != nil {
			return fileError("read", name, err)
		}
		f.Mode = info.Mode()
		if f.Mode&fs.ModeSymlink != 0 {
			if f.Link, err = root.Readlink(name); err != nil {
				return fileError("read", name, err)
			}
		} else if !f.Mode.IsRegular() && !f.Mode.IsDir() {
			return nil
		}
		list = append(list, f)
		return nil
	})
	return list, err
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
