// Package volumes decides which node_modules volume a service gets. A volume is
// named by everything that its content depends on, so a stale one cannot be
// picked: another lock, another name. It decides on plain data; the session
// carries its plans out.
package volumes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

// Inputs are what the content of a node_modules tree depends on.
type Inputs struct {
	// Lock is the content of the lock file that governs; nil where none does.
	Lock []byte
	// Dependencies are package.json's sections, canonical. They count beside the
	// lock too: whether the two agree is looked at when a tree is installed.
	Dependencies []byte
	// Members is what those of a workspace's members say, with their folders; nil
	// where there are none.
	Members  []byte
	Manager  string // npm@11.21.2
	Node     string // 26.10.0
	Platform string // linux/amd64
	// Image is the base image's name, which tells the C library apart.
	Image string
	// Settings are what else changes an install, such as .npmrc and flags.
	Settings []string
	// User owns the tree, as uid:gid.
	User string
}

// keyLength is in hexadecimal digits: 48 bits, with a few trees a project.
const keyLength = 12

// Key names the content. Equal inputs give equal keys on every machine.
func (in Inputs) Key() string {
	h := sha256.New()
	part(h, "v2")
	// Line ends are git's business.
	part(h, strings.ReplaceAll(string(in.Lock), "\r\n", "\n"), string(in.Dependencies))
	if in.Members != nil {
		part(h, string(in.Members))
	}
	in.rest(h)
	return digest(h)
}

// Group names all that the content depends on but the dependencies: from one
// tree of a group an install can go on to another.
func (in Inputs) Group() string {
	h := sha256.New()
	in.rest(h)
	return digest(h)
}

func (in Inputs) rest(w io.Writer) {
	for _, s := range []string{in.Manager, in.Node, in.Platform, in.Image, in.User} {
		part(w, s)
	}
	settings := slices.Clone(in.Settings)
	slices.Sort(settings)
	part(w, settings...)
}

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil))[:keyLength] }

// part writes values with their lengths, so that no two lists of values look alike.
func part(w io.Writer, values ...string) {
	for _, v := range values {
		fmt.Fprintf(w, "%d:%s,", len(v), v)
	}
	io.WriteString(w, ";")
}

// Name is the volume of a project for a key.
func Name(project, key string) string { return project + "_node_modules_" + key }

// CacheName is the volume of a project's package manager's cache. Each user has
// one, because nobody can write into another's.
func CacheName(project, manager, user string) string {
	uid, _, _ := strings.Cut(user, ":")
	return project + "_" + manager + "_cache_" + uid
}
