package project

import (
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// compose reads a mapping in Compose's own words. What the words mean is
// checked where they are merged; here they become plain values.
func (r *reader) compose(n *yaml.Node, service, key string) map[string]any {
	where := key + " of service " + show(service)
	if !r.is(n, yaml.MappingNode, where, "a mapping") {
		return nil
	}
	mapping := r.mapping(n, where)
	if len(mapping) == 0 {
		return nil
	}
	return mapping
}

func (r *reader) mapping(n *yaml.Node, where string) map[string]any {
	out := map[string]any{}
	for name, value := range r.pairs(n, where) {
		out[name.Value] = r.value(value, where)
	}
	return out
}

func (r *reader) value(n *yaml.Node, where string) any {
	switch n.Kind {
	case yaml.MappingNode:
		if r.is(n, yaml.MappingNode, where, "a mapping") {
			return r.mapping(n, where)
		}
	case yaml.SequenceNode:
		if r.is(n, yaml.SequenceNode, where, "a list") {
			return r.list(n, where)
		}
	default:
		if r.is(n, yaml.ScalarNode, where, "a value") {
			return r.scalarValue(n, where)
		}
	}
	return nil
}

func (r *reader) list(n *yaml.Node, where string) []any {
	out := make([]any, len(n.Content))
	for i, item := range n.Content {
		out[i] = r.value(item, where)
	}
	return out
}

// scalarValue gives numbers and booleans their types. Dates stay the text
// that they are in the file: Compose knows none.
func (r *reader) scalarValue(n *yaml.Node, where string) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!int", "!!float", "!!bool":
		var v any
		if err := n.Decode(&v); err != nil {
			r.add(n, "", "a value in %s is not of the type that its tag %s says", where, n.ShortTag())
			return nil
		}
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			r.add(n, "put quotes around it", "a value in %s is %s, which is no number to Compose", where, kindOf(n))
		}
		return v
	default:
		text, _ := r.scalar(n, where)
		return text
	}
}

var (
	topComposeKeys = []string{"networks", "volumes", "secrets", "configs"}
	anyMapping     = map[string]any{"type": "object"}
)

// readTopCompose reads what a service's section has no place for.
func readTopCompose(r *reader, n *yaml.Node, m *Model) {
	const where = "compose"
	for name, value := range r.pairs(n, where) {
		switch {
		case name.Value == "services":
			r.add(name, "put them under services, with their words in compose", "services in compose at the top")
			continue
		case !slices.Contains(topComposeKeys, name.Value) && !strings.HasPrefix(name.Value, "x-"):
			r.add(name, "known are "+strings.Join(topComposeKeys, ", "), "unknown key %s in compose", show(name.Value))
			continue
		}
		if m.Compose == nil {
			m.Compose = map[string]any{}
		}
		m.Compose[name.Value] = r.value(value, where)
	}
}
