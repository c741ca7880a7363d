package project

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// find is the value under a path of keys in the last file that has it, or nil.
func (c *UserCompose) find(path ...string) *yaml.Node {
	for i := range c.sources {
		n := c.sources[len(c.sources)-1-i].root
		for _, key := range path {
			n = valueOf(n, key)
		}
		if n != nil {
			return n
		}
	}
	return nil
}

// at is the place of a service's key, or of the service where it has no such
// key, as file:line.
func (c *UserCompose) at(service string, keys ...string) string {
	for _, under := range [][]string{{"services", service}, {service}} {
		for n := len(keys); n >= 0; n-- {
			for i := range c.sources {
				s := c.sources[len(c.sources)-1-i]
				if line := keyLine(s.root, append(slices.Clone(under), keys[:n]...)); line > 0 {
					return fmt.Sprintf("%s:%d", s.file, line)
				}
			}
		}
	}
	return c.Files[0]
}

// keyLine is the line of the last key of a path, 0 where it is not there.
func keyLine(n *yaml.Node, path []string) int {
	line := 0
	for _, key := range path {
		if n == nil || n.Kind != yaml.MappingNode {
			return 0
		}
		i := slices.IndexFunc(n.Content, func(e *yaml.Node) bool { return e.Value == key })
		if i < 0 || i%2 != 0 {
			return 0
		}
		line, n = n.Content[i].Line, n.Content[i+1]
	}
	return line
}

var composePath = regexp.MustCompile(`\b(services|networks|volumes|secrets|configs)\.([\w-]+)(?:\.([\w-]+))?|'([\w-]+)' not allowed`)

// locate finds the line that Compose's words about a mistake are about.
func (c *UserCompose) locate(err error) error {
	var known *ConfigError
	if errors.As(err, &known) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	text := err.Error()
	text = strings.TrimPrefix(text, "validating ")
	file := c.Files[0]
	for _, s := range c.sources {
		if rest, ok := strings.CutPrefix(text, s.file+": "); ok {
			file, text = s.file, rest
		}
	}
	p := Problem{Text: text, Suggestion: "mend it, or leave it out of account: devbox init --ignore-compose"}
	var path []string
	for _, m := range composePath.FindAllStringSubmatch(text, -1) {
		for _, key := range m[1:] {
			if key != "" {
				path = append(path, key)
			}
		}
	}
	for n := len(path); n > 0 && p.Line == 0; n-- {
		for _, s := range c.sources {
			if line := keyLine(s.root, path[:n]); line > 0 && (s.file == file || p.Line == 0) {
				p.Line, p.Column = line, 1
				if s.file == file {
					break
				}
				file = s.file
			}
		}
	}
	return configError(file, []Problem{p})
}
