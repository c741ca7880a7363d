package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// composePlace is where a Compose service comes from.
type composePlace struct {
	// app tells that the folder dir holds a package.json that the service is made
	// from.
	app bool
	dir string
	// context is the folder of its build; dockerfile its Dockerfile, relative to the
	// project, target the stage and args what it gets. They are empty for a service
	// of a Node image.
	context, dockerfile, target string
	args                        map[string]string
}

// placeOf finds the folder of a service. A package.json makes it an app: in the
// folder that it is built from, in that of its Dockerfile, or, for a plain Node
// image, in the one that is mounted.
func placeOf(s UserService, isFile func(name string) bool) composePlace {
	p := composePlace{}
	hasPackage := func(dir string) bool { return isFile(path.Join(dir, packageFile)) }
	build, _ := s.Words["build"].(map[string]any)
	if build == nil {
		image, _ := s.Words["image"].(string)
		if !nodeImage.MatchString(image) {
			return p
		}
		for _, m := range mountsOf(s.Words) {
			if dir, ok := inProject(m.source); m.kind == "bind" && ok && hasPackage(dir) {
				p.app, p.dir = true, dir
				return p
			}
		}
		return p
	}
	context, ok := inProject(text(build["context"]))
	if !ok || text(build["dockerfile_inline"]) != "" {
		return p
	}
	p.context, p.target, p.args = context, text(build["target"]), variablesOf(build["args"])
	file := text(build["dockerfile"])
	if file == "" {
		file = DockerFile
	}
	if p.dockerfile, ok = inProject(path.Join(context, file)); !ok {
		p.dockerfile = ""
		return p
	}
	above := path.Dir(p.dockerfile)
	if above == "." {
		above = ""
	}
	switch {
	case above != context && hasPackage(above):
		p.app, p.dir = true, above
	case hasPackage(context):
		p.app, p.dir = true, context
	}
	return p
}

// inProject is a path as the model has them: relative, without detours, empty
// for the project's folder. It is false for one outside of the project.
func inProject(p string) (string, bool) {
	if p == "" || strings.Contains(p, "$") || strings.Contains(p, "://") || strings.HasPrefix(p, "~") || path.IsAbs(p) {
		return "", false
	}
	p = path.Clean(p)
	if p == "." {
		return "", true
	}
	return p, p != ".." && !strings.HasPrefix(p, "../")
}

// text is a value that is text, or empty.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// variablesOf are the variables of a mapping or of a list of NAME=value; those
// without a value are left out.
func variablesOf(v any) map[string]string {
	out := map[string]string{}
	for name, value := range variableWords(v) {
		if value != nil {
			out[name] = *value
		}
	}
	return out
}

// mount is a volume of a service in Compose's long form.
type mount struct {
	kind, source, target string
	words                map[string]any
}

// short is the mount in Compose's short form where that can say it.
func (m mount) short() any {
	for key, v := range m.words {
		options, _ := v.(map[string]any)
		switch {
		case slices.Contains([]string{"type", "source", "target", "read_only"}, key), len(options) == 0 && (key == "bind" || key == "volume"):
		case key == "bind" && len(options) == 1 && fmt.Sprint(options["create_host_path"]) == "true":
		default:
			words, _ := cloneValue(m.words).(map[string]any)
			words["target"] = m.target
			return words
		}
	}
	text := m.target
	if m.source != "" {
		text = m.source + ":" + m.target
	}
	if readOnly, _ := m.words["read_only"].(bool); readOnly {
		text += ":ro"
	}
	return text
}

func mountsOf(words map[string]any) []mount {
	list, _ := words["volumes"].([]any)
	var out []mount
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, mount{text(m["type"]), text(m["source"]), path.Clean(text(m["target"])), m})
		}
	}
	return out
}

// topIsEmpty is a folder as the model has it.
func topIsEmpty(dir string) string {
	if dir == "." {
		return ""
	}
	return dir
}
