package project

import (
	"fmt"
	"strings"
)

// managerRules are how one package manager is put into an image and called.
type managerRules struct {
	// Package is its name in the npm registry, Setup are flags of the npm that
	// installs it from there.
	Package, Setup string
	// Program is the file that packageManager's hash is of, from the folder of
	// global packages; empty where it is of the package itself.
	Program string
	// Env is what every container needs in its environment; placeOfModules in it
	// stands for the package's node_modules.
	Env string
	// Sharing is how builds at the same time share the cache.
	Sharing string
	// Frozen, Update and Ignore install by the lock policies. Without a lock
	// file every policy comes down to Ignore.
	Frozen, Update, Ignore string
	// Prod is added to leave development dependencies out. ProdInstall, where
	// there is no such flag, is the command that does.
	Prod, ProdInstall string
	// ProdWorkspaces is added to ProdInstall where there are members.
	ProdWorkspaces string
	// ProdStrips says that there is neither: production installs everything, then
	// takes the development dependencies out of package.json and installs again.
	ProdStrips bool
	// Prune takes development dependencies out of a tree that is there, without
	// running scripts. Empty where the package manager cannot.
	Prune string
	// Cache is added so that all of them use cacheDir.
	Cache string
	// Offline is added where nothing is to be asked of the registry that the cache
	// has. Empty where that is so anyway, for an exact install.
	Offline string
	// Onward installs by the lock as Frozen does, but goes on from a tree that is
	// there where Frozen begins anew. Empty where Frozen goes on by itself.
	Onward string
	// Leaves says that an install which goes on from another tree leaves something
	// of it behind, so that each begins with nothing.
	Leaves bool
	// LockOnly brings the lock in step with package.json. What it may install on
	// the way counts for nothing.
	LockOnly string
	// Variables have whoever calls the package manager by hand use cacheDir.
	Variables []string
	// Witness is the file in node_modules by which the package manager itself
	// knows what is installed. Empty where it keeps none.
	Witness string
}

const placeOfModules = "<node_modules>"

// cacheDir is where the package manager's cache is mounted during a build. It
// is in nobody's home, because a build leaves the mount point in the image.
const cacheDir = "/cache"

const (
	npmQuiet  = " --no-audit --no-fund"
	yarnPlain = "yarn install --non-interactive"
	berry     = "YARN_GLOBAL_FOLDER=" + cacheDir + " yarn "
	pnpmPlain = "CI=true pnpm "
	// npxCache is npm's part of the cache where another package manager is used:
	// npx and scripts that call it are npm's all the same.
	npxCache = "npm_config_cache=" + cacheDir + "/npm"
)

