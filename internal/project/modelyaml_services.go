package project

import (
	"slices"
	"strconv"
)

// text writes a key of a service with a text, which is left out when it is empty.
func (w *yamlWriter) text(key, value string) {
	if value != "" {
		w.line(2, key+": "+yamlText(value), "")
	}
}

// words writes a list of a service on one line.
func (w *yamlWriter) words(level int, key string, words []string) {
	if len(words) == 0 {
		return
	}
	line := key + ": ["
	for i, word := range words {
		if i > 0 {
			line += ", "
		}
		line += yamlInFlow(word)
	}
	w.line(level, line+"]", "")
}

// yamlInFlow is text in a list on one line, where more letters mean something.
func yamlInFlow(text string) string {
	if plain := yamlText(text); !slices.ContainsFunc([]byte(plain), func(c byte) bool {
		return c == ',' || c == '[' || c == ']' || c == '{' || c == '}' || c == ':' || c == '?'
	}) {
		return plain
	}
	return yamlQuoted(text)
}

// surroundings are what an app needs around it.
func (w *yamlWriter) surroundings(s Service) {
	w.words(2, "needs", s.Needs)
	if len(s.Migrate) > 0 {
		w.line(2, "migrate: "+yamlCommand(s.Migrate), "")
	}
	if len(s.Seed) > 0 {
		w.line(2, "seed: "+yamlCommand(s.Seed), "")
	}
	switch {
	case slices.Equal(s.EnvFiles.Dev, s.EnvFiles.Prod):
		w.words(2, "env-file", s.EnvFiles.Dev)
	default:
		w.line(2, "env-file:", "")
		w.words(3, "dev", s.EnvFiles.Dev)
		w.words(3, "prod", s.EnvFiles.Prod)
	}
	w.words(2, "required", s.Required)
	w.words(2, "writes", s.Writes)
	w.mapping("secrets", anyMap(s.Secrets))
	w.words(2, "build-packages", s.BuildPackages)
	w.words(2, "system-packages", s.SystemPackages)
	w.dockerfile(s.Dockerfile)
}

func (w *yamlWriter) dockerfile(d OwnDockerfile) {
	if d.File == "" {
		return
	}
	short := OwnDockerfile{File: d.File}
	if short.complete(); d == short {
		w.text("dockerfile", d.File)
		return
	}
	w.line(2, "dockerfile:", "")
	w.line(3, "file: "+yamlText(d.File), "")
	w.line(3, "context: "+yamlText(d.Context), "")
	if d.Dev != "" {
		w.line(3, "dev: "+yamlText(d.Dev), "")
	}
	if d.Prod != "" {
		w.line(3, "prod: "+yamlText(d.Prod), "")
	}
}

func (w *yamlWriter) backing(b Backing) {
	w.text("use", b.String())
	if b.Publish != 0 {
		w.line(2, "publish: "+strconv.Itoa(b.Publish), "")
	}
	w.mapping("environment", anyMap(b.Environment))
	w.mapping("compose", b.Compose)
	w.mapping("compose-dev", b.ComposeDev)
	w.mapping("compose-prod", b.ComposeProd)
}
