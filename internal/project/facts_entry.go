package project

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Entry is what the code shows where it starts.
type Entry struct {
	// File is the first of the usual entry files that is there; empty where
	// none is. Main is the file that package.json's main stands for.
	File, Main string
	// Port is a port that the code names.
	Port Fact
	// Listens tells that the code opens a server.
	Listens bool
	// Alone tells that the code was read and loads no other file of the
	// project: what it does not show is not there.
	Alone bool
}

// usualEntries are the files that an app starts with by custom.
var usualEntries = []string{
	"server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs", "app.mjs", "server.cjs", "index.cjs", "app.cjs",
	"src/server.js", "src/index.js", "src/app.js", "src/main.js", "src/server.mjs", "src/index.mjs",
	"bin/www", "bin/www.js",
}

// typedEntries start an app that something else compiles. They are read for
// hints only.
var typedEntries = []string{
	"server.ts", "index.ts", "app.ts", "main.ts", "src/server.ts", "src/index.ts", "src/app.ts", "src/main.ts",
}

// mostEntries is how many files are read for hints.
const mostEntries = 12

func detectEntry(fsys fs.FS, p *PackageJSON) Entry {
	entry := Entry{Main: mainFile(fsys, p)}
	if i := slices.IndexFunc(usualEntries, func(name string) bool { return isRegular(fsys, name) }); i >= 0 {
		entry.File = usualEntries[i]
	}
	candidates := append(scriptFiles(p), entry.Main)
	candidates = append(append(candidates, usualEntries...), typedEntries...)
	read, alone := map[string]bool{"": true}, true
	for _, name := range candidates {
		if read[name] || len(read) > mostEntries {
			continue
		}
		if text := peek(fsys, name); text != "" {
			read[name] = true
			alone = alone && !loadsFiles.MatchString(text)
			entry.hints(name, text)
		}
	}
	entry.Alone = alone && len(read) > 1
	return entry
}

// mainFile is the file that main stands for, by Node's own rules.
func mainFile(fsys fs.FS, p *PackageJSON) string {
	if p == nil || p.Main == "" {
		return ""
	}
	main := path.Clean(p.Main)
	for _, name := range []string{main, main + ".js", path.Join(main, "index.js")} {
		if fs.ValidPath(name) && isRegular(fsys, name) {
			return name
		}
	}
	return ""
}

var scriptFile = regexp.MustCompile(`[\w./@-]+\.(?:js|mjs|cjs|ts|mts|cts)\b|\bbin/www\b`)

// scriptFiles are the files that the scripts which start an app name.
func scriptFiles(p *PackageJSON) []string {
	if p == nil {
		return nil
	}
	var files []string
	for _, script := range append(slices.Clone(devScripts), prodScripts...) {
		for _, name := range scriptFile.FindAllString(p.Scripts[script], -1) {
			files = append(files, path.Clean(name))
		}
	}
	return files
}

var (
	// portPatterns are how code names its port, the surest first.
	portPatterns = []*regexp.Regexp{
		regexp.MustCompile(`\bPORT["'\]]*\s*(?:,\s*10\s*)?\)?\s*(?:\|\||\?\?)\s*["'\x60]?(\d{2,5})\b`),
		regexp.MustCompile(`\.listen\(\s*(?:\{[^}]{0,200}?\bport:\s*)?(\d{2,5})\b`),
		regexp.MustCompile(`(?i)\b(?:const|let|var)\s+(?:server_?)?port\s*=\s*["']?(\d{2,5})\b`),
		regexp.MustCompile(`(?i)\bserver\(\s*\{[^}]{0,200}?\bport:\s*(\d{2,5})\b`),
	}
	opensServer = regexp.MustCompile(`\.listen\(|\bcreateServer\(|\bserve\(`)
	loadsFiles  = regexp.MustCompile(`\brequire\(\s*["'\x60]\.|\bfrom\s*["']\.|\bimport\s*\(?\s*["'\x60]\.`)
	lineComment = regexp.MustCompile(`(?m)^\s*(?://|\*|/\*).*$`)
)

// hints takes what one file shows. The first port that is found stays.
func (e *Entry) hints(name, text string) {
	text = lineComment.ReplaceAllString(text, "")
	e.Listens = e.Listens || opensServer.MatchString(text)
	for _, pattern := range portPatterns {
		m := pattern.FindStringSubmatch(text)
		if m != nil && e.Port.Text == "" && validPort(m[1]) {
			e.Port = Fact{m[1], name}
		}
	}
}

// validPort tells whether a text is a port that a server can listen on.
func validPort(text string) bool {
	port, err := strconv.Atoi(text)
	return err == nil && port > 0 && port <= lastPort
}

// envFiles hold variables of development. Examples stand in for the .env that
// a fresh checkout does not have.
var envFiles = []string{".env", ".env.development", ".env.local", ".env.example", ".env.template", ".env.sample", ".env.dist"}

var portVariable = regexp.MustCompile(`^(?:export\s+)?PORT\s*=\s*["']?(\d{1,5})["']?\s*(?:#.*)?$`)

// envPort is the PORT of the first .env file that has one. Nothing else is
// taken from there.
func envPort(fsys fs.FS) Fact {
	for _, name := range envFiles {
		for line := range strings.Lines(peek(fsys, name)) {
			if m := portVariable.FindStringSubmatch(strings.TrimSpace(line)); m != nil && validPort(m[1]) {
				return Fact{m[1], name + " PORT"}
			}
		}
	}
	return Fact{}
}
