package lockfile

import (
	"encoding/json"
	"slices"
	"strings"
)

// text is a string. Other values are passed over and read as empty.
func (r *jsonReader) text() string {
	if r.err != nil || r.next() != '"' {
		r.skip()
		return ""
	}
	s, ok := r.literal()
	if !ok {
		r.unexpected("text in quotes")
	}
	return s
}

// truth is whether the value is true or text, as JavaScript sees it.
func (r *jsonReader) truth() bool {
	switch r.next() {
	case 't':
		r.skip()
		return true
	case '"':
		return r.text() != ""
	}
	r.skip()
	return false
}

// texts is a list of strings; one string is a list of one.
func (r *jsonReader) texts() []string {
	if r.next() == '"' {
		return []string{r.text()}
	}
	if r.next() != '[' {
		r.skip()
		return nil
	}
	var all []string
	r.list("", func() {
		if r.next() == '"' {
			all = append(all, r.text())
		}
	})
	return all
}

// number is a number as it stands there.
func (r *jsonReader) number() string {
	r.next()
	start := r.pos
	for r.pos < len(r.data) && strings.IndexByte("+-.0123456789eE", r.data[r.pos]) >= 0 {
		r.pos++
	}
	word := r.data[start:r.pos]
	if !json.Valid([]byte(word)) {
		r.pos = start
		r.unexpected("a value")
		return ""
	}
	return word
}

// keySet finds keys that come again. Most objects are small.
type keySet struct {
	few  [12]string
	n    int
	many map[string]bool
}

func (s *keySet) add(key string) (again bool) {
	if slices.Contains(s.few[:s.n], key) {
		return true
	}
	if s.n < len(s.few) {
		s.few[s.n] = key
		s.n++
		return false
	}
	if s.many == nil {
		s.many = map[string]bool{}
	}
	again = s.many[key]
	s.many[key] = true
	return again
}

// node reads a value whole.
func (r *jsonReader) node() node {
	var n node
	switch r.kind() {
	case "an object":
		n.mapping = true
		r.object("", func(key string) { n.members = append(n.members, member{key: key, value: r.node()}) })
	case "a list":
		n.items = []node{}
		r.list("", func() { n.items = append(n.items, r.node()) })
	case "text":
		n.text = r.text()
	default:
		r.next()
		start := r.pos
		r.skip()
		if r.err == nil {
			n.text = r.data[start:r.pos]
		}
	}
	return n
}
