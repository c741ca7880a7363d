package session

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
)

const wholeLock = "`devbox update` makes a whole lock"

// gapWords say what a lock lacks.
func gapWords(k *project.Package, gap lockfile.Gap) string {
	return fmt.Sprintf("%s is incomplete: %s asks for %s, which is not in it", k.Place(k.Dependencies.LockFile), gap.Package, gap.Wanted)
}

// withLockGap says of an install that failed in the script of a package that the lock
// lacks what that package needs here, where it does. npm itself goes on without, and the
// script says anything.
func withLockGap(err error, k *project.Package, platform string) error {
	var failed *engine.Error
	if !errors.As(err, &failed) || failed.Kind == engine.ErrDiskFull {
		return err
	}
	name := failedScript(strings.Join(failed.Detail, "\n"))
	if name == "" {
		return err
	}
	if gap, ok := k.LockGap(platform, name); ok {
		failed.Note = fmt.Sprintf("the install script of %s failed, and %s", name, gapWords(k, gap))
		failed.Remedy = wholeLock
	}
	return err
}

// failedScript is the package whose script failed, by the output of a package manager.
func failedScript(output string) string {
	for _, script := range failedScripts {
		if m := script.FindStringSubmatch(output); m != nil {
			return m[1]
		}
	}
	return ""
}

var missingModule = regexp.MustCompile(`(?:Cannot find (?:module|package)|The package|Could not resolve) ['"]((?:@[\w.-]+/)?[\w.-]+)['"]`)

// lostModule finds a package that an app could not load because the lock lacks it.
func lostModule(d Desired, service string, last []string) (denial, bool) {
	s, _ := d.Project.Model.Service(service)
	k := d.Project.PackageOf(s)
	for _, m := range missingModule.FindAllStringSubmatch(strings.Join(last, "\n"), -1) {
		if gap, ok := k.LockGap(d.Info.Platform, m[1]); ok && gap.Wanted == m[1] {
			return denial{gapWords(k, gap), wholeLock}, true
		}
	}
	return denial{}, false
}
