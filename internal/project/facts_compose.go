package project

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// UserCompose is what Compose files of the user's own say. Variables stay as
// they are written.
type UserCompose struct {
	// Files are those that were read, each merged over the ones before it.
	Files []string
	// Name is the project's name, empty where none is written.
	Name     string
	Services []UserService
	// Top are the networks, volumes, secrets and configs.
	Top map[string]any
	// FirstFormat tells that there is no `services:` in it, as in the files of
	// Compose before version 2 of their format.
	FirstFormat bool
	sources     []composeSource
}

// UserService is one service of it.
type UserService struct {
	Name string
	// Words is what it says, in Compose's long forms; Plain as it is written, where
	// one file says it all.
	Words, Plain map[string]any
}

// composeSource is a file as nodes, which know their lines.
type composeSource struct {
	file string
	root *yaml.Node
}

// devComposeFiles are names of what people merge over their Compose file for
// development.
var devComposeFiles = []string{
	"compose.dev.yaml", "compose.dev.yml", "docker-compose.dev.yaml", "docker-compose.dev.yml",
	"docker-compose.development.yaml", "docker-compose.development.yml", "docker-compose.local.yml",
}

// userComposeFiles lists the Compose files of a folder that are the user's, as
// Compose takes them: the file, its override, and what is there for development.
func userComposeFiles(root *os.Root) []string {
	first := func(names []string) []string {
		for _, name := range names {
			if info, err := root.Lstat(name); err == nil && info.Mode().IsRegular() && !madeByDevbox(root, name) {
				return []string{name}
			}
		}
		return nil
	}
	base := first(cli.DefaultFileNames)
	if base != nil {
		base = append(base, first(cli.DefaultOverrideFileNames)...)
	}
	return append(base, first(devComposeFiles)...)
}

// madeByDevbox tells a file with devbox's header.
func madeByDevbox(root *os.Root, name string) bool {
	return author([]byte(peek(root.FS(), name))) != foreign
}

// ReadCompose reads the Compose files of a folder that are the user's own; nil
// where there are none. What Compose would refuse is an error with the file, and
// with the line where that can be told.
func ReadCompose(root *os.Root) (*UserCompose, error) {
	c := &UserCompose{Files: userComposeFiles(root)}
	if len(c.Files) == 0 {
		return nil, nil
	}
	var configs []types.ConfigFile
	for _, file := range c.Files {
		data, err := readLimited(root.FS(), file, maxYAMLSize)
		if err != nil {
			return nil, err
		}
		node, problem := parseYAML(data)
		if problem != nil {
			return nil, configError(file, []Problem{*problem})
		}
		if node.Kind != yaml.MappingNode {
			return nil, configError(file, []Problem{{Line: node.Line, Column: node.Column, Text: "it must be a mapping, not " + kindOf(node)}})
		}
		c.sources = append(c.sources, composeSource{file, node})
		config := types.ConfigFile{Filename: file, Content: withoutVersion(data, node)}
		if isFirstFormat(node) {
			c.FirstFormat = true
			if config, err = wrapFirstFormat(file, node); err != nil {
				return nil, err
			}
		}
		configs = append(configs, config)
	}
	merged, err := loadUserCompose(root.Name(), configs)
	if err != nil {
		return nil, c.locate(err)
	}
	c.take(merged, root.Name())
	return c, c.checkNames()
}

