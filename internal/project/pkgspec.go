package project

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// SpecKind is where a package that somebody wants to add comes from.
type SpecKind string

// The kinds of package arguments.
const (
	SpecRegistry SpecKind = "registry" // name, name@range, name@tag
	SpecAlias    SpecKind = "alias"    // name@npm:other@range
	SpecGit      SpecKind = "git"      // git+https://…, github:owner/repository, owner/repository
	SpecURL      SpecKind = "url"      // https://…/package.tgz
	SpecFile     SpecKind = "file"     // ./package.tgz, file:packages/a, link:packages/a
	SpecMember   SpecKind = "member"   // name@workspace:*
)

// PackageSpec is one package argument of `add`.
type PackageSpec struct {
	// Text is the argument as it was given and goes to the package manager.
	Text string
	Kind SpecKind
	// Name is the name that it gets in package.json; empty where only the package
	// itself tells.
	Name string
	// From is what follows the name: a range or tag, the address, the path.
	From string
}

// SpecError says what is wrong with a package argument.
type SpecError struct{ Arg, Text, Remedy string }

func (e *SpecError) Error() string { return fmt.Sprintf("%s: %s", show(e.Arg), e.Text) }

// Hint says what to write instead.
func (e *SpecError) Hint() string { return e.Remedy }

// Asks is what a package argument means for whoever adds it, where it is more
// than a package of the registry; else it is empty.
func (s PackageSpec) Asks() string {
	switch s.Kind {
	case SpecGit:
		return fmt.Sprintf("%s is taken from a git repository: no registry keeps that version, and whoever can write there can change it", show(s.Text))
	case SpecURL:
		return fmt.Sprintf("%s is downloaded from an address outside the registry, by everybody who installs this project", show(s.Text))
	case SpecFile:
		return fmt.Sprintf("%s is taken from this folder, so it is there only where the folder is", show(s.Text))
	}
	return ""
}

const (
	maxPackageName = 214 // npm's own limit
	maxSpec        = 2048
)

var (
	namePart  = regexp.MustCompile(`^[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	scopePart = regexp.MustCompile(`^@[A-Za-z0-9~_-][A-Za-z0-9._~-]*$`)
	rangeText = regexp.MustCompile(`^[A-Za-z0-9^~<>=*|][A-Za-z0-9.+~^<>=*| _-]*$`)
	shortGit  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+(#[^\s]*)?$`)
	gitScheme = regexp.MustCompile(`^(git|git\+(ssh|https?|file)|ssh|github|gitlab|bitbucket|gist):.`)
	gitPage   = regexp.MustCompile(`^https?://([^/@]+@)?(www\.)?(github\.com|gitlab\.com|bitbucket\.org)/[^/#]+/[^/#]+/?(#.*)?$|\.git(#.*)?$`)
)

// ParsePackageSpec reads a package argument of `add`. It refuses what a package
// manager could take for an option or a path outside the project. The error is
// a *SpecError.
func ParsePackageSpec(arg string) (PackageSpec, error) {
	s := PackageSpec{Text: arg, From: arg}
	if err := checkArgument(arg); err != nil {
		return s, err
	}
	if name, rest, ok := splitName(arg); ok {
		if err := checkName(arg, name); err != nil {
			return s, err
		}
		s.Name, s.From, s.Kind = name, rest, SpecRegistry
		if rest == "" {
			return s, nil
		}
	}
	var err error
	s.Kind, err = sourceKind(arg, s.From, s.Name != "")
	return s, err
}

// CheckPackageName checks an argument of `remove` and `update`, which is the
// name of a package. The error is a *SpecError.
func CheckPackageName(arg string) error {
	if err := checkArgument(arg); err != nil {
		return err
	}
	name, rest, ok := splitName(arg)
	if !ok || rest != "" || strings.HasSuffix(arg, "@") {
		return &SpecError{arg, "this is not the name of a package", "give the name alone, as it stands in package.json; a version is chosen by `devbox add name@version`"}
	}
	return checkName(arg, name)
}

// checkArgument refuses what no kind of argument can be.
func checkArgument(arg string) error {
	switch {
	case arg == "":
		return &SpecError{arg, "an empty package name", "name a package, such as express or express@4"}
	case strings.HasPrefix(arg, "-"):
		return &SpecError{arg, "this is an option, not a package", "devbox has options of its own, see --help; no package's name begins with -"}
	case len(arg) > maxSpec:
		return &SpecError{arg, fmt.Sprintf("longer than %d letters", maxSpec), ""}
	}
	for _, r := range arg {
		if r < ' ' || r == 0x7f || r > 0x7e {
			return &SpecError{arg, fmt.Sprintf("the letter %U has no place here", r), "write it in ASCII, addresses with %-escapes"}
		}
	}
	return nil
}

