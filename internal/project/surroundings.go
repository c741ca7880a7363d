package project

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// addSurroundings gives a rendered service its env files, the variables that it
// requires, and its secrets. Only names and paths of files are rendered.
func addSurroundings(c map[string]any, m *Model, s Service, mode Mode) {
	if files := s.EnvFiles.Of(mode); len(files) > 0 {
		list := make([]any, len(files))
		for i, f := range files {
			list[i] = "./" + literal(f)
		}
		c["env_file"] = list
	}
	env, _ := c["environment"].(map[string]any)
	for _, name := range s.Required {
		if _, set := env[name]; !set && len(s.EnvFiles.Of(mode)) == 0 {
			// Compose takes it from its own environment or from .env. Beside env_file that
			// would hide what the files say.
			env[name] = nil
		}
	}
	if len(s.Secrets) == 0 {
		return
	}
	var list []any
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		if source := secretSource(m, s, name); source != name {
			list = append(list, map[string]any{"source": source, "target": name})
		} else {
			list = append(list, name)
		}
	}
	c["secrets"] = list
}

// secretSource is a secret's name in the whole project: its own, unless another
// service means another file by it.
func secretSource(m *Model, s Service, name string) string {
	for _, other := range m.Services {
		if file, has := other.Secrets[name]; has && file != s.Secrets[name] || name == npmrcSecret {
			return s.Name + "-" + name
		}
	}
	return name
}

// declareSecrets declares the secrets of a mode's services.
func declareSecrets(project map[string]any, m *Model) map[string]any {
	services, _ := project["services"].(map[string]any)
	declared, _ := project["secrets"].(map[string]any)
	for _, s := range m.Services {
		if services[s.Name] == nil {
			continue
		}
		for name, file := range s.Secrets {
			if declared == nil {
				declared = map[string]any{}
				project["secrets"] = declared
			}
			declared[secretSource(m, s, name)] = map[string]any{"file": "./" + literal(file)}
		}
	}
	return project
}

// secretFiles are the files of a project that hold secrets: those of secrets,
// and env files.
func (m *Model) secretFiles() []string {
	var files []string
	for _, s := range m.Services {
		files = slices.Concat(files, s.EnvFiles.Dev, s.EnvFiles.Prod, slices.Collect(maps.Values(s.Secrets)))
	}
	slices.Sort(files)
	return slices.Compact(files)
}

var ignoreSpecial = regexp.MustCompile(`[*?\[\]\\]`)

// ignoreFile is the .dockerignore of a model: the rules for all, and the files
// with secrets that they do not name.
func (m *Model) ignoreFile() string {
	var own strings.Builder
	for _, file := range m.secretFiles() {
		if name := file[strings.LastIndex(file, "/")+1:]; strings.HasPrefix(name, ".env") && name != ".env.example" {
			continue
		}
		own.WriteString("/" + ignoreSpecial.ReplaceAllString(file, `\$0`) + "\n")
	}
	rules := m.Files.ignoreRules()
	if own.Len() == 0 {
		return rules
	}
	return rules + "\n# Secrets and variables of this project\n" + own.String()
}

// KeptOut are patterns for what no image is made with, relative to the folder
// that it is built from: the passwords that devbox keeps, and the files of secrets.
func (p *Project) KeptOut(context string) []string {
	files := []string{StateDir}
	for _, s := range p.Model.Services {
		files = append(files, slices.Sorted(maps.Values(s.Secrets))...)
	}
	var patterns []string
	for _, file := range files {
		rel, err := filepath.Rel(context, filepath.Join(p.Dir, filepath.FromSlash(file)))
		if err == nil && filepath.IsLocal(rel) {
			patterns = append(patterns, ignoreSpecial.ReplaceAllString(filepath.ToSlash(rel), `\$0`))
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// SecretsInImages are the files with secrets that a build would copy: the user's
// own .dockerignore does not name them.
func (p *Project) SecretsInImages() []string {
	files := p.Model.secretFiles()
	if len(files) == 0 {
		return nil
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return nil
	}
	defer root.Close()
	ignored, err := dockerIgnore(root, p.Model)
	if err != nil {
		return nil // rendering says what is wrong with it
	}
	return slices.DeleteFunc(files, func(file string) bool {
		out, err := ignored.MatchesOrParentMatches(file)
		return err != nil || out
	})
}

// withPassword finds the password in an address.
var withPassword = regexp.MustCompile(`(://[^/@:\s]*:)[^/@\s]+@`)

const mask = "***"

// Masked is the model with *** for the values that look like secrets: people
// paste what `devbox config` prints.
func (m *Model) Masked() *Model {
	c := *m
	c.Services, c.Backing = slices.Clone(m.Services), slices.Clone(m.Backing)
	c.Compose = maskedWords(m.Compose)
	for i := range c.Services {
		s := &c.Services[i]
		s.Environment = masked(s.Environment)
		s.Compose, s.ComposeDev, s.ComposeProd = maskedWords(s.Compose), maskedWords(s.ComposeDev), maskedWords(s.ComposeProd)
	}
	for i := range c.Backing {
		b := &c.Backing[i]
		b.Environment = masked(b.Environment)
		b.Compose, b.ComposeDev, b.ComposeProd = maskedWords(b.Compose), maskedWords(b.ComposeDev), maskedWords(b.ComposeProd)
	}
	return &c
}

func masked(env map[string]string) map[string]string {
	out := maps.Clone(env)
	for name, value := range env {
		out[name] = maskedValue(name, value)
	}
	return out
}

// maskedValue is the value of a variable as it may be shown. That it comes from
// another variable is no secret.
func maskedValue(name, value string) string {
	switch {
	case value == "" || strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}"):
		return value
	case envSecret().MatchString(name):
		return mask
	}
	return withPassword.ReplaceAllString(value, "${1}"+mask+"@")
}

// maskedWords are Compose's words with *** for the secrets in them, wherever they
// stand: as a key with its value, or as NAME=value in a list.
func maskedWords(words map[string]any) map[string]any {
	if words == nil {
		return nil
	}
	out, _ := maskedWord("", words).(map[string]any)
	return out
}

func maskedWord(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = maskedWord(key, e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = maskedWord("", e)
		}
		return out
	case string:
		if key, value, pair := strings.Cut(v, "="); pair && name == "" && shellVariable.MatchString(key) {
			return key + "=" + maskedValue(key, value)
		}
		return maskedValue(name, v)
	}
	return v
}
