package project

import (
	"cmp"
	"fmt"
	"path"
	"slices"
)

// PackageVerb is what is done to packages.
type PackageVerb string

// The verbs, which are devbox's commands too.
const (
	AddPackages    PackageVerb = "add"
	RemovePackages PackageVerb = "remove"
	UpdatePackages PackageVerb = "update"
)

// PackageChange is what somebody wants of the package manager.
type PackageChange struct {
	Verb PackageVerb
	// Packages are package arguments of add and names for the others. update
	// without any means all.
	Packages []string
	// Section is the section of package.json that add writes to; empty leaves it
	// to the package manager.
	Section string
	// Exact writes the version itself into package.json, not a range.
	Exact bool
	// Latest goes beyond the ranges in package.json.
	Latest bool
	// Dir is the package's folder in the container.
	Dir string
	// Member is the folder of the workspace member whose package.json it is
	// about, relative to the package; empty means the package's own.
	Member string
	// Workspaces says that the project has members.
	Workspaces bool
	// Tree also changes node_modules; without it, package.json and the lock are
	// all that is wanted, and no script runs.
	Tree bool
	// Offline takes everything from the cache.
	Offline bool
	// Unlocked says that there is no lock yet.
	Unlocked bool
}

// PackageCommand is a call of the package manager.
type PackageCommand struct {
	// Args are the program and its arguments; no shell reads them.
	Args []string
	// Env is what it needs in its environment beyond the image's.
	Env []string
	// Dir is where it runs in the container.
	Dir string
}

// packageRules are how one package manager adds, removes and updates.
type packageRules struct {
	program []string
	verbs   map[PackageVerb][]string
	// env and always belong to every call; lockOnly to those that leave
	// node_modules alone, root to those for the project itself where it has
	// members.
	env, always, lockOnly, root []string
	sections                    map[string]string
	exact                       string
	// latest is what update is called with to go beyond the ranges; nil where the
	// package manager cannot. within is what it is called with otherwise.
	latest, within []string
	// all names every package, for an update of all; where latest needs names,
	// namedLatest says so.
	all         []string
	namedLatest bool
	// member is the flag for a member; empty where the command runs in its folder.
	member     string
	offline    []string
	offlineEnv []string
	// unlocked replaces update where there is no lock yet and it minds.
	unlocked []string
}

// QuickRetries are environment variables that keep npm and pnpm from trying for
// minutes when the registry does not answer.
var QuickRetries = []string{"npm_config_fetch_retry_mintimeout=500", "npm_config_fetch_retry_maxtimeout=3000"}

var saveSections = map[string]string{"devDependencies": "--save-dev", "optionalDependencies": "--save-optional", "peerDependencies": "--save-peer"}

var yarnSections = map[string]string{"devDependencies": "--dev", "optionalDependencies": "--optional", "peerDependencies": "--peer"}

