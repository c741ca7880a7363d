package lockfile

import "strings"

// npmTree is an entry of a version 1 lock with those that are installed below.
type npmTree struct {
	npmEntry
	name  string
	below []*npmTree
}

// dependencies reads an object of a version 1 lock.
func (r *npmReader) dependencies() []*npmTree {
	if r.next() != '{' {
		return nil
	}
	var all []*npmTree
	known := map[string]int{}
	r.object("", func(name string) {
		offset := r.pos
		if name == "" || badLocation(modules+name) != "" {
			r.fail(offset, ErrContent, "%s is no name of a package", show(name))
			return
		}
		d := &npmTree{name: name, npmEntry: npmEntry{Package: &Package{}}}
		r.object("dependencies."+show(name), func(key string) { d.member(r, key) })
		if i, again := known[name]; again {
			all[i] = d
			return
		}
		known[name] = len(all)
		all = append(all, d)
	})
	return all
}

func (d *npmTree) member(r *npmReader, key string) {
	switch key {
	case "bundled":
		d.Bundled = r.truth()
	case "requires":
		d.Dependencies = readSpecs(&r.jsonReader, Prod)
	case "dependencies":
		d.below = r.dependencies()
	case "version", "resolved", "integrity", "dev", "optional":
		d.npmEntry.member(&r.jsonReader, key)
	}
}

// flatten gives an entry its location. The version of what comes from
// elsewhere than a registry is an address there; packages[""] is not recorded.
func (d *npmTree) flatten(lock *Lock, parent string) {
	p := d.Package
	p.Location = parent + modules + d.name
	p.ID, p.Name = p.Location, d.name
	address := d.resolved
	switch rest, aliased := strings.CutPrefix(p.Version, "npm:"); {
	case aliased:
		p.Name, p.Version = splitDescriptor(rest)
		p.Alias = d.name
	case strings.ContainsAny(p.Version, ":/"):
		address, p.Version = p.Version, ""
	}
	p.Source = sourceOf(address)
	if target, isFile := strings.CutPrefix(address, "file:"); isFile && !isTarball(target) {
		p.Source = Source{Kind: Link, URL: target, raw: target}
	}
	if p.Bundled {
		p.Source = Source{Kind: InParent}
	}
	lock.Packages = append(lock.Packages, *p)
	folder := p.Location
	if p.Source.Kind == Link {
		folder = folderPath(p.Source.URL) // what is below a link is in the folder that it leads to
	}
	for _, b := range d.below {
		b.flatten(lock, folder+"/")
	}
}

func isTarball(name string) bool {
	return strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tar")
}

// splitDescriptor cuts name@spec at the @ after a scope's.
func splitDescriptor(text string) (name, spec string) {
	if text == "" {
		return "", ""
	}
	i := strings.IndexByte(text[1:], '@')
	if i < 0 {
		return text, ""
	}
	return text[:i+1], text[i+2:]
}
