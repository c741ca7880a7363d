package project

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Choices are what the user said at init.
type Choices struct {
	Name string
	// Folder is the folder's name, the last resort for the project's name.
	Folder string
	Node   string
	// Port is negative where nothing was said.
	Port int
}

// Finding is one thing that init found, and where.
type Finding struct{ What, Value, Source string }

// InitModel makes the model of a folder that has none from its facts.
func InitModel(f *Facts, c Choices) (*Model, []Finding, error) {
	var found []Finding
	find := func(what, value, source string) string {
		found = append(found, Finding{what, value, source})
		return value
	}
	s := Service{Name: "web"}
	node, source := f.nodeVersion()
	if c.Node != "" {
		v, ok := ResolveNode(c.Node)
		if !ok {
			return nil, nil, invalid("--node", "%q is no version of Node.js that devbox knows; use one such as %s, or an exact one", c.Node, strings.Join(nodeVersions, ", "))
		}
		node, source = v, "--node"
	}
	s.Node = find("node", node, source)
	manager, source := f.packageManager()
	s.PackageManager = manager
	find("package manager", manager.String(), source)
	dev, source := f.devCommand()
	if dev == "" {
		return nil, nil, &InvalidError{File: "package.json", Problems: []Problem{{Text: "there is nothing to start: no scripts `dev` or `start`, no `main`, no server.js, index.js or app.js"}}, Remedy: `add a script, such as "start": "node index.js"`}
	}
	s.Dev = ParseCommand(find("dev", dev, source))
	if prod, source := f.prodCommand(dev); prod != "" {
		s.Prod = ParseCommand(find("prod", prod, source))
	}
	if f.Package != nil && f.Package.Scripts["build"] != "" {
		s.Build = ParseCommand(find("build", f.script("build"), "scripts.build"))
	}
	port, source := f.port(c.Port)
	s.Port = port
	find("port", strconv.Itoa(port), source)
	m := &Model{Name: f.projectName(c), Services: []Service{s}, Lock: LockPolicies{Frozen, Frozen}}
	return m, found, checkRenderable(m)
}

func (f *Facts) projectName(c Choices) string {
	if c.Name != "" {
		return Slug(c.Name)
	}
	if f.Package != nil && f.Package.Name != "" {
		return Slug(f.Package.Name)
	}
	return Slug(c.Folder)
}

// Slug makes a Compose project name of any text.
func Slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	const longest = 40
	if len(name) > longest {
		name = strings.Trim(name[:longest], "-")
	}
	if name == "" {
		return "app"
	}
	return name
}

// devCommand is what starts the app in development, and where that stands.
func (f *Facts) devCommand() (command, source string) {
	if p := f.Package; p != nil {
		for _, name := range []string{"dev", "start:dev", "develop", "start"} {
			if p.Scripts[name] != "" {
				return withoutRestarter(f.script(name)), "scripts." + name
			}
		}
		if p.Main != "" && isScriptName(p.Main) {
			return "node " + p.Main, "main"
		}
	}
	if f.Entry != "" {
		return "node " + f.Entry, f.Entry
	}
	return "", ""
}

func (f *Facts) prodCommand(dev string) (command, source string) {
	if f.Package != nil {
		for _, name := range []string{"start:prod", "start"} {
			if f.Package.Scripts[name] != "" {
				return withoutRestarter(f.script(name)), "scripts." + name
			}
		}
	}
	if strings.HasPrefix(dev, "node ") {
		return dev, "as in development"
	}
	return "", ""
}

// script is the command behind a script of package.json. It is called without
// npm, which would lose signals, unless pre and post scripts belong to it.
func (f *Facts) script(name string) string {
	scripts := f.Package.Scripts
	if scripts["pre"+name] != "" || scripts["post"+name] != "" {
		return f.PackageManager().Name + " run " + name
	}
	text := scripts[name]
	words := strings.Fields(text)
	const runWords = 3
	if len(words) == runWords && words[1] == "run" && slices.Contains([]string{"npm", "yarn", "pnpm", "bun"}, words[0]) {
		inner := words[2]
		if scripts[inner] != "" && scripts["pre"+inner] == "" && scripts["post"+inner] == "" && inner != name {
			return scripts[inner]
		}
	}
	if text == "npm start" && scripts["start"] != "" && name != "start" {
		return scripts["start"]
	}
	return text
}

var (
	nodemonCall = regexp.MustCompile(`^(?:npx )?nodemon(?: -L| --legacy-watch| -q| --quiet)* ([\w./-]+\.[cm]?js(?: .*)?)$`)
	watchFlags  = regexp.MustCompile(` --watch(?:-preserve-output)?(?: |$)`)
	scriptName  = regexp.MustCompile(`^[\w./@-]+$`)
)

// withoutRestarter leaves a restarter of the script's own out where that is
// simple: devbox restarts the app itself, and two restarters get in each
// other's way.
func withoutRestarter(text string) string {
	if m := nodemonCall.FindStringSubmatch(text); m != nil {
		return "node " + m[1]
	}
	if strings.HasPrefix(text, "node ") && !strings.Contains(text, "--watch-path") {
		return strings.TrimSpace(watchFlags.ReplaceAllString(text, " "))
	}
	return text
}

