package project

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Facts are what a folder says about its app, apart from devbox.yaml.
type Facts struct {
	// Package is what package.json says; nil where there is none.
	Package *Package
	// Lock names the lock file that governs; empty where there is none.
	Lock string
	// OtherLocks are lock files that are there and do not govern.
	OtherLocks []string
	Npmrc      bool
	// Settings are the other files that an install reads.
	Settings []string
	// NodeFile is the version that a file such as .nvmrc asks for, and its name.
	NodeFile, NodeFileName string
	// Entry is the first of server.js, index.js and app.js that is there.
	Entry string
}

// Package is what of package.json matters.
type Package struct {
	Name           string
	Main           string
	Scripts        map[string]string
	Node           string // engines.node
	VoltaNode      string
	PackageManager string
	Dependencies   map[string]string
	Development    map[string]string
	Workspaces     bool
	// raw are the sections as they stand there.
	raw map[string]json.RawMessage
}

// maxPackageSize is far above any package.json that a person has written.
const maxPackageSize = 5 << 20

// Detect reads the facts of a folder. It writes nothing and starts nothing.
func Detect(fsys fs.FS) (*Facts, error) {
	f := &Facts{}
	data, err := readSmall(fsys, "package.json", maxPackageSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if f.Package, err = parsePackage(data); err != nil {
			return nil, err
		}
	}
	f.findLocks(fsys)
	f.Npmrc = isFile(fsys, ".npmrc")
	for _, name := range settingsFiles {
		if isFile(fsys, name) {
			f.Settings = append(f.Settings, name)
		}
	}
	f.findNodeFile(fsys)
	for _, name := range []string{"server.js", "index.js", "app.js", "index.mjs", "server.mjs", "src/index.js", "src/server.js"} {
		if f.Entry == "" && isFile(fsys, name) {
			f.Entry = name
		}
	}
	return f, nil
}

