package lockfile

import (
	"path"
	"strconv"
	"strings"
)

// npmVersion is the newest lockfileVersion of npm that is known here.
const npmVersion = 3

// npmReader reads package-lock.json and npm-shrinkwrap.json. Version 1 holds a
// tree of dependencies, version 3 a flat list of packages by location, version
// 2 both: there the list counts, as it does for npm.
type npmReader struct {
	jsonReader
	lock *Lock
	// locations and importers tell where what was read stands in the lock's
	// lists.
	locations, importers map[string]int
	root                 Importer
	hasList              bool
	tree                 []*npmTree
}

func parseNPM(file, text string) (*Lock, error) {
	r := &npmReader{
		jsonReader: jsonReader{file: file, data: text},
		lock:       &Lock{File: file, Format: NPM},
		locations:  map[string]int{},
		importers:  map[string]int{},
		root:       Importer{Path: "."},
	}
	r.twice = r.lock.warnTwice(text)
	r.object("the lock", r.topLevel)
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	if !r.hasList {
		for _, d := range r.tree {
			d.flatten(r.lock, "")
		}
		r.lock.Packages = lastOnes(r.lock.Packages) // two links may lead to one folder
	}
	if r.lock.Importer(".") == nil {
		r.lock.Importers = append(r.lock.Importers, r.root)
	}
	r.lock.sort()
	r.lock.graph = npmGraph{r.lock}
	return r.lock, nil
}

func (r *npmReader) topLevel(key string) {
	switch key {
	case "name":
		r.root.Name = r.text()
	case "version":
		r.root.Version = r.text()
	case "lockfileVersion":
		r.version()
	case "packages":
		r.hasList = true
		r.lock.Packages, r.lock.Importers = nil, nil
		clear(r.locations)
		clear(r.importers)
		r.object(`"packages"`, r.entry)
	case "dependencies":
		if r.hasList {
			return // the list counts
		}
		r.tree = r.dependencies()
	}
}

func (r *npmReader) version() {
	r.next()
	offset := r.pos
	if kind := r.kind(); kind != "a number" {
		r.fail(offset, ErrContent, `"lockfileVersion" must be a number, not %s`, kind)
		return
	}
	word := r.number()
	r.lock.Version = word
	number, err := strconv.Atoi(word)
	switch {
	case r.err != nil:
	case err == nil && number > 0 && number <= npmVersion:
	case err == nil && number > npmVersion:
		r.fail(offset, ErrNewer, "lockfileVersion %s is newer than %d, the newest that devbox knows", word, npmVersion)
		r.err.Remedy = "use a newer devbox, or write the lock with an npm of an older version"
	default:
		r.fail(offset, ErrContent, "lockfileVersion %s is none that npm has", show(word))
	}
}

// entry reads one member of packages.
func (r *npmReader) entry(location string) {
	offset := r.pos
	p := Package{ID: location, Location: location}
	e := npmEntry{Package: &p}
	r.object("packages."+show(location), func(key string) { e.member(&r.jsonReader, key) })
	if r.err != nil {
		return
	}
	if bad := badLocation(location); bad != "" {
		r.fail(offset, ErrContent, "the location %s %s", show(location), bad)
		return
	}
	e.finish()
	name := nameAt(location)
	if name == "" { // a folder of the project and no installed package
		p.Name = cmpName(p.Name, path.Base(location))
		r.addImporter(Importer{
			Path: folderPath(location), Name: p.Name, Version: p.Version, Recorded: true, Dependencies: p.Dependencies,
		})
		return
	}
	p.Alias = ""
	if p.Name == "" || p.Name == name {
		p.Name = name
	} else {
		p.Alias = name
	}
	if at, again := r.locations[location]; again {
		r.lock.Packages[at] = p
		return
	}
	r.locations[location] = len(r.lock.Packages)
	r.lock.Packages = append(r.lock.Packages, p)
}

func (r *npmReader) addImporter(i Importer) {
	if i.Path == "." {
		i.Name = cmpName(r.root.Name, i.Name)
	}
	at, again := r.importers[i.Path]
	if again {
		r.lock.Importers[at] = i
		return
	}
	r.importers[i.Path] = len(r.lock.Importers)
	r.lock.Importers = append(r.lock.Importers, i)
}

func cmpName(name, other string) string {
	if name != "" || other == "." || other == "/" {
		return name
	}
	return other
}

const modules = "node_modules/"

// nameAt is the name that a package has at a location. That of what is no
// installed package is empty.
func nameAt(location string) string {
	i := strings.LastIndex("/"+location, "/"+modules)
	if i < 0 {
		return ""
	}
	return location[i+len(modules):]
}

// badLocation tells why no package can be at a location, or nothing.
func badLocation(location string) string {
	switch {
	case strings.HasPrefix(location, "/"):
		return "is absolute"
	case strings.ContainsAny(location, "\\\x00"):
		return "holds a character that none may hold"
	case location == "":
		return ""
	}
	up := true // folders beside the project may be linked: ../lib
	for part := range strings.SplitSeq(location, "/") {
		if part == ".." && up {
			continue
		}
		up = false
		if part == "" || part == "." || part == ".." {
			return "does not name a folder"
		}
	}
	if name := nameAt(location); strings.Count(name, "/") > 1 || strings.Contains(name, "/") && name[0] != '@' {
		return "does not end in the name of a package"
	}
	return ""
}
