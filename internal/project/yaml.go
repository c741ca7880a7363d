package project

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// The order of keys in the rendered Compose files: what a reader looks for
// first comes first. Keys that are not listed follow in alphabetical order.
var (
	projectOrder = []string{"name", "services", "volumes", "networks", "secrets", "configs"}
	serviceOrder = []string{
		"build", "image", "pull_policy", "command", "entrypoint", "working_dir", "user", "environment", "env_file", "secrets", "ports", "volumes",
		"tmpfs", "depends_on", "healthcheck", "restart", "init", "read_only", "cap_drop", "cap_add", "security_opt",
		"stop_grace_period", "logging",
	}
	buildOrder  = []string{"context", "dockerfile", "target", "args", "secrets"}
	mountOrder  = []string{"type", "source", "target"}
	portOrder   = []string{"host_ip", "published", "target"}
	healthOrder = []string{"test", "interval", "timeout", "retries", "start_period"}
)

// marshalCompose writes a Compose project, the services in the given order.
func marshalCompose(project map[string]any, services []string) ([]byte, error) {
	root, err := node(project, nil, services)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	dumper, err := yaml.NewDumper(&buf, yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithCompactSeqIndent(false), yaml.WithQuotePreference(yaml.QuoteDouble))
	if err != nil {
		return nil, err
	}
	if err := dumper.Dump(root); err != nil {
		return nil, err
	}
	return buf.Bytes(), dumper.Close()
}

// order is the order of the keys of the mapping at a path.
func order(path, services []string) []string {
	switch {
	case len(path) == 0:
		return projectOrder
	case path[0] != "services":
		return nil
	case len(path) == 1:
		return services
	case len(path) == 2:
		return serviceOrder
	}
	return map[string][]string{
		"build": buildOrder, "volumes": mountOrder, "ports": portOrder, "healthcheck": healthOrder,
	}[path[2]]
}

// node builds the tree of a value. Words go on one line where they are few.
func node(v any, path, services []string) (*yaml.Node, error) {
	switch v := v.(type) {
	case map[string]any:
		return mappingNode(v, path, services)
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: sequenceStyle(v)}
		for _, e := range v {
			n, err := node(e, path, services)
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, n)
		}
		return list, nil
	}
	if word, ok := v.(string); ok && isPlainWord(word) {
		return plainNode(word), nil
	}
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %v: %w", path, err)
	}
	if n.Style&yaml.SingleQuotedStyle != 0 {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n, nil
}

// isPlainWord tells words that mean themselves in YAML without a look at its
// rules, which costs as much as writing the whole file: most keys and many values
// are some.
func isPlainWord(s string) bool {
	switch s {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (i == 0 || c != '_' && c != '-') {
			return false
		}
	}
	return s != ""
}

func plainNode(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func mappingNode(m map[string]any, path, services []string) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, k := range orderedKeys(m, order(path, services)) {
		key := plainNode(k)
		if !isPlainWord(k) {
			if err := key.Encode(k); err != nil {
				return nil, fmt.Errorf("encode key %q: %w", k, err)
			}
		}
		n, err := node(m[k], append(slices.Clone(path), k), services)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, key, n)
	}
	return out, nil
}

func orderedKeys(m map[string]any, first []string) []string {
	var keys []string
	for _, k := range first {
		if _, ok := m[k]; ok && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// sequenceStyle puts a list of short words on one line, as people write commands.
func sequenceStyle(list []any) yaml.Style {
	const lineLength = 80
	length := 0
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return 0
		}
		length += len(s)
	}
	if length > lineLength {
		return 0
	}
	return yaml.FlowStyle
}
