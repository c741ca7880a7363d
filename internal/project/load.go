package project

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Load reads a devbox.yaml. What it leaves out comes from the folder's name and
// its facts. Everything that is wrong is reported at once, as an InvalidError
// with lines and columns.
func Load(data []byte, folder string, facts *Facts) (*Model, error) {
	if err := checkText(ModelFile, data, maxYAMLSize); err != nil {
		return nil, err
	}
	if err := prescanYAML(data); err != nil {
		return nil, parseError(err)
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil && len(bytes.TrimSpace(data)) > 0 {
		return nil, parseError(err)
	}
	if len(doc.Content) == 0 {
		return nil, invalid(ModelFile, "it is empty: it needs at least `services:`")
	}
	r := &reader{facts: facts}
	m := r.model(doc.Content[0], folder)
	if len(r.problems) == 0 {
		r.check(m)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, &InvalidError{File: ModelFile, Problems: r.problems}
	}
	return m, nil
}

// checkText refuses what no parser should see.
func checkText(file string, data []byte, limit int) error {
	switch {
	case len(data) > limit:
		return invalid(file, "it is too large: more than %d bytes", limit)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return invalid(file, "it is in UTF-16: save it as UTF-8")
	case bytes.IndexByte(data, 0) >= 0:
		return invalid(file, "it holds a NUL byte: it is not a text file")
	case !utf8.Valid(data):
		return invalid(file, "it is not UTF-8")
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		for _, marker := range []string{"<<<<<<< ", "=======\n", ">>>>>>> "} {
			if bytes.HasPrefix(line, []byte(marker)) {
				return &InvalidError{File: file, Problems: []Problem{{Line: n, Text: "a merge conflict is not resolved"}}}
			}
		}
	}
	return nil
}

var yamlLine = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)

// parseError puts the parser's words behind the place that they name.
func parseError(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return invalid(ModelFile, "%v", err)
	}
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	p := Problem{Text: text}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Column, _ = strconv.Atoi(m[2])
	}
	return &InvalidError{File: ModelFile, Problems: []Problem{p}}
}

// reader walks a devbox.yaml and collects what is wrong.
type reader struct {
	facts    *Facts
	problems []Problem
	// at remembers where each service stands.
	at map[string]*yaml.Node
}

func (r *reader) complain(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: n.Line, Column: n.Column, Text: fmt.Sprintf(format, args...)})
}

// mapping calls each for the entries of a mapping. Keys that are not known, or
// stand there twice, are complained about.
func (r *reader) mapping(n *yaml.Node, where string, known []string, each func(key string, k, v *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s must be a mapping of names to values, not %s", where, kindOf(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case seen[k.Value]:
			r.complain(k, "%q stands in %s twice", k.Value, where)
			continue
		case known != nil && !slices.Contains(known, k.Value):
			r.complain(k, "%s", unknownKey(k.Value, where, known))
			continue
		}
		seen[k.Value] = true
		each(k.Value, k, v)
	}
}

func unknownKey(key, where string, known []string) string {
	text := fmt.Sprintf("unknown key %q in %s", key, where)
	if s := suggest(key, known); s != "" {
		return text + fmt.Sprintf("; did you mean %q?", s)
	}
	return text + "; known are " + strings.Join(known, ", ")
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Tag == "!!null":
		return "nothing"
	}
	return strconv.Quote(n.Value)
}

var (
	modelKeys   = []string{"name", "services", "lock"}
	serviceKeys = []string{"node", "package-manager", "port", "dev", "build", "prod", "health", "environment", "watch", "compose", "compose-dev", "compose-prod"}
)

func (r *reader) model(n *yaml.Node, folder string) *Model {
	m := &Model{Name: Slug(folder), Lock: LockPolicies{Frozen, Frozen}}
	found := false
	r.mapping(n, ModelFile, modelKeys, func(key string, _, v *yaml.Node) {
		switch key {
		case "name":
			m.Name = r.text(v, "name")
			if !plainName.MatchString(m.Name) || strings.Contains(m.Name, ".") || len(m.Name) > maxName {
				r.complain(v, "name %q: use at most %d lower-case letters, digits, - and _", m.Name, maxName)
			}
		case "services":
			found = true
			m.Services = r.services(v)
		case "lock":
			m.Lock = r.lock(v)
		}
	})
	if !found && n.Kind == yaml.MappingNode {
		r.complain(n, "there is no `services:`")
	}
	return m
}

func (r *reader) services(n *yaml.Node) []Service {
	var list []Service
	r.at = map[string]*yaml.Node{}
	r.mapping(n, "services", nil, func(name string, k, v *yaml.Node) {
		if !plainName.MatchString(name) || len(name) > maxName {
			r.complain(k, "service name %q: use at most %d lower-case letters, digits, -, _ and .", name, maxName)
			return
		}
		r.at[name] = k
		list = append(list, r.service(name, v))
	})
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.complain(n, "there are no services")
	}
	return list
}

func (r *reader) service(name string, n *yaml.Node) Service {
	s := Service{Name: name, Node: r.facts.Node(), PackageManager: r.facts.PackageManager()}
	r.mapping(n, fmt.Sprintf("service %q", name), serviceKeys, func(key string, _, v *yaml.Node) {
		switch key {
		case "node":
			s.Node = r.node(v)
		case "package-manager":
			s.PackageManager = r.manager(v)
		case "port":
			s.Port = r.port(v)
		case "dev":
			s.Dev = r.command(v, key)
		case "build":
			s.Build = r.command(v, key)
		case "prod":
			s.Prod = r.command(v, key)
		case "health":
			s.Health = r.health(v)
		case "environment":
			s.Environment = r.environment(v)
		case "watch":
			s.Watch = r.watchRules(v)
		case "compose":
			s.Compose = r.free(v, key)
		case "compose-dev":
			s.ComposeDev = r.free(v, key)
		case "compose-prod":
			s.ComposeProd = r.free(v, key)
		}
	})
	return s
}

// check looks at what only shows when the whole file is read.
func (r *reader) check(m *Model) {
	for _, s := range m.Services {
		if err := checkService(s); err != nil {
			r.complain(r.at[s.Name], "service %q: %v", s.Name, err)
		}
	}
	if err := checkVariables(m.Services); err != nil {
		r.problems = append(r.problems, Problem{Text: err.Error()})
	}
}
