package project

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// appImport puts what other tools' files say into an app.
type appImport struct {
	s *Service
	// f are the facts of the app's folder.
	f *Facts
	c Choices
}

func (a *appImport) finder() commandFinder {
	return commandFinder{facts: a.f, manager: a.s.PackageManager.Name}
}

// Names of stages by custom.
var (
	devStages  = []string{"dev", "development", "develop", "local"}
	prodStages = []string{"prod", "production", "release", "runner", "runtime"}
)

// named is the first stage with one of the names, or -1.
func (d *UserDockerfile) named(names []string) int {
	for _, name := range names {
		if i := d.stage(name); i >= 0 {
			return i
		}
	}
	return -1
}

// dockerfilePlan is what becomes of a Dockerfile.
type dockerfilePlan struct {
	// dev and prod are the stages of the two modes. prod is -1 where the model's
	// own takes its place.
	dev, prod int
	// own tells that the Dockerfile makes the images itself, because of why.
	own bool
	// named tells that dev is known to be for development.
	named bool
	why   []lined[string]
	// left are the stages that are not imported.
	left []int
}

// plan decides whether a Dockerfile fits into the model. target is the stage
// that is used in development, where that is known.
func (d *UserDockerfile) plan(target string) dockerfilePlan {
	last := len(d.Stages) - 1
	p := dockerfilePlan{dev: d.named(devStages), prod: last}
	if i := d.named(prodStages); i >= 0 {
		p.prod = i
	}
	if i := d.stage(target); target != "" && i >= 0 {
		p.dev = i
	}
	known := p.dev >= 0
	p.named = known
	if !known {
		p.dev = last
	}
	if why := d.misfits(p.dev); len(why) > 0 {
		// What serves the finished build, such as nginx, is no place to develop in.
		i := slices.IndexFunc(d.Stages, func(s UserStage) bool { return s.Parent < 0 && nodeImage.MatchString(s.Base) })
		if known || !d.foreignBase(p.dev) || i < 0 || len(d.misfits(i)) > 0 {
			p.own, p.why = true, why
			return p
		}
		p.dev = d.youngest(i)
	}
	if len(d.misfits(p.prod)) > 0 {
		p.left, p.prod = append(p.left, p.prod), -1
	}
	return p
}

// foreignBase tells whether a stage starts from an image that is not Node's.
func (d *UserDockerfile) foreignBase(i int) bool {
	return !nodeImage.MatchString(d.chain(i)[0].Base)
}

// youngest is the last stage that is made from another one and fits.
func (d *UserDockerfile) youngest(of int) int {
	for i := range d.Stages {
		if d.Stages[i].Parent == of && len(d.misfits(i)) == 0 {
			of = i
		}
	}
	return of
}

// dockerfile imports a Dockerfile, or makes the service use it as it is.
func (a *appImport) dockerfile(d *UserDockerfile, context, target string) []Finding {
	p := d.plan(target)
	if p.own {
		return a.ownDockerfile(d, p, context, target)
	}
	findings := []Finding{{What: "dockerfile", Value: d.File, Source: asModel}}
	for _, i := range p.left {
		why := d.misfits(i)[0]
		findings = append(findings, Finding{What: "dockerfile", Source: fmt.Sprintf("stage %s is not imported: %s (%s)", d.title(i), why.Value, d.at(why.Line))})
	}
	stages := d.chain(p.dev)
	if p.prod >= 0 {
		for _, s := range d.chain(p.prod) {
			if !slices.ContainsFunc(stages, func(have UserStage) bool { return have.Line == s.Line }) {
				stages = append(stages, s)
			}
		}
	}
	for _, s := range stages {
		findings = append(findings, addPackages(a.s, s.Packages, d)...)
		findings = append(findings, a.environment(d, s)...)
		if a.s.Health == "" && s.Health.Value != "" && healthPath.MatchString(s.Health.Value) {
			a.s.Health = s.Health.Value
			findings = append(findings, Finding{What: "health", Value: s.Health.Value, Source: d.at(s.Health.Line)})
		}
	}
	return append(findings, a.commands(d, p)...)
}

// asModel is what is said of a Dockerfile that is not used itself.
const asModel = "devbox renders its own"

// tellTaken adds to what is said of a Dockerfile that is not used itself what the
// model has from it.
func tellTaken(findings []Finding) []Finding {
	for i := range findings {
		d := &findings[i]
		if d.What != "dockerfile" || d.Source != asModel {
			continue
		}
		var taken []string
		for _, f := range findings {
			if f.Value != "" && f.Service == d.Service && fromDockerfile(f.Source, d.Value) && !slices.Contains(taken, f.What) {
				taken = append(taken, f.What)
			}
		}
		if len(taken) > 0 {
			d.Source += "; taken from this one: " + strings.Join(taken, ", ")
		}
	}
	return findings
}

// fromDockerfile tells whether the source of a finding is a Dockerfile.
func fromDockerfile(source, file string) bool {
	return strings.HasPrefix(source, file+":") || path.Base(file) == DockerFile && strings.HasPrefix(source, DockerFile+" ")
}

// ownDockerfile makes a service use a Dockerfile as it is.
func (a *appImport) ownDockerfile(d *UserDockerfile, p dockerfilePlan, context, target string) []Finding {
	own := OwnDockerfile{File: d.File, Context: orDot(context)}
	last := len(d.Stages) - 1
	if p.dev != last {
		own.Dev = d.title(p.dev)
	}
	if p.prod != last {
		own.Prod = d.title(p.prod)
	}
	if own.Dev == "" && target == "" {
		if i := d.stage("base"); i >= 0 && d.foreignBase(last) {
			own.Dev = d.title(i)
		}
	}
	a.s.Dockerfile = own
	// The image has what it has, and its own command runs in production.
	a.s.Build, a.s.Prod, a.s.BuildPackages, a.s.SystemPackages = nil, nil, nil, nil
	findings := []Finding{{What: "dockerfile", Value: d.File, Source: "used as it is: " + misfitList(d, p.why)}}
	if cmd := d.effective(p.dev); startsNode(withoutInit(cmd.Value)) {
		findings = append(findings, a.devCommand(cmd.Value, d.workdir(p.dev), d.at(cmd.Line), false)...)
	}
	return findings
}

