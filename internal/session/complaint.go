package session

import (
	"errors"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
)

// complaint is what package managers say of one cause, and what to do about it.
type complaint struct {
	// words are what tells it, any of them.
	words  []string
	kind   engine.Kind
	remedy string
}

// complaints are asked in this order; the first that fits is taken.
var complaints = []complaint{
	{
		[]string{"No space left on device", "ENOSPC", "disk quota exceeded"},
		engine.ErrDiskFull,
		"free space where Docker keeps its volumes: `docker system df` shows what uses it",
	},
	{
		[]string{"are in sync", "frozen-lockfile", "frozen lockfile", "lockfile would have been modified", "lockfile had changes"},
		engine.ErrBuild,
		"package.json and the lock disagree: `devbox lock status` shows where; `devbox update` brings the lock in step",
	},
	{
		[]string{"EINTEGRITY", "Integrity check failed", "ERR_PNPM_TARBALL_INTEGRITY", "YN0018", "IntegrityCheckFailed"},
		engine.ErrBuild,
		"a package is not what the lock says it is: find out why before you trust it; `devbox update PACKAGE` takes what the registry has now",
	},
	{
		[]string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH", "ERR_SOCKET_TIMEOUT", "ConnectionRefused", "ERR_PNPM_META_FETCH_FAIL"},
		engine.ErrBuild,
		"the registry cannot be reached from a container: check the network, proxy settings and .npmrc; what is in the cache installs offline",
	},
	{
		[]string{"E401", "E403", "ENEEDAUTH", "ERR_PNPM_FETCH_401", "ERR_PNPM_FETCH_403"},
		engine.ErrBuild,
		"the registry wants a login: put the token into .npmrc, or into a variable that .npmrc names",
	},
	{
		[]string{"E404", "ETARGET", "ERR_PNPM_FETCH_404", "ERR_PNPM_NO_MATCHING_VERSION", "No matching version", "Couldn't find any versions", "YN0035"},
		engine.ErrBuild,
		"the registry has no such package or version: check its name in package.json",
	},
	{
		[]string{"Unsupported lockfile", "ERR_PNPM_LOCKFILE_BREAKING_CHANGE", "lockfileVersion@"},
		engine.ErrBuild,
		"the lock was written by a newer package manager: set `package-manager` in devbox.yaml to that version",
	},
	{
		[]string{"ERESOLVE"},
		engine.ErrBuild,
		"packages want different versions of one they share: choose versions that agree, or say so in `overrides` of package.json",
	},
	{
		[]string{"not found: make", "not found: python", "gyp ERR! find Python", "gyp ERR! stack Error: not found: make"},
		engine.ErrBuild,
		"a package has to be compiled, and the image has no compiler: use a version with prebuilt binaries, or a Dockerfile of your own with python3, make and g++",
	},
}

// complaintIn finds the cause that an output tells of.
func complaintIn(output string) (complaint, bool) {
	for _, c := range complaints {
		for _, words := range c.words {
			if contains(output, words) {
				return c, true
			}
		}
	}
	return complaint{kind: engine.ErrBuild}, false
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
			if end := i + len(words); !inWord(rest[:i], len(rest[:i])-1) && !inWord(rest[end:], 0) {
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
	return &engine.Error{Kind: c.kind, Op: op, Note: note, Detail: lastOf(strings.Split(output, "\n")), Remedy: c.remedy}
}

// lastOf keeps what of a long output tells most: its end, and no line twice in a row.
func lastOf(lines []string) []string {
	const most = 40
	lines = slices.Compact(lines)
	return lines[max(0, len(lines)-most):]
}

// withInstallHint says of a build that failed in an install what to do.
func withInstallHint(err error) error {
	var failed *engine.Error
	if !errors.As(err, &failed) || failed.Kind != engine.ErrBuild {
		return err
	}
	if c, ok := complaintIn(strings.Join(failed.Detail, "\n")); ok {
		failed.Remedy = c.remedy
	}
	return err
}
