package lockfile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/limit"
)

// node is a value of a file that indentation shapes: YAML, or yarn classic's
// own form. A value without text, members and items is null.
type node struct {
	line, column int
	text         string
	members      []member
	items        []node
	mapping      bool
}

// member is a key and its value, in the order of the file.
type member struct {
	key          string
	line, column int
	value        node
}

// at is the value of a key, an empty node where there is none.
func (n *node) at(key string) *node {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i].value
		}
	}
	return &node{}
}

// texts are the items of a list as text; a single text is a list of one.
func (n *node) texts() []string {
	if n.text != "" {
		return []string{n.text}
	}
	var all []string
	for _, item := range n.items {
		all = append(all, item.text)
	}
	return all
}

func (n *node) truth() bool { return n.text == "true" }

// dependencies reads a mapping of names and texts.
func (n *node) dependencies(kind Kind) []Dependency {
	var deps []Dependency
	for i := range n.members {
		deps = append(deps, Dependency{Name: n.members[i].key, Spec: n.members[i].value.text, Kind: kind})
	}
	return deps
}

// optionalNames are the keys of a mapping whose values say optional: true.
func (n *node) optionalNames() map[string]bool {
	names := map[string]bool{}
	for i := range n.members {
		if n.members[i].value.at("optional").truth() {
			names[n.members[i].key] = true
		}
	}
	return names
}

// flatten writes all values below a node into settings, by dotted path.
func (n *node) flatten(into map[string]string, path string) {
	switch {
	case n.mapping:
		for i := range n.members {
			n.members[i].value.flatten(into, path+"."+n.members[i].key)
		}
	case n.items != nil:
		for i := range n.items {
			n.items[i].flatten(into, fmt.Sprintf("%s.%d", path, i))
		}
	default:
		into[path] = n.text
	}
}

// parseYAML reads one YAML document whose root is a mapping. Aliases are
// refused: no package manager writes them, and they can make much of little.
func parseYAML(file, text string) (*node, *Error) {
	var documents []yaml.Node
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithV4Defaults(), yaml.WithPlugin(limit.New(limit.DepthValue(maxDepth))))
	for err == nil {
		var document yaml.Node
		if err = loader.Load(&document); err == nil {
			documents = append(documents, document)
		}
	}
	if bad := yamlError(file, err, len(documents)); bad != nil {
		return nil, bad
	}
	root := documents[len(documents)-1]
	c := converter{file: file}
	n := c.convert(root.Content[0])
	if c.err == nil && !n.mapping {
		c.fail(root.Content[0], ErrContent, "the lock must be a mapping")
	}
	if c.err != nil {
		return nil, c.err
	}
	return &n, nil
}

// converter turns the nodes of the YAML library into plain ones.
type converter struct {
	file string
	err  *Error
}

func (c *converter) fail(at *yaml.Node, kind error, text string) {
	if c.err == nil {
		c.err = &Error{File: c.file, Line: at.Line, Column: at.Column, Text: text, Kind: kind, Remedy: restore(c.file)}
	}
}

func (c *converter) convert(y *yaml.Node) node {
	n := node{line: y.Line, column: y.Column}
	switch y.Kind {
	case yaml.ScalarNode:
		if y.Tag != "!!null" {
			n.text = y.Value
		}
	case yaml.SequenceNode:
		n.items = make([]node, 0, len(y.Content))
		for _, item := range y.Content {
			n.items = append(n.items, c.convert(item))
		}
	case yaml.MappingNode:
		c.mapping(y, &n)
	default:
		c.fail(y, ErrContent, "an alias, which no lock has")
	}
	return n
}

func (c *converter) mapping(y *yaml.Node, n *node) {
	n.mapping = true
	n.members = make([]member, 0, len(y.Content)/2)
	seen := make(map[string]bool, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content) && c.err == nil; i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode {
			c.fail(key, ErrContent, "a key that is no text")
			return
		}
		if seen[key.Value] {
			c.fail(key, ErrDuplicate, show(key.Value)+" is there twice")
			return
		}
		seen[key.Value] = true
		n.members = append(n.members, member{key: key.Value, line: key.Line, column: key.Column, value: c.convert(y.Content[i+1])})
	}
}

// yamlError takes place and words out of the YAML library's error.
func yamlError(file string, err error, documents int) *Error {
	e := &Error{File: file, Kind: ErrSyntax, Remedy: restore(file)}
	var one *yaml.LoadError
	switch {
	case errors.Is(err, io.EOF) && documents > 0:
		return nil
	case errors.Is(err, io.EOF):
		e.Text, e.Kind = "the file is empty", ErrEmpty
	case errors.As(err, &one):
		e.Line, e.Column = one.Mark.Line, one.Mark.Column
		e.Text = "not YAML: " + one.Message
		if strings.Contains(one.Message, "exceeded max depth") {
			e.Text = fmt.Sprintf("nested deeper than %d levels", maxDepth)
		}
	default:
		e.Text = "not YAML: " + err.Error()
	}
	return e
}
