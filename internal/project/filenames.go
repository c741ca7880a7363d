package project

// besideName is what the names of rendered files begin with where the standard
// names are the user's own.
const besideName = "devbox."

// Name is the name of a rendered file, given the standard one. BuildKit takes
// an ignore file that is named for a Dockerfile in place of .dockerignore.
func (n FileNames) Name(standard string) string {
	switch {
	case n != BesideFiles:
		return standard
	case standard == IgnoreFile:
		return besideName + DockerFile + IgnoreFile
	}
	return besideName + standard
}

// Compose is the name of the Compose file of a mode.
func (n FileNames) Compose(mode Mode) string {
	if mode == Prod {
		return n.Name(ComposeProdFile)
	}
	return n.Name(ComposeFile)
}

// ignoreRules is the ignore file of an image's build: what never comes into it,
// the rendered files included.
func (n FileNames) ignoreRules() string {
	if n != BesideFiles {
		return ignoreRules
	}
	return ignoreRules + "\n# Made by devbox\n" + besideName + "*\n"
}

// nameDockerfile says in the rendered services which Dockerfile they are built
// from, where it has another name than the one that Compose takes by itself.
func nameDockerfile(services map[string]any, m *Model) {
	if m.Files != BesideFiles {
		return
	}
	for _, s := range m.Services {
		service, _ := services[s.Name].(map[string]any)
		if build, ok := service["build"].(map[string]any); ok && build["dockerfile"] == nil {
			build["dockerfile"] = m.Files.Name(DockerFile)
		}
	}
}
