package volumes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
)

// TreeFile is what counts of one entry of a node_modules tree: what it is, and
// its content. Times, owners and the other bits of the mode do not count.
type TreeFile struct {
	Type TreeType
	// Exec says that somebody may execute a file.
	Exec bool
	// Sum is the SHA-256 of a file's content, in hexadecimal digits; of a symlink
	// it is what that names.
	Sum string
}

// TreeType is the type of an entry.
type TreeType string

// The types of entries.
const (
	RegularFile TreeType = "file"
	Folder      TreeType = "folder"
	Symlink     TreeType = "symlink"
	Special     TreeType = "special file"
)

// ModuleTree is the content of a node_modules folder, by paths that are
// relative to it.
type ModuleTree struct {
	Files map[string]TreeFile
	// Packages maps the folders of packages to name@version, as their
	// package.json says.
	Packages map[string]string
}

// NewModuleTree is an empty tree.
func NewModuleTree() *ModuleTree {
	return &ModuleTree{Files: map[string]TreeFile{}, Packages: map[string]string{}}
}

// Add takes an entry into the tree, unless it is nothing of an install.
func (t *ModuleTree) Add(e engine.TreeEntry, content io.Reader) error {
	if e.Path == "" || isVolatile(e.Path) {
		return nil
	}
	const anybody = 0o111
	f := TreeFile{Type: Special, Sum: e.Link}
	switch {
	case e.Same != "":
		f = t.Files[e.Same]
	case e.Mode.IsDir():
		f.Type = Folder
	case e.Mode&fs.ModeSymlink != 0:
		f.Type = Symlink
	case e.Mode.IsRegular():
		var err error
		if f, err = t.hash(e.Path, content); err != nil {
			return fmt.Errorf("read %s: %w", e.Path, err)
		}
		f.Exec = e.Mode&anybody != 0
	}
	t.Files[e.Path] = f
	return nil
}

// hash reads a file. That of a package's package.json tells what it is.
func (t *ModuleTree) hash(name string, content io.Reader) (TreeFile, error) {
	h := sha256.New()
	root := packageFolder(name)
	if root == "" || name != root+"/package.json" {
		_, err := io.Copy(h, content)
		return TreeFile{Type: RegularFile, Sum: hex.EncodeToString(h.Sum(nil))}, err
	}
	const most = 4 << 20
	text, err := io.ReadAll(io.LimitReader(io.TeeReader(content, h), most))
	if err == nil {
		_, err = io.Copy(h, content)
	}
	var who struct{ Name, Version string }
	if json.Unmarshal(text, &who) == nil && who.Name != "" {
		t.Packages[root] = who.Name + "@" + who.Version
	}
	return TreeFile{Type: RegularFile, Sum: hex.EncodeToString(h.Sum(nil))}, err
}

// Count is how many files and symlinks there are.
func (t *ModuleTree) Count() int {
	n := 0
	for _, f := range t.Files {
		if f.Type != Folder {
			n++
		}
	}
	return n
}

// filled are the entries without folders that hold no file: an install that goes
// on from another tree may leave such behind, and no program sees a difference.
func (t *ModuleTree) filled() map[string]TreeFile {
	holds := map[string]bool{}
	for name, f := range t.Files {
		if f.Type == Folder {
			continue
		}
		for dir := path.Dir(name); dir != "." && !holds[dir]; dir = path.Dir(dir) {
			holds[dir] = true
		}
	}
	all := make(map[string]TreeFile, len(t.Files))
	for name, f := range t.Files {
		if f.Type != Folder || holds[name] {
			all[name] = f
		}
	}
	return all
}

// Digest is a SHA-256 of the whole tree, in hexadecimal digits.
func (t *ModuleTree) Digest() string {
	h := sha256.New()
	all := t.filled()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		part(h, name, string(f.Type), fmt.Sprint(f.Exec), f.Sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}

const modulesFolder = "node_modules"

// packageFolder is the folder of the package that a path belongs to, empty for
// what belongs to none, such as .bin.
func packageFolder(name string) string {
	full := "/" + modulesFolder + "/" + name
	at := strings.LastIndex(full, "/"+modulesFolder+"/")
	if at < 0 {
		return ""
	}
	inside := full[at+len(modulesFolder)+len("//"):]
	parts := strings.SplitN(inside, "/", 3) // scope, name, the rest
	length := len(parts[0])
	switch {
	case strings.HasPrefix(inside, "."):
		return ""
	case strings.HasPrefix(inside, "@"):
		if len(parts) == 1 || parts[1] == "" {
			return ""
		}
		length += 1 + len(parts[1])
	}
	folder := full[:at+len(modulesFolder)+len("//")+length]
	return strings.TrimPrefix(folder, "/"+modulesFolder+"/")
}

// kept are the names with a dot in front that hold packages or lead to them. No
// package is named so; all else that is are notes and caches of package managers
// and of tools.
var kept = []string{".bin", ".pnpm", ".bun", ".store"}

// isVolatile tells whether a path is no part of what the lock asks for: below a
// node_modules folder, what begins with a dot, such as .package-lock.json,
// .yarn-integrity, .modules.yaml, .cache and .vite. Package managers and tools
// write times, places and results of their own there.
func isVolatile(name string) bool {
	before := modulesFolder
	parts := strings.Split(name, "/")
	for i, p := range parts {
		if before == modulesFolder && strings.HasPrefix(p, ".") && !slices.Contains(kept, p) {
			return true
		}
		// Files directly in the virtual store are notes too.
		if i == 1 && i == len(parts)-1 && parts[0] == ".pnpm" && path.Ext(p) == ".yaml" {
			return true
		}
		before = p
	}
	return false
}
