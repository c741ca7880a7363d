package project

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// File is a rendered file of a project folder.
type File struct {
	Name string
	Data []byte
}

// RenderFacts are what rendering has to know of a project folder beside its model.
type RenderFacts struct {
	// PackageJSON tells that there is a package.json.
	PackageJSON bool
	// Lock names the lock file that governs; empty where there is none.
	Lock string
	// Settings name the other files at the top that an install reads, such as
	// .yarnrc.yml or pnpm-workspace.yaml. The ones devbox does not know are
	// passed over.
	Settings []string
	// Pinned is package.json's packageManager, which may have a hash.
	Pinned string
	// Npmrc tells that there is an .npmrc. It may hold tokens, so it comes into
	// a build as a secret.
	Npmrc bool
	// WholeFolder tells that an install needs more than these files: package.json
	// has install scripts of its own or dependencies on folders that are copied.
	WholeFolder bool
	// Dir is the package's folder, empty for the project's top; Members are the
	// other folders that its install is for.
	Dir     string
	Members []Member
	// Services are those of the package; none are all that no other one names.
	Services []string
	// Tooled are the services whose migration takes tools that production does not
	// install.
	Tooled []string
	// Writes are the folders with volumes of their own in development, by the
	// services that write there.
	Writes map[string][]string
	// Others are the other packages of the project.
	Others []RenderFacts
}

// of are the facts of a service's package.
func (f RenderFacts) of(service string) RenderFacts {
	for _, o := range f.Others {
		if slices.Contains(o.Services, service) {
			return o
		}
	}
	return f
}

// npmrcs are the packages that have an .npmrc.
func (f RenderFacts) npmrcs() []RenderFacts {
	var list []RenderFacts
	for _, o := range append([]RenderFacts{f}, f.Others...) {
		if o.Npmrc {
			list = append(list, o)
		}
	}
	return list
}

// secret is the id of the build secret that holds the package's .npmrc.
func (f RenderFacts) secret() string {
	if f.Dir == "" {
		return npmrcSecret
	}
	return npmrcSecret + "-" + Slug(strings.ReplaceAll(f.Dir, "/", "-"))
}

// modules are the package's node_modules folders, relative to the project.
func (f RenderFacts) modules() []string {
	list := []string{path.Join(f.Dir, nodeModules)}
	for _, m := range f.Members {
		list = append(list, path.Join(m.Dir, nodeModules))
	}
	return list
}

// Render makes the files of a project from its model. The same model and facts
// give the same bytes. Every file says in its first line where it comes from.
// compose.prod.yaml is left out when no service has a production command.
func Render(m *Model, f RenderFacts) ([]File, error) {
	return renderUnlike(m, f, func(File) bool { return false })
}

// renderUnlike is Render for somebody who knows some files to be as Compose takes
// them, since they were rendered before: having Compose look at them again costs
// more than all the rest.
func renderUnlike(m *Model, f RenderFacts, known func(File) bool) ([]File, error) {
	if err := checkRenderable(m); err != nil {
		return nil, err
	}
	images, err := groupImages(m.Services, f)
	if err != nil {
		return nil, err
	}
	var dev, prod File
	var devErr, prodErr error
	var both sync.WaitGroup
	both.Go(func() { dev, devErr = renderKnown(devProject(m, images, f), m, Dev, known) })
	if slices.ContainsFunc(m.Services, Service.hasProd) {
		both.Go(func() { prod, prodErr = renderKnown(prodProject(m, images, f), m, Prod, known) })
	}
	both.Wait()
	if devErr != nil {
		return nil, devErr
	}
	if prodErr != nil {
		return nil, prodErr
	}
	var files []File
	if text := renderDockerfile(m, images); len(text) > 0 {
		files = append(files, File{m.Files.Name(DockerFile), seal(text)}, File{m.Files.Name(IgnoreFile), seal([]byte(m.ignoreFile()))})
	}
	files = append(files, dev)
	if prod.Name != "" {
		files = append(files, prod)
	}
	return files, nil
}

