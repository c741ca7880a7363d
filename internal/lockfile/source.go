package lockfile

import "strings"

// SourceKind is where the content of a package comes from.
type SourceKind string

// The kinds of sources.
const (
	Registry  SourceKind = "registry"
	Git       SourceKind = "git"
	Tarball   SourceKind = "tarball" // over the network, from outside a registry
	File      SourceKind = "file"    // a tarball or a copied folder of this machine
	Link      SourceKind = "link"    // a folder of this machine, linked
	InParent  SourceKind = "bundled" // inside another package
	UnknownOf SourceKind = "unknown" // the lock does not tell
)

// Source is where a package comes from.
type Source struct {
	Kind SourceKind `json:"kind"`
	// URL is where it is fetched from, or the folder of a link. Names,
	// passwords and the values of its query are masked, so it can be shown. It
	// may be empty, of registry packages mostly.
	URL string `json:"url,omitempty"`

	raw string // without user and password, for comparing
}

const masked = "***"

// sourceOf reads an address as lock files have it.
func sourceOf(address string) Source {
	s := Source{Kind: kindOf(address)}
	s.raw, s.URL = withoutSecrets(address)
	return s
}

func kindOf(address string) SourceKind {
	scheme, rest, found := strings.Cut(address, ":")
	switch {
	case address == "":
		return Registry
	case strings.HasPrefix(address, "git@"):
		return Git
	case !found:
		return File
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		if registryPath(rest) {
			return Registry
		}
		if strings.Contains(rest, ".git#") || strings.HasSuffix(rest, ".git") {
			return Git
		}
		return Tarball
	case "file", "portal":
		return File
	case "link", "workspace":
		return Link
	case "npm":
		return Registry
	}
	if scheme == "git" || strings.HasPrefix(scheme, "git+") || gitHosts[scheme] || scheme == "ssh" {
		return Git
	}
	return UnknownOf
}

var gitHosts = map[string]bool{"github": true, "gitlab": true, "bitbucket": true, "gist": true}

// registryPath tells the tarballs of registries from others: name/-/file.tgz
// nearly everywhere, download/@scope/name/… in GitHub's.
func registryPath(rest string) bool {
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	return strings.Contains(rest, "/-/") || strings.HasPrefix(rest, "//npm.pkg.github.com/download/")
}

// withoutSecrets takes user and password out of an address and masks the
// values of its query for showing.
func withoutSecrets(address string) (raw, shown string) {
	start := strings.Index(address, "://")
	if start < 0 {
		return address, address
	}
	end := len(address)
	if i := strings.IndexAny(address[start+3:], "/?#"); i >= 0 {
		end = start + 3 + i
	}
	host := address[start+3 : end]
	raw, shown = address, address
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		raw = address[:start+3] + host[at+1:] + address[end:]
		shown = address[:start+3] + masked + "@" + host[at+1:] + address[end:]
		if user, _, password := strings.Cut(host[:at], ":"); !password && user == "git" {
			raw, shown = address, address // no secret: everybody's name at git hosts
		}
	}
	return raw, maskQuery(shown)
}

func maskQuery(address string) string {
	before, query, found := strings.Cut(address, "?")
	if !found {
		return address
	}
	query, fragment, hasFragment := strings.Cut(query, "#")
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, _, hasValue := strings.Cut(pair, "="); hasValue {
			pairs[i] = name + "=" + masked
		}
	}
	shown := before + "?" + strings.Join(pairs, "&")
	if hasFragment {
		shown += "#" + fragment
	}
	return shown
}
