package project

import (
	"maps"
	"slices"
)

// FileNames says which names the rendered files have.
type FileNames string

// The ways of naming the rendered files.
const (
	StandardFiles FileNames = "standard" // Dockerfile, compose.yaml and so on
	BesideFiles   FileNames = "beside"   // devbox.Dockerfile and so on, beside the project's own of those names
)

// EnvFiles are the files of variables of the two modes, the later one wins.
type EnvFiles struct {
	Dev, Prod []string
}

// Of are the files of a mode.
func (f EnvFiles) Of(mode Mode) []string {
	if mode == Prod {
		return f.Prod
	}
	return f.Dev
}

// OwnDockerfile is a Dockerfile of the project's own that makes a service's
// images. The zero value stands for none.
type OwnDockerfile struct {
	// File and Context are relative to the project; an empty Context is the
	// file's folder.
	File, Context string
	// Dev and Prod are the stages of the two modes; empty means the last one.
	Dev, Prod string
}

// Backing is a service that is no app of the project: a database, say, or any
// other service in Compose's own words.
type Backing struct {
	Name string
	// Use is a kind that devbox knows, such as postgres, and Version what the file
	// says behind the @; Use is empty where Compose says it all.
	Use, Version string
	// Publish is the port of the host that it is reached by; 0 means that only the
	// project's network reaches it.
	Publish     int
	Environment map[string]string
	// Compose, ComposeDev and ComposeProd are as those of a Service.
	Compose, ComposeDev, ComposeProd map[string]any
}

// String is the form of the key use, postgres@15.
func (b Backing) String() string {
	if b.Version == "" {
		return b.Use
	}
	return b.Use + "@" + b.Version
}

// BackingService returns the backing service of that name.
func (m *Model) BackingService(name string) (Backing, bool) {
	i := slices.IndexFunc(m.Backing, func(b Backing) bool { return b.Name == name })
	if i < 0 {
		return Backing{}, false
	}
	return m.Backing[i], true
}

// clone is a service that shares nothing with the other one.
func (s Service) clone() Service {
	s.Dev, s.Build, s.Prod = slices.Clone(s.Dev), slices.Clone(s.Build), slices.Clone(s.Prod)
	s.Migrate, s.Seed = slices.Clone(s.Migrate), slices.Clone(s.Seed)
	s.Environment, s.Secrets = maps.Clone(s.Environment), maps.Clone(s.Secrets)
	s.EnvFiles = EnvFiles{slices.Clone(s.EnvFiles.Dev), slices.Clone(s.EnvFiles.Prod)}
	s.Required, s.Needs = slices.Clone(s.Required), slices.Clone(s.Needs)
	s.BuildPackages, s.SystemPackages = slices.Clone(s.BuildPackages), slices.Clone(s.SystemPackages)
	s.Watch = WatchRules{Paths: slices.Clone(s.Watch.Paths), Ignore: slices.Clone(s.Watch.Ignore)}
	for _, words := range []*map[string]any{&s.Compose, &s.ComposeDev, &s.ComposeProd} {
		if *words != nil {
			*words, _ = cloneValue(*words).(map[string]any)
		}
	}
	return s
}
