package project

import "go.yaml.in/yaml/v4"

// ownWords are where a service keeps what is said of it in Compose's own words.
type ownWords struct {
	service         string
	both, dev, prod *map[string]any
}

func appWords(s *Service) ownWords {
	return ownWords{s.Name, &s.Compose, &s.ComposeDev, &s.ComposeProd}
}

func backingWords(b *Backing) ownWords {
	return ownWords{b.Name, &b.Compose, &b.ComposeDev, &b.ComposeProd}
}

// ownWordExamples are YAML with the three keys in it.
type ownWordExamples struct{ both, dev, prod string }

// ownWordKeys are the three keys that every kind of service has for Compose's own
// words.
func ownWordKeys[T any](words func(*T) ownWords, examples ownWordExamples) []key[T] {
	one := func(name, text, example string, into func(ownWords) *map[string]any) key[T] {
		return key[T]{name, keyDoc{
			Type:    "mapping",
			Text:    text,
			Default: "nothing",
			Example: example,
			Schema:  map[string]any{"type": "object"},
		}, func(r *reader, n *yaml.Node, t *T) {
			w := words(t)
			*into(w) = r.compose(n, w.service, name)
		}}
	}
	return []key[T]{
		one("compose", "What devbox has no key for, in Compose's own words for a service, merged over what devbox renders in both modes. Compose's ${VARIABLES} work here.",
			examples.both, func(w ownWords) *map[string]any { return w.both }),
		one("compose-dev", "The same, for development only.",
			examples.dev, func(w ownWords) *map[string]any { return w.dev }),
		one("compose-prod", "The same, for production only.",
			examples.prod, func(w ownWords) *map[string]any { return w.prod }),
	}
}