var packageManagers = map[string]packageRules{
	"npm": {
		program:  []string{"npm"},
		verbs:    map[PackageVerb][]string{AddPackages: {"install"}, RemovePackages: {"uninstall"}, UpdatePackages: {"update"}},
		always:   []string{"--no-audit", "--no-fund", "--cache=" + cacheDir},
		lockOnly: []string{"--package-lock-only", "--ignore-scripts"},
		sections: saveSections, exact: "--save-exact", member: "--workspace=", offline: []string{"--offline"},
	},
	"yarn": {
		program: []string{"yarn"},
		verbs:   map[PackageVerb][]string{AddPackages: {"add"}, RemovePackages: {"remove"}, UpdatePackages: {"upgrade"}},
		always:  []string{"--non-interactive", "--cache-folder=" + cacheDir},
		// It cannot write the lock alone; what it installs goes away with the container.
		lockOnly: []string{"--ignore-scripts"}, root: []string{"--ignore-workspace-root-check"},
		sections: yarnSections, exact: "--exact", latest: []string{"--latest"}, offline: []string{"--offline"}, unlocked: []string{"install"},
	},
	"yarn-berry": {
		program: []string{"yarn"},
		verbs:   map[PackageVerb][]string{AddPackages: {"add"}, RemovePackages: {"remove"}, UpdatePackages: {"up"}},
		env:     []string{"YARN_GLOBAL_FOLDER=" + cacheDir}, lockOnly: []string{"--mode=update-lockfile"},
		sections: yarnSections, exact: "--exact", latest: []string{}, within: []string{"--recursive"},
		all: []string{"*", "@*/*"}, namedLatest: true, offlineEnv: []string{"YARN_ENABLE_NETWORK=0"},
	},
	"pnpm": {
		program: []string{"pnpm"},
		verbs:   map[PackageVerb][]string{AddPackages: {"add"}, RemovePackages: {"remove"}, UpdatePackages: {"update"}},
		env:     []string{"CI=true"}, always: []string{"--store-dir=" + cacheDir, "--cache-dir=" + cacheDir + "/metadata-cache"},
		lockOnly: []string{"--lockfile-only", "--config.ignore-scripts=true"}, root: []string{"--ignore-workspace-root-check"},
		sections: saveSections, exact: "--save-exact", latest: []string{"--latest"}, offline: []string{"--offline"},
	},
	"bun": {
		program: []string{"bun"},
		verbs:   map[PackageVerb][]string{AddPackages: {"add"}, RemovePackages: {"remove"}, UpdatePackages: {"update"}},
		always:  []string{"--cache-dir=" + cacheDir}, lockOnly: []string{"--lockfile-only", "--ignore-scripts"},
		sections: yarnSections, exact: "--exact", latest: []string{"--latest"}, offline: []string{"--offline"},
	},
}

// ErrNoLatest says that a package manager only updates within the ranges.
var ErrNoLatest = fmt.Errorf("this package manager updates within the ranges of package.json only")

// PackageCommand is the call that carries a change out. It is made for a
// container whose AppDir holds copies of package.json, lock and settings.
func (m PackageManager) PackageCommand(c PackageChange) (PackageCommand, error) {
	key, err := m.rulesName()
	if err != nil {
		return PackageCommand{}, err
	}
	r := packageManagers[key]
	out := PackageCommand{Dir: cmp.Or(c.Dir, AppDir), Env: slices.Clone(r.env)}
	fresh := c.Unlocked && c.Verb == UpdatePackages && r.unlocked != nil && !c.Latest
	verb := r.verbs[c.Verb]
	if fresh {
		verb = r.unlocked
	}
	out.Args = slices.Concat(r.program, verb, r.always)
	if !c.Tree {
		out.Args = append(out.Args, r.lockOnly...)
	}
	if c.Offline {
		out.Args, out.Env = append(out.Args, r.offline...), append(out.Env, r.offlineEnv...)
	}
	switch {
	case c.Member != "" && r.member != "":
		out.Args = append(out.Args, r.member+c.Member)
	case c.Member != "":
		out.Dir = path.Join(out.Dir, c.Member)
	case c.Workspaces && c.Verb != UpdatePackages:
		out.Args = append(out.Args, r.root...)
	}
	if fresh {
		return out, nil
	}
	words, err := r.words(c)
	out.Args = append(out.Args, words...)
	return out, err
}

// words are the flags and names that belong to the verb.
func (r packageRules) words(c PackageChange) ([]string, error) {
	var words []string
	packages := c.Packages
	switch c.Verb {
	case AddPackages:
		if flag := r.sections[c.Section]; flag != "" {
			words = append(words, flag)
		}
		if c.Exact {
			words = append(words, r.exact)
		}
	case UpdatePackages:
		switch {
		case c.Latest && (r.latest == nil || r.namedLatest && len(packages) == 0):
			return nil, ErrNoLatest
		case c.Latest:
			words = append(words, r.latest...)
		default:
			words = append(words, r.within...)
		}
		if len(packages) == 0 {
			packages = r.all
		}
	}
	return append(words, packages...), nil
}
