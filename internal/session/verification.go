package session

import (
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Verification says whether the packages that are there are those of the lock.
// It is the JSON form of `lock verify`.
type Verification struct {
	// Lock is the lock file that was installed from, Packages how many it locks.
	Lock     string `json:"lock"`
	Packages int    `json:"packages"`
	// Same says that nothing that was compared differs.
	Same  bool        `json:"same"`
	Trees []TreeCheck `json:"trees"`
}

// TreeCheck is one tree that was compared with a clean install.
type TreeCheck struct {
	Service string `json:"service"`
	// Kind is running for the volume that a running container has, volume for one
	// that the next start would take, and image for the production image.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Current says of a volume that it is the one for the folder as it is.
	Current bool `json:"current"`
	// Files is how many files and symlinks a clean install has, Digest the
	// SHA-256 over it.
	Files  int    `json:"files"`
	Digest string `json:"digest"`
	Same   bool   `json:"same"`
	// Skipped says why nothing was compared.
	Skipped     string                   `json:"skipped,omitempty"`
	Differences []volumes.TreeDifference `json:"differences"`
}

// The kinds of trees that are compared.
const (
	CheckRunning = "running"
	CheckVolume  = "volume"
	CheckImage   = "image"
)

// NoLockError says that there is no lock to work with.
type NoLockError struct {
	// Manager is the package manager.
	Manager string
	// NoPackage says that there is not even a package.json.
	NoPackage bool
}

func (e *NoLockError) Error() string {
	if e.NoPackage {
		return "there is no package.json, so there is nothing to lock"
	}
	return "the project has no lock file of " + e.Manager
}

// Hint says how to get one.
func (e *NoLockError) Hint() string {
	if e.NoPackage {
		return ""
	}
	return "`devbox update` makes one"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *NoLockError) ProjectInvalid() bool { return true }

// governing reads the lock that governs; that there is none is a NoLockError.
func governing(k *project.Package) (*lockfile.Lock, error) {
	if k.Dependencies.Package == nil {
		return nil, &NoLockError{NoPackage: true}
	}
	l, err := k.ParseLock()
	if err == nil && l == nil {
		err = &NoLockError{Manager: k.Manager().Name}
	}
	return l, err
}
