package session

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
)

// complaint is a cause that package managers tell of, and what to do about it.
type complaint struct {
	// words are what tells it, any of them.
	words []string
	kind  engine.Kind
	// cause is one line; remedy is for somebody who changes packages, inLock for
	// one who installs those of the lock, empty where that is the same.
	cause, remedy, inLock string
}

// Causes that more is done about than saying them.
const (
	causeNetwork   = "the registry cannot be reached"
	causeTooNew    = "the lock was written by a newer package manager, which this one does not understand"
	causeNoPackage = "the registry has no such package, or it is private"
)

// complaints are asked in this order; the first that fits is taken.
var complaints = []complaint{
	{
		words:  []string{"No space left on device", "ENOSPC", "disk quota exceeded"},
		kind:   engine.ErrDiskFull,
		cause:  "the engine's disk is full",
		remedy: "free space where Docker keeps its volumes: `docker system df` shows what uses it",
	},
	{
		// Without a version: npm could not get it when it wrote the lock.
		words:  []string{"@ from lock file"},
		cause:  "the lock lacks an optional package that the registry did not hand out when it was written, and npm ci wants all of them",
		remedy: "where the registry has it by now, delete the lock and run `devbox update`; `lock: {dev: update}` in devbox.yaml installs without it",
	},
	{
		// npm's own check of the lock, which knows the peers of what is in it: a lock
		// of another npm, or one made with --legacy-peer-deps, lacks those.
		words:  []string{"from lock file"},
		cause:  "the lock is incomplete, it lacks packages that this npm wants",
		remedy: "`devbox update` completes it; or set `package-manager` in devbox.yaml to the npm that wrote it, or `legacy-peer-deps=true` in .npmrc",
	},
	{
		words:  []string{"are in sync", "frozen-lockfile", "frozen lockfile", "lockfile would have been modified", "lockfile had changes"},
		cause:  "package.json and the lock disagree",
		remedy: "`devbox lock status` shows where, and what brings the lock in step",
	},
	{
		words:  []string{"spawn git", "git: not found", "No such file or directory: git", "executing git", "\"git\" not found", "git ENOENT"},
		cause:  "it comes from a git repository, and there is no git in the image",
		remedy: "use a release from the registry or a tarball's address, or put git into `build-packages` in devbox.yaml",
	},
	{
		words:  []string{"computed checksum did NOT match"},
		cause:  "the package manager is not what packageManager in package.json says it is",
		remedy: "find out why before you trust it; where the hash is wrong, take it out of packageManager",
	},
	{
		words:  []string{"EINTEGRITY", "Integrity check failed", "ERR_PNPM_TARBALL_INTEGRITY", "YN0018", "IntegrityCheckFailed"},
		cause:  "a package is not what the lock says it is",
		remedy: "find out why before you trust it; where the lock is wrong, remove the package and add it again",
	},
	{
		words:  []string{"E404", "ERR_PNPM_FETCH_404", "Couldn't find package", "Package not found", "- 404", "404 Not Found"},
		cause:  causeNoPackage,
		remedy: "check the name; for a private package, put the registry and its token into .npmrc",
		inLock: "check its name in package.json; for a private package, put the registry and its token into .npmrc",
	},
	{
		words:  []string{"ETARGET", "ENOVERSIONS", "ERR_PNPM_NO_MATCHING_VERSION", "No matching version", "Couldn't find any versions", "YN0082", "No version matching", "Invalid tag name"},
		cause:  "the package has no such version",
		remedy: "`devbox run npm view PACKAGE versions` lists those that there are",
	},
	{
		words:  []string{"ERESOLVE", "ERR_PNPM_PEER_DEP_ISSUES"},
		cause:  "packages want different versions of one that they share",
		remedy: "choose versions that agree, such as `devbox add NAME@VERSION`; or put what you know to work into `overrides` of package.json",
	},
	{
		words:  []string{"E401", "E403", "ENEEDAUTH", "ERR_PNPM_FETCH_401", "ERR_PNPM_FETCH_403", "YN0041"},
		cause:  "the registry wants a login",
		remedy: "put the token into .npmrc, or into a variable that .npmrc names",
	},
	{
		// Yarn 2, and pnpm before 8.3.1, call what later releases of Node.js have no more.
		words:  []string{"isDate) is not a function", "must be of type URLSearchParams", "ERR_INVALID_THIS"},
		cause:  "the package manager is too old for this Node.js",
		remedy: "in devbox.yaml set `package-manager` to a newer release of it, or `node` to an older one",
	},
	{
		words: []string{
			"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET", "ConnectionRefused", "FailedToOpenSocket",
			"ERR_PNPM_META_FETCH_FAIL", "ENOTCACHED", "ERR_PNPM_NO_OFFLINE_META", "RequestError", "UNABLE_TO_VERIFY", "SELF_SIGNED_CERT", "CERT_HAS_EXPIRED",
		},
		cause:  causeNetwork,
		remedy: "check the network, proxy settings and the registry in .npmrc; the cache does not hold all that is needed",
	},
	{
		words:  []string{"Unsupported lockfile", "ERR_PNPM_LOCKFILE_BREAKING_CHANGE", "Unknown lockfile version"},
		cause:  causeTooNew,
		remedy: remedyTooNew,
	},
	{
		words:  []string{"not found: make", "not found: python", "gyp ERR! find Python"},
		cause:  "a package has to be compiled, and the image has no compiler",
		remedy: "use a version with prebuilt binaries, or `build-packages: [python3, make, g++]` in devbox.yaml",
	},
}

