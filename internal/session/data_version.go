package session

import (
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// imageVersion is the version that an image's tag begins with, 15.4 of
// postgres:15.4-bookworm; empty where the tag says none.
func imageVersion(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, found := strings.Cut(path.Base(image), ":")
	if !found {
		return ""
	}
	end := strings.IndexFunc(tag, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		tag = tag[:end]
	}
	return strings.Trim(tag, ".")
}

// imageName is an image without registry, tag and digest: what it is.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return name
}

// sameSeries tells whether the files of a database stay readable from one version
// to the other, in both directions. A version may be shorter than what counts.
func sameSeries(name, a, b string) bool {
	significant := 1
	switch name {
	case "mysql", "mariadb", "mongo":
		const withMinor = 2
		significant = withMinor
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	n := min(significant, len(x), len(y))
	return slices.Equal(x[:n], y[:n])
}

// fits tells whether data that one service wrote can be given to another: it reads
// them, as they are or by taking them over.
func fits(was, now DataVolume) bool {
	if was.Kind != "" || now.Kind != "" {
		b := project.Backing{Use: now.Kind, Version: now.Version}
		return was.Kind == now.Kind && (was.Version == now.Version || b.Reads(was.Version))
	}
	name := imageName(was.Image)
	if name != imageName(now.Image) {
		return false
	}
	if was.Version == "" || now.Version == "" {
		return was.Image == now.Image
	}
	return sameSeries(name, was.Version, now.Version)
}
