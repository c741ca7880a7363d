// Package project is the desired state: the model that devbox.yaml and the
// facts of a folder describe, and the files and Compose projects that follow
// from it. It decides on plain data and never talks to an engine.
package project

import (
	"slices"
	"time"
)

// Names of the files in a project folder.
const (
	ModelFile       = "devbox.yaml"
	DockerFile      = "Dockerfile"
	IgnoreFile      = ".dockerignore"
	ComposeFile     = "compose.yaml"
	ComposeProdFile = "compose.prod.yaml"
	// StateDir holds what devbox keeps for itself in a project folder; it
	// ignores itself in git and can be deleted at any time.
	StateDir = ".devbox"
)

// AppDir is where the project's folder is in every container.
const AppDir = "/app"

// Mode is the side of the project that is looked at.
type Mode string

// The two modes that every project has.
const (
	Dev  Mode = "dev"
	Prod Mode = "prod"
)

// Model is what devbox.yaml says, with defaults filled in.
type Model struct {
	// Name is the project's name. That of the Compose project is Project.Name, which
	// differs from one checkout to the next.
	Name string
	// Services are the apps of the project, in the order of the file.
	Services []Service
	// Backing are the services that are no app of the project, such as its databases.
	Backing []Backing
	Lock    LockPolicies
	Volumes VolumeRules
	Watch   WatchSettings
	// Files says which names the rendered files have.
	Files FileNames
	// Compose holds networks, volumes, secrets and configs in Compose's own words.
	Compose map[string]any
}

// VolumeRules are about the volumes that hold node_modules.
type VolumeRules struct {
	// Keep is how many are kept, those in use included. 0 means DefaultKeep.
	Keep int
}

// DefaultKeep is how many node_modules volumes of a project are kept: enough for
// a few branches.
const DefaultKeep = 5

// KeptVolumes is how many node_modules volumes are kept.
func (m *Model) KeptVolumes() int {
	if m.Volumes.Keep == 0 {
		return DefaultKeep
	}
	return m.Volumes.Keep
}

// WatchSettings say how the project's folder is watched. Zero values stand for
// the watcher's own defaults.
type WatchSettings struct {
	// Settle is how long nothing must happen after a save, Ceiling the longest
	// wait under writes that do not end.
	Settle, Ceiling time.Duration
	// Poll looks at the tree now and again instead of relying on file events.
	Poll bool
}

// Service is one process of the project, with a container of its own.
type Service struct {
	Name string
	// Dir is the app's folder, relative to the project; empty means its top.
	Dir string
	// Node is the exact Node.js version, such as 26.10.0.
	Node           string
	PackageManager PackageManager
	// Port is the port that the app listens on, in the container and, unless
	// it is taken, on the host. 0 means that the service listens on none.
	Port int
	// Publish is the port of this machine that it is reached by in development, where
	// that is another one than Port.
	Publish int
	Dev     Command
	Build   Command
	Prod    Command
	// Health is the HTTP path that the production health check asks for. Empty
	// means that a TCP connection is enough.
	Health      string
	Environment map[string]string
	// EnvFiles are files of variables beside it.
	EnvFiles EnvFiles
	// Required are the variables without which the app cannot run.
	Required []string
	// Secrets are files of the project by the names that the app finds them under.
	Secrets map[string]string
	// Needs are the services that have to be there first.
	Needs []string
	// Migrate runs before the app starts; Seed after it, in development, where the
	// data is new.
	Migrate, Seed Command
	// BuildPackages are the Debian packages that installs and builds need,
	// SystemPackages those that the app needs too.
	BuildPackages, SystemPackages []string
	// Dockerfile is the project's own, in place of the one that devbox renders.
	Dockerfile OwnDockerfile
	Watch      WatchRules
	// Writes are folders that the app writes in development, beside those that its
	// tools are known to write in, relative to the project; with ! in front, one of
	// these that stays in the project. See Package.Writes.
	Writes []string
	// Standby says what may be done ahead of the next start in development.
	Standby Standby
	// Compose, ComposeDev and ComposeProd are Compose's own words for what the
	// model does not cover; compose-go merges them over what devbox renders.
	Compose, ComposeDev, ComposeProd map[string]any
}

// WatchRules are a service's own additions to what is watched.
type WatchRules struct {
	// Paths list what the service uses of the project, in .gitignore's form; none
	// stand for all of it.
	Paths []string
	// Ignore lists patterns in .gitignore's form, relative to the project.
	Ignore []string
}

// Standby says whether a Node process stands by for an app's next start.
type Standby string

// The ways of standing by.
const (
	StandbyAuto Standby = "auto" // Node has started, and nothing of the app has run
	StandbyOn   Standby = "on"   // the CommonJS dependencies that the last run used are loaded as well
	StandbyOff  Standby = "off"  // every start is a cold one
)

// HostPort is the port of this machine that the app is reached by in development.
func (s Service) HostPort() int {
	if s.Publish != 0 {
		return s.Publish
	}
	return s.Port
}

// PackageManager is a package manager and its exact version.
type PackageManager struct {
	Name    string // npm, yarn, pnpm or bun
	Version string
}

// String is the form of package.json's packageManager field, npm@11.21.2.
func (m PackageManager) String() string {
	if m.Version == "" {
		return m.Name
	}
	return m.Name + "@" + m.Version
}

// Command is a command in exec form.
type Command []string

// LockPolicy says who may write the lock.
type LockPolicy string

// The lock policies.
const (
	Frozen LockPolicy = "frozen" // install exactly the lock; a lock that disagrees is an error
	Update LockPolicy = "update" // an install may change the lock
	Ignore LockPolicy = "ignore" // install without reading or writing a lock
)

// LockPolicies are the policies of the two modes.
type LockPolicies struct {
	Dev, Prod LockPolicy
}

// Service returns the service of that name.
func (m *Model) Service(name string) (Service, bool) {
	i := slices.IndexFunc(m.Services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		return Service{}, false
	}
	return m.Services[i], true
}

// Names lists the services in the order of the file.
func (m *Model) Names() []string {
	names := make([]string, len(m.Services))
	for i, s := range m.Services {
		names[i] = s.Name
	}
	return names
}
