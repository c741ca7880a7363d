package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// clearSecret is a secret that stands in a Compose file as it is.
type clearSecret struct {
	service, name, value string
	// at is its file and line.
	at string
}

// inClear tells whether a variable of a Compose file is a secret and stands there as
// it is.
func inClear(name, value string) bool {
	return value != "" && !strings.Contains(strings.ReplaceAll(value, "$$", ""), "$") && !strings.HasSuffix(name, "_FILE") &&
		!listed("trust true false yes no on off", value) && isSecret(name, value)
}

// clearSecrets are those of the services that are taken over.
func (u *UserCompose) clearSecrets() []clearSecret {
	var list []clearSecret
	for _, s := range u.Services {
		if s.off() {
			continue
		}
		vars := variablesOf(s.Words["environment"])
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			if inClear(name, vars[name]) {
				list = append(list, clearSecret{s.Name, name, vars[name], u.atVariable(s.Name, name)})
			}
		}
	}
	return list
}

// atVariable is the place of a service's variable as file:line, of a mapping's key or
// of a list's entry.
func (u *UserCompose) atVariable(service, name string) string {
	for i := range u.sources {
		s := u.sources[len(u.sources)-1-i]
		for _, root := range []*yaml.Node{valueOf(s.root, "services"), s.root} {
			env := valueOf(valueOf(root, service), "environment")
			if env == nil || env.Kind != yaml.SequenceNode {
				continue
			}
			for _, entry := range env.Content {
				if strings.HasPrefix(entry.Value, name+"=") {
					return fmt.Sprintf("%s:%d", s.file, entry.Line)
				}
			}
		}
	}
	return u.at(service, "environment", name)
}

// clearFindings say of each secret in clear where it stands, in devbox.yaml too, and how
// it gets into .env. Until then it works as it is.
func (in *Imports) clearFindings(m *Model, places []appPlace) []Finding {
	var findings []Finding
	secrets := in.Compose.clearSecrets()
	for _, s := range secrets {
		variable := s.name
		if in.usedOtherwise(variable, s.value, secrets, places) {
			variable = envName(s.service) + "_" + s.name
		}
		where := []string{fmt.Sprintf("services.%s.compose.environment", s.service)}
		for _, app := range m.Services {
			env, _ := app.Compose["environment"].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(env)) {
				if app.Name != s.service && holdsPassword(text(env[name]), s.value) {
					where = append(where, name+" of "+app.Name)
				}
			}
		}
		f := Finding{What: s.service, Warning: true, Source: fmt.Sprintf(
			"%s: %s stands in clear there, and so in %s (%s), and works as it is; to keep it out of git write ${%s} in place of the value in both files, %s='the value' into .env, and .env into .gitignore",
			s.at, s.name, ModelFile, strings.Join(where, ", "), variable, variable)}
		if _, app := m.Service(s.service); app {
			f.What, f.Service = "environment", s.service
		}
		findings = append(findings, f)
	}
	return findings
}

// usedOtherwise tells whether a variable means something else already: in another
// service of the file, or in .env.
func (in *Imports) usedOtherwise(name, value string, secrets []clearSecret, places []appPlace) bool {
	return slices.ContainsFunc(secrets, func(s clearSecret) bool { return s.name == name && s.value != value }) ||
		slices.ContainsFunc(places, func(p appPlace) bool { _, set := p.facts.Survey.Env.Set[name]; return set })
}

// holdsPassword tells of a value that it is a password, or an address with it.
func holdsPassword(value, password string) bool {
	m := dataURL().FindStringSubmatch(value)
	return value == password || m != nil && m[3] == password
}
