package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/limit"
)

// shallow keeps the parser from going deep: it stops at the bracket or the
// indentation that is one level too many.
func shallow() yaml.Option { return yaml.WithPlugin(limit.New(limit.DepthValue(maxDepth))) }

// prescanYAML refuses YAML that is too large, nested too deep or broken, before
// anything walks its tree. An error of the parser names the line.
func prescanYAML(data []byte) error {
	if len(data) > maxYAMLSize {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, maxYAMLSize)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), shallow())
	if err != nil {
		return fmt.Errorf("set up the YAML parser: %w", err)
	}
	for {
		// A node holds the text as it is; aliases are not followed.
		var doc yaml.Node
		switch err := loader.Load(&doc); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// parseYAML is the document in data as nodes, or the one problem that keeps
// it from being read. Depth is limited while scanning, so a deep file costs
// no more than the part of it that was looked at; aliases stay nodes and are
// never followed.
func parseYAML(data []byte) (*yaml.Node, *Problem) {
	if len(data) > maxYAMLSize {
		p := tooLarge(maxYAMLSize)
		return nil, &p
	}
	for _, check := range []func([]byte) (Problem, bool){checkText, markOfBytes, controlCharacter, tabIndent} {
		if p, bad := check(data); bad {
			return nil, &p
		}
	}
	var document yaml.Node
	err := yaml.Load(data, &document, yaml.WithV4Defaults(), shallow())
	if err != nil {
		p := yamlProblem(err)
		return nil, &p
	}
	if len(document.Content) == 0 {
		return nil, &Problem{Text: "the file is empty", Suggestion: "devbox init writes one"}
	}
	return document.Content[0], nil
}

func markOfBytes(data []byte) (Problem, bool) {
	if strings.HasPrefix(string(data[:min(len(data), 3)]), byteOrderMark) {
		return Problem{Line: 1, Column: 1, Text: "the file starts with a byte order mark", Suggestion: "save it as UTF-8 without one"}, true
	}
	return Problem{}, false
}

// controlCharacter finds what YAML does not take; its own message has no line.
func controlCharacter(data []byte) (Problem, bool) {
	i := bytes.IndexFunc(data, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f })
	if i < 0 {
		return Problem{}, false
	}
	return problemAt(data, i, fmt.Sprintf("the control character U+%04X", data[i]), `in double quotes it can be written \x..`), true
}

// tabIndent finds a line that a tab indents, the mistake that YAML's own
// message (cannot start any token) does not name.
func tabIndent(data []byte) (Problem, bool) {
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		if strings.HasPrefix(line, "\t") && strings.TrimSpace(line) != "" {
			return Problem{Line: number, Column: 1, Text: "a tab indents this line", Suggestion: "YAML takes spaces only"}, true
		}
	}
	return Problem{}, false
}

// yamlProblem takes the place and the words out of the YAML library's error.
func yamlProblem(err error) Problem {
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		return Problem{Text: "not YAML: " + err.Error()}
	}
	p := Problem{Line: one.Mark.Line, Column: one.Mark.Column, Text: "not YAML: " + strings.TrimPrefix(one.Message, "yaml: ")}
	switch {
	case strings.Contains(one.Message, "exceeded max depth"):
		p.Text = fmt.Sprintf("nested deeper than %d levels", maxDepth)
	case strings.Contains(one.Message, "no documents"):
		p = Problem{Text: "the file is empty", Suggestion: "devbox init writes one"}
	case strings.Contains(one.Message, "expected single document"):
		p.Text = "more than one YAML document"
	case strings.Contains(one.Message, "cannot start any token"):
		p.Text, p.Suggestion = "no value can start with this character", "put quotes around the value"
	case strings.Contains(one.Message, "mapping values are not allowed"):
		p.Text, p.Suggestion = "a second colon on this line", "put quotes around the value, or check the indentation"
	}
	return p
}
