package lockfile

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Digest is a SHA-256 of what a lock says about the tree, in hexadecimal
// digits. Equal digests mean equal trees from an exact install with the same
// package manager on the same platform.
//
// In it are the format and its version, the importers that the lock records,
// with their paths, names and dependencies, and of each package its ID (npm: its location), name,
// alias, version, integrity, platforms, flags (a production install goes by
// them), dependencies, and its source: the kind, and for all but registries
// the address. The address within a registry counts only where there is no
// integrity, since mirrors serve the same content. Settings count whole.
//
// Not in it are the formatting, the order of keys, line endings, the root's
// version, user names and passwords in addresses, and what is written down for
// people only: licenses, funding, deprecations.
func (l *Lock) Digest() string {
	sum := sha256.New()
	d := digest{bufio.NewWriterSize(sum, 32<<10)}
	d.add("devbox lock 1", string(l.Format), l.Version)
	for _, i := range l.Importers {
		version := i.Version
		if i.Path == "." {
			version = "" // a release of the app installs the same tree
		}
		if !i.Recorded {
			continue // not what the lock says
		}
		d.add("importer", i.Path, i.Name, version)
		d.dependencies(i.Dependencies)
	}
	for i := range l.Packages {
		d.pkg(&l.Packages[i])
	}
	for _, key := range slices.Sorted(maps.Keys(l.Settings)) {
		d.add("setting", key, l.Settings[key])
	}
	// A hash takes everything.
	_ = d.Flush()
	return hex.EncodeToString(sum.Sum(nil))
}

// TreeDigest is Digest where the lock alone decides on the tree. Where it does
// not (InStep tells when), what package.json and its members ask for counts as
// well.
func (l *Lock) TreeDigest(manifests []*Manifest) string {
	alone := !slices.ContainsFunc(l.Importers, func(i Importer) bool { return !i.Recorded })
	if alone && len(l.InStep(manifests)) == 0 {
		return l.Digest()
	}
	sum := sha256.New()
	d := digest{bufio.NewWriter(sum)}
	d.add("devbox tree 1", l.Digest())
	for _, m := range manifests {
		d.add("manifest", m.Path, m.Name)
		d.dependencies(m.Dependencies)
		for _, o := range m.Overrides {
			d.add("override", o.Name, o.Range, strconv.FormatBool(o.Nested), o.Spec)
		}
	}
	_ = d.Flush()
	return hex.EncodeToString(sum.Sum(nil))
}

type digest struct{ *bufio.Writer }

// add writes values with their lengths, so that no two lists of values look
// alike.
func (d digest) add(values ...string) {
	for _, v := range values {
		_, _ = d.Write(strconv.AppendInt(d.AvailableBuffer(), int64(len(v)), 10))
		_ = d.WriteByte(':')
		_, _ = d.WriteString(v)
	}
	_ = d.WriteByte(';')
}

func (d digest) pkg(p *Package) {
	address := p.Source.raw
	if p.Source.Kind == Registry && p.Integrity != "" {
		address = ""
	}
	flags := ""
	for i, set := range []bool{p.Dev, p.Optional, p.DevOptional, p.Peer, p.Bundled, p.InstallScript, p.shrinkwrapped} {
		if set {
			flags += string(rune('a' + i))
		}
	}
	d.add("package", p.ID, p.Location, p.Name, p.Alias, p.Version, p.Integrity, string(p.Source.Kind), address, flags, p.engine, p.patch)
	for _, list := range [][]string{p.OS, p.CPU, p.Libc, p.bundles} {
		d.add(strings.Join(list, "\n"))
	}
	d.dependencies(p.Dependencies)
}

func (d digest) dependencies(deps []Dependency) {
	for _, dep := range deps {
		raw, _ := withoutSecrets(dep.Spec)
		d.add("dependency", dep.Name, raw, string(dep.Kind), dep.to)
	}
}
