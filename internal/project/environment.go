package project

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// EnvironmentError lists what services need of their surroundings and do not
// have: files of variables, variables and secrets.
type EnvironmentError struct {
	Missing []string
	// Copies are commands that make missing files of their examples.
	Copies []string
}

func (e *EnvironmentError) Error() string {
	return "what the services need is not all there:\n" + strings.Join(e.Missing, "\n")
}

// Hint says how to make the files.
func (e *EnvironmentError) Hint() string {
	if len(e.Copies) == 0 {
		return "give them values in one of these places; a line with a name alone in an env-file takes it from the environment of devbox"
	}
	return strings.Join(e.Copies, " && ") + ", and fill in the values"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *EnvironmentError) ProjectInvalid() bool { return true }

// surroundings looks for what services need.
type surroundings struct {
	p    *Project
	mode Mode
	// vars are those that Compose sees: devbox's own and those of .env.
	vars map[string]string
	// reader tells whether the app's user can read a file; nil where that cannot be told.
	reader func(fs.FileInfo) bool
	err    EnvironmentError
}

// CheckEnvironment makes sure that the env files, the required variables and the
// secrets of all services are there; an EnvironmentError lists what is not.
// vars is devbox's own environment. user is who the apps run as, by the numbers
// that the host's files have; negative where that cannot be told.
func (p *Project) CheckEnvironment(mode Mode, vars map[string]string, uid, gid int) error {
	all, err := Variables(p.Dir, vars)
	if err != nil {
		return err
	}
	c := surroundings{p: p, mode: mode, vars: all}
	if uid >= 0 {
		c.reader = func(info fs.FileInfo) bool { return readableBy(info, uid, gid) }
	}
	for _, s := range p.Model.Services {
		if mode == Prod && !s.hasProd() {
			continue
		}
		if err := c.service(s); err != nil {
			return err
		}
	}
	if len(c.err.Missing) > 0 {
		return &c.err
	}
	return nil
}

func (c *surroundings) service(s Service) error {
	env := map[string]string{}
	for _, file := range s.EnvFiles.Of(c.mode) {
		if err := c.envFile(s, file, env); err != nil {
			return err
		}
	}
	for _, name := range s.Required {
		if !c.has(s, name, env) {
			c.miss("variable %s of service %s has no value; looked in %s", name, s.Name, c.places(s))
			c.exampleOf(s)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		c.secret(s, name)
	}
	return nil
}

func (c *surroundings) miss(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.err.Missing, text) {
		c.err.Missing = append(c.err.Missing, text)
	}
}

