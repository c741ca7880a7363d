package project

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// writesCheck looks at what writes in devbox.yaml names, when it is known what the
// folder has and which tools the services have.
type writesCheck struct {
	fsys     fs.FS
	problems []Problem
	warnings []Warning
}

// lookAtWrites finds what in the writes of the services cannot be mounted, which is
// an error, and what is there without an effect, as typos are.
func (p *Project) lookAtWrites(data []byte, fsys fs.FS) ([]Warning, error) {
	if !slices.ContainsFunc(p.Model.Services, func(s Service) bool { return len(s.Writes) > 0 }) {
		return nil, nil
	}
	root, problem := parseYAML(data)
	if problem != nil {
		return nil, configError(ModelFile, []Problem{*problem})
	}
	c := writesCheck{fsys: fsys}
	for _, s := range p.Model.Services {
		if n := valueOf(valueOf(valueOf(root, "services"), s.Name), "writes"); n != nil {
			for _, item := range n.Content {
				c.look(item, s, p.PackageOf(s).toolWrites(s))
			}
		}
	}
	return c.warnings, configError(ModelFile, c.problems)
}

// look looks at one folder of a service; known are those that devbox mounts by itself.
func (c *writesCheck) look(n *yaml.Node, s Service, known []string) {
	name, out := strings.CutPrefix(n.Value, without)
	name = path.Clean(name)
	own := path.Join(s.Dir, name)
	where := "writes of service " + show(s.Name)
	switch {
	case slices.Contains(known, name):
	case out && slices.Contains(s.Writes, name):
		c.warn(n, "take one of the two out", "%s has %s with ! and without", where, show(name))
	case out:
		c.warn(n, takenBackHint(name, own, known), "%s takes back %s, which nothing puts there", where, show(name))
	case isRegular(c.fsys, name):
		c.problems = append(c.problems, Problem{Line: n.Line, Column: n.Column, Text: fmt.Sprintf("%s names %s, which is a file", where, show(name)), Suggestion: "name the folder that it is in"})
	case own != name && (slices.Contains(known, own) || c.holds(own)) && !c.holds(name):
		c.warn(n, fmt.Sprintf("did you mean %q? It is relative to the project", own), "%s names %s, where there is nothing", where, show(name))
	default:
		if meant, ok := nearest(name, known); ok && !strings.HasPrefix(name, meant) && !c.holds(name) {
			c.warn(n, fmt.Sprintf("did you mean %q? It has a volume without a word", meant), "%s names %s, where there is nothing", where, show(name))
		}
	}
}

func takenBackHint(name, own string, known []string) string {
	if slices.Contains(known, own) {
		return fmt.Sprintf("did you mean %q? It is relative to the project", without+own)
	}
	if meant, ok := nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", without+meant)
	}
	if len(known) == 0 {
		return "take it out: devbox knows of no folder that the tools of the service write"
	}
	return "the tools of the service write " + strings.Join(known, ", ")
}

func (c *writesCheck) warn(n *yaml.Node, hint, format string, args ...any) {
	c.warnings = append(c.warnings, Warning{Text: Problem{Line: n.Line, Column: n.Column, Text: fmt.Sprintf(format, args...)}.at(ModelFile), Hint: hint})
}

// holds tells of a folder that has something in it; the place of a mount is empty.
func (c *writesCheck) holds(folder string) bool {
	list, err := fs.ReadDir(c.fsys, folder)
	return err == nil && len(list) > 0
}
