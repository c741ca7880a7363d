package project

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxServices keeps a file that was made by a machine from costing minutes
// in what comes after loading.
const maxServices = 100

// Load reads a devbox.yaml and fills in defaults, some of which come from the
// folder's name and facts. All that is wrong in the file comes back at once, in a
// *ConfigError. What the user wrote stays data: nothing in it is interpolated.
func Load(data []byte, folder string, facts *Facts) (*Model, error) {
	return loadWith(data, folder, facts, nil)
}

// folderFacts gives the facts of the package that a folder belongs to. A folder
// that cannot be a service's is a *folderError.
type folderFacts func(dir string) (*Facts, error)

func loadWith(data []byte, folder string, facts *Facts, folders folderFacts) (*Model, error) {
	if facts == nil {
		facts = &Facts{}
	}
	root, problem := parseYAML(data)
	if problem != nil {
		return nil, configError(ModelFile, []Problem{*problem})
	}
	r := &reader{facts: facts, folder: folders}
	m := &Model{Name: Slug(folder), Lock: LockPolicies{Dev: Frozen, Prod: Frozen}}
	seen := readKeys(r, root, ModelFile, modelKeys, m)
	if root.Kind == yaml.MappingNode {
		r.checkServices(root, seen)
	}
	if len(m.Services) == 0 && len(m.Backing) > 0 {
		r.add(seen["services"], "name at least one with a command: web: {dev: node index.js}", "services has no app in it")
	}
	if err := configError(ModelFile, r.problems); err != nil {
		return nil, err
	}
	return m, nil
}

// checkServices makes sure that there is a service.
func (r *reader) checkServices(root *yaml.Node, seen map[string]*yaml.Node) {
	const hint = "name at least one: services: {web: {dev: node index.js}}"
	services := seen["services"]
	switch {
	case services == nil:
		r.add(root, hint, "services is missing")
	case services.Kind == yaml.MappingNode && len(services.Content) == 0:
		r.add(services, hint, "services has no service in it")
	}
}

func readName(r *reader, n *yaml.Node, m *Model) {
	if name, ok := r.text(n, "name"); ok {
		m.Name = name
		r.judge(n, "name", checkProjectName(name))
	}
}

func readLock(r *reader, n *yaml.Node, m *Model) {
	readKeys(r, n, "lock", lockKeys, &m.Lock)
}

func (r *reader) policy(n *yaml.Node, mode Mode, known ...LockPolicy) LockPolicy {
	where := "lock." + string(mode)
	text, ok := r.text(n, where)
	if !ok {
		return ""
	}
	r.judge(n, where, checkPolicy(LockPolicy(text), known))
	return LockPolicy(text)
}

func readKeep(r *reader, n *yaml.Node, v *VolumeRules) {
	text, ok := r.scalar(n, "volumes.keep")
	if !ok {
		return
	}
	count, err := strconv.Atoi(text)
	if err != nil || n.ShortTag() != "!!int" || count < 1 || count > mostKept {
		r.add(n, "", "volumes.keep must be a number from 1 to %d", mostKept)
		return
	}
	v.Keep = count
}

func readServices(r *reader, n *yaml.Node, m *Model) {
	apps := 0
	for i := 1; i < len(n.Content); i += 2 {
		if !isBacking(n.Content[i]) {
			apps++
		}
	}
	for name, value := range r.pairs(n, "services") {
		if len(m.Services)+len(m.Backing) == maxServices {
			r.add(name, "", "more than %d services", maxServices)
			return
		}
		r.judge(name, fmt.Sprintf("service name %s", show(name.Value)), checkServiceName(name.Value))
		if isBacking(value) {
			m.Backing = append(m.Backing, readBacking(r, name, value))
			if err := checkVariables(m.Services, m.Backing...); err != nil {
				r.add(name, "", "%v", err)
				m.Backing = m.Backing[:len(m.Backing)-1]
			}
			continue
		}
		s := Service{Name: name.Value}
		seen := readKeys(r, value, "service "+show(s.Name), serviceKeys, &s)
		if value.Kind == yaml.MappingNode && value.Anchor == "" {
			r.defaults(name, seen, &s, apps == 1)
		}
		m.Services = append(m.Services, s)
		if err := checkVariables(m.Services, m.Backing...); err != nil {
			r.add(name, "", "%v", err)
			m.Services = m.Services[:len(m.Services)-1]
		}
	}
	r.checkNeeds(n, m)
}

// defaults fills in what a service leaves out. Only the one service of a
// project takes its port from the folder: it is the one that is meant there.
func (r *reader) defaults(name *yaml.Node, seen map[string]*yaml.Node, s *Service, only bool) {
	facts := r.factsOf(s)
	if seen["node"] == nil {
		s.Node = pickNode(facts, "").version
	}
	if seen["package-manager"] == nil {
		s.PackageManager = pickManager(facts, s.Node, "").manager
	}
	if seen["port"] == nil && only {
		s.Port = pickPort(facts.committed()).port
	}
	if seen["dev"] == nil {
		r.add(name, "say what runs it: dev: node index.js", "service %s has no dev command", show(s.Name))
	}
	if seen["prod"] == nil && isPlainNode(s.Dev) && !s.Dockerfile.used() {
		s.Prod = s.Dev
	}
}

// isPlainNode is a command that does the same in production: node with a
// file, and no flag that belongs to development.
func isPlainNode(c Command) bool {
	if len(c) < 2 || c[0] != "node" {
		return false
	}
	for _, word := range c[1:] {
		if strings.HasPrefix(word, "--watch") || strings.HasPrefix(word, "--inspect") {
			return false
		}
	}
	return true
}

// verdict is what a rule says about a value: nothing, or what is wrong.
type verdict struct{ text, hint string }

func (r *reader) judge(n *yaml.Node, where string, v verdict) {
	if v.text != "" {
		r.add(n, v.hint, "%s %s", where, v.text)
	}
}
