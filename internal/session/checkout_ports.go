package session

import (
	"context"
	"fmt"
	"maps"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// localhost is where checkouts have their ports.
const localhost = "127.0.0.1"

// addPorts gives a checkout that has not the plain name a port for each that the
// model publishes. The plain one keeps the documented ports.
func (e *Environment) addPorts(ctx context.Context, p *project.Project, s checkout.Situation, c *checkout.Checkout) {
	if c.Plain() {
		c.Ports = nil
		return
	}
	taken := e.portTaker(ctx, s.Claims, *c)
	ports := map[string]int{}
	for _, name := range p.Model.PortVars() {
		if port := c.Ports[name]; port != 0 {
			ports[name] = port
			continue
		}
		if port := checkout.Port(c.Name, name, taken); port != 0 {
			ports[name] = port
			c.Ports = withPort(c.Ports, name, port)
		}
	}
	c.Ports = ports
}

func withPort(ports map[string]int, name string, port int) map[string]int {
	out := maps.Clone(ports)
	if out == nil {
		out = map[string]int{}
	}
	out[name] = port
	return out
}

// portTaker tells whether a port is in use, or kept for a checkout.
func (e *Environment) portTaker(ctx context.Context, claims []checkout.Checkout, own checkout.Checkout) func(int) bool {
	kept := map[int]bool{}
	for _, c := range append([]checkout.Checkout{own}, claims...) {
		for _, port := range c.Ports {
			kept[port] = true
		}
	}
	return func(port int) bool { return kept[port] || !portFree(ctx, localhost, port) }
}

// movePorts finds another port for each that this checkout was given and that
// somebody else has by now. One that the user knows from devbox.yaml or has set
// does not move: that it is taken is an error, which names who has it.
func (e *Environment) movePorts(ctx context.Context, d *Desired, o Observed) error {
	p := d.Project
	if len(p.Ports) == 0 {
		return nil
	}
	ours := heldPorts(o.Containers)
	before := checkout.Checkout{Project: p.Model.Name, Name: p.Name, Dir: e.Dir, Ports: p.Ports}
	after := before
	for _, port := range publishedPorts(d.Compose) {
		name, given := p.PortVarOf(port.Service, port.Host, d.Mode)
		if !given || e.available(ctx, p.Name, port, ours) {
			continue
		}
		claims, err := e.claims(ctx, "")
		if err != nil {
			return err
		}
		next := checkout.NextPort(port.Host, e.portTaker(ctx, claims, after))
		if next == 0 {
			continue // then the start says that it is taken
		}
		after.Ports = withPort(after.Ports, name, next)
		e.Emit(Event{
			Kind: Warned, Service: port.Service, Port: next,
			Text: fmt.Sprintf("port %d is held by %s, so it is %d from now on", port.Host, e.nameHolder(ctx, port.Host), next),
		})
	}
	if after.Equal(before) {
		return nil
	}
	p.Ports = after.Ports
	if _, err := e.claim(ctx, checkout.Situation{Claims: []checkout.Checkout{before}}, after); err != nil {
		return err
	}
	if err := after.Keep(); err != nil {
		return err
	}
	return e.desireResources(ctx, d)
}

// leaveOldName takes down what runs under a name that this folder had before the
// one in devbox.yaml was changed: it holds the ports, and no other command would
// find it. Data stays where it is; a name that has none is given up.
func (e *Environment) leaveOldName(ctx context.Context, d Desired) error {
	for _, old := range d.Renamed {
		list, err := e.ownContainers(ctx, old)
		if err != nil {
			return err
		}
		data, err := e.Engine.Volumes(ctx, engine.LabelComposeProject+"="+old)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			said := Event{Kind: Warned, Text: fmt.Sprintf("this folder's environment was called %s: what runs under that name is taken down", old)}
			if len(data) > 0 {
				said.Hint = fmt.Sprintf("its data stays, and is found again under `name: %s`", old)
			}
			e.Emit(said)
			if err := e.Engine.Down(ctx, old, nil, false, func(engine.Progress) {}); err != nil {
				return err
			}
		}
		if len(data) == 0 {
			if err := e.release(ctx, old); err != nil {
				return err
			}
		}
	}
	return nil
}