// splitName tells the name in front of an @ from what follows. It is false
// where the argument begins with no name.
func splitName(arg string) (name, rest string, ok bool) {
	if strings.HasPrefix(arg, "git@") && strings.Contains(arg, ":") {
		return "", "", false // a user, not a package
	}
	at := strings.IndexByte(arg[1:], '@') + 1
	name, rest = arg, ""
	if at > 0 {
		name, rest = arg[:at], arg[at+1:]
	}
	scope, base, scoped := strings.Cut(name, "/")
	switch {
	case strings.HasPrefix(name, "@"):
		return name, rest, scoped && scope != "@" && base != ""
	case scoped, strings.Contains(name, ":"), isTarballName(name) && at == 0, strings.HasPrefix(name, "."), strings.HasPrefix(name, "~"):
		return "", "", false
	}
	return name, rest, true
}

// checkName holds a name against npm's rules for new packages, less the one
// about capital letters: some old packages have them.
func checkName(arg, name string) error {
	bad := func(text string) error {
		return &SpecError{arg, text, "names are made of letters, digits, - . _ ~, with a scope as in @scope/name"}
	}
	base := name
	if strings.HasPrefix(name, "@") {
		scope, rest, _ := strings.Cut(name, "/")
		if base = rest; !scopePart.MatchString(scope) {
			return bad("this is not the name of a scope")
		}
	}
	switch {
	case len(name) > maxPackageName:
		return bad(fmt.Sprintf("names have at most %d letters", maxPackageName))
	case !namePart.MatchString(base):
		return bad("this is not the name of a package")
	case strings.EqualFold(base, nodeModules), strings.EqualFold(base, "favicon.ico"):
		return bad("npm lets no package have this name")
	}
	return nil
}

// sourceKind finds out where a package comes from, by what follows its name or,
// where it is not named, by the whole argument.
func sourceKind(arg, from string, named bool) (SpecKind, error) {
	scheme, rest, hasScheme := strings.Cut(from, ":")
	switch {
	case strings.Contains(from, " ") && !rangeText.MatchString(from):
		return "", &SpecError{arg, "there is a space in it", "an address has none; a range such as \"pg@>=8 <9\" may"}
	case hasScheme && scheme == "npm":
		return aliasKind(arg, rest, named)
	case hasScheme && named && (scheme == "workspace" || scheme == "catalog"):
		return SpecMember, nil
	case hasScheme && (scheme == "file" || scheme == "link" || scheme == "portal"):
		return localKind(arg, strings.TrimPrefix(rest, "//"))
	case isPath(from):
		return localKind(arg, from)
	case gitScheme.MatchString(from), strings.HasPrefix(from, "git@"), gitPage.MatchString(from), shortGit.MatchString(from):
		return SpecGit, nil
	case hasScheme && (scheme == "https" || scheme == "http") && strings.HasPrefix(rest, "//"):
		return SpecURL, nil
	case hasScheme:
		return "", &SpecError{arg, fmt.Sprintf("nothing is known about %s:", show(scheme)), "packages come from the registry, npm:, git, https://, file: or link:"}
	case named && rangeText.MatchString(from):
		return SpecRegistry, nil
	}
	return "", &SpecError{arg, "this is neither a package nor a version of one", "write name, name@version, @scope/name or an address"}
}

func aliasKind(arg, target string, named bool) (SpecKind, error) {
	if !named {
		return "", &SpecError{arg, "npm: stands behind a name of your own", "such as lodash4@npm:lodash@4"}
	}
	other, err := ParsePackageSpec(target)
	if err != nil || other.Kind != SpecRegistry {
		return "", &SpecError{arg, "npm: is followed by a package of the registry", "such as lodash4@npm:lodash@4"}
	}
	return SpecAlias, nil
}

// isPath tells paths from names: npm takes everything for a path that begins
// like one, and tarballs.
func isPath(from string) bool {
	return from == "." || from == ".." || strings.HasPrefix(from, "./") || strings.HasPrefix(from, "../") ||
		strings.HasPrefix(from, "/") || strings.HasPrefix(from, "~/") || isTarballName(from) && !strings.Contains(from, ":")
}

func isTarballName(name string) bool {
	for _, end := range []string{".tgz", ".tar.gz", ".tar"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return true
		}
	}
	return false
}

// localKind makes sure that a path stays in the project: nothing else is there
// in a container.
func localKind(arg, name string) (SpecKind, error) {
	clean := path.Clean(name)
	if name == "" || clean == "." || clean == ".." || strings.HasPrefix(clean, "../") || path.IsAbs(clean) || strings.HasPrefix(clean, "~") || strings.Contains(name, "\\") {
		return "", &SpecError{arg, "this is not in the project folder", "containers see the project folder only: copy the package into it, and give its path from there"}
	}
	return SpecFile, nil
}