// readSmall reads a regular file of at most limit bytes; symlinks are refused,
// since what they name may lie outside the project.
func readSmall(fsys fs.FS, name string, limit int) ([]byte, error) {
	info, err := fs.Lstat(fsys, name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if err := checkRegular("read", name, info); err != nil {
		return nil, err
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if len(data) > limit {
		return nil, invalid(name, "it is too large: more than %d bytes", limit)
	}
	return data, nil
}

func isFile(fsys fs.FS, name string) bool {
	info, err := fs.Lstat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// lockOrder is the order in which lock files govern: npm prefers its
// npm-shrinkwrap.json, and of different managers' locks the rarer one was more
// likely put there on purpose.
var lockOrder = []string{"bun.lock", "pnpm-lock.yaml", "yarn.lock", "npm-shrinkwrap.json", "package-lock.json"}

// findLocks decides which lock file governs. Where package.json names the
// package manager, only that one's can.
func (f *Facts) findLocks(fsys fs.FS) {
	var there []string
	for _, name := range lockOrder {
		if isFile(fsys, name) {
			there = append(there, name)
		}
	}
	wanted := ""
	if f.Package != nil {
		wanted, _, _ = strings.Cut(f.Package.PackageManager, "@")
	}
	for _, name := range there {
		if f.Lock == "" && (wanted == "" || slices.Contains(lockFiles[wanted], name)) {
			f.Lock = name
		} else {
			f.OtherLocks = append(f.OtherLocks, name)
		}
	}
}

func (f *Facts) findNodeFile(fsys fs.FS) {
	const limit = 64 << 10
	for _, name := range []string{".nvmrc", ".node-version", ".tool-versions"} {
		data, err := readSmall(fsys, name, limit)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			line, _, _ = strings.Cut(line, "#")
			words := strings.Fields(line)
			if name == ".tool-versions" {
				if len(words) < 2 || words[0] != "nodejs" && words[0] != "node" {
					continue
				}
				words = words[1:]
			}
			if len(words) > 0 {
				f.NodeFile, f.NodeFileName = words[0], name
				return
			}
		}
	}
}

// RenderFacts are the facts that rendering needs.
func (f *Facts) RenderFacts() RenderFacts {
	return RenderFacts{
		PackageJSON: f.Package != nil, Lock: f.Lock, Settings: f.Settings, Npmrc: f.Npmrc,
		WholeFolder: f.Package != nil && f.Package.needsWholeFolder(),
	}
}

// installScripts are the scripts of package.json that an install runs.
var installScripts = []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}

// needsWholeFolder tells whether an install needs more than the package files.
func (p *Package) needsWholeFolder() bool {
	for _, name := range installScripts {
		if p.Scripts[name] != "" {
			return true
		}
	}
	for _, deps := range []map[string]string{p.Dependencies, p.Development} {
		for _, spec := range deps {
			if strings.HasPrefix(spec, "file:") || strings.HasPrefix(spec, "link:") || strings.HasPrefix(spec, "workspace:") {
				return true
			}
		}
	}
	return p.Workspaces
}

// readDependencies reads what the key of a node_modules tree is made of.
func readDependencies(fsys fs.FS, f *Facts) (Dependencies, error) {
	var d Dependencies
	const maxLock = 64 << 20
	var err error
	if f.Lock != "" {
		if d.Lock, err = readSmall(fsys, f.Lock, maxLock); err != nil {
			return d, err
		}
	}
	if f.Npmrc {
		if d.Npmrc, err = readSmall(fsys, ".npmrc", maxYAMLSize); err != nil {
			return d, err
		}
	}
	for _, name := range f.Settings {
		data, err := readSmall(fsys, name, maxYAMLSize)
		if err != nil {
			return d, err
		}
		d.Npmrc = append(append(d.Npmrc, "\n"+name+"\n"...), data...)
	}
	if f.Package != nil {
		d.Manifest = f.Package.canonical(manifestSections)
		scripts := map[string]string{}
		for _, name := range installScripts {
			if s := f.Package.Scripts[name]; s != "" {
				scripts[name] = s
			}
		}
		// A map of strings always encodes.
		d.Scripts, _ = json.Marshal(scripts)
	}
	return d, nil
}

// manifestSections are the sections of package.json that an install reads.
var manifestSections = []string{
	"dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta",
	"bundleDependencies", "bundledDependencies", "overrides", "resolutions", "pnpm", "workspaces", "allowScripts", "trustedDependencies",
}

// canonical is some sections in a form that white space and order do not change.
func (p *Package) canonical(sections []string) []byte {
	out := map[string]any{}
	for _, name := range sections {
		var v any
		if raw, ok := p.raw[name]; ok && json.Unmarshal(raw, &v) == nil {
			out[name] = v
		}
	}
	// Values that came from JSON encode to JSON.
	data, _ := json.Marshal(out)
	return data
}

// parsePackage reads package.json. Sections that devbox does not use may hold
// anything; those that it uses must be what npm takes.
func parsePackage(data []byte) (*Package, error) {
	const file = "package.json"
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := checkText(file, data, maxPackageSize); err != nil {
		return nil, err
	}
	if err := checkDepth(file, data); err != nil {
		return nil, err
	}
	p := &Package{}
	if err := json.Unmarshal(data, &p.raw); err != nil {
		return nil, jsonError(file, data, err)
	}
	var s struct {
		Name, Main, PackageManager    string
		Scripts                       map[string]string
		Dependencies, DevDependencies map[string]string
		Engines                       json.RawMessage
		Volta                         struct{ Node string }
		Workspaces                    json.RawMessage
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, jsonError(file, data, err)
	}
	p.Name, p.Main, p.PackageManager, p.Scripts = s.Name, s.Main, s.PackageManager, s.Scripts
	p.Dependencies, p.Development, p.VoltaNode = s.Dependencies, s.DevDependencies, s.Volta.Node
	p.Workspaces = len(s.Workspaces) > 0 && string(s.Workspaces) != "null"
	var engines struct{ Node string }
	// Very old packages have a list there, which npm ignores as well.
	if json.Unmarshal(s.Engines, &engines) == nil {
		p.Node = engines.Node
	}
	return p, nil
}

// maxJSONDepth is far above what package.json needs.
const maxJSONDepth = 100

func checkDepth(file string, data []byte) error {
	depth, inString, escaped := 0, false, false
	for i, b := range data {
		switch {
		case escaped:
			escaped = false
		case inString && b == '\\':
			escaped = true
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > maxJSONDepth {
				line, column := place(data, int64(i))
				return &InvalidError{File: file, Problems: []Problem{{line, column, fmt.Sprintf("it is nested more than %d levels deep", maxJSONDepth)}}}
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

func jsonError(file string, data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	p := Problem{Text: "it is not valid JSON: " + err.Error()}
	switch {
	case errors.As(err, &syntax):
		p.Line, p.Column = place(data, syntax.Offset-1)
	case errors.As(err, &kind):
		p.Line, p.Column = place(data, kind.Offset-1)
		p.Text = fmt.Sprintf("%s must not be a %s here", strings.ToLower(cmp.Or(kind.Field, "the top")), kind.Value)
	case len(bytes.TrimSpace(data)) == 0:
		p.Text = "it is empty"
	}
	return &InvalidError{File: file, Problems: []Problem{p}}
}

// place turns an offset into a line and a column, which count from 1.
func place(data []byte, offset int64) (line, column int) {
	offset = max(0, min(offset, int64(len(data))))
	before := data[:offset]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
}

// Node is the exact version that the folder asks for, or the newest LTS.
func (f *Facts) Node() string {
	v, _ := f.nodeVersion()
	return v
}

// PackageManager is the one that the folder uses, at its exact version.
func (f *Facts) PackageManager() PackageManager {
	m, _ := f.packageManager()
	return m
}

// managerOfLock tells which package manager writes a lock file.
func managerOfLock(lock string) string {
	for name, locks := range lockFiles {
		if slices.Contains(locks, path.Base(lock)) {
			return name
		}
	}
	return "npm"
}
