package project

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// text is a scalar as it was written, whatever type YAML sees in it: 22.10 is
// a version here and not a number.
func (r *reader) text(n *yaml.Node, what string) string {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.complain(n, "%s must be text, not %s", what, kindOf(n))
		return ""
	}
	if !holdable(n.Value) {
		r.complain(n, "%s holds a character that cannot be used", what)
	}
	return n.Value
}

func (r *reader) node(n *yaml.Node) string {
	v := r.text(n, "node")
	if v != "" && !exactNode.MatchString(v) {
		r.complain(n, "node %q: use an exact version, such as %s", v, newestNode())
	}
	return v
}

func (r *reader) manager(n *yaml.Node) PackageManager {
	v := r.text(n, "package-manager")
	m, ok := ParsePackageManager(v)
	if v != "" && !ok {
		r.complain(n, "package-manager %q: use npm, yarn, pnpm or bun with an exact version, such as npm@%s", v, bundledNPM)
	}
	return m
}

// ParsePackageManager reads the form of package.json's packageManager field:
// a name, an exact version, and perhaps a hash, which is left out.
func ParsePackageManager(text string) (PackageManager, bool) {
	name, version, _ := strings.Cut(text, "@")
	version, _, _ = strings.Cut(version, "+")
	m := PackageManager{Name: name, Version: version}
	_, err := m.rules()
	return m, err == nil && exactVersion.MatchString(version)
}

func (r *reader) port(n *yaml.Node) int {
	v := r.text(n, "port")
	const last = 65535
	p, err := strconv.Atoi(v)
	if v != "" && (err != nil || p < 0 || p > last) {
		r.complain(n, "port %q: use a number from 1 to %d, or 0 for none", v, last)
	}
	return p
}

func (r *reader) health(n *yaml.Node) string {
	v := r.text(n, "health")
	if v != "" && (!strings.HasPrefix(v, "/") || !healthPath.MatchString(v)) {
		r.complain(n, "health %q: use a path such as /health", v)
	}
	return v
}

// command is text, which may need a shell, or a list of words.
func (r *reader) command(n *yaml.Node, key string) Command {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.SequenceNode {
		text := r.text(n, key)
		c := ParseCommand(text)
		if len(c) == 0 && n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
			r.complain(n, "%s is empty", key)
		}
		return c
	}
	c := make(Command, len(n.Content))
	for i, w := range n.Content {
		c[i] = r.text(w, "a word of "+key)
	}
	if len(c) == 0 {
		r.complain(n, "%s is empty", key)
	}
	return c
}

func (r *reader) environment(n *yaml.Node) map[string]string {
	env := map[string]string{}
	r.mapping(n, "environment", nil, func(key string, k, v *yaml.Node) {
		if key == "" || strings.Contains(key, "=") || !holdable(key) {
			r.complain(k, "environment: %q cannot be the name of a variable", key)
		}
		env[key] = r.text(v, "environment: "+strconv.Quote(key))
	})
	return env
}

func (r *reader) watchRules(n *yaml.Node) WatchRules {
	var w WatchRules
	r.mapping(n, "watch", []string{"ignore"}, func(_ string, _, v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			r.complain(v, "ignore must be a list of patterns, not %s", kindOf(v))
			return
		}
		for _, p := range v.Content {
			w.Ignore = append(w.Ignore, r.text(p, "a pattern of ignore"))
		}
	})
	return w
}

// free is a mapping in Compose's own words, which Compose judges.
func (r *reader) free(n *yaml.Node, key string) map[string]any {
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s must be a mapping in Compose's words, not %s", key, kindOf(n))
		return nil
	}
	out := map[string]any{}
	if err := n.Load(&out); err != nil {
		r.complain(n, "%s: %v", key, err)
	}
	return out
}

func (r *reader) lock(n *yaml.Node) LockPolicies {
	l := LockPolicies{Frozen, Frozen}
	r.mapping(n, "lock", []string{"dev", "prod"}, func(key string, _, v *yaml.Node) {
		p := LockPolicy(r.text(v, "lock: "+key))
		if p != Frozen && p != Update && p != Ignore {
			r.complain(v, "lock: %s: %q: use frozen, update or ignore", key, string(p))
		}
		if key == "dev" {
			l.Dev = p
		} else {
			l.Prod = p
		}
	})
	return l
}
