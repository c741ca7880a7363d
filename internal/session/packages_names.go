package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
)

// checkNames makes sure that what is to be removed or updated is there, and that
// what is added is no other spelling of it. lock is nil where there is none.
func checkNames(c project.PackageChange, manifest []byte, lock *lockfile.Lock) error {
	direct := project.DirectNames(manifest)
	for _, arg := range c.Packages {
		if c.Verb == project.AddPackages {
			if err := checkSpelling(arg, direct); err != nil {
				return err
			}
			continue
		}
		// One that only other packages ask for can be updated too, and a pattern
		// is for the package manager to read.
		deep := c.Verb == project.UpdatePackages && (lock == nil || inLock(lock, arg) || strings.ContainsAny(arg, "*?{!"))
		if !deep && !slices.Contains(direct, arg) {
			return &NoDependencyError{Name: arg, There: direct, Locked: c.Verb == project.UpdatePackages}
		}
	}
	return nil
}

func inLock(lock *lockfile.Lock, name string) bool {
	return slices.ContainsFunc(lock.Packages, func(p lockfile.Package) bool { return p.Name == name || p.Alias == name })
}

// checkSpelling refuses a name that differs from a dependency's in nothing but
// case: no tree holds both on every file system, and npm leaves a lock without
// either of them.
func checkSpelling(arg string, direct []string) error {
	spec, err := project.ParsePackageSpec(arg)
	if err != nil {
		return err
	}
	for _, there := range direct {
		if spec.Name != there && strings.EqualFold(spec.Name, there) {
			return &SpellingError{Name: spec.Name, There: there}
		}
	}
	return nil
}

// SpellingError says that a package to be added has the name of a dependency in
// another case.
type SpellingError struct{ Name, There string }

func (e *SpellingError) Error() string {
	return fmt.Sprintf("%s and %s, which is in package.json, differ in nothing but case", e.Name, e.There)
}

// Hint names the package that was meant.
func (e *SpellingError) Hint() string {
	return "`devbox add " + e.There + "` or `devbox update " + e.There + "` is about the one that is there"
}

// NoDependencyError says that package.json does not name a package.
type NoDependencyError struct {
	Name string
	// There are the packages that it names.
	There []string
	// Locked tells that the lock does not have it either.
	Locked bool
}

func (e *NoDependencyError) Error() string {
	if e.Locked {
		return e.Name + " is not among the dependencies in package.json, nor in the lock"
	}
	return e.Name + " is not among the dependencies in package.json"
}

// Hint lists what there is.
func (e *NoDependencyError) Hint() string {
	const most = 20
	switch n := len(e.There); {
	case n == 0:
		return "package.json names no packages"
	case n > most:
		return fmt.Sprintf("package.json names %d packages", n)
	}
	return "it names " + strings.Join(e.There, ", ")
}

// lowerCase is the package argument as registries have had names since 2017;
// empty where it is so anyway.
func lowerCase(packages []string) string {
	for _, arg := range packages {
		spec, err := project.ParsePackageSpec(arg)
		if low := strings.ToLower(spec.Name); err == nil && low != spec.Name {
			return low
		}
	}
	return ""
}
