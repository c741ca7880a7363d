package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const packageFile = "package.json"

// PackageJSON is what devbox minds in a package.json.
type PackageJSON struct {
	Name, Version, Main, Type string
	Private                   bool
	// Manager is the packageManager field as it stands there.
	Manager                                             string
	Scripts, Engines, Volta                             map[string]string
	Dependencies, DevDependencies, OptionalDependencies map[string]string
	// Workspaces tells that there are other packages in the folder.
	Workspaces bool
	// Patches tells that packages are patched after they are installed.
	Patches bool
	// NodemonConfig tells that nodemon has settings of its own here.
	NodemonConfig bool
	// raw are the sections as they stand there.
	raw map[string]json.RawMessage
}

// ParsePackageJSON reads a package.json. All that is wrong in it comes back at
// once, in a *ConfigError.
func ParsePackageJSON(data []byte) (*PackageJSON, error) {
	// npm reads over a byte order mark, so it is no mistake.
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	root, problem := parseJSON(data)
	if problem != nil {
		return nil, configError(packageFile, []Problem{*problem})
	}
	r := &packageReader{data: data}
	p := r.read(root)
	if err := configError(packageFile, r.problems); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &p.raw); err != nil {
		return nil, configError(packageFile, []Problem{jsonProblem(data, err)})
	}
	return p, nil
}

// Has tells whether a package is among the dependencies of any kind.
func (p *PackageJSON) Has(name string) bool {
	if p == nil {
		return false
	}
	_, normal := p.Dependencies[name]
	_, optional := p.OptionalDependencies[name]
	return normal || optional || p.hasDev(name)
}

// devEngine is the version that devEngines asks of a tool.
func (p *PackageJSON) devEngine(role, name string) string {
	var engines map[string]json.RawMessage
	if json.Unmarshal(p.raw["devEngines"], &engines) != nil {
		return ""
	}
	type engine struct{ Name, Version string }
	var one engine
	if json.Unmarshal(engines[role], &one) == nil && one.Name == name {
		return one.Version
	}
	var list []engine
	if json.Unmarshal(engines[role], &list) == nil {
		for _, e := range list {
			if e.Name == name {
				return e.Version
			}
		}
	}
	return ""
}

// hasDevTypes tells whether declarations of types are development dependencies.
func (p *PackageJSON) hasDevTypes() bool {
	for name := range p.DevDependencies {
		if strings.HasPrefix(name, "@types/") {
			return true
		}
	}
	return false
}

// hasDev tells whether a package is there for development.
func (p *PackageJSON) hasDev(name string) bool {
	_, dev := p.DevDependencies[name]
	return dev
}

// installScripts are run by an install in the project's own folder.
var installScripts = []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}

func (p *PackageJSON) hasInstallScript() bool {
	return slices.ContainsFunc(installScripts, func(name string) bool { return p.Scripts[name] != "" })
}

// hasFolderDependency finds dependencies that are taken from the folder.
func (p *PackageJSON) hasFolderDependency() bool {
	for _, list := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
		for spec := range maps.Values(list) {
			for _, prefix := range []string{"file:", "link:", "portal:", "patch:", "./", "../"} {
				if strings.HasPrefix(spec, prefix) {
					return true
				}
			}
		}
	}
	return false
}

type packageReader struct {
	data     []byte
	problems []Problem
}

func (r *packageReader) add(offset int, format string, args ...any) {
	r.problems = append(r.problems, problemAt(r.data, offset, fmt.Sprintf(format, args...), ""))
}

func (r *packageReader) read(root jsonValue) *PackageJSON {
	p := &PackageJSON{}
	if root.kind != jsonObject {
		r.add(root.offset, "it must be an object, not %s", root.kind)
		return p
	}
	texts := map[string]*string{
		"name": &p.Name, "version": &p.Version, "main": &p.Main, "type": &p.Type, "packageManager": &p.Manager,
	}
	lists := map[string]*map[string]string{
		"scripts": &p.Scripts, "dependencies": &p.Dependencies, "devDependencies": &p.DevDependencies,
		"optionalDependencies": &p.OptionalDependencies, "engines": &p.Engines,
	}
	for _, m := range r.members(root, "the file") {
		switch {
		case texts[m.name] != nil:
			*texts[m.name] = r.text(m)
		case lists[m.name] != nil:
			*lists[m.name] = r.texts(m, false)
		case m.name == "volta":
			p.Volta = r.texts(m, true)
		case m.name == "private":
			p.Private = r.truth(m)
		case m.name == "workspaces":
			p.Workspaces = len(m.value.items) > 0 || len(m.value.members) > 0
		case m.name == "pnpm":
			p.Patches = p.Patches || hasMember(m.value, "patchedDependencies")
		case m.name == "patchedDependencies":
			p.Patches = true
		case m.name == "nodemonConfig":
			p.NodemonConfig = true
		}
	}
	return p
}

func hasMember(v jsonValue, name string) bool {
	return slices.ContainsFunc(v.members, func(m jsonMember) bool { return m.name == name })
}

// members are the keys of an object, each once.
func (r *packageReader) members(v jsonValue, where string) []jsonMember {
	first := map[string]int{}
	var kept []jsonMember
	for _, m := range v.members {
		if offset, twice := first[m.name]; twice {
			line, _ := position(r.data, offset)
			r.add(m.offset, "key %s comes twice in %s, first on line %d", show(m.name), where, line)
			continue
		}
		first[m.name] = m.offset
		kept = append(kept, m)
	}
	return kept
}

func (r *packageReader) text(m jsonMember) string {
	if m.value.kind != jsonString && m.value.kind != jsonNull {
		r.add(m.value.offset, "%s must be text, not %s", show(m.name), m.value.kind)
	}
	return m.value.text
}

// truth reads a value as the package managers do, to which any text but an empty one
// is true.
func (r *packageReader) truth(m jsonMember) bool {
	if m.value.kind == jsonString {
		return m.value.text != ""
	}
	if m.value.kind != jsonBoolean && m.value.kind != jsonNull {
		r.add(m.value.offset, "%s must be true or false, not %s", show(m.name), m.value.kind)
	}
	return m.value.truth
}

// texts reads an object of texts. With others it passes over members of other
// types, which are not devbox's to judge.
func (r *packageReader) texts(m jsonMember, others bool) map[string]string {
	if m.value.kind == jsonNull {
		return nil
	}
	if m.value.kind != jsonObject {
		r.add(m.value.offset, "%s must be an object of texts, not %s", show(m.name), m.value.kind)
		return nil
	}
	out := map[string]string{}
	for _, e := range r.members(m.value, show(m.name)) {
		switch {
		case e.value.kind == jsonString:
			out[e.name] = e.value.text
		case !others:
			r.add(e.value.offset, "%s in %s must be text, not %s", show(e.name), show(m.name), e.value.kind)
		}
	}
	return out
}
