package project

import (
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// LockFile is a lock file that is in the folder.
type LockFile struct {
	Name    string // package-lock.json
	Manager string // npm
	// Format tells apart what one name has stood for. For yarn.lock it is classic,
	// or berry and the versions of the lock and of its cache, berry 6.8; for
	// pnpm-lock.yaml the lockfileVersion. Else it is empty.
	Format string
}

// detectLocks lists the lock files there. npm-shrinkwrap.json comes before
// package-lock.json, as npm has it; between package managers the order is
// that of their age.
func detectLocks(fsys fs.FS) []LockFile {
	var locks []LockFile
	for _, manager := range managerNames {
		for _, name := range lockFiles[manager] {
			if isRegular(fsys, name) {
				locks = append(locks, LockFile{Name: name, Manager: manager, Format: lockFormat(manager, peek(fsys, name))})
			}
		}
	}
	return locks
}

// Lock names the lock file that governs: the one of the package manager that
// package.json names, else the first. It is empty where there is none.
func (f *Facts) Lock() string {
	name, _, _ := f.managerWish("")
	return f.lockOf(name).Name
}

// lockOf is the lock file that governs a package manager.
func (f *Facts) lockOf(manager string) LockFile {
	i := slices.IndexFunc(f.Locks, func(l LockFile) bool { return l.Manager == manager })
	if i < 0 {
		return LockFile{}
	}
	return f.Locks[i]
}

// berryFormat is what a lock of yarn 2 and later says of its form.
var berryFormat = lazy(`\n__metadata:\n  version: (\d+)\n(?:  cacheKey: (\d+)\n)?`)

var pnpmFormat = regexp.MustCompile(`(?m)^lockfileVersion:\s*['"]?(\d+(?:\.\d+)?)`)

func lockFormat(manager, head string) string {
	switch {
	case manager == "yarn" && strings.Contains(head, "\n__metadata:"):
		if m := berryFormat().FindStringSubmatch(head); m != nil {
			return "berry " + m[1] + "." + m[2]
		}
		return "berry"
	case manager == "yarn":
		return "classic"
	case manager == "pnpm":
		if m := pnpmFormat.FindStringSubmatch(head); m != nil {
			return m[1]
		}
	}
	return ""
}

// peekSize is as much of a file as hints are looked for in.
const peekSize = 256 << 10

// peek reads the start of a file that may hold a hint. A file that cannot be
// read holds none.
func peek(fsys fs.FS, name string) string {
	if !fs.ValidPath(name) || !isRegular(fsys, name) {
		return ""
	}
	file, err := fsys.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, peekSize))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(string(data), byteOrderMark)
}

var yarnPath = lazy(`(?m)^(?:yarnPath:|yarn-path)\s+["']?\S*yarn-(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+?)?)\.c?js["']?\s*$`)

// yarnRelease is the version of the release that yarn's settings name, which by
// custom is committed beside them.
func yarnRelease(fsys fs.FS) string {
	for _, name := range []string{".yarnrc.yml", ".yarnrc"} {
		if m := yarnPath().FindStringSubmatch(peek(fsys, name)); m != nil {
			return m[1]
		}
	}
	return ""
}

var linkerSetting = lazy(`(?m)^nodeLinker:\s*["']?([\w-]+)`)

func nodeLinker(fsys fs.FS) string {
	if m := linkerSetting().FindStringSubmatch(peek(fsys, ".yarnrc.yml")); m != nil {
		return m[1]
	}
	return ""
}
