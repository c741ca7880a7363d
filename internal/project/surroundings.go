package project

import (
	"maps"
	"os"
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
		if _, set := env[name]; !set {
			env[name] = nil // Compose takes it from its own environment, from .env or from env_file
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

// sensitive tells names of variables whose values are nobody's business.
var sensitive = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|secret|token|credential|private|api_?key|access_?key|auth)`)

// withPassword finds the password in an address.
var withPassword = regexp.MustCompile(`(://[^/@:\s]*:)[^/@\s]+@`)

const mask = "***"

// Masked is the model with *** for the values that look like secrets: people
// paste what `devbox config` prints.
func (m *Model) Masked() *Model {
	c := *m
	c.Services, c.Backing = slices.Clone(m.Services), slices.Clone(m.Backing)
	for i := range c.Services {
		c.Services[i].Environment = masked(c.Services[i].Environment)
	}
	for i := range c.Backing {
		c.Backing[i].Environment = masked(c.Backing[i].Environment)
	}
	return &c
}

func masked(env map[string]string) map[string]string {
	out := maps.Clone(env)
	for name, value := range env {
		switch {
		case value == "":
		case sensitive.MatchString(name):
			out[name] = mask
		default:
			out[name] = withPassword.ReplaceAllString(value, "${1}"+mask+"@")
		}
	}
	return out
}
