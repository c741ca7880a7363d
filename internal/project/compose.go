package project

import (
	"fmt"
	"strconv"
	"strings"
)

// devProject is compose.yaml before the model's own Compose words are merged
// over it: the source mounted, and node_modules in a volume inside that mount.
func devProject(m *Model, images []image, f RenderFacts) map[string]any {
	services, volumes := map[string]any{}, map[string]any{}
	for _, s := range m.Services {
		services[s.Name] = devService(m, s, imageOf(images, s.Name), f)
		volumes[nodeModulesVolume(s.Name)] = map[string]any{
			"name": variable(VolumeVar(s.Name), checkoutName(m)+"_"+nodeModulesVolume(s.Name)),
		}
	}
	project := declareSecrets(withSecrets(map[string]any{"name": checkoutName(m), "services": services, "volumes": volumes}, f), m)
	addBacking(project, m, Dev)
	addNeeds(project, m, Dev)
	return project
}

func devService(m *Model, s Service, g image, f RenderFacts) map[string]any {
	plain := strconv.Itoa(PlainUser)
	c := commonService(s, "development")
	connect(c, m, s, Dev)
	addSurroundings(c, m, s, Dev)
	g.addImage(c, checkoutName(m), s, Dev, f)
	c["command"] = literals(s.Dev)
	c["user"] = variable(VarUID, plain) + ":" + variable(VarGID, plain)
	c["working_dir"] = AppDir
	c["volumes"] = []any{
		map[string]any{"type": "bind", "source": ".", "target": AppDir},
		map[string]any{"type": "volume", "source": nodeModulesVolume(s.Name), "target": AppDir + "/node_modules"},
	}
	if s.Port != 0 {
		c["ports"] = []any{publish(s.Port, PortVar(s.Name), s.HostPort())}
	}
	s.ownDev(c)
	return c
}

// commonService is what development and production have in common.
func commonService(s Service, nodeEnv string) map[string]any {
	env := map[string]any{"NODE_ENV": nodeEnv}
	if s.Port != 0 {
		env["PORT"] = strconv.Itoa(s.Port)
	}
	for k, v := range s.Environment {
		env[k] = literal(v)
	}
	return map[string]any{
		"environment":       env,
		"init":              true,
		"cap_drop":          []any{"ALL"},
		"security_opt":      []any{"no-new-privileges:true"},
		"stop_grace_period": "10s",
	}
}

func buildSection(target string, f RenderFacts) map[string]any {
	b := map[string]any{"context": ".", "target": target}
	if f.Npmrc {
		b["secrets"] = []any{npmrcSecret}
	}
	return b
}

// withSecrets declares .npmrc where there is one: Compose refuses a secret
// whose file is missing.
func withSecrets(project map[string]any, f RenderFacts) map[string]any {
	if f.Npmrc {
		project["secrets"] = map[string]any{npmrcSecret: map[string]any{"file": "./.npmrc"}}
	}
	return project
}

// publish makes a port reachable from this machine only.
func publish(port int, name string, host int) map[string]any {
	return map[string]any{
		"host_ip": "127.0.0.1", "published": variable(name, strconv.Itoa(host)), "target": port,
	}
}

// variable is a variable that Compose fills in, with a default.
func variable(name, otherwise string) string { return fmt.Sprintf("${%s:-%s}", name, otherwise) }

// literal is a string that Compose takes as it is.
func literal(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func literals(c Command) []any {
	words := make([]any, len(c))
	for i, w := range c {
		words[i] = literal(w)
	}
	return words
}