// withoutVersion empties the line of the format's version, which Compose only
// warns about.
func withoutVersion(data []byte, root *yaml.Node) []byte {
	value := valueOf(root, "version")
	if value == nil || value.Kind != yaml.ScalarNode || root.Style == yaml.FlowStyle {
		return data
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	lines[value.Line-1] = []byte("\n")
	return bytes.Join(lines, nil)
}

// isFirstFormat tells a file of Compose's first format: services at the top.
func isFirstFormat(n *yaml.Node) bool {
	if len(n.Content) == 0 {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if slices.Contains([]string{"services", "include", "volumes", "networks", "secrets", "configs", "name", "version"}, n.Content[i].Value) {
			return false
		}
		if v := n.Content[i+1]; valueOf(v, "image") == nil && valueOf(v, "build") == nil {
			return false
		}
	}
	return true
}

func wrapFirstFormat(file string, n *yaml.Node) (types.ConfigFile, error) {
	var services map[string]any
	if err := n.Decode(&services); err != nil {
		return types.ConfigFile{}, configError(file, []Problem{yamlProblem(err)})
	}
	content, err := yaml.Marshal(map[string]any{"services": services})
	return types.ConfigFile{Filename: file, Content: content}, err
}

// loadUserCompose merges the files as Compose does, with what they extend and
// include, and fills nothing in.
func loadUserCompose(dir string, files []types.ConfigFile) (map[string]any, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	details := types.ConfigDetails{WorkingDir: dir, ConfigFiles: files, Environment: types.Mapping{}}
	return loader.LoadModelWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName("project", false)
		o.ResourceLoaders = append([]loader.ResourceLoader{yamlGuard{dir}}, o.ResourceLoaders...)
		o.SkipInterpolation, o.SkipNormalization, o.SkipConsistencyCheck = true, true, true
		o.SkipDefaultValues, o.SkipResolveEnvironment, o.SkipResolveLabels = true, true, true
		o.ResolvePaths = false
	})
}

// take sorts what was loaded, services in the order of their file.
func (c *UserCompose) take(merged map[string]any, dir string) {
	if n := c.find("name"); n != nil && !strings.Contains(n.Value, "$") {
		c.Name = n.Value
	}
	merged, _ = relativePaths(merged, dir).(map[string]any)
	c.Top = map[string]any{}
	for _, key := range []string{"networks", "volumes", "secrets", "configs"} {
		if section, ok := merged[key].(map[string]any); ok && len(section) > 0 {
			c.Top[key] = section
		}
	}
	services, _ := merged["services"].(map[string]any)
	for _, name := range c.order(services) {
		words, _ := services[name].(map[string]any)
		c.Services = append(c.Services, UserService{Name: name, Words: words, Plain: c.plain(name)})
	}
}

// checkNames refuses names that devbox.yaml cannot have.
func (c *UserCompose) checkNames() error {
	for _, s := range c.Services {
		if v := checkServiceName(s.Name); v.text != "" {
			p := Problem{Text: "service name " + show(s.Name) + " " + v.text, Suggestion: "rename it, or leave the file out of account: devbox init --ignore-compose"}
			file, line, _ := strings.Cut(c.at(s.Name), ":")
			p.Line, _ = strconv.Atoi(line)
			return configError(file, []Problem{p})
		}
	}
	return nil
}

// relativePaths makes what lies in the project's folder relative to it again:
// what is included or extended from another folder comes with absolute paths.
func relativePaths(v any, dir string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = relativePaths(e, dir)
		}
	case []any:
		for i, e := range v {
			v[i] = relativePaths(e, dir)
		}
	case string:
		if v == dir {
			return "."
		}
		if rest, ok := strings.CutPrefix(v, dir+"/"); ok {
			return "./" + rest
		}
	}
	return v
}

// order lists the services as the files have them, included ones last.
func (c *UserCompose) order(services map[string]any) []string {
	var names []string
	for _, s := range c.sources {
		list := valueOf(s.root, "services")
		if c.FirstFormat && list == nil {
			list = s.root
		}
		if list == nil || list.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(list.Content); i += 2 {
			if name := list.Content[i].Value; services[name] != nil && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var rest []string
	for name := range services {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(names, rest...)
}

// plain is a service as it is written, where one file says it all.
func (c *UserCompose) plain(name string) map[string]any {
	var found *yaml.Node
	for _, s := range c.sources {
		n := valueOf(valueOf(s.root, "services"), name)
		if n != nil && found != nil {
			return nil
		}
		if n != nil {
			found = n
		}
	}
	if found == nil || found.Kind != yaml.MappingNode || valueOf(found, "extends") != nil {
		return nil
	}
	var words map[string]any
	if found.Decode(&words) != nil {
		return nil
	}
	return words
}
