package project

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

var (
	shellVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	debianPackage = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	stageName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	useForm       = regexp.MustCompile(`^[a-z]+(@[0-9A-Za-z][0-9A-Za-z_.-]*)?$`)
)

// checkPath is the rule for files and folders of the project: they are below it,
// and written without detours.
func checkPath(text string) verdict {
	clean := path.Clean(text)
	switch {
	case strings.ContainsAny(text, "\x00\r\n"):
		return verdict{"is no path: " + show(text), ""}
	case path.IsAbs(text) || clean == ".." || strings.HasPrefix(clean, "../"):
		return verdict{"must be inside of the project, not " + show(text), ""}
	case strings.Contains(text, `\`):
		return verdict{"must be written with /, not " + show(text), tryInstead(strings.ReplaceAll(text, `\`, "/"))}
	}
	return verdict{}
}

func checkShellVariable(name string) verdict {
	if shellVariable.MatchString(name) {
		return verdict{}
	}
	return verdict{"has " + show(name) + ", which is no variable", "use letters, digits and _"}
}

func checkDebianPackage(name string) verdict {
	if debianPackage.MatchString(name) {
		return verdict{}
	}
	return verdict{"has " + show(name) + ", which is no name of a Debian package", ""}
}

// path is a file or folder of the project, cleaned; the project's own folder is
// empty.
func (r *reader) path(n *yaml.Node, where string) string {
	text, ok := r.text(n, where)
	if !ok {
		return ""
	}
	if text == "" {
		r.add(n, "", "%s is empty", where)
		return ""
	}
	r.judge(n, where, checkPath(text))
	if text = path.Clean(text); text == "." {
		return ""
	}
	return text
}

// paths is a list of files of the project.
func (r *reader) paths(n *yaml.Node, where string) []string {
	if !r.is(n, yaml.SequenceNode, where, "a list") {
		return nil
	}
	var list []string
	for _, item := range n.Content {
		if file := r.path(item, "a file in "+where); file != "" {
			list = append(list, file)
		}
	}
	return list
}

// words is a list of words that keep a rule, each once.
func (r *reader) words(n *yaml.Node, where string, check func(string) verdict) []string {
	if !r.is(n, yaml.SequenceNode, where, "a list") {
		return nil
	}
	var list []string
	for _, item := range n.Content {
		word, ok := r.text(item, "a word in "+where)
		if !ok {
			continue
		}
		r.judge(item, where, check(word))
		if !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return list
}

func readFileNames(r *reader, n *yaml.Node, m *Model) {
	text, ok := r.text(n, "files")
	if !ok {
		return
	}
	switch m.Files = FileNames(text); m.Files {
	case StandardFiles:
		m.Files = ""
	case BesideFiles:
	default:
		r.add(n, "", "files must be standard or beside, not %s", show(text))
	}
}

func readEnvFiles(r *reader, n *yaml.Node, s *Service) {
	where := "env-file of service " + show(s.Name)
	if n.Kind == yaml.SequenceNode {
		both := r.paths(n, where)
		s.EnvFiles = EnvFiles{both, both}
		return
	}
	for name, value := range r.pairs(n, where) {
		switch name.Value {
		case string(Dev):
			s.EnvFiles.Dev = r.paths(value, where)
		case string(Prod):
			s.EnvFiles.Prod = r.paths(value, where)
		default:
			r.add(name, "known are dev, prod", "unknown key %s in %s", show(name.Value), where)
		}
	}
}

func readSecrets(r *reader, n *yaml.Node, s *Service) {
	where := "secrets of service " + show(s.Name)
	for name, value := range r.pairs(n, where) {
		if !secretName.MatchString(name.Value) {
			r.add(name, "use letters, digits, - and _", "%s has %s, which is no name of a secret", where, show(name.Value))
		}
		file := r.path(value, "secret "+show(name.Value)+" of service "+show(s.Name))
		if s.Secrets == nil {
			s.Secrets = map[string]string{}
		}
		s.Secrets[name.Value] = file
	}
}

func readDockerfile(r *reader, n *yaml.Node, s *Service) {
	where := "dockerfile of service " + show(s.Name)
	if n.Kind == yaml.ScalarNode {
		s.Dockerfile = OwnDockerfile{File: r.path(n, where)}
		s.Dockerfile.complete()
		return
	}
	for name, value := range r.pairs(n, where) {
		at := name.Value + " in " + where
		switch name.Value {
		case "file":
			s.Dockerfile.File = r.path(value, at)
		case "context":
			if s.Dockerfile.Context = r.path(value, at); s.Dockerfile.Context == "" {
				s.Dockerfile.Context = "."
			}
		case "dev":
			s.Dockerfile.Dev = r.stage(value, at)
		case "prod":
			s.Dockerfile.Prod = r.stage(value, at)
		default:
			r.add(name, "known are file, context, dev, prod", "unknown key %s in %s", show(name.Value), where)
		}
	}
	if s.Dockerfile.File == "" {
		r.add(n, "", "%s names no file", where)
	}
	s.Dockerfile.complete()
}

// complete fills in the folder that the file is built from.
func (d *OwnDockerfile) complete() {
	if d.Context == "" {
		d.Context = path.Dir(d.File)
	}
}

func (r *reader) stage(n *yaml.Node, where string) string {
	text, ok := r.text(n, where)
	if ok && !stageName.MatchString(text) {
		r.add(n, "", "%s must be the name of a stage, not %s", where, show(text))
	}
	return text
}

func readUse(r *reader, n *yaml.Node, b *Backing) {
	where := "use of service " + show(b.Name)
	text, ok := r.text(n, where)
	if !ok {
		return
	}
	if !useForm.MatchString(text) {
		r.add(n, "", "%s must be a name and a version such as postgres@15, not %s", where, show(text))
	}
	b.Use, b.Version, _ = strings.Cut(text, "@")
	r.judge(n, where, checkUse(*b))
}

// readBacking reads a service that is no app.
func readBacking(r *reader, name, value *yaml.Node) Backing {
	b := Backing{Name: name.Value}
	seen := readKeys(r, value, "service "+show(b.Name), backingKeys, &b)
	if b.Use == "" && b.Publish != 0 {
		r.add(seen["publish"], "write it in Compose's words: compose: {ports: [...]}", "publish of service %s: devbox does not know what it listens on", show(b.Name))
	}
	return b
}

// isBacking tells the services that are no apps: they use one that devbox knows,
// or have no command and an image in Compose's words.
func isBacking(n *yaml.Node) bool {
	if valueOf(n, "use") != nil {
		return true
	}
	compose := valueOf(n, "compose")
	return valueOf(n, "dev") == nil && (valueOf(compose, "image") != nil || valueOf(compose, "build") != nil)
}

// valueOf is the value of a key, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
