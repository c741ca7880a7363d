package project

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// reader walks the nodes of a devbox.yaml and collects what is wrong in it.
type reader struct {
	problems []Problem
	facts    *Facts
	// folder is nil where only facts are known.
	folder folderFacts
}

// add notes a problem at a node.
func (r *reader) add(n *yaml.Node, suggestion, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		Line: n.Line, Column: n.Column, Text: fmt.Sprintf(format, args...), Suggestion: suggestion,
	})
}

// key is a key of a devbox.yaml: how it is read into T, and what people and
// editors are told about it.
type key[T any] struct {
	name string
	doc  keyDoc
	read func(r *reader, n *yaml.Node, into *T)
}

// readKeys reads a mapping by a table of its keys. It returns the keys that
// were there, with their values.
func readKeys[T any](r *reader, n *yaml.Node, where string, keys []key[T], into *T) map[string]*yaml.Node {
	seen := map[string]*yaml.Node{}
	for name, value := range r.pairs(n, where) {
		i := slices.IndexFunc(keys, func(k key[T]) bool { return k.name == name.Value })
		if i < 0 {
			hint := ""
			if len(r.problems) < maxProblems { // nobody sees the hints after that
				hint = suggestKey(name.Value, keyNames(keys), strings.HasPrefix(where, "service "))
			}
			r.add(name, hint, "unknown key %s in %s", show(name.Value), where)
			continue
		}
		seen[name.Value] = value
		keys[i].read(r, value, into)
	}
	return seen
}

func keyNames[T any](keys []key[T]) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

// pairs yields the keys and values of a mapping in their order. It reports
// what is no mapping, keys that are no text, and keys that come twice.
func (r *reader) pairs(n *yaml.Node, where string) func(yield func(name, value *yaml.Node) bool) {
	return func(yield func(name, value *yaml.Node) bool) {
		if !r.is(n, yaml.MappingNode, where, "a mapping") {
			return
		}
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i], n.Content[i+1]
			if !r.keyName(name, where) {
				continue
			}
			if line, twice := first[name.Value]; twice {
				r.add(name, "", "key %s comes twice in %s, first on line %d", show(name.Value), where, line)
				continue
			}
			first[name.Value] = name.Line
			if !yield(name, value) {
				return
			}
		}
	}
}

// maxKey is the longest key of a mapping, far below the 1024 letters at which
// YAML asks for another notation.
const maxKey = 255

func (r *reader) keyName(name *yaml.Node, where string) bool {
	switch {
	case name.Kind == yaml.ScalarNode && name.ShortTag() == "!!merge", name.Kind == yaml.AliasNode, name.Anchor != "":
		r.add(name, "write the values out", "%s uses a YAML alias, which devbox.yaml does not take", where)
	case name.Kind != yaml.ScalarNode || name.ShortTag() != "!!str":
		r.add(name, "put quotes around it", "a key in %s is %s, not text", where, kindOf(name))
	case len(name.Value) > maxKey:
		r.add(name, "", "key %s in %s has more than %d letters", show(name.Value), where, maxKey)
	default:
		return true
	}
	return false
}

// is reports whether a node is of a kind, and notes a problem if it is not.
func (r *reader) is(n *yaml.Node, kind yaml.Kind, where, wanted string) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.add(n, "write the value out", "%s uses a YAML alias, which devbox.yaml does not take", where)
		return false
	}
	if n.Kind != kind {
		r.add(n, "", "%s must be %s, not %s", where, wanted, kindOf(n))
		return false
	}
	if tag := n.ShortTag(); !slices.Contains(coreTags, tag) {
		r.add(n, "", "%s has the tag %s, which devbox.yaml does not take", where, show(tag))
		return false
	}
	return true
}

var coreTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!map", "!!seq"}

// scalar is the text of a value that may be written as text, number or
// boolean, as it stands in the file.
func (r *reader) scalar(n *yaml.Node, where string) (string, bool) {
	if !r.is(n, yaml.ScalarNode, where, "text") {
		return "", false
	}
	if n.ShortTag() == "!!null" {
		r.add(n, `write "" for empty text`, "%s has no value", where)
		return "", false
	}
	if strings.ContainsRune(n.Value, 0) {
		r.add(n, "", "%s holds a NUL byte", where)
		return "", false
	}
	return n.Value, true
}

// text is a value that must be text: a number or boolean needs quotes.
func (r *reader) text(n *yaml.Node, where string) (string, bool) {
	value, ok := r.scalar(n, where)
	if !ok {
		return "", false
	}
	if tag := n.ShortTag(); tag != "!!str" && tag != "!!timestamp" {
		r.add(n, fmt.Sprintf("put quotes around it: %q", n.Value), "%s must be text, not %s", where, kindOf(n))
		return "", false
	}
	return value, true
}

// boolean is a value that must be true or false.
func (r *reader) boolean(n *yaml.Node, where string) bool {
	value, ok := r.scalar(n, where)
	if ok && n.ShortTag() != "!!bool" {
		r.add(n, "", "%s must be true or false, not %s", where, kindOf(n))
	}
	return ok && strings.EqualFold(value, "true")
}

// duration is a time with its unit, from least to most.
func (r *reader) duration(n *yaml.Node, where string, least, most time.Duration) time.Duration {
	value, ok := r.scalar(n, where)
	if !ok {
		return 0
	}
	r.judge(n, where, checkDuration(value, least, most))
	d, _ := time.ParseDuration(value)
	return d
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "the number " + show(n.Value)
	case "!!bool":
		return "the boolean " + n.Value
	case "!!null":
		return "empty"
	default:
		return "the text " + show(n.Value)
	}
}