const remedyTooNew = "set `package-manager` in devbox.yaml to the version that wrote it"

// complaintIn finds the cause that an output tells of.
func complaintIn(output string) (complaint, bool) {
	for _, c := range complaints {
		for _, words := range c.words {
			if contains(output, words) {
				c.kind = cmp.Or(c.kind, engine.ErrBuild)
				return c, true
			}
		}
	}
	return complaint{kind: engine.ErrBuild}, false
}

// installing is the complaint in one line, for somebody who installs the
// packages of the lock.
func (c complaint) installing() string {
	if c.cause == "" {
		return ""
	}
	return c.cause + ": " + cmp.Or(c.inLock, c.remedy)
}

// contains looks for words that stand alone: E404 may also be in a checksum. A
// limit of file watchers comes as ENOSPC too, and is no full disk.
func contains(output, words string) bool {
	for line := range strings.Lines(output) {
		if strings.Contains(line, "file watchers") {
			continue
		}
		for rest := line; ; {
			i := strings.Index(rest, words)
			if i < 0 {
				break
			}
			if end := i + len(words); (!inWord(words, 0) || !inWord(rest[:i], len(rest[:i])-1)) && !inWord(rest[end:], 0) {
				return true
			}
			rest = rest[i+len(words):]
		}
	}
	return false
}

// inWord tells whether there is a letter at a place of a text.
func inWord(text string, at int) bool {
	return at >= 0 && at < len(text) && strings.IndexByte(wordLetters, text[at]) >= 0
}

const wordLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"

// lostFiles finds the lines by which npm says that it could not write files of a
// package: it goes on and ends with status 0 all the same (npm 11, seen with a
// full disk), and the tree is not what the lock says.
func lostFiles(output string) string {
	if !strings.Contains(output, "TAR_ENTRY_ERROR") {
		return ""
	}
	var lost []string
	for line := range strings.Lines(output) {
		if strings.Contains(line, "TAR_ENTRY_ERROR") {
			lost = append(lost, strings.TrimSpace(line))
		}
	}
	return strings.Join(slices.Compact(lost), "\n")
}

// taskError says why a task failed, from what became of it and its output.
func taskError(op, note, output string) error {
	c, _ := complaintIn(output)
	return &engine.Error{Kind: c.kind, Op: op, Note: note, Detail: lastOf(strings.Split(output, "\n")), Remedy: c.installing()}
}

// yarnFetches is what yarn prints for each package that it fetches, also after the
// line that says what went wrong.
const yarnFetches = "YN0013"

// lastOf keeps what of a long output tells most: its end, and no line twice in a row.
func lastOf(lines []string) []string {
	const most = 40
	lines = slices.DeleteFunc(withoutUsage(lines), func(line string) bool { return strings.Contains(line, yarnFetches) })
	lines = slices.Compact(lines)
	return lines[max(0, len(lines)-most):]
}

// withoutUsage takes out what npm says of its own flags, which is longer than what
// went wrong and comes after it.
func withoutUsage(lines []string) []string {
	begin := slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "npm error Usage:" })
	if begin < 0 {
		return lines
	}
	length := slices.IndexFunc(lines[begin:], func(line string) bool { return strings.Contains(line, "for more info") })
	if length < 0 {
		return lines
	}
	return slices.Concat(lines[:begin], lines[begin+length+1:])
}

// withInstallHint says of a build that failed in an install what to do.
func withInstallHint(err error) error {
	var failed *engine.Error
	if !errors.As(err, &failed) || failed.Kind != engine.ErrBuild {
		return err
	}
	if c, ok := complaintIn(strings.Join(failed.Detail, "\n")); ok {
		failed.Remedy = c.installing()
	}
	return err
}
