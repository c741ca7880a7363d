package project

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Choices are what the user asked for; what is empty is left to the facts.
type Choices struct {
	// Name is made into a name for a Compose project; Folder, the folder's name,
	// is the last resort.
	Name, Folder   string
	Node           string // 24, ^24, lts/*, 24.21.0
	PackageManager string // npm or npm@11.21.2
	// Port is negative where nothing was said.
	Port int
	// Dev, Build and Prod are commands in people's words.
	Dev, Build, Prod string
	// RootOwned tells that root owns the folder: the app, which is not root, cannot
	// write there.
	RootOwned bool
	// Use are services to add, postgres@15; Without are kinds that are not, and
	// NoServices adds none but those of Use.
	Use, Without []string
	NoServices   bool
}

// uses tells whether a kind of service was asked for, and its version.
func (c Choices) uses(kind string) (version string, ok bool) {
	for _, use := range c.Use {
		name, version, _ := strings.Cut(use, "@")
		if name == kind {
			return version, true
		}
	}
	return "", false
}

// Finding is something that init found out, for people to read.
type Finding struct {
	// Service is the service that it is about, where there are several.
	Service string
	// What is the key of devbox.yaml that it is about.
	What string
	// Value is what was decided; empty for a remark.
	Value string
	// Source is where that came from, or the remark.
	Source string
	// Warning is set for what the user should look at.
	Warning bool
	// Guess is set where nothing in the folder said so.
	Guess bool
}

// String is the finding as a line: what: value (source).
func (f Finding) String() string {
	switch {
	case f.Value == "":
		return f.What + ": " + f.Source
	case f.Source == "":
		return f.What + ": " + f.Value
	}
	return fmt.Sprintf("%s: %s (%s)", f.What, f.Value, f.Source)
}

func withRemark(source, remark string) string {
	if remark == "" {
		return source
	}
	return source + "; " + remark
}

// defaultService is the name of the one service that init makes.
const defaultService = "web"

// InitModel decides the first model of a project from what its folder shows
// and what the user chose, and says how it came to that.
func InitModel(f *Facts, c Choices) (*Model, []Finding, error) {
	if f == nil {
		f = &Facts{}
	}
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	name := pickName(f, c)
	places, findings := f.Imports.places()
	imported := len(places) > 0
	if !imported {
		var err error
		if places, findings, err = pickApps(f); err != nil {
			return nil, nil, err
		}
		if c.Dev == "" {
			var split []Finding
			places, split = splitTogether(places)
			findings = append(findings, split...)
		}
	}
	withData(f, places)
	c.NoServices = c.NoServices || f.Imports.hasServices()
	findings = append([]Finding{name}, findings...)
	m := &Model{Name: name.Value, Lock: LockPolicies{Dev: Frozen, Prod: Frozen}}
	for _, place := range places {
		s, found, err := initService(place, c)
		if err != nil {
			return nil, nil, err
		}
		m.Services = append(m.Services, s)
		findings = append(findings, ofService(found, place.name, len(places))...)
	}
	findings = supersede(findings, withImports(m, places, c, f), len(places) > 1)
	findings = tellTaken(aboutImages(findings, m))
	if !imported {
		findings = append(findings, spreadPorts(m.Services, places)...)
	}
	findings = append(findings, prepareLocals(f, m.Services, places)...)
	findings = append(findings, addData(m, f, places, c)...)
	findings = append(findings, addMigrations(m, f, places)...)
	findings = append(findings, finishServices(m, f, places, c)...)
	for _, text := range f.Survey.Unread {
		findings = append(findings, Finding{What: "services", Warning: true, Source: "passed over: " + text})
	}
	if len(places) == 1 && places[0].at() == "" && f.workspaces() {
		findings = append(findings, Finding{What: "services", Warning: true, Source: "the project has workspaces; " + ModelFile + " starts with one service for the whole"})
	}
	return m, findings, nil
}

// finishServices decides of each service what depends on the others.
func finishServices(m *Model, f *Facts, places []appPlace, c Choices) []Finding {
	var findings []Finding
	for i, place := range places {
		found := addPS(place.facts, &m.Services[i])
		found = append(found, pickWrites(place.facts, f.Survey.Apps, c, &m.Services[i])...)
		found = append(found, reachOthers(place.facts, &m.Services[i], m.Services)...)
		found = append(found, pickEnv(place.facts, &m.Services[i], m.given(m.Services[i]))...)
		findings = append(findings, ofService(found, place.name, len(places))...)
	}
	shareNative(m.Services, places)
	return findings
}

// initService decides one service of the first model.
func initService(place appPlace, c Choices) (Service, []Finding, error) {
	f := place.facts
	node := pickNode(f, c.Node)
	if node.unknown != nil {
		return Service{}, nil, node.unknown
	}
	manager := pickManager(f, node.version, c.PackageManager)
	s := Service{Name: place.name, Dir: place.dir, Node: node.version, PackageManager: manager.manager}
	commands, err := pickCommands(f, c, &s)
	if err != nil {
		return s, nil, err
	}
	port := pickAppPort(f, s.Dev)
	if c.Port >= 0 && place.at() == "" && !place.client {
		port = portPick{c.Port, Finding{What: "port", Value: strconv.Itoa(c.Port), Source: "--port"}}
	}
	s.Port = port.port
	if place.client {
		s.Build, s.Prod = nil, nil // what it serves in development is built by the app
		commands = slices.DeleteFunc(commands, func(f Finding) bool { return f.What != string(Dev) })
	}
	s.dropPort()
	natives := pickNative(f, &s)
	return s, slices.Concat(node.findings, manager.findings, commands, []Finding{port.found}, natives, f.remarks(manager.manager.Name)), nil
}

