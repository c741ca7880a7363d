package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Imports are the files of other tools in a folder that say how its apps are
// built and run, and the facts of the folders that they name. Init reads them
// once; nothing else of devbox depends on them.
type Imports struct {
	// Compose is nil where there is no Compose file of the user's.
	Compose *UserCompose
	// Dockerfiles are those at the top and those that the Compose file names, by
	// their names; Apps the facts of the folders that it builds services from.
	Dockerfiles map[string]*UserDockerfile
	Apps        map[string]*Facts
	Procfile    []procLine
	Container   *devContainer
	// Hidden are files that a build needs and the user's .dockerignore leaves out.
	Hidden []string
	// Remarks are what could not be read.
	Remarks []Finding
}

// ImportOptions say what is left out of account.
type ImportOptions struct {
	IgnoreCompose bool
}

// ReadImports reads what other tools' files in a folder say. A Compose file that
// Compose would refuse is an error.
func ReadImports(root *os.Root, facts *Facts, o ImportOptions) (*Imports, error) {
	in := &Imports{Dockerfiles: map[string]*UserDockerfile{}, Apps: map[string]*Facts{}}
	fsys := root.FS()
	if !o.IgnoreCompose {
		var err error
		if in.Compose, err = ReadCompose(root); err != nil {
			return nil, err
		}
	}
	in.readDockerfile(root, DockerFile, nil)
	if in.Compose != nil {
		for _, s := range in.Compose.Services {
			in.readApp(root, s, facts)
		}
	}
	in.Procfile = readProcfile(fsys)
	in.Container = readDevContainer(fsys)
	node, port := in.Container.wishes()
	if node.Text != "" {
		facts.Node = append(facts.Node, node)
	}
	if facts.ExposedPort.Text == "" {
		facts.ExposedPort = port
	}
	in.Hidden = hiddenFiles(fsys, facts)
	return in, nil
}

// readDockerfile reads a Dockerfile of the user's; one that cannot be read is
// left to BuildKit, and said so.
func (in *Imports) readDockerfile(root *os.Root, name string, args map[string]string) {
	if in.Dockerfiles[name] != nil || !fs.ValidPath(name) || !isRegular(root.FS(), name) || name == DockerFile && madeByDevbox(root, name) {
		return
	}
	data, err := readLimited(root.FS(), name, maxDockerfileSize)
	if err == nil {
		var d *UserDockerfile
		if d, err = ParseDockerfile(name, data, args); err == nil {
			in.Dockerfiles[name] = d
			return
		}
	}
	var config *ConfigError
	if errors.As(err, &config) {
		in.Remarks = append(in.Remarks, Finding{What: "Dockerfile", Source: "not imported: " + config.Error(), Warning: true})
	}
}

// readApp reads the folder of a service that is an app of Node's.
func (in *Imports) readApp(root *os.Root, s UserService, top *Facts) {
	if s.off() {
		return
	}
	p := placeOf(s, func(name string) bool { return isRegular(root.FS(), name) })
	if p.dockerfile != "" {
		in.readDockerfile(root, p.dockerfile, p.args)
	}
	if !p.app || in.Apps[p.dir] != nil {
		return
	}
	if d := in.Dockerfiles[p.dockerfile]; d != nil && !d.hasNode() {
		return
	}
	facts, err := in.facts(root.FS(), p.dir, top)
	if err != nil {
		in.Remarks = append(in.Remarks, Finding{What: "services", Source: fmt.Sprintf("service %s stays as it is: %v", s.Name, err), Warning: true})
		return
	}
	in.Apps[p.dir] = facts
}

// facts are those of an app's folder, with what holds for the whole project.
func (in *Imports) facts(fsys fs.FS, dir string, top *Facts) (*Facts, error) {
	if dir == "" {
		return top, nil
	}
	for _, app := range top.Survey.Apps {
		if app.Dir == dir {
			return app.inherit(top), nil
		}
	}
	f, err := detectApp(fsys, dir)
	if err != nil {
		return nil, err
	}
	return AppFacts{Dir: dir, Facts: f}.inherit(top), nil
}

// hasNode tells whether any stage starts from a Node image, or from one that
// cannot be told.
func (d *UserDockerfile) hasNode() bool {
	return slices.ContainsFunc(d.Stages, func(s UserStage) bool {
		return s.Parent < 0 && !otherWorld(s.Base)
	})
}

// otherWorld tells base images that no Node app is developed in.
func otherWorld(image string) bool {
	name := path.Base(strings.SplitN(strings.SplitN(image, "@", 2)[0], ":", 2)[0])
	return slices.Contains([]string{
		"python", "golang", "ruby", "php", "openjdk", "eclipse-temurin", "maven", "gradle", "rust", "sdk", "aspnet", "runtime",
		"nginx", "httpd", "caddy", "traefik", "haproxy", "postgres", "mysql", "mariadb", "mongo", "redis", "rabbitmq", "elixir", "perl", "scratch",
	}, name)
}

func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// besideWanted tells why the rendered files cannot have the standard names;
// empty where they can.
func (f *Facts) besideWanted() string {
	var taken []string
	for _, file := range f.Files {
		switch {
		case file.Made || slices.Contains([]string{ModelFile, StateDir, IgnoreFile}, file.Name):
		case strings.Contains(file.Name, "override") || strings.Contains(file.Name, ".prod.") && file.Name != ComposeProdFile:
		default:
			taken = append(taken, file.Name)
		}
	}
	switch {
	case len(taken) > 0:
		return "yours stay as they are: " + strings.Join(taken, ", ")
	case f.Imports != nil && len(f.Imports.Hidden) > 0:
		return IgnoreFile + " leaves out what a build needs: " + strings.Join(f.Imports.Hidden, ", ")
	}
	return ""
}

// withImports adds what the imported files say to a model that has the apps of
// its folder.
func withImports(m *Model, places []appPlace, c Choices, f *Facts) []Finding {
	var findings []Finding
	if why := f.besideWanted(); why != "" {
		m.Files = BesideFiles
		findings = append(findings, Finding{What: "files", Value: string(BesideFiles), Source: why})
	}
	in := f.Imports
	if in == nil {
		return findings
	}
	findings = append(findings, in.Remarks...)
	if in.Compose != nil {
		findings = append(findings, in.compose(m, places, c)...)
	}
	if d := in.Dockerfiles[DockerFile]; d != nil && len(in.Apps) == 0 {
		for i := range m.Services {
			if m.Services[i].Dir == "" && f.Package != nil {
				findings = append(findings, (&appImport{s: &m.Services[i], f: places[i].facts, c: c}).dockerfile(d, ".", "")...)
			}
		}
	}
	findings = append(findings, in.processes(m, f)...)
	return append(findings, in.Container.remarks()...)
}

// HasApp tells whether there is an app: in the folder itself, or in one that its
// Compose file names.
func (f *Facts) HasApp() bool {
	return f.Package != nil || len(f.Survey.Apps) > 0 || f.Imports != nil && len(f.Imports.Apps) > 0
}