func isScriptName(name string) bool {
	return scriptName.MatchString(name) && !strings.HasPrefix(name, "-") && !path.IsAbs(name) && !strings.Contains(name, "..")
}

var portInScript = regexp.MustCompile(`(?:^|\s)(?:PORT=|--port[= ]|-p )(\d{2,5})(?:\s|$)`)

// frameworkPorts are the ports of frameworks that listen on another one than
// 3000 when nobody says.
var frameworkPorts = map[string]int{"vite": 5173, "astro": 4321, "@angular/cli": 4200, "gatsby": 8000, "@11ty/eleventy": 8080}

const defaultPort = 3000

// port finds the port that the app listens on, and where that stands.
func (f *Facts) port(chosen int) (port int, source string) {
	if chosen >= 0 {
		return chosen, "--port"
	}
	if p := f.Package; p != nil {
		for _, name := range []string{"dev", "start:dev", "start"} {
			if m := portInScript.FindStringSubmatch(p.Scripts[name]); m != nil {
				n, _ := strconv.Atoi(m[1])
				return n, "scripts." + name
			}
		}
		for name, n := range frameworkPorts {
			_, direct := p.Dependencies[name]
			_, dev := p.Development[name]
			if (direct || dev) && strings.Contains(p.Scripts["dev"], strings.TrimPrefix(path.Base(name), "@")) {
				return n, name + "'s default"
			}
		}
	}
	return defaultPort, "default"
}

// YAML writes the model as a devbox.yaml that says no more than it has to.
// Loading it again gives the same model.
func (m *Model) YAML() []byte {
	services := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range m.Services {
		services.Content = append(services.Content, textNode(s.Name), s.yaml())
	}
	lock := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	lock.Content = []*yaml.Node{textNode("dev"), textNode(string(m.Lock.Dev)), textNode("prod"), textNode(string(m.Lock.Prod))}
	root := &yaml.Node{Kind: yaml.MappingNode}
	root.Content = []*yaml.Node{textNode("name"), textNode(m.Name), textNode("services"), services, textNode("lock"), lock}
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	const indent = 2
	enc.SetIndent(indent)
	// A tree of text nodes always encodes.
	_ = enc.Encode(root)
	_ = enc.Close()
	return buf.Bytes()
}

func (s Service) yaml() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, v *yaml.Node) { n.Content = append(n.Content, textNode(key), v) }
	add("node", withComment(textNode(s.Node), "exact: image "+BaseImage(s)))
	add("package-manager", withComment(textNode(s.PackageManager.String()), "exact"))
	add("port", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(s.Port)})
	for _, c := range []struct {
		key     string
		command Command
	}{{"dev", s.Dev}, {"build", s.Build}, {"prod", s.Prod}} {
		if len(c.command) > 0 {
			add(c.key, commandNode(c.command))
		}
	}
	if s.Health != "" {
		add("health", textNode(s.Health))
	}
	if len(s.Environment) > 0 {
		add("environment", encoded(s.Environment))
	}
	if len(s.Watch.Ignore) > 0 {
		add("watch", encoded(map[string]any{"ignore": s.Watch.Ignore}))
	}
	if len(s.Compose) > 0 {
		add("compose", encoded(s.Compose))
	}
	if len(s.ComposeDev) > 0 {
		add("compose-dev", encoded(s.ComposeDev))
	}
	if len(s.ComposeProd) > 0 {
		add("compose-prod", encoded(s.ComposeProd))
	}
	return n
}

// commandNode writes a command as the line that it came from where loading that
// gives it back, else as a list.
func commandNode(c Command) *yaml.Node {
	if text := c.Text(); text != "" {
		return textNode(text)
	}
	if len(c) == 3 && c[0] == "/bin/sh" && c[1] == "-c" {
		for _, text := range []string{c[2], strings.TrimPrefix(c[2], "exec "), strings.TrimPrefix(c[2], "exec env ")} {
			if slices.Equal(ParseCommand(text), c) {
				return textNode(text)
			}
		}
	}
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, w := range c {
		n.Content = append(n.Content, textNode(w))
	}
	return n
}

// textNode is text, quoted wherever YAML would see something else in it.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	if n.Style == yaml.LiteralStyle || n.Tag == "!!binary" || !plainText(text) {
		n.Kind, n.Tag, n.Value, n.Style = yaml.ScalarNode, "!!str", text, yaml.DoubleQuotedStyle
	}
	return n
}

// plainText tells text that YAML can hold without quotes or with simple ones.
func plainText(text string) bool {
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return false
		}
	}
	return true
}

func withComment(n *yaml.Node, text string) *yaml.Node {
	n.LineComment = text
	return n
}

func encoded(v any) *yaml.Node {
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		// What was loaded from YAML encodes to YAML.
		panic(fmt.Sprintf("encode %v: %v", v, err))
	}
	return n
}
