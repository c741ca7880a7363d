package project

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Written is a folder that a tool or an app writes, as its settings say.
type Written struct {
	// Fact is the folder, relative to the package, and what says so.
	Fact
	// Tools are the programs that write it; none stand for the app itself.
	Tools string
}

// The programs of each tool that settings are looked for.
const (
	compilers      = "tsc|tsc-watch|nest|vue-tsc|ttsc|tspc"
	bundlersToDist = "tsup|tsdown|webpack|rollup|rspack|parcel|unbuild|pkgroll|ncc|vite build"
)

var (
	distDirSetting   = lazy(`\bdistDir["']?\s*:\s*["']([^"'$]+)["']`)
	outDirOfVite     = lazy(`\boutDir["']?\s*:\s*["']([^"'$]+)["']`)
	buildInfoSetting = lazy(`"tsBuildInfoFile"\s*:\s*"([^"]+)"`)
	deletesOutDir    = lazy(`"deleteOutDir"\s*:\s*true`)
	prismaGenerator  = lazy(`(?s)\bgenerator\s+\w+\s*\{(.*?)\}`)
	prismaOutput     = lazy(`(?m)^\s*output\s*=\s*"([^"]+)"`)
	dataFile         = lazy(`^(?:file:|sqlite:(?://)?)?(?:\./)?([\w.-]+(?:/[\w.-]+)*)/[\w.-]+\.(?:db|sqlite3?)(?:\?.*)?$`)
	dataFolder       = lazy(`^\./([\w.-]+(?:/[\w.-]+)*)/?$`)
	folderVariable   = lazy(`(?:_|^)(?:DIR|DIRECTORY|FOLDER)$`)
)

// nextSettings and viteSettings are where the tools have theirs.
var (
	nextSettings = []string{"next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs"}
	viteSettings = []string{"vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs"}
)

// writtenFolders are the folders of a package that something writes while it is
// developed, apart from those that tools are known to keep for themselves.
func writtenFolders(fsys fs.FS, p *PackageJSON, out Fact) []Written {
	w := writesReader{fsys: fsys}
	if out.Text != "" {
		w.add(out.Text, out.Source, compilers)
	} else if isRegular(fsys, "nest-cli.json") {
		w.add("dist", "nest-cli.json", compilers)
	}
	for _, name := range []string{"tsconfig.json", "tsconfig.build.json"} {
		if m := buildInfoSetting().FindStringSubmatch(lineComment.ReplaceAllString(peek(fsys, name), "")); m != nil {
			w.add(path.Dir(path.Clean(m[1])), name+" tsBuildInfoFile", compilers)
		}
	}
	w.setting(nextSettings, distDirSetting(), "next")
	w.setting(viteSettings, outDirOfVite(), "vite build")
	w.add("dist", "where bundlers write", bundlersToDist)
	w.add("public", "where Gatsby writes", "gatsby")
	w.add(".wrangler/state", "where Wrangler keeps local data", "wrangler dev")
	w.nx(p)
	w.prisma()
	w.data()
	return w.list
}

type writesReader struct {
	fsys fs.FS
	list []Written
}

// add takes a folder in that a volume can be mounted on: nothing of the user's
// would be hidden by it.
func (w *writesReader) add(dir, source, tools string) {
	dir = path.Clean(dir)
	if !fs.ValidPath(dir) || dir == "." || checkWritten(dir).text != "" || inModules(dir) || !w.free(dir, tools != "") {
		return
	}
	w.list = append(w.list, Written{Fact{dir, source}, tools})
}

// free tells whether a folder is not there, has nothing in it but what keeps it in
// git, or is left out of git and can be made anew. Data are left out of git as well,
// and a volume would hide those that are there.
func (w *writesReader) free(dir string, remade bool) bool {
	info, err := fs.Lstat(w.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil || !info.IsDir() {
		return false
	}
	return emptyIn(w.fsys, dir) || remade && ignoredPlainly(w.fsys, dir)
}

// emptyIn tells whether a folder has nothing in it, or only what keeps it in git.
func emptyIn(fsys fs.FS, dir string) bool {
	f, err := fsys.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return false
	}
	const few = 3 // more than the names that keep a folder
	entries, err := d.ReadDir(few)
	return (err == nil || errors.Is(err, io.EOF)) && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !listed(".gitkeep .keep .gitignore", e.Name())
	})
}

// ignoredPlainly tells whether .gitignore names a folder in so many words.
func ignoredPlainly(fsys fs.FS, dir string) bool {
	for line := range strings.Lines(peek(fsys, ".gitignore")) {
		rule := strings.TrimSuffix(strings.TrimSpace(line), "/")
		rule = strings.TrimSuffix(rule, "/*")
		if anchored, top := strings.CutPrefix(strings.TrimPrefix(rule, "**/"), "/"); anchored == dir || !top && anchored == path.Base(dir) {
			return true
		}
	}
	return false
}

// setting takes the folder in that a form finds in settings.
func (w *writesReader) setting(files []string, form *regexp.Regexp, tools string) {
	for _, name := range files {
		if m := form.FindStringSubmatch(lineComment.ReplaceAllString(peek(w.fsys, name), "")); m != nil {
			w.add(m[1], name, tools)
		}
	}
}

// prisma finds clients that are generated into the sources.
func (w *writesReader) prisma() {
	for _, name := range prismaSchemas {
		for _, g := range prismaGenerator().FindAllStringSubmatch(peek(w.fsys, name), -1) {
			if m := prismaOutput().FindStringSubmatch(g[1]); m != nil {
				w.add(path.Join(path.Dir(name), m[1]), name, "prisma")
			}
		}
	}
}

// data finds folders that variables name: of database files, of uploads.
func (w *writesReader) data() {
	for _, file := range slices.Concat(envOwn, envExamples) {
		for line := range strings.Lines(peek(w.fsys, file)) {
			name, value, ok := envAssignment(line)
			if !ok {
				continue
			}
			m := dataFile().FindStringSubmatch(value)
			if m == nil && folderVariable().MatchString(name) {
				m = dataFolder().FindStringSubmatch(value)
			}
			if m != nil {
				w.add(m[1], file+" "+name, "")
			}
		}
	}
}

// deletedFolder is the folder that Nest removes before it builds.
func deletedFolder(fsys fs.FS, out Fact) Fact {
	const name = "nest-cli.json"
	if !deletesOutDir().MatchString(lineComment.ReplaceAllString(peek(fsys, name), "")) {
		return Fact{}
	}
	return Fact{cmp.Or(out.Text, "dist"), name}
}
