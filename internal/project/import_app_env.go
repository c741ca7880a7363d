package project

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// variableWords are the variables of a mapping, or of a list of NAME=value. One
// without a value is nil: it comes from the environment of whoever runs Compose.
func variableWords(v any) map[string]*string {
	out := map[string]*string{}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			out[name] = nil
			if value != nil {
				s := fmt.Sprint(value)
				out[name] = &s
			}
		}
	case []any:
		for _, e := range v {
			name, value, set := strings.Cut(fmt.Sprint(e), "=")
			out[name] = nil
			if set {
				out[name] = &value
			}
		}
	}
	return out
}

// environment takes the variables. Those that refer to others stay in Compose's
// words, since the model's own are taken as they are; and secrets, so that a variable
// can take their place.
func (a *composeApp) environment() {
	open := map[string]any{}
	vars := variableWords(a.words["environment"])
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		value := vars[name]
		switch {
		case name == "NODE_ENV":
			if value != nil && *value == "production" {
				a.note("environment", "", a.at("environment", name)+": NODE_ENV=production is left out, because devbox sets it for each mode")
			}
		case name == "PORT" && value != nil && validPort(*value):
			if a.c.Port < 0 {
				a.s.Port, _ = strconv.Atoi(*value)
			}
		case value == nil:
			open[name] = nil
		case strings.Contains(strings.ReplaceAll(*value, "$$", ""), "$"), inClear(name, *value):
			open[name] = *value
		default:
			if a.s.Environment == nil {
				a.s.Environment = map[string]string{}
			}
			a.s.Environment[name] = strings.ReplaceAll(*value, "$$", "$")
		}
	}
	if len(open) > 0 {
		a.keep("environment", open)
	}
	if len(vars) > 0 {
		a.note("environment", strings.Join(slices.Sorted(maps.Keys(vars)), ", "), a.at("environment"))
	}
	a.envFiles()
}

func (a *composeApp) envFiles() {
	list, ok := a.words["env_file"].([]any)
	if !ok && a.words["env_file"] != nil {
		list = []any{a.words["env_file"]}
	}
	for _, e := range list {
		name := text(e)
		if m, ok := e.(map[string]any); ok {
			name = text(m["path"])
		}
		file, ok := inProject(name)
		if !ok || file == "" {
			a.note("env-file", "", fmt.Sprintf("%s: %s is left out, because it is outside of the project", a.at("env_file"), name))
			continue
		}
		if !slices.Contains(a.s.EnvFiles.Dev, file) {
			a.s.EnvFiles.Dev = append(a.s.EnvFiles.Dev, file)
		}
		a.note("env-file", file, a.at("env_file"))
	}
}
