package project

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
		if b.Publish != 0 {
			list = append(list, PortVar(b.Name))
		}
	}
	return list
}

// PortVarOf is the variable for the port of a service in a mode; it is false
// where this checkout has no port of its own for it.
func (p *Project) PortVarOf(service string, mode Mode) (string, bool) {
	name := PortVar(service)
	if _, app := p.Model.Service(service); app && mode == Prod {
		name = ProdPortVar(service)
	}
	_, given := p.Ports[name]
	return name, given
}
