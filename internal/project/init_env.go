package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// setByDevbox are the variables that an app gets from devbox itself, so that
// nobody has to set them.
var setByDevbox = wordSet("NODE_ENV PORT")

// pickEnv decides the files of variables, and which variables an app cannot do
// without: those of the example that have no value there, none in .env and none
// in the code.
func pickEnv(f *Facts, s *Service, given map[string]bool) []Finding {
	var findings []Finding
	env := f.Survey.Env
	if own := path.Join(s.Dir, env.File); env.File != "" && !slices.Contains(s.EnvFiles.Dev, own) {
		s.EnvFiles.Dev = append([]string{own}, s.EnvFiles.Dev...)
		findings = append(findings, Finding{What: "env-file", Value: own, Source: "the file is there; for development only"})
	}
	var usable []string
	for _, wish := range env.Wanted {
		_, set := env.Set[wish.Name]
		read, known := f.Survey.Sources.Reads[wish.Name]
		_, own := s.Environment[wish.Name]
		switch {
		case set || own || given[wish.Name] || setByDevbox[wish.Name] || wish.Optional || !shellVariable.MatchString(wish.Name) || s.composeSets(wish.Name):
		case wish.Empty && !(known && read.Default):
			s.Required = append(s.Required, wish.Name)
		case !wish.Empty && !(known && read.Default):
			usable = append(usable, wish.Name)
		}
	}
	if len(s.Required) > 0 {
		findings = append(findings, Finding{What: "required", Value: strings.Join(s.Required, ", "), Source: env.Example + " has no value for " + plural(len(s.Required), "it", "them"), Warning: true})
	}
	if len(usable) > 0 && env.File == "" {
		findings = append(findings, Finding{What: "env-file", Warning: true, Source: fmt.Sprintf(
			"%s has values for %s; copy it to .env and add `env-file: [.env]` to use them", env.Example, listSome(usable))})
	}
	findings = append(findings, openHost(f, s)...)
	findings = append(findings, writableFiles(f, s)...)
	for _, file := range f.Survey.Sources.Passwords {
		findings = append(findings, Finding{What: "environment", Warning: true, Source: file + " has an address with a password in it, which the services of devbox do not have; let it read a variable such as DATABASE_URL"})
		break
	}
	if where := f.Package.passwordAt(); where != "" {
		findings = append(findings, Finding{What: "environment", Warning: true, Source: where + " has a password in it; it is not taken over: keep it in .env"})
	}
	return findings
}

// openHost makes an app that would listen on its loopback listen for everybody
// who reaches its container.
func openHost(f *Facts, s *Service) []Finding {
	var findings []Finding
	for _, name := range []string{"HOST", "HOSTNAME", "SERVER_HOST", "APP_HOST", "FASTIFY_ADDRESS"} {
		read := f.Survey.Sources.Reads[name]
		wish := f.Survey.Env.wish(name)
		set, there := f.Survey.Env.Set[name]
		if isLoopback(read.Text) || read.Direct && isLoopback(wish.Value) || there && isLoopback(set.Host) {
			source := read.File
			if source == "" {
				source = f.Survey.Env.File
			}
			s.setEnv(name, "0.0.0.0")
			findings = append(findings, Finding{What: "environment", Value: name + "=0.0.0.0", Source: source + " has the loopback, where nobody outside the container finds the app"})
		}
	}
	if at := f.Survey.Sources.Loopback; at.Text != "" && f.hasServer() {
		findings = append(findings, Finding{What: "port", Warning: true, Source: fmt.Sprintf("%s listens on %s, where nobody outside the container finds it; use 0.0.0.0", at.Source, at.Text)})
	}
	return findings
}

var databaseFile = lazy(`^/(?:[\w.-]+/)+([\w.-]+\.(?:db|sqlite3?))$`)

// writableFiles moves the database files that an app would keep where its user
// cannot write to where it can.
func writableFiles(f *Facts, s *Service) []Finding {
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(f.Survey.Sources.Reads)) {
		read := f.Survey.Sources.Reads[name]
		m := databaseFile().FindStringSubmatch(read.Text)
		_, own := s.Environment[name]
		_, set := f.Survey.Env.Set[name]
		if m == nil || own || set || strings.HasPrefix(read.Text, "/tmp/") || strings.HasPrefix(read.Text, AppDir+"/") {
			continue
		}
		s.setEnv(name, "/tmp/"+m[1])
		findings = append(findings, Finding{What: "environment", Value: name + "=/tmp/" + m[1], Warning: true, Source: "the app's user cannot write " + path.Dir(read.Text) + "; what is in /tmp ends with the container"})
	}
	return findings
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// wish is what the example says of a variable.
func (e EnvFacts) wish(name string) EnvWish {
	if i := slices.IndexFunc(e.Wanted, func(w EnvWish) bool { return w.Name == name }); i >= 0 {
		return e.Wanted[i]
	}
	return EnvWish{}
}

func (s *Service) setEnv(name, value string) {
	if s.Environment == nil {
		s.Environment = map[string]string{}
	}
	s.Environment[name] = value
}

// setComposeEnv sets a variable in Compose's words, where other variables can
// stand in the value.
func (s *Service) setComposeEnv(name, value string) {
	if s.Compose == nil {
		s.Compose = map[string]any{}
	}
	env, _ := s.Compose["environment"].(map[string]any)
	if env == nil {
		env = map[string]any{}
		s.Compose["environment"] = env
	}
	env[name] = value
}

func (s *Service) composeSets(name string) bool {
	env, _ := s.Compose["environment"].(map[string]any)
	_, there := env[name]
	return there
}

// passwordAt names the place in package.json where a URL with a password stands.
func (p *PackageJSON) passwordAt() string {
	if p == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(p.Scripts)) {
		if m := dataURL().FindStringSubmatch(p.Scripts[name]); m != nil && m[3] != "" {
			return "package.json scripts." + name
		}
	}
	for _, section := range slices.Sorted(maps.Keys(p.raw)) {
		if m := dataURL().FindSubmatch(p.raw[section]); m != nil && len(m[3]) > 0 {
			return "package.json " + section
		}
	}
	return ""
}

// listSome names a few things and says how many more there are.
func listSome(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func inFolder(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// given are the variables that a service gets from what it needs.
func (m *Model) given(s Service) map[string]bool {
	given := map[string]bool{}
	for _, name := range s.Needs {
		if b, ok := m.BackingService(name); ok {
			addWords(given, dataKinds[b.Use].standard)
		}
	}
	return given
}
