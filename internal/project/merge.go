package project

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
)

// renderCompose merges the model's own Compose words over a rendered project,
// as Compose merges a second file over the first, and proves that Compose
// loads the result.
func renderCompose(base map[string]any, m *Model, mode Mode) ([]byte, error) {
	services, _ := base["services"].(map[string]any)
	nameDockerfile(services, m)
	files := append([]types.ConfigFile{{Filename: "the rendered " + m.Files.Compose(mode), Config: base}}, m.ownWords(func(app string) bool {
		_, there := services[app]
		return there
	}, mode)...)
	merged, err := mergeFiles(m.Name, files)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", m.Files.Compose(mode), err)
	}
	merged["name"] = base["name"] // whose variable a merge does not take
	declareNamed(merged)
	mapEnvironments(merged)
	plainDependencies(merged)
	out, err := marshalCompose(merged, renderedOrder(m))
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", m.Files.Compose(mode), err)
	}
	return out, nil
}

// checkRendered has Compose look at a rendered file.
func checkRendered(data []byte, m *Model, mode Mode) error {
	vars := types.Mapping{}
	m.StandIn(vars)
	if err := checkLoads(data, m.Files.Compose(mode), vars); err != nil && !m.usesVariables(mode) {
		return err
	}
	return nil
}

// usesVariables tells whether some of the model's own words depend on
// variables. What those are is known only when the file is used, and Compose
// checks it then.
func (m *Model) usesVariables(mode Mode) bool {
	for _, s := range m.ownWords(func(string) bool { return true }, mode) {
		for name := range template.ExtractVariables(s.Config, nil) {
			if name != "" { // which stands for a mistake, such as a brace that is not closed
				return true
			}
		}
	}
	return false
}

// renderedOrder is the order of the services in a rendered file: each app with
// the steps before it, then what backs them.
func renderedOrder(m *Model) []string {
	var names []string
	for _, s := range m.Services {
		names = append(names, MigrateService(s.Name), SeedService(s.Name), s.Name)
	}
	for _, b := range m.Backing {
		names = append(names, b.Name)
	}
	return names
}

// ownWords are the model's own Compose words for a mode, those of apps where it
// has them.
func (m *Model) ownWords(has func(app string) bool, mode Mode) []types.ConfigFile {
	var files []types.ConfigFile
	if len(m.Compose) > 0 {
		top, _ := cloneValue(m.Compose).(map[string]any)
		files = append(files, types.ConfigFile{Filename: "\"compose\" in " + ModelFile, Config: top})
	}
	for _, s := range m.Services {
		if has(s.Name) {
			files = append(files, sectionsOf(s, mode)...)
		}
	}
	for _, b := range m.Backing {
		if b.RunsIn(mode) {
			both, dev := b.withPortVariables(mode)
			files = append(files, wordsOf(b.Name, both, dev, b.ComposeProd, mode)...)
		}
	}
	return files
}

// sectionsOf are a service's own Compose words for a mode.
func sectionsOf(s Service, mode Mode) []types.ConfigFile {
	return wordsOf(s.Name, s.Compose, s.ComposeDev, s.ComposeProd, mode)
}

// wordsOf are Compose words for a mode, as Compose files that are named so that an
// error tells where to look.
func wordsOf(service string, both, dev, prod map[string]any, mode Mode) []types.ConfigFile {
	named := map[string]map[string]any{"compose": both, "compose-dev": dev}
	if mode == Prod {
		named = map[string]map[string]any{"compose": both, "compose-prod": prod}
	}
	var files []types.ConfigFile
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if len(named[key]) > 0 {
			files = append(files, types.ConfigFile{
				Filename: fmt.Sprintf("%q of service %q in %s", key, service, ModelFile),
				Config:   map[string]any{"services": map[string]any{service: cloneValue(named[key])}},
			})
		}
	}
	return files
}

// mergeFiles merges without filling anything in: variables, relative paths and
// references to other files stay as they are written.
func mergeFiles(name string, files []types.ConfigFile) (map[string]any, error) {
	details := types.ConfigDetails{WorkingDir: "/", ConfigFiles: files, Environment: types.Mapping{}}
	return loader.LoadModelWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName(name, true)
		o.SkipInterpolation, o.SkipNormalization, o.SkipConsistencyCheck = true, true, true
		o.SkipExtends, o.SkipInclude, o.SkipDefaultValues = true, true, true
		o.SkipResolveEnvironment, o.SkipResolveLabels, o.ResolvePaths = true, true, false
	})
}

// declareNamed declares the named volumes and networks that a service's own
// words mention: a section of a service has no place for that.
func declareNamed(project map[string]any) {
	services, _ := project["services"].(map[string]any)
	for _, v := range services {
		service, _ := v.(map[string]any)
		for _, name := range namedVolumes(service["volumes"]) {
			declare(project, "volumes", name)
		}
		networks, _ := service["networks"].(map[string]any)
		for name := range networks {
			if name != "default" {
				declare(project, "networks", name)
			}
		}
	}
}

func namedVolumes(v any) []string {
	list, _ := v.([]any)
	var names []string
	for _, e := range list {
		mount, _ := e.(map[string]any)
		name, _ := mount["source"].(string)
		if mount["type"] == "volume" && name != "" && !strings.Contains(name, "$") {
			names = append(names, name)
		}
	}
	return names
}

func declare(project map[string]any, kind, name string) {
	section, _ := project[kind].(map[string]any)
	if section == nil {
		section = map[string]any{}
		project[kind] = section
	}
	if _, there := section[name]; !there {
		section[name] = map[string]any{}
	}
}

// mapEnvironments turns the lists that a merge makes of environments back into
// mappings, which is how the files have them.
func mapEnvironments(project map[string]any) {
	services, _ := project["services"].(map[string]any)
	for _, v := range services {
		service, _ := v.(map[string]any)
		list, ok := service["environment"].([]any)
		if !ok {
			continue
		}
		env := map[string]any{}
		for _, e := range list {
			key, value, set := strings.Cut(fmt.Sprint(e), "=")
			env[key] = nil
			if set {
				env[key] = value
			}
		}
		service["environment"] = env
	}
}

// plainDependencies takes out what a merge adds to depends_on: that a service is
// required is so anyway, and Compose before 2.20 does not know the word.
func plainDependencies(project map[string]any) {
	services, _ := project["services"].(map[string]any)
	for _, v := range services {
		service, _ := v.(map[string]any)
		on, _ := service["depends_on"].(map[string]any)
		for _, v := range on {
			if d, ok := v.(map[string]any); ok && d["required"] == true {
				delete(d, "required")
			}
		}
	}
}

// checkLoads loads a rendered file as Compose does.
func checkLoads(data []byte, file string, vars types.Mapping) error {
	details := types.ConfigDetails{
		WorkingDir:  string(filepath.Separator),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: data}},
		Environment: vars,
	}
	_, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) {
		// What these read need not be there when the file is rendered.
		o.SkipResolveEnvironment, o.SkipResolveLabels, o.SkipExtends, o.SkipInclude = true, true, true, true
		// Without a warning for every variable that is not set at present.
		o.Interpolate.Substitute = func(s string, lookup template.Mapping) (string, error) {
			return template.SubstituteWithOptions(s, lookup, template.WithoutLogging)
		}
	})
	if err != nil {
		return fmt.Errorf("render %s: Compose does not take it: %w", file, err)
	}
	return nil
}

// cloneValue copies maps and lists: merging changes them in place.
func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneValue(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneValue(e)
		}
		return out
	}
	return v
}
