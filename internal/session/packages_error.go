package session

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
)

// PackagesError says why packages could not be changed. Nothing was.
type PackagesError struct {
	failed engine.Error
	cause  string
}

// Error is one line: what was asked for, and why it cannot be.
func (e *PackagesError) Error() string {
	return fmt.Sprintf("%s: %s; nothing was changed", e.failed.Op, e.failed.Note)
}

// Unwrap is the engine's error, by which its kind is found.
func (e *PackagesError) Unwrap() error { return &e.failed }

// Details are the lines of the package manager that tell most.
func (e *PackagesError) Details() []string { return e.failed.Detail }

// Hint says what to do about it.
func (e *PackagesError) Hint() string { return e.failed.Remedy }

// Causes that more is done about than saying them.
const (
	causeNetwork = "the registry cannot be reached"
	causeTooNew  = "the lock was written by a newer package manager, which this one does not understand"
)

// packageCauses are what package managers say of causes, asked in this order.
var packageCauses = []struct {
	words         []string
	cause, remedy string
	kind          engine.Kind
}{
	{
		[]string{"No space left on device", "ENOSPC", "disk quota exceeded"}, "the engine's disk is full",
		"free space where Docker keeps its volumes: `docker system df` shows what uses it", engine.ErrDiskFull,
	},
	{
		[]string{"spawn git", "git: not found", "No such file or directory: git", "executing git", "\"git\" not found", "git ENOENT"}, "it comes from a git repository, and there is no git in the image",
		"use a release from the registry or a tarball's address, or a Dockerfile of your own that installs git", engine.ErrBuild,
	},
	{
		[]string{"EINTEGRITY", "Integrity check failed", "ERR_PNPM_TARBALL_INTEGRITY", "YN0018", "IntegrityCheckFailed"}, "a package is not what the lock says it is",
		"find out why before you trust it; where the lock is wrong, remove the package and add it again", engine.ErrBuild,
	},
	{
		[]string{"E404", "ERR_PNPM_FETCH_404", "Couldn't find package", "Package not found", "- 404"}, "the registry has no such package, or it is private",
		"check the name; for a private package, put the registry and its token into .npmrc", engine.ErrBuild,
	},
	{
		[]string{"ETARGET", "ENOVERSIONS", "ERR_PNPM_NO_MATCHING_VERSION", "No matching version", "Couldn't find any versions", "YN0082", "No version matching", "Invalid tag name"}, "the package has no such version",
		"`devbox run npm view PACKAGE versions` lists those that there are", engine.ErrBuild,
	},
	{
		[]string{"ERESOLVE", "ERR_PNPM_PEER_DEP_ISSUES"}, "packages want different versions of one that they share",
		"choose versions that agree, such as `devbox add NAME@VERSION`; or put what you know to work into `overrides` of package.json", engine.ErrBuild,
	},
	{
		[]string{"E401", "E403", "ENEEDAUTH", "ERR_PNPM_FETCH_401", "ERR_PNPM_FETCH_403", "YN0041"}, "the registry wants a login",
		"put the token into .npmrc, or into a variable that .npmrc names", engine.ErrBuild,
	},
	{
		[]string{
			"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET", "ConnectionRefused", "FailedToOpenSocket",
			"ERR_PNPM_META_FETCH_FAIL", "ENOTCACHED", "ERR_PNPM_NO_OFFLINE_META", "RequestError", "UNABLE_TO_VERIFY", "SELF_SIGNED_CERT", "CERT_HAS_EXPIRED",
		}, causeNetwork,
		"check the network, proxy settings and the registry in .npmrc; the cache does not hold all that is needed", engine.ErrBuild,
	},
	{
		[]string{"Unsupported lockfile", "ERR_PNPM_LOCKFILE_BREAKING_CHANGE", "Unknown lockfile version"}, causeTooNew,
		"set `package-manager` in devbox.yaml to the version that wrote it", engine.ErrBuild,
	},
}

// packagesFailed says why the package manager failed.
func packagesFailed(op string, code int, output string) error {
	e := &PackagesError{failed: engine.Error{Kind: engine.ErrBuild, Op: op, Note: fmt.Sprintf("the package manager ended with status %d", code), Detail: tellingLines(output)}}
	for _, c := range packageCauses {
		if slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(output, w) }) {
			e.failed.Kind, e.failed.Note, e.failed.Remedy, e.cause = c.kind, c.cause, c.remedy, c.cause
			break
		}
	}
	return e
}

// newerLock are words of package managers that read over a lock which is too new
// for them, and would write it anew.
var newerLock = []string{"was generated for lockfileVersion@", "Ignoring not compatible lockfile", "lockfile is not compatible"}

// lockTooNew stops a package manager that would throw a newer lock away.
func lockTooNew(op, output string) error {
	if !slices.ContainsFunc(newerLock, func(w string) bool { return strings.Contains(output, w) }) {
		return nil
	}
	return &PackagesError{cause: causeTooNew, failed: engine.Error{
		Kind: engine.ErrBuild, Op: op, Note: causeTooNew, Detail: tellingLines(output), Remedy: "set `package-manager` in devbox.yaml to the version that wrote it",
	}}
}

// noise are lines that say nothing about a failure.
var noise = regexp.MustCompile(`^\s*$|A complete log of this run|debug-0\.log|^npm notice|Unknown env config|^npm (error|ERR!)\s*$|^(npm (error|ERR!))?\s+at |^npm (error|ERR!)   (code|errno|syscall|address|port|type|requiredBy): |^npm (error|ERR!) }$|^info Visit|For a full report see|eresolve-report|^Progress: |YN0000`)

// tellingLines are the lines of an output that people want to see.
func tellingLines(output string) []string {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(output), "\n"), noise.MatchString)
	return lastOf(lines)
}

// failedScripts find the package whose script failed, in what the package
// managers say of it.
var failedScripts = []*regexp.Regexp{
	regexp.MustCompile(`npm (?:error|ERR!) path \S*/node_modules/(\S+)`),
	regexp.MustCompile(`error \S*/node_modules/(\S+): Command failed`),
	regexp.MustCompile(`node_modules/((?:@[^/\s]+/)?[^/\s]+): Running \w+ script, failed`),
	regexp.MustCompile(`node_modules/((?:@[^/\s]+/)?[^/\s]+) (?:pre|post)?install: Failed`),
	regexp.MustCompile(`YN0009: │ (\S+?)@\S+ couldn't be built`),
	regexp.MustCompile(`(?:pre|post)?install script from "([^"]+)" exited`),
}

// installFailed says of an install that failed whose script it was, where it was one.
func installFailed(op string, err error) error {
	var failed *engine.Error
	if !errors.As(err, &failed) || failed.Kind != engine.ErrBuild {
		return err
	}
	output := strings.Join(failed.Detail, "\n")
	e := &PackagesError{failed: engine.Error{Kind: engine.ErrBuild, Op: op, Note: "the packages cannot be installed", Detail: tellingLines(output), Remedy: failed.Remedy}}
	for _, script := range failedScripts {
		if m := script.FindStringSubmatch(output); m != nil {
			e.failed.Note = fmt.Sprintf("the install script of %s failed", m[1])
			return e
		}
	}
	return e
}
