package project

import (
	"encoding/json"
	"io"
	"io/fs"
	"slices"
)

// readLimited reads a regular file; it follows no symlink, since what that
// names may lie outside the project. Of a file that is too large no more than
// its start is read.
func readLimited(fsys fs.FS, name string, most int) ([]byte, error) {
	info, err := fs.Lstat(fsys, name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if err := checkRegular("read", name, info); err != nil {
		return nil, err
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fileError("read", name, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if len(data) > most {
		return nil, configError(name, []Problem{tooLarge(most)})
	}
	return data, nil
}

// maxLockSize is above the locks of the largest repositories.
const maxLockSize = 64 << 20

// readDependencies reads what the key of a node_modules tree is made of.
func readDependencies(fsys fs.FS, f *Facts) (Dependencies, error) {
	var d Dependencies
	var err error
	if d.LockFile = f.Lock(); d.LockFile != "" {
		if d.Lock, err = readLimited(fsys, d.LockFile, maxLockSize); err != nil {
			return d, err
		}
	}
	if d.Settings, err = readSettings(fsys, f); err != nil || f.Package == nil {
		return d, err
	}
	if d.Package, err = readLimited(fsys, packageFile, maxJSONSize); err != nil {
		return d, err
	}
	d.Manifest = f.Package.canonical(manifestSections)
	d.Scripts = f.Package.canonicalScripts()
	return d, err
}

// canonicalScripts are the scripts that an install runs.
func (p *PackageJSON) canonicalScripts() []byte {
	scripts := map[string]string{}
	for _, name := range installScripts {
		if s := p.Scripts[name]; s != "" {
			scripts[name] = s
		}
	}
	data, _ := json.Marshal(scripts) // a map of strings always encodes
	return data
}

func readSettings(fsys fs.FS, f *Facts) ([]File, error) {
	names := slices.Clone(f.Settings)
	if f.Npmrc {
		names = append(names, npmrcFile)
	}
	var list []File
	for _, name := range names {
		data, err := readLimited(fsys, name, maxYAMLSize)
		if err != nil {
			return nil, err
		}
		list = append(list, File{name, data})
	}
	return list, nil
}

const npmrcFile = ".npmrc"

// manifestSections are the sections of package.json that an install reads.
var manifestSections = []string{
	"dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta",
	"bundleDependencies", "bundledDependencies", "overrides", "resolutions", "pnpm", "workspaces", "allowScripts",
	"trustedDependencies",
}

// canonical is some sections in a form that white space and order do not change.
func (p *PackageJSON) canonical(sections []string) []byte {
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
