package session

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
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

// packagesFailed says why the package manager failed.
func packagesFailed(op string, code int, output string, change project.PackageChange) error {
	e := &PackagesError{failed: engine.Error{Kind: engine.ErrBuild, Op: op, Note: fmt.Sprintf("the package manager ended with status %d", code), Detail: tellingLines(output)}}
	if c, ok := complaintIn(output); ok {
		e.failed.Kind, e.failed.Note, e.failed.Remedy, e.cause = c.kind, c.cause, c.remedy, c.cause
	}
	if name := lowerCase(change.Packages); e.cause == causeNoPackage && change.Verb == project.AddPackages && name != "" {
		e.failed.Remedy = "names in the registry are in lower case: `devbox add " + name + "`"
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
		Kind: engine.ErrBuild, Op: op, Note: causeTooNew, Detail: tellingLines(output), Remedy: remedyTooNew,
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
	if name := failedScript(output); failed.Remedy == wholeLock {
		e.failed.Note = failed.Note
	} else if name != "" {
		e.failed.Note = fmt.Sprintf("the install script of %s failed", name)
	}
	return e
}
