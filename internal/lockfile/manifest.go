package lockfile

import "strings"

// Manifest is what a package.json asks of a lock.
type Manifest struct {
	// Path is the folder that it is in, relative to the root, which is ".".
	Path          string
	Name, Version string
	Dependencies  []Dependency
	// Workspaces are the patterns of the folders of members.
	Workspaces []string
	// Overrides are the rules of npm's overrides and of yarn's resolutions in
	// the order of the file. A key with several names is joined by " > ".
	Overrides []Override
}

// Override is one rule that changes what other packages ask for.
type Override struct {
	// Name is the package that it is for; Range, where not empty, the specs
	// that it is for. Nested rules are for the dependencies of some packages
	// only.
	Name, Range string
	Nested      bool
	Spec        string
}

// ParseManifest reads a package.json that is in a folder relative to the root,
// "." for the root's own. What is no package.json is an *Error.
func ParseManifest(folder string, data []byte) (*Manifest, error) {
	folder = folderPath(folder)
	file := relative(folder, "package.json")
	text, bad := readable(file, data)
	if bad == nil {
		var m *Manifest
		if m, bad = readManifest(folder, file, text); bad == nil {
			return m, nil
		}
	}
	if bad.Remedy == restore(file) || bad.Remedy == resolveConflict(file) {
		bad.Remedy = "mend " + file + " first"
	}
	return nil, bad
}

func readManifest(folder, file, text string) (*Manifest, *Error) {
	m := &Manifest{Path: folder}
	r := &jsonReader{file: file, data: text}
	var peerOptional map[string]bool
	r.object("package.json", func(key string) {
		switch key {
		case "name":
			m.Name = r.text()
		case "version":
			m.Version = r.text()
		case string(Prod), string(Dev), string(Optional), string(Peer):
			m.Dependencies = append(m.Dependencies, readSpecs(r, Kind(key))...)
		case "peerDependenciesMeta":
			peerOptional = readPeerMeta(r)
		case "workspaces":
			m.Workspaces = readWorkspaces(r)
		case "overrides":
			readOverrides(r, m, false)
		case "resolutions":
			readResolutions(r, m)
		}
	})
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	m.Dependencies = sortDependencies(settleKinds(m.Dependencies, peerOptional))
	return m, nil
}

// readWorkspaces reads both forms: a list, or an object that holds one.
func readWorkspaces(r *jsonReader) []string {
	if r.next() != '{' {
		return r.texts()
	}
	var patterns []string
	r.object("", func(key string) {
		if key == "packages" {
			patterns = r.texts()
		}
	})
	return patterns
}

// readOverrides reads npm's overrides, which nest.
func readOverrides(r *jsonReader, m *Manifest, nested bool) {
	if r.next() != '{' {
		return
	}
	r.object("", func(key string) {
		name, rng := splitDescriptor(key)
		if r.next() == '"' {
			m.Overrides = append(m.Overrides, Override{Name: name, Range: rng, Nested: nested, Spec: r.text()})
			return
		}
		if r.next() != '{' {
			return
		}
		readOverrideOf(r, m, name, rng, nested)
	})
}

// readOverrideOf reads an object in overrides: . is the package itself.
func readOverrideOf(r *jsonReader, m *Manifest, name, rng string, nested bool) {
	r.object("", func(key string) {
		inner, innerRange := splitDescriptor(key)
		deep := true
		if key == "." {
			inner, innerRange, deep = name, rng, nested
		}
		switch r.next() {
		case '"':
			m.Overrides = append(m.Overrides, Override{Name: inner, Range: innerRange, Nested: deep, Spec: r.text()})
		case '{':
			readOverrideOf(r, m, inner, innerRange, true)
		}
	})
}

// readResolutions reads yarn's resolutions: a/b, **/b, b@npm:^1.
func readResolutions(r *jsonReader, m *Manifest) {
	if r.next() != '{' {
		return
	}
	r.object("", func(key string) {
		if r.next() != '"' {
			return
		}
		name, nested := strings.TrimPrefix(key, "**/"), false
		if i := strings.LastIndexByte(name, '/'); i >= 0 && (name[0] != '@' || strings.Count(name, "/") > 1) {
			parent := name[:i]
			if j := strings.LastIndexByte(parent, '/') + 1; parent[j:] != "" && parent[j] == '@' {
				i = j - 1
			}
			name, nested = name[i+1:], true
		}
		name, rng := splitDescriptor(name)
		m.Overrides = append(m.Overrides, Override{Name: name, Range: rng, Nested: nested, Spec: r.text()})
	})
}