func misfitList(d *UserDockerfile, why []lined[string]) string {
	const most = 3
	var list []string
	for i, m := range why {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(why)-most))
			break
		}
		list = append(list, fmt.Sprintf("%s (%s)", m.Value, d.at(m.Line)))
	}
	return strings.Join(list, ", ")
}

// effective is what a stage runs: its entrypoint and command, or those that it
// has from the stages that it is made from.
func (d *UserDockerfile) effective(i int) lined[Command] {
	var entrypoint, cmd lined[Command]
	for _, s := range d.chain(i) {
		if s.Entrypoint.Value != nil {
			entrypoint = s.Entrypoint
		}
		if s.Cmd.Value != nil {
			cmd = s.Cmd
		}
	}
	if cmd.Line == 0 {
		cmd.Line = entrypoint.Line
	}
	return lined[Command]{slices.Concat(withoutInit(entrypoint.Value), cmd.Value), cmd.Line}
}

// workdir is where a stage runs its command.
func (d *UserDockerfile) workdir(i int) string {
	dir := ""
	for _, s := range d.chain(i) {
		if s.Workdir != "" {
			dir = s.Workdir
		}
	}
	return dir
}

// commands takes the commands of a Dockerfile: in production what its last stage
// runs, in development only where nothing else shows it.
func (a *appImport) commands(d *UserDockerfile, p dockerfilePlan) []Finding {
	var findings []Finding
	if cmd := d.effective(p.dev); startsNode(cmd.Value) {
		explicit := p.named && d.Stages[p.dev].Cmd.Value != nil
		findings = append(findings, a.devCommand(cmd.Value, d.workdir(p.dev), d.at(cmd.Line), explicit)...)
	}
	if p.prod < 0 || a.c.Prod != "" || a.prodScript() {
		return findings
	}
	cmd := d.effective(p.prod)
	if !startsNode(cmd.Value) {
		return findings
	}
	command, notes, err := a.finder().fromCommand("prod", cmd.Value, d.workdir(p.prod))
	switch {
	case err != nil || a.finder().developmentTool(command) != "" || slices.Equal(command, a.s.Prod):
		return findings
	case slices.ContainsFunc(notes, func(f Finding) bool { return strings.Contains(f.Source, "left out, because devbox restarts") }):
		return findings // it is for development
	}
	a.s.Prod = command
	return append(findings, Finding{What: "prod", Value: command.String(), Source: d.at(cmd.Line)})
}

// prodScript tells whether a script, or what a build makes, shows what runs in production: that fits the
// folder, while a Dockerfile's command fits where it has put the files.
func (a *appImport) prodScript() bool {
	pick, err := a.finder().prod()
	return err == nil && slices.ContainsFunc(pick.findings, func(f Finding) bool {
		built := a.finder().facts.Survey.Built
		return f.Value != "" && (strings.HasPrefix(f.Source, "package.json scripts.") || built.Text != "" && f.Source == built.Source)
	})
}

// devCommand takes a command for development where no script shows one. What a
// stage for development says by itself goes before a script that is not for it.
func (a *appImport) devCommand(cmd Command, workdir, at string, explicit bool) []Finding {
	pick, err := a.finder().dev()
	if a.c.Dev != "" || err != nil {
		return nil
	}
	forBoth := slices.ContainsFunc(pick.findings, func(f Finding) bool { return f.Source == "package.json scripts.start" })
	if len(pick.command) > 0 && !(explicit && forBoth) {
		return nil
	}
	command, notes, err := a.finder().fromCommand("dev", cmd, workdir)
	if err != nil || len(command) == 0 {
		return nil
	}
	a.s.Dev = command
	return append([]Finding{{What: "dev", Value: command.String(), Source: at}}, notes...)
}

// ownVariables are set by devbox, or are about how an image is built.
var ownVariables = wordSet(`NODE_ENV PATH PORT HOME PNPM_HOME CI DEBIAN_FRONTEND NODE_PATH COREPACK_HOME COREPACK_ENABLE_DOWNLOAD_PROMPT`)

// environment takes the variables of a stage.
func (a *appImport) environment(d *UserDockerfile, s UserStage) []Finding {
	var findings []Finding
	for _, e := range s.Env {
		name, value := e.Value[0], e.Value[1]
		switch {
		case name == "PORT" && validPort(value) && a.c.Port < 0:
			port, _ := strconv.Atoi(value)
			if a.s.Port != port {
				a.s.Port = port
				findings = append(findings, Finding{What: "port", Value: value, Source: d.at(e.Line) + " ENV PORT"})
			}
		case ownVariables[name] || strings.HasPrefix(strings.ToLower(name), "npm_config_") || strings.HasPrefix(name, "YARN_") || value == "":
		case isSecret(name, value):
			findings = append(findings, Finding{What: "environment", Source: fmt.Sprintf("%s (%s) looks like a secret and is not imported; put it into a file that env-file names", name, d.at(e.Line)), Warning: true})
		default:
			if a.s.Environment == nil {
				a.s.Environment = map[string]string{}
			}
			a.s.Environment[name] = value
			findings = append(findings, Finding{What: "environment", Value: name + "=" + value, Source: d.at(e.Line)})
		}
	}
	return findings
}