// renderKnown makes the Compose file of a mode, and has Compose look at it where
// it is not known.
func renderKnown(base map[string]any, m *Model, mode Mode, known func(File) bool) (File, error) {
	text, err := renderCompose(base, m, mode)
	if err != nil {
		return File{}, err
	}
	f := File{m.Files.Compose(mode), seal(text)}
	if known(f) {
		return f, nil
	}
	return f, checkRendered(text, m, mode)
}

// checkSide refuses production where no service has one.
func (m *Model) checkSide(mode Mode) error {
	if mode != Prod || slices.ContainsFunc(m.Services, Service.hasProd) {
		return nil
	}
	return configError(ModelFile, []Problem{{
		Text:       "there is no production side: no service has a `prod` command",
		Suggestion: "add one, such as `prod: node server.js`",
	}})
}

// hasProd tells whether there is a production side: a command, or an image of the
// user's that has one.
func (s Service) hasProd() bool { return len(s.Prod) > 0 || s.Dockerfile.used() }

// What may stand unquoted in a rendered file.
var (
	// plainName is the form of a path component in an image's name.
	plainName    = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$`)
	exactVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$`)
	exactNode    = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	healthPath   = regexp.MustCompile(`^(?:/[!-~]*)?$`)
)

// maxName is the longest label that a host name may have; services are host names.
const maxName = 63

// checkRenderable refuses a model that a file cannot hold unchanged. Loading a
// devbox.yaml has said all this before, with the line; here it guards the files.
func checkRenderable(m *Model) error {
	if !plainName.MatchString(m.Name) || strings.Contains(m.Name, ".") || len(m.Name) > maxName {
		return fmt.Errorf("project name %q: use at most %d lower-case letters, digits, - and _", m.Name, maxName)
	}
	if len(m.Services) == 0 {
		return fmt.Errorf("project %q has no services", m.Name)
	}
	seen := map[string]bool{}
	for _, s := range m.Services {
		if seen[s.Name] {
			return fmt.Errorf("service %q is there twice", s.Name)
		}
		seen[s.Name] = true
		if err := checkService(s); err != nil {
			return fmt.Errorf("service %q: %w", s.Name, err)
		}
	}
	return checkVariables(m.Services, m.Backing...)
}

func checkService(s Service) error {
	const lastPort = 65535
	switch {
	case !plainName.MatchString(s.Name) || len(s.Name) > maxName:
		return fmt.Errorf("use at most %d lower-case letters, digits, -, _ and . in a name", maxName)
	case !exactNode.MatchString(s.Node):
		return fmt.Errorf("node %q: use an exact version such as 26.10.0", s.Node)
	case s.PackageManager.Version != "" && !exactVersion.MatchString(s.PackageManager.Version):
		return fmt.Errorf("package manager %q: use an exact version such as npm@11.21.2", s.PackageManager)
	case s.Port < 0 || s.Port > lastPort:
		return fmt.Errorf("port %d: use one from 1 to %d, or 0 for none", s.Port, lastPort)
	case !healthPath.MatchString(s.Health):
		return fmt.Errorf("health %q: use a path such as /health", s.Health)
	case len(s.Dev) == 0:
		return fmt.Errorf("it has no dev command")
	}
	for _, c := range []Command{s.Dev, s.Build, s.Prod} {
		for _, word := range c {
			if !holdable(word) {
				return fmt.Errorf("command word %q cannot be an argument", word)
			}
		}
	}
	for k, v := range s.Environment {
		if k == "" || strings.Contains(k, "=") || !holdable(k) || !holdable(v) {
			return fmt.Errorf("environment variable %q=%q cannot be set", k, v)
		}
	}
	return nil
}

// holdable tells whether a string can be an argument or a variable of a process
// and come unchanged through a text file.
func holdable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}
