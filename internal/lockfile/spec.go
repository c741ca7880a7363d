package lockfile

import (
	"path"
	"regexp"
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// specKind is what a spec in package.json asks for.
type specKind int

const (
	rangeSpec   specKind = iota // ^1.2, *, nothing
	tagSpec                     // latest
	aliasSpec                   // npm:other@^1
	gitSpec                     // git+ssh://…, owner/repository
	remoteSpec                  // https://…/x.tgz
	tarballSpec                 // ./x.tgz
	folderSpec                  // file:../x, link:../x
	otherSpec                   // workspace:, catalog:, patch:, portal:
)

// spec is a spec taken apart.
type spec struct {
	kind  specKind
	text  string       // as it stands there, without its protocol where it has one of folderSpec
	rng   semver.Range // of rangeSpec
	alias string       // the name of an aliasSpec, sub its spec
	sub   string
}

var shorthand = regexp.MustCompile(`^[^@:/\s#]+/[^@:/\s#]+(#.*)?$`)

// parseSpec reads a spec as npm does; what it cannot place is a tag.
func parseSpec(text string) spec {
	text = strings.TrimSpace(text)
	s := spec{text: text}
	scheme, rest, hasScheme := strings.Cut(text, ":")
	switch {
	case hasScheme && scheme == "npm":
		return npmSpec(rest)
	case hasScheme && (scheme == "file" || scheme == "link"):
		s.text = strings.TrimPrefix(rest, "//")
		s.kind = pathKind(s.text)
	case text == "." || text == ".." || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~/"):
		s.kind = pathKind(text)
	case hasScheme && (scheme == "http" || scheme == "https"):
		s.kind = remoteSpec
		if hostedPage(rest) {
			s.kind = gitSpec
		}
	case hasScheme && (scheme == "git" || strings.HasPrefix(scheme, "git+") || scheme == "ssh" || gitHosts[scheme] || strings.HasPrefix(text, "git@")):
		s.kind = gitSpec
	case hasScheme:
		s.kind = otherSpec
	case shorthand.MatchString(text):
		s.kind = gitSpec
	default:
		var ok bool
		if s.rng, ok = semver.ParseRange(text); !ok {
			s.kind = tagSpec
		}
	}
	return s
}

// npmSpec reads what follows npm: a name and a spec, or, as yarn writes it, a
// spec alone.
func npmSpec(rest string) spec {
	if r, ok := semver.ParseRange(rest); ok {
		return spec{kind: rangeSpec, text: rest, rng: r}
	}
	name, sub := splitDescriptor(rest)
	return spec{kind: aliasSpec, text: "npm:" + rest, alias: name, sub: sub}
}

func pathKind(name string) specKind {
	if isTarball(name) {
		return tarballSpec
	}
	return folderSpec
}

var pages = regexp.MustCompile(`^//(?:[^/@]+@)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)/[^/]+/[^/]+?/?(?:\.git)?(?:#.*)?$`)

// hostedPage tells addresses of repositories from those of files.
func hostedPage(rest string) bool {
	return pages.MatchString(rest) || strings.HasSuffix(strings.SplitN(rest, "#", 2)[0], ".git")
}

// gitParts are the repository, in one form for all the ways to write it, and
// what follows the #.
func gitParts(text string) (repository, commit string) {
	text, commit, _ = strings.Cut(text, "#")
	text, _ = withoutSecrets(text)
	text = strings.TrimPrefix(text, "git+")
	for name, host := range map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org", "gist": "gist.github.com"} {
		if rest, ok := strings.CutPrefix(text, name+":"); ok {
			text = host + "/" + rest
		}
	}
	if shorthand.MatchString(text) {
		text = "github.com/" + text
	}
	if i := strings.Index(text, "://"); i >= 0 {
		text = text[i+3:]
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = text[i+1:]
	}
	text = strings.Replace(text, ":", "/", 1) // git@host:owner/name
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(text, "/"), ".git")), commit
}

// relative is a path of a spec seen from the root of the project.
func relative(folder, name string) string {
	return path.Join(folderPath(folder), folderPath(name))
}