// dropPort takes PORT out of the environment where devbox sets the same.
func (s *Service) dropPort() {
	if s.Environment["PORT"] == strconv.Itoa(s.Port) {
		delete(s.Environment, "PORT")
	}
}

// check refuses choices that no devbox.yaml could hold.
func (c Choices) check() error {
	for _, choice := range []struct {
		flag, value string
		verdict     func(string) verdict
	}{
		{"--node", c.Node, checkNodeChoice},
		{"--package-manager", c.PackageManager, checkManagerChoice},
		{"--port", strconv.Itoa(max(c.Port, 0)), checkPort},
	} {
		if choice.value == "" {
			continue
		}
		if v := choice.verdict(choice.value); v.text != "" {
			return configError(choice.flag, []Problem{{Text: v.text, Suggestion: v.hint}})
		}
	}
	for _, use := range c.Use {
		if !useForm.MatchString(use) {
			return configError("--use", []Problem{{Text: "must be a name and a version, not " + show(use), Suggestion: "try --use postgres@15"}})
		}
	}
	return nil
}

func checkNodeChoice(text string) verdict {
	if _, ok := resolveNode(text); ok {
		return verdict{}
	}
	known := make([]string, len(nodeReleases))
	for i, r := range nodeReleases {
		known[i] = r.version
	}
	return verdict{
		show(text) + " is no version of Node.js that devbox knows",
		"write an exact one, or one of " + orList(known),
	}
}

func checkManagerChoice(text string) verdict {
	if !strings.Contains(text, "@") && slices.Contains(managerNames, text) {
		return verdict{}
	}
	return checkManager(text)
}

// pickCommands fills in the commands of a service.
func pickCommands(f *Facts, c Choices, s *Service) ([]Finding, error) {
	finder := commandFinder{facts: f, manager: s.PackageManager.Name}
	picks := map[string]commandPick{}
	for _, job := range []struct {
		what, asked string
		into        *Command
		find        func() (commandPick, error)
	}{
		{"dev", c.Dev, &s.Dev, finder.dev},
		{"build", c.Build, &s.Build, func() (commandPick, error) { return finder.build(), nil }},
		{"prod", c.Prod, &s.Prod, finder.prod},
	} {
		pick, err := pickCommand(job.what, job.asked, job.find)
		if err != nil {
			return nil, err
		}
		*job.into = pick.command
		picks[job.what] = pick
	}
	moved := s.takeEnv(picks[string(Dev)], picks[string(Prod)])
	for what, command := range map[string]Command{string(Dev): s.Dev, string(Prod): s.Prod} {
		if found := picks[what].findings; len(picks[what].command) > 0 && len(found) > 0 {
			i := slices.IndexFunc(found, func(f Finding) bool { return f.Value != "" })
			found[i].Value = command.String()
		}
	}
	findings := slices.Concat(picks[string(Dev)].findings, picks["build"].findings, picks[string(Prod)].findings, moved)
	s.takeEnvFiles(f, picks[string(Dev)], picks[string(Prod)])
	if len(s.Dev) == 0 {
		s.Dev = Command{"node", "index.js"}
		findings = append(findings, Finding{
			What: "dev", Value: s.Dev.String(), Warning: f.Package != nil, Guess: true,
			Source: withRemark("default", "no script and no file shows how the app starts"),
		})
	}
	if len(s.Prod) == 0 {
		findings = append(findings, finder.prodWithout(s))
	}
	return findings, nil
}

func pickCommand(what, asked string, find func() (commandPick, error)) (commandPick, error) {
	if asked == "" {
		return find()
	}
	command, err := ParseCommand(asked)
	if err != nil {
		return commandPick{}, configError("--"+what, []Problem{{Text: err.Error()}})
	}
	return commandPick{command: command, findings: []Finding{{What: what, Value: command.String(), Source: "--" + what}}}, nil
}

// prodWithout decides what production runs when nothing shows it.
func (c commandFinder) prodWithout(s *Service) Finding {
	tool := c.developmentTool(s.Dev)
	if isPlainNode(s.Dev) && tool != "" {
		return Finding{What: "prod", Warning: true, Source: "no command found; that of dev needs " + tool + ", which is there for development only; add one to " + ModelFile + " for a production side"}
	}
	if isPlainNode(s.Dev) {
		s.Prod = slices.Clone(s.Dev)
		return Finding{What: "prod", Value: s.Prod.String(), Source: "the same as dev"}
	}
	return Finding{What: "prod", Warning: true, Source: "no command found; add one to " + ModelFile + " for a production side"}
}

// remarks are what the user should know beside the model.
func (f *Facts) remarks(manager string) []Finding {
	var list []Finding
	if f.Package == nil {
		return nil
	}
	lock := f.lockOf(manager)
	if lock.Name == "" {
		list = append(list, Finding{What: "lock", Warning: true, Source: "no lock file: two installs may differ; `devbox update` makes one"})
	} else {
		list = append(list, Finding{What: "lock", Value: lock.Name, Source: "the file is there"})
	}
	return list
}

func (f *Facts) workspaces() bool {
	return f.Package != nil && f.Package.Workspaces || slices.Contains(f.Settings, "pnpm-workspace.yaml")
}
