package lockfile

import (
	"fmt"
	"slices"
	"strings"
)

// names are the lock files that are known, those of one package manager in the
// order of their precedence.
var names = []struct{ manager, name string }{
	{"npm", "npm-shrinkwrap.json"},
	{"npm", "package-lock.json"},
	{"yarn", "yarn.lock"},
	{"pnpm", "pnpm-lock.yaml"},
	{"bun", "bun.lock"},
	{"bun", "bun.lockb"},
}

// Names are all lock files that are known, those of one package manager in the
// order of their precedence.
func Names() []string {
	var all []string
	for _, n := range names {
		all = append(all, n.name)
	}
	return all
}

// Manager is the package manager that a lock file belongs to, empty for a file
// that is none. It goes by the last part of the path.
func Manager(file string) string {
	base := file[strings.LastIndexByte(file, '/')+1:]
	for _, n := range names {
		if n.name == base {
			return n.manager
		}
	}
	return ""
}

// Governing is which of the lock files in a folder counts.
type Governing struct {
	// File is the lock file's name. It is empty where none counts.
	File string `json:"file"`
	// Manager is the package manager that it was chosen for.
	Manager string `json:"manager"`
	// Others are lock files there that do not count.
	Others []string `json:"others,omitempty"`
	// Warnings say why something that is there does not count.
	Warnings []string `json:"warnings,omitempty"`
}

// Govern tells which of the files of a folder is the lock of a package
// manager, and what about the others should be said. Without a manager it is
// the first that there is a lock for.
func Govern(files []string, manager string) Governing {
	g := Governing{Manager: manager}
	for _, n := range names {
		if !slices.Contains(files, n.name) {
			continue
		}
		if g.File == "" && (g.Manager == "" || g.Manager == n.manager) {
			g.File, g.Manager = n.name, n.manager
			continue
		}
		g.Others = append(g.Others, n.name)
	}
	for _, other := range g.Others {
		g.Warnings = append(g.Warnings, g.overruled(other, manager != ""))
	}
	if g.File == "bun.lockb" {
		g.Warnings = append(g.Warnings, "bun.lockb is binary and cannot be read: "+textLock+" turns it into bun.lock")
	}
	return g
}

func (g Governing) overruled(other string, asked bool) string {
	owner := Manager(other)
	switch {
	case owner == g.Manager && owner == "npm":
		return "npm-shrinkwrap.json and package-lock.json are both there: npm reads npm-shrinkwrap.json only; remove one of them"
	case owner == g.Manager:
		return fmt.Sprintf("%s and %s are both there: %s reads %s; remove the other", g.File, other, g.Manager, g.File)
	case g.File == "":
		return fmt.Sprintf("%s is %s's and does not count: the package manager is %s, which has no lock file here", other, owner, g.Manager)
	case asked:
		return fmt.Sprintf("%s is %s's and does not count: the package manager is %s, so %s does", other, owner, g.Manager, g.File)
	}
	return fmt.Sprintf("%s is %s's and does not count beside %s: set packageManager in package.json to choose", other, owner, g.File)
}

const textLock = "`devbox run bun install --save-text-lockfile`"

// restore is the remedy for a lock file that cannot be read.
func restore(file string) string {
	return fmt.Sprintf("bring it back from git (`git checkout -- %s`), or remove it and run `%s`", file, installCommand(file))
}

// resolveConflict is the remedy for a lock file with merge markers. All
// package managers but bun merge such a file themselves.
func resolveConflict(file string) string {
	if Manager(file) == "bun" {
		return fmt.Sprintf("take one side (`git checkout --theirs -- %s`) and run `%s`", file, installCommand(file))
	}
	return fmt.Sprintf("resolve the conflict in package.json first, then `%s` resolves this one", installCommand(file))
}

func installCommand(file string) string {
	manager := Manager(file)
	if manager == "" {
		manager = "npm"
	}
	return "devbox run " + manager + " install"
}
