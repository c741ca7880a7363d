package lockfile

import (
	"fmt"
	"strconv"
	"strings"
)

// indented reads the lines of yarn's own format.
type indented struct {
	file string
	err  *Error
}

func (r *indented) fail(line, column int, text string) {
	if r.err == nil {
		r.err = &Error{File: r.file, Line: line, Column: column, Text: text, Kind: ErrSyntax, Remedy: restore(r.file)}
	}
}

// parseIndented reads the whole file as one mapping. A list of keys before a
// colon is one key, joined by ", ".
func parseIndented(file, text string) (*node, *Error) {
	r := &indented{file: file}
	root := &node{mapping: true}
	levels := []*node{root} // the mapping that each depth adds to
	number := 0
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		content := strings.TrimLeft(line, " ")
		if content == "" || content[0] == '#' {
			continue
		}
		spaces := len(line) - len(content)
		depth := spaces / 2
		if spaces%2 == 1 || depth >= len(levels) || depth > 3 {
			r.fail(number, spaces+1, "this line's indentation fits no entry")
			return nil, r.err
		}
		levels = levels[:depth+1]
		m := r.line(content, number, spaces+1)
		if r.err != nil {
			return nil, r.err
		}
		if depth == 0 && seen[m.key] {
			r.fail(number, 1, show(m.key)+" is there twice")
			r.err.Kind = ErrDuplicate
			return nil, r.err
		}
		if depth == 0 {
			seen[m.key] = true
		}
		parent := levels[depth]
		parent.members = append(parent.members, m)
		if m.value.mapping {
			levels = append(levels, &parent.members[len(parent.members)-1].value)
		}
	}
	return root, nil
}

// line reads "key value" or "key, key:".
func (r *indented) line(content string, number, column int) member {
	m := member{line: number, column: column}
	var keys []string
	rest := content
	for {
		var word string
		word, rest = r.word(rest, number, column+len(content)-len(rest), true)
		if r.err != nil {
			return m
		}
		keys = append(keys, word)
		next, more := strings.CutPrefix(rest, ", ")
		if !more {
			break
		}
		rest = next
	}
	m.key = strings.Join(keys, ", ")
	at := column + len(content) - len(rest)
	if rest == ":" {
		m.value = node{mapping: true, line: number, column: column}
		return m
	}
	value, found := strings.CutPrefix(rest, " ")
	if !found || len(keys) > 1 {
		r.fail(number, at, "not a yarn.lock: a colon or a value must stand here; the file may be cut off")
		return m
	}
	word, rest := r.word(value, number, at+1, false)
	if r.err == nil && strings.TrimSpace(rest) != "" {
		r.fail(number, at+1+len(word), "not a yarn.lock: more than one value on this line")
	}
	m.value = node{text: word, line: number, column: at + 1}
	return m
}

// word reads one word, in quotes or bare. A bare key ends at a comma, a space
// or the colon at the end of the line.
func (r *indented) word(text string, number, column int, key bool) (word, rest string) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err == nil {
			if word, err = strconv.Unquote(quoted); err == nil {
				return word, text[len(quoted):]
			}
		}
		r.fail(number, column, "not a yarn.lock: these quotes have no end; the file may be cut off")
		return "", ""
	}
	end := strings.IndexAny(text, " ,")
	if end < 0 {
		end = len(text)
		if key {
			end = len(strings.TrimSuffix(text, ":"))
		}
	}
	if end == 0 {
		r.fail(number, column, fmt.Sprintf("not a yarn.lock: %s where a word must stand", show(text)))
	}
	return text[:end], text[end:]
}
