package project

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Files that migrations are made of, as the tools for them name these.
var (
	migrationFolders = []string{"prisma", "migrations", "drizzle", "migrate"}
	migrationFiles   = []string{
		"knexfile", "drizzle.config", "prisma.config", "ormconfig", "data-source", ".sequelizerc", "mikro-orm.config", "database.json",
	}
	// migrationParents are folders in which tools look for folders of migrations.
	migrationParents = []string{"", "db", "database", "src", "src/db", "src/database", "server", "server/db", "lib/db", "app/db", "sql"}
)

// IsStepFile tells whether a file, relative to the project, is one that an app's
// migration or seed reads: it is in a folder for that, or the command names it.
func (p *Project) IsStepFile(s Service, file string) bool {
	if len(s.Migrate) == 0 {
		return false
	}
	return slices.ContainsFunc(p.PackageOf(s).stepDirs(s), func(dir string) bool {
		rel, below := subFolder(dir, file)
		return below && p.isStepFileIn(s, rel)
	})
}

// subFolder is a file's name from a folder of the project, false where it is not
// below that.
func subFolder(dir, file string) (string, bool) {
	if dir == "" {
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}

// stepDirs are the folders whose files an app's migration reads: the app's own,
// and that of the local package that the command goes to.
func (k *Package) stepDirs(s Service) []string {
	dirs := []string{s.Dir}
	for _, words := range simpleCommands(s.Migrate) {
		folder, _ := k.builds(words, s.Dir)
		if folder == "" && len(words) == 2 && words[0] == "cd" && !path.IsAbs(words[1]) {
			folder = path.Join(s.Dir, words[1])
		}
		if folder != "" && fs.ValidPath(folder) && !slices.Contains(dirs, folder) {
			dirs = append(dirs, folder)
		}
	}
	return dirs
}

// simpleCommands are the words of the commands of a line that stand one after the
// other, as far as a shell changes nothing in them.
func simpleCommands(c Command) [][]string {
	if !c.IsShell() {
		return [][]string{c}
	}
	line, err := lexShell(withoutExec(c[2]))
	commands, ok := line.sequence()
	if err != nil || line.opaque || !ok {
		return nil
	}
	var list [][]string
	for _, command := range commands {
		if words, plain := plainWords(command); plain {
			list = append(list, words)
		}
	}
	return list
}

// isStepFileIn is IsStepFile for a name relative to one of the folders.
func (p *Project) isStepFileIn(s Service, rel string) bool {
	dir, name := path.Split(rel)
	for part := range strings.SplitSeq(strings.TrimSuffix(dir, "/"), "/") {
		if slices.Contains(migrationFolders, part) {
			return true
		}
	}
	stem := strings.TrimSuffix(name, path.Ext(name))
	if slices.Contains(migrationFiles, stem) || slices.Contains(migrationFiles, name) {
		return true
	}
	return slices.Contains(p.namedFiles(s), rel)
}

// namedFiles are the words of the migration's command, and of the script that it
// runs, that may be files, relative to the app or to the local package that the
// command goes to.
func (p *Project) namedFiles(s Service) []string {
	var manifests []*PackageJSON
	if pkg := p.PackageJSON(s); pkg != nil {
		manifests = append(manifests, pkg)
	}
	k := p.PackageOf(s)
	dirs := k.stepDirs(s)
	for _, m := range k.Members {
		if m.manifest != nil && slices.Contains(dirs, m.Dir) {
			manifests = append(manifests, m.manifest)
		}
	}
	words := slices.Clone(s.Migrate)
	for _, called := range simpleCommands(s.Migrate) {
		words = append(words, called...)
	}
	for _, w := range slices.Clone(words) {
		for _, pkg := range manifests {
			words = append(words, strings.Fields(pkg.Scripts[w])...)
		}
	}
	var files []string
	for _, w := range words {
		w = strings.Trim(w, `"'`)
		if _, value, ok := strings.Cut(w, "="); ok && strings.HasPrefix(w, "-") {
			w = value
		}
		if w = path.Clean(w); fs.ValidPath(w) && path.Ext(w) != "" {
			files = append(files, w)
		}
	}
	return files
}

// StepFiles is the digest of the files that an app's migration reads. Only the
// usual places are looked at: a start must not read a whole source tree.
func (p *Project) StepFiles(app string) (string, error) {
	s, ok := p.Model.Service(app)
	if !ok {
		return "", nil
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return "", fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	fsys := root.FS()
	found := map[string]bool{}
	for _, dir := range p.PackageOf(s).stepDirs(s) {
		for _, parent := range migrationParents {
			p.findStepFiles(fsys, s, path.Join(dir, parent), found)
		}
		for _, name := range p.namedFiles(s) {
			found[path.Join(dir, name)] = true
		}
	}
	return digestFiles(root, found), nil
}

// findStepFiles adds the files in a folder that an app's migration reads.
func (p *Project) findStepFiles(fsys fs.FS, s Service, dir string, found map[string]bool) {
	if dir == "" {
		dir = "."
	}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && slices.Contains(migrationFolders, entry.Name()):
			collectFiles(fsys, name, found)
		case entry.Type().IsRegular() && p.IsStepFile(s, name):
			found[name] = true
		}
	}
}

// collectFiles adds the files below a folder.
func collectFiles(fsys fs.FS, dir string, found map[string]bool) {
	const most = 10_000
	_ = fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case len(found) >= most:
			return fs.SkipAll
		case entry.Type().IsRegular():
			found[name] = true
		}
		return nil
	})
}

// digestFiles is the digest of files' names and contents; those that are not
// there are left out.
func digestFiles(root *os.Root, names map[string]bool) string {
	h := sha256.New()
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	for _, name := range list {
		if data, err := ReadFile(root, name); err == nil {
			fmt.Fprintf(h, "%q %d %x\n", name, len(data), sha256.Sum256(data))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