// envFile reads a file of variables into env. Its content comes into no message.
func (c *surroundings) envFile(s Service, file string, env map[string]string) error {
	root, err := os.OpenRoot(c.p.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(file))
	if errors.Is(err, fs.ErrNotExist) {
		c.miss("env-file %s of service %s is not there", file, s.Name)
		c.copyOf(file)
		return nil
	}
	if err != nil {
		c.miss("env-file %s of service %s cannot be read, or leads out of the project", file, s.Name)
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > maxYAMLSize {
		return &ConfigError{File: file, Problems: []Problem{{Text: fmt.Sprintf("it is not a file of at most %d bytes", maxYAMLSize)}}}
	}
	lookup := func(name string) (string, bool) {
		if v, ok := env[name]; ok {
			return v, true
		}
		v, ok := c.vars[name]
		return v, ok
	}
	found, err := dotenv.ParseWithLookup(f, lookup)
	if err != nil {
		return dotenvProblem(file, err)
	}
	maps.Copy(env, found)
	return nil
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

// dotenvProblem says where a file of variables is wrong. What the parser says is
// left out: it shows the line, and with it a secret.
func dotenvProblem(file string, err error) error {
	p := Problem{Text: "a line is not NAME=value, or a quote is not closed"}
	if m := lineNumber.FindStringSubmatch(err.Error()); m != nil {
		p.Text = "line " + m[1] + " is not NAME=value, or its quote is not closed"
	}
	return &ConfigError{File: file, Problems: []Problem{p}}
}

// exampleOf finds the example of the .env that a service without env files would
// have its variables from, where there is no .env yet.
func (c *surroundings) exampleOf(s Service) {
	if _, err := os.Lstat(filepath.Join(c.p.Dir, ".env")); err == nil || len(s.EnvFiles.Of(c.mode)) > 0 {
		return
	}
	if !c.copyFrom("", ".env") && s.Dir != "" {
		c.copyFrom(s.Dir+"/", ".env")
	}
}

// copyOf finds the example that a missing file is made from.
func (c *surroundings) copyOf(file string) {
	dir, _ := path.Split(file)
	c.copyFrom(dir, file)
}

// copyFrom looks for the example of a file in a folder.
func (c *surroundings) copyFrom(dir, file string) bool {
	base := path.Base(file)
	for _, name := range []string{
		base + ".example", base + ".sample", base + ".template", base + ".dist", base + "-example",
		".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env",
	} {
		if info, err := os.Stat(filepath.Join(c.p.Dir, filepath.FromSlash(dir+name))); err == nil && info.Mode().IsRegular() {
			if text := "cp " + dir + name + " " + file; !slices.Contains(c.err.Copies, text) {
				c.err.Copies = append(c.err.Copies, text)
			}
			return true
		}
	}
	return false
}

// has tells whether an app gets a value for a variable.
func (c *surroundings) has(s Service, name string, env map[string]string) bool {
	if v, set := s.Environment[name]; set {
		return v != ""
	}
	given := slices.ContainsFunc(connections(c.p.Model, s, c.mode), func(v Variable) bool { return v.Name == name })
	if given || setInCompose(s, c.mode, name) || len(s.EnvFiles.Of(c.mode)) == 0 && c.vars[name] != "" {
		return true
	}
	return env[name] != "" || name == "NODE_ENV" || name == "PORT" && s.Port != 0
}

// setInCompose tells whether a service's own Compose words set a variable. What
// they set it to is Compose's to find out.
func setInCompose(s Service, mode Mode, name string) bool {
	for _, section := range sectionsOf(s, mode) {
		own := section.Config["services"].(map[string]any)[s.Name].(map[string]any)
		switch env := own["environment"].(type) {
		case map[string]any:
			if _, set := env[name]; set {
				return true
			}
		case []any:
			for _, e := range env {
				if key, _, _ := strings.Cut(fmt.Sprint(e), "="); key == name {
					return true
				}
			}
		}
	}
	return false
}

// places are where a variable was looked for.
func (c *surroundings) places(s Service) string {
	list := []string{"environment in " + ModelFile}
	if files := s.EnvFiles.Of(c.mode); len(files) > 0 {
		return strings.Join(append(list, files...), ", ")
	}
	return strings.Join(append(list, ".env", "the environment of devbox"), ", ")
}

// secret looks for the file of a secret. One that a link takes out of the project
// is refused: a repository must not reach for what is elsewhere on the machine.
func (c *surroundings) secret(s Service, name string) {
	file := s.Secrets[name]
	root, err := os.OpenRoot(c.p.Dir)
	if err != nil {
		c.miss("secret %s of service %s: %s cannot be read", name, s.Name, file)
		return
	}
	defer root.Close()
	info, err := root.Stat(filepath.FromSlash(file))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.miss("secret %s of service %s: %s is not there", name, s.Name, file)
		c.copyOf(file)
	case err != nil:
		c.miss("secret %s of service %s: %s cannot be read, or leads out of the project", name, s.Name, file)
	case !info.Mode().IsRegular():
		c.miss("secret %s of service %s: %s is not a file", name, s.Name, file)
	case c.reader != nil && !c.reader(info):
		c.miss("secret %s of service %s: the app's user may not read %s; `chmod a+r %s` lets it", name, s.Name, file, file)
	}
}

// readableBy tells whether a user may read a file, by its mode alone.
func readableBy(info fs.FileInfo, uid, gid int) bool {
	const user, group, other = 0o400, 0o040, 0o004
	owner, ownerGroup, known := ownerOf(info)
	mode := info.Mode().Perm()
	switch {
	case !known || uid == 0:
		return true
	case owner == uid:
		return mode&user != 0
	case ownerGroup == gid:
		return mode&group != 0
	}
	return mode&other != 0
}
