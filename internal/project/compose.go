package project

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// devProject is compose.yaml before the model's own Compose words are merged
// over it: the source mounted, and node_modules in a volume inside that mount.
func devProject(m *Model, images []image, f RenderFacts) map[string]any {
	services, volumes := map[string]any{}, map[string]any{}
	for _, s := range m.Services {
		g := imageOf(images, s.Name)
		services[s.Name] = devService(m, s, g, volumes)
		name := variable(VolumeVar(s.Name), checkoutName(m)+"_"+nodeModulesVolume(s.Name))
		volumes[nodeModulesVolume(s.Name)] = map[string]any{"name": name}
		for _, member := range g.Facts.Members {
			volumes[MemberVolume(nodeModulesVolume(s.Name), member.Dir)] = map[string]any{"name": MemberVolume(name, member.Dir)}
		}
	}
	project := declareSecrets(withSecrets(map[string]any{"name": checkoutName(m), "services": services, "volumes": volumes}, f), m)
	addBacking(project, m, Dev)
	addNeeds(project, m, Dev)
	return project
}

// devService is a service of compose.yaml; what it needs beside the volume of its
// packages comes into volumes.
func devService(m *Model, s Service, g image, volumes map[string]any) map[string]any {
	plain := strconv.Itoa(PlainUser)
	c := commonService(s, g, "development")
	connect(c, m, s, Dev)
	addSurroundings(c, m, s, Dev)
	g.addImage(c, checkoutName(m), s, Dev)
	c["command"] = literals(s.Dev)
	c["user"] = variable(VarUID, plain) + ":" + variable(VarGID, plain)
	c["working_dir"] = s.workingDir()
	mounts := []any{
		map[string]any{"type": "bind", "source": ".", "target": AppDir},
		map[string]any{"type": "volume", "source": nodeModulesVolume(s.Name), "target": path.Join(g.dir(), nodeModules)},
	}
	for _, member := range g.Facts.Members {
		mounts = append(mounts, map[string]any{
			"type": "volume", "source": MemberVolume(nodeModulesVolume(s.Name), member.Dir), "target": path.Join(AppDir, member.Dir, nodeModules),
		})
	}
	c["volumes"] = mounts
	addWrites(c, volumes, g.Facts.Writes[s.Name])
	if s.Port != 0 {
		c["ports"] = []any{publishAs(s.HostPort(), s.Port, PortVar(s.Name))}
	}
	s.ownDev(c)
	return c
}

// commonService is what development and production have in common.
func commonService(s Service, g image, nodeEnv string) map[string]any {
	env := map[string]any{"NODE_ENV": nodeEnv}
	if s.workingDir() != g.dir() && (nodeEnv == "development" || !s.Dockerfile.used()) {
		env["PATH"] = strings.Join([]string{path.Join(s.workingDir(), nodeModules, ".bin"), path.Join(g.dir(), nodeModules, ".bin"), imagePath}, ":")
	}
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

// workingDir is the app's folder in its container.
func (s Service) workingDir() string { return path.Join(AppDir, s.Dir) }

func buildSection(target string, f RenderFacts) map[string]any {
	b := map[string]any{"context": ".", "target": target}
	if f.Npmrc {
		b["secrets"] = []any{f.secret()}
	}
	return b
}

// withSecrets declares .npmrc where there is one: Compose refuses a secret
// whose file is missing.
func withSecrets(project map[string]any, f RenderFacts) map[string]any {
	secrets := map[string]any{}
	for _, o := range f.npmrcs() {
		secrets[o.secret()] = map[string]any{"file": "./" + path.Join(o.Dir, npmrcFile)}
	}
	if len(secrets) > 0 {
		project["secrets"] = secrets
	}
	return project
}

// publish makes a port reachable from this machine only.
func publish(port int, name string) map[string]any { return publishAs(port, port, name) }

// publishAs does so under another port of the host.
func publishAs(host, port int, name string) map[string]any {
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