var managers = map[string]managerRules{
	"npm": {
		Package:   "npm",
		Sharing:   "shared",
		Frozen:    "npm ci" + npmQuiet,
		Update:    "npm install" + npmQuiet,
		Ignore:    "npm install --no-package-lock" + npmQuiet,
		Prod:      " --omit=dev",
		Prune:     "npm prune --omit=dev --ignore-scripts" + npmQuiet,
		Cache:     " --cache=" + cacheDir,
		Onward:    "npm install" + npmQuiet,
		Witness:   ".package-lock.json",
		Variables: []string{"npm_config_cache=" + cacheDir},

		Offline:  " --prefer-offline",
		LockOnly: "npm install --package-lock-only" + npmQuiet,
	},
	"yarn": {
		Package: "yarn", Setup: "--force ", // some base images come with a yarn that npm did not install
		Env:       "SKIP_YARN_COREPACK_CHECK=1 YARN_IGNORE_PATH=1", // the version in devbox.yaml is the one to run
		Sharing:   "locked",
		Frozen:    yarnPlain + " --frozen-lockfile",
		Update:    yarnPlain,
		Ignore:    yarnPlain + " --no-lockfile",
		Prod:      " --production",
		Prune:     yarnPlain + " --frozen-lockfile --ignore-scripts --production",
		Cache:     " --cache-folder=" + cacheDir,
		Witness:   ".yarn-integrity",
		Variables: []string{"YARN_CACHE_FOLDER=" + cacheDir, npxCache},

		Offline:  " --prefer-offline",
		LockOnly: yarnPlain + " --ignore-scripts",
	},
	"yarn-berry": {
		Package: "@yarnpkg/cli-dist", Setup: "--force ", Program: "@yarnpkg/cli-dist/bin/yarn.js",
		// What it knows of the install would else be written into the source.
		Env: "YARN_ENABLE_TELEMETRY=0 YARN_IGNORE_PATH=1 YARN_NODE_LINKER=node-modules " +
			"YARN_INSTALL_STATE_PATH=" + placeOfModules + "/.cache/yarn/install-state.gz",
		Sharing:     "locked",
		Frozen:      berry + "install --immutable",
		Update:      berry + "install --no-immutable",
		Ignore:      berry + "install --no-immutable",
		ProdInstall: berry + "workspaces focus --production", ProdWorkspaces: " --all",
		Witness:   ".yarn-state.yml",
		Variables: []string{"YARN_GLOBAL_FOLDER=" + cacheDir, npxCache},
		LockOnly:  berry + "install --mode=update-lockfile",
	},
	"pnpm": {
		Package: "pnpm",
		// The version in devbox.yaml is the one to run: without these, another one in
		// packageManager is downloaded at each start, or pnpm refuses to do anything.
		Env:     "COREPACK_ROOT=/usr/local COREPACK_ENABLE_STRICT=0",
		Sharing: "locked",
		Frozen:  pnpmPlain + "install --frozen-lockfile",
		Update:  pnpmPlain + "install --no-frozen-lockfile",
		Ignore:  pnpmPlain + "install --no-lockfile",
		Prod:    " --prod",
		Prune:   pnpmPlain + "prune --prod --ignore-scripts",
		Cache:   " --store-dir=" + cacheDir,
		Witness: ".pnpm/lock.yaml",
		// pnpm 11 reads its own prefix only.
		Variables: []string{"npm_config_store_dir=" + cacheDir, "pnpm_config_store_dir=" + cacheDir, npxCache},

		Offline:  " --prefer-offline",
		LockOnly: pnpmPlain + "install --lockfile-only",
		Leaves:   true, // links in .pnpm/node_modules
	},
	"bun": {
		Package: "bun", Setup: "--allow-scripts=bun ", // its own script puts the program in place
		Sharing:  "locked",
		LockOnly: "bun install --lockfile-only",
		Leaves:   true, // packages that the lock does not have

		Frozen:    "bun install --frozen-lockfile",
		Update:    "bun install",
		Ignore:    "bun install --no-save",
		Prod:      " --production",
		Cache:     " --cache-dir=" + cacheDir,
		Variables: []string{"BUN_INSTALL_CACHE_DIR=" + cacheDir, npxCache},
	},
}

// rules finds the rules of a package manager.
func (m PackageManager) rules() (managerRules, error) {
	name, err := m.rulesName()
	r := managers[name]
	if name == "yarn-berry" && (strings.HasPrefix(m.Version, "2.") || strings.HasPrefix(m.Version, "3.")) {
		// `workspaces focus` is that of a plugin, which these have to download from a
		// place that is no registry.
		r.ProdInstall, r.ProdWorkspaces, r.ProdStrips = "", "", true
	}
	return r, err
}

// rulesName is the key of a package manager's rules; yarn's differ from version 2 on.
func (m PackageManager) rulesName() (string, error) {
	name := m.Name
	if name == "yarn" && m.Version != "" && !strings.HasPrefix(m.Version, "0.") && !strings.HasPrefix(m.Version, "1.") {
		name = "yarn-berry"
	}
	if _, ok := managers[name]; !ok {
		return "", fmt.Errorf("unknown package manager %q: devbox knows npm, yarn, pnpm and bun", m.Name)
	}
	return name, nil
}

// install is the shell command that fills node_modules. An ignored lock is no lock.
func (r managerRules) install(policy LockPolicy, prod, workspaces bool) string {
	command := r.Frozen
	switch {
	case prod && r.ProdInstall != "" && workspaces:
		return r.ProdInstall + r.ProdWorkspaces
	case prod && r.ProdInstall != "":
		return r.ProdInstall
	case policy == Ignore:
		command = r.Ignore
	case policy == Update:
		command = r.Update
	}
	if prod {
		command += r.Prod
	}
	return command + r.Cache
}

// CacheVariables are environment variables by which the package manager uses
// CacheDir, whoever calls it.
func (m PackageManager) CacheVariables() []string {
	rules, err := m.rules()
	if err != nil {
		return nil
	}
	return rules.Variables
}

// lockFiles are the lock files that can govern a package manager.
var lockFiles = map[string][]string{
	"npm":  {"npm-shrinkwrap.json", "package-lock.json"},
	"yarn": {"yarn.lock"},
	"pnpm": {"pnpm-lock.yaml"},
	"bun":  {"bun.lock", "bun.lockb"},
}

// lockName is the lock file that a package manager writes where there is none.
func (m PackageManager) lockName() string {
	if m.Name == "npm" {
		return "package-lock.json"
	}
	return lockFiles[m.Name][0]
}

// settingsFiles are files beside package.json that an install reads and that,
// other than .npmrc, hold no secrets by custom.
var settingsFiles = []string{".pnpmfile.cjs", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"}
