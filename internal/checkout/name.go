package checkout

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// longest is how long the name of a checkout may be.
const longest = 63

// Name is the name of a project's checkout in a folder: the project's and the
// folder's. A folder that is named like the project is told apart by the one
// above it.
func Name(name, dir string) string {
	suffix := ""
	for at := dir; at != filepath.Dir(at) && suffix == ""; at = filepath.Dir(at) {
		if slug := project.Slug(filepath.Base(at)); slug != name {
			suffix = strings.TrimPrefix(slug, name+"-")
		}
	}
	if suffix == "" {
		return withDigest(name, dir)
	}
	return cut(name+"-"+suffix, longest)
}

// ValidName tells whether a checkout can have a name.
func ValidName(name string) bool {
	return len(name) <= longest && validName.MatchString(name) && !reserved(name)
}

// validName is what Compose takes and what can be a part of an image's name.
var validName = regexp.MustCompile(`^[a-z0-9]+(?:(?:__|_|-+)[a-z0-9]+)*$`)

// reserved tells the names that production of another checkout has.
func reserved(name string) bool { return strings.HasSuffix(name, project.ProdName("")) }

// withDigest adds some digits that depend on the folder.
func withDigest(name, dir string) string {
	const digits = 6
	sum := sha256.Sum256([]byte(dir))
	return cut(name, longest-digits-1) + "-" + hex.EncodeToString(sum[:])[:digits]
}

func cut(name string, length int) string {
	return strings.TrimRight(name[:min(len(name), length)], "-_")
}
