package project

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/devbox-node/devbox/templates"
)

// SupervisorStates are the files in a container that hold its supervisor's last
// record: the first that is there. There are two because a tmpfs on either, which
// the engine does not read, hides the file.
var SupervisorStates = []string{"/var/tmp/.devbox-supervisor", "/tmp/.devbox-supervisor"}

// compileCache is where Node keeps what it has compiled, from 22.1 on. It is in
// the container, so it lives from restart to restart, whoever the app runs as,
// and ends with the container. Where it cannot be made Node does without.
const compileCache = "/tmp/.devbox-compile-cache"

// Supervise returns a copy of the project in which the named services' commands
// are wrapped by the supervisor, so that their processes can be restarted while
// their containers stay. Only the copy in memory has it: the rendered file
// stays plain. A service without a command of its own, with a terminal or with
// a standard input keeps its command: the words of devbox come on that. All of them
// get LabelMounted. filled are the volumes that devbox has made and filled.
func Supervise(c *Compose, services []Service, filled []string) *Compose {
	out := withExternal(c, filled)
	out.Services = make(map[string]ComposeService, len(c.Services))
	maps.Copy(out.Services, c.Services)
	for _, service := range services {
		s, ok := c.Services[service.Name]
		if !ok {
			continue
		}
		if len(s.Command) > 0 && !s.Tty && !s.StdinOpen {
			s = supervised(s, service.Standby)
		}
		out.Services[service.Name] = knowingMounts(s)
	}
	return out
}

// ForOneOff returns a copy of the project for a one-off container of a service:
// it publishes no ports, since the service itself may be running, and has no
// health check. cache is the volume of the package manager's cache, empty where
// it gets none.
func ForOneOff(c *Compose, service string, filled []string, cache string) *Compose {
	out := withExternal(c, filled)
	if cache != "" {
		out.Volumes[oneOffCache] = ComposeVolume{Name: cache, External: true}
	}
	out.Services = make(map[string]ComposeService, len(c.Services))
	for name, s := range c.Services {
		if name == service {
			s.Ports, s.HealthCheck, s.ContainerName = nil, nil, ""
			if cache != "" {
				s.Volumes = append(slices.Clone(s.Volumes), ComposeMount{Type: "volume", Source: oneOffCache, Target: CacheDir})
			}
		}
		out.Services[name] = s
	}
	return out
}

// pnpFiles are what yarn's Plug'n'Play writes beside package.json.
var pnpFiles = []string{".pnp.cjs", ".pnp.loader.mjs"}

// HidePnP returns a copy of the project in which the files of yarn's Plug'n'Play
// that are in the folder are empty in containers. Packages are in node_modules
// there, and the files name places of the machine that made them: yarn 3, esbuild
// and all that is built on it would follow them.
func (p *Project) HidePnP(c *Compose) *Compose {
	out := *c
	out.Services = maps.Clone(c.Services)
	for _, s := range p.Model.Services {
		k := p.PackageOf(s)
		service, ok := out.Services[s.Name]
		if key, _ := s.PackageManager.rulesName(); !ok || key != "yarn-berry" || s.Dockerfile.used() {
			continue
		}
		service.Volumes = slices.Clone(service.Volumes)
		for _, name := range pnpFiles {
			if info, err := os.Lstat(filepath.Join(k.At(), name)); err == nil && info.Mode().IsRegular() {
				service.Volumes = append(service.Volumes, ComposeMount{Type: "bind", Source: os.DevNull, Target: path.Join(k.InContainer(), name), ReadOnly: true})
			}
		}
		out.Services[s.Name] = service
	}
	return &out
}

// HideState returns a copy of the project in which devbox's own state in the folder
// is not seen in containers: watchers of tools would take what devbox writes there
// for edits. Nx before 17 restarts its apps for it, since it reads no .gitignore but
// that of the top.
func (p *Project) HideState(c *Compose) *Compose {
	out := *c
	out.Services = maps.Clone(c.Services)
	for _, s := range p.Model.Services {
		service := out.Services[s.Name]
		mounted := func(m ComposeMount) bool {
			return m.Type == "bind" && m.Target == AppDir && filepath.Clean(m.Source) == filepath.Clean(p.Dir)
		}
		if !slices.ContainsFunc(service.Volumes, mounted) {
			continue
		}
		service.Volumes = append(slices.Clone(service.Volumes), ComposeMount{Type: "tmpfs", Target: path.Join(AppDir, StateDir)})
		out.Services[s.Name] = service
	}
	return &out
}

// oneOffCache is the cache's name among the volumes of a one-off's project.
const oneOffCache = "devbox-package-cache"

// withExternal says of volumes that they are there already, so that Compose
// neither makes nor removes them.
func withExternal(c *Compose, filled []string) *Compose {
	out := *c
	out.Volumes = make(map[string]ComposeVolume, len(c.Volumes))
	for key, v := range c.Volumes {
		if slices.Contains(filled, v.Name) {
			v = ComposeVolume{Name: v.Name, External: true}
		}
		out.Volumes[key] = v
	}
	return &out
}

func supervised(s ComposeService, standby Standby) ComposeService {
	s.Command = append([]string{"/bin/sh", "-c", templates.Supervisor(), "devbox-supervisor"}, withoutWatch(s.Command)...)
	s.StdinOpen = true
	env := maps.Clone(s.Environment)
	if env == nil {
		env = map[string]*string{}
	}
	s.Environment = env
	set := func(name, value string) { env[name] = &value }
	if port := firstTarget(s); port != "" {
		set("DEVBOX_SUPERVISOR_PORT", port)
	}
	if standby != StandbyOff {
		set("DEVBOX_SUPERVISOR_STANDBY", templates.Standby())
	}
	if standby == StandbyOn {
		set("DEVBOX_SUPERVISOR_AHEAD", "1")
	}
	_, chosen := env["NODE_COMPILE_CACHE"]
	if _, disabled := env["NODE_DISABLE_COMPILE_CACHE"]; !chosen && !disabled {
		set("NODE_COMPILE_CACHE", compileCache)
	}
	return s
}

// RunsPlain tells whether a command is node with a file once it is supervised, so
// that nothing else in it restarts the app.
func RunsPlain(command []string) bool {
	words := withoutWatch(command)
	return len(words) > 1 && words[0] == "node" && losingTool(words) == "" && scriptAt(words) < len(words)
}

func firstTarget(s ComposeService) string {
	if len(s.Ports) == 0 {
		return ""
	}
	return strconv.Itoa(int(s.Ports[0].Target))
}

// PublishedPort is a port of the host that a service is reached by.
type PublishedPort struct {
	Service   string
	HostIP    string
	Host      int
	Container int
}

// URL is where a browser finds the port.
func (p PublishedPort) URL() string {
	ip := p.HostIP
	if ip == "" || ip == "0.0.0.0" {
		ip = "127.0.0.1"
	}
	return fmt.Sprintf("http://%s:%d", ip, p.Host)
}

// Published lists the ports that a service publishes under fixed numbers.
func Published(c *Compose, service string) []PublishedPort {
	var list []PublishedPort
	for _, p := range c.Services[service].Ports {
		if host, err := strconv.Atoi(p.Published); err == nil && host > 0 {
			list = append(list, PublishedPort{Service: service, HostIP: p.HostIP, Host: host, Container: int(p.Target)})
		}
	}
	return list
}
