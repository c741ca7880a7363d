package project

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// PortVars are the variables of the Compose files for ports of the host, of both
// modes, in the order of the model.
func (m *Model) PortVars() []string {
	var list []string
	for _, s := range m.Services {
		if s.Port != 0 {
			list = append(list, PortVar(s.Name))
		}
		if s.Port != 0 && s.hasProd() {
			list = append(list, ProdPortVar(s.Name))
		}
	}
	for _, b := range m.Backing {
		list = append(list, b.portVars()...)
	}
	return list
}

// portVars are the variables for the ports that a backing service publishes.
func (b Backing) portVars() []string {
	v := b.ownPorts()
	_, _ = v.in(b.Compose), v.in(b.ComposeDev)
	if b.Publish == 0 {
		return v.names
	}
	return append([]string{PortVar(b.Name)}, v.names...)
}

// PortVarOf is the variable by which a service has a port of the host in a mode;
// it is false where this checkout has none of its own for it.
func (p *Project) PortVarOf(service string, port int, mode Mode) (string, bool) {
	name := PortVar(service)
	if _, app := p.Model.Service(service); app && mode == Prod {
		name = ProdPortVar(service)
	}
	if b, backing := p.Model.BackingService(service); backing {
		v := b.ownPorts()
		_, _ = v.in(b.Compose), v.in(b.ComposeDev)
		if own := v.of[strconv.Itoa(port)]; own != "" {
			name = own
		}
		for _, given := range b.portVars() {
			if p.Ports[given] == port {
				name = given
			}
		}
	}
	return name, p.Ports[name] == port
}

// ownPorts puts variables in the place of the fixed ports of the host that a
// backing service has in Compose's own words: two checkouts cannot both have
// those. A range of ports, and what has variables already, stays as it is.
type ownPorts struct {
	service string
	// taken is how many variables the service has beside these.
	taken int
	// names are the variables, of is the one of each port.
	names []string
	of    map[string]string
}

func (b Backing) ownPorts() *ownPorts {
	v := &ownPorts{service: b.Name, of: map[string]string{}}
	if b.Publish != 0 {
		v.taken = 1
	}
	return v
}

// in is a copy of a service's words with variables.
func (v *ownPorts) in(words map[string]any) map[string]any {
	list, _ := words["ports"].([]any)
	if len(list) == 0 {
		return words
	}
	out := maps.Clone(words)
	ports := make([]any, len(list))
	for i, entry := range list {
		ports[i] = v.port(entry)
	}
	out["ports"] = ports
	return out
}

func (v *ownPorts) port(entry any) any {
	switch e := entry.(type) {
	case map[string]any:
		published := text(e["published"])
		if n, fixed := e["published"].(int); fixed {
			published = strconv.Itoa(n)
		}
		if !isPort(published) {
			return entry
		}
		out := maps.Clone(e)
		out["published"] = v.variable(published)
		return out
	case string:
		one, err := types.ParsePortConfig(e)
		if err != nil || len(one) != 1 || !isPort(one[0].Published) || strings.Contains(e, "$") {
			return entry
		}
		out := map[string]any{"published": v.variable(one[0].Published), "target": int(one[0].Target)}
		if one[0].HostIP != "" {
			out["host_ip"] = one[0].HostIP
		}
		if one[0].Protocol != "tcp" {
			out["protocol"] = one[0].Protocol
		}
		return out
	}
	return entry
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0
}

// variable is the variable of a port, which has the port for a default. The first
// of a service is its PORT; the others are numbered.
func (v *ownPorts) variable(port string) string {
	name, known := v.of[port]
	if !known {
		name = PortVar(v.service)
		if n := v.taken + len(v.names) + 1; n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		v.of[port] = name
		v.names = append(v.names, name)
	}
	return variable(name, port)
}

// withPortVariables are a backing service's words for a mode's file; where nothing
// is linked, such as in production, ports are as they are written.
func (b Backing) withPortVariables(mode Mode) (both, dev map[string]any) {
	if mode != Dev {
		return b.Compose, b.ComposeDev
	}
	v := b.ownPorts()
	return v.in(b.Compose), v.in(b.ComposeDev)
}

// portNames are the variables of the backing services by which they are told apart
// from those of other services.
func (b Backing) portNames() []string {
	names := b.portVars()
	if !slices.Contains(names, PortVar(b.Name)) {
		names = append(names, PortVar(b.Name))
	}
	return names
}
