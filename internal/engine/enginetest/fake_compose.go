package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/devbox-node/devbox/internal/engine"
)

// Up makes and starts a container for every service that has none of that
// configuration.
func (f *Fake) Up(_ context.Context, p *types.Project, _ func(engine.Progress)) error {
	err := f.begin("Up")
	f.ups++
	var started []string
	for _, name := range p.ServiceNames() {
		if err == nil {
			started = append(started, f.upService(p, name)...)
		}
	}
	f.tell()
	f.mu.Unlock()
	for _, id := range started {
		if f.OnStart != nil {
			f.OnStart(f, id)
		}
	}
	return err
}

// Pull makes the images of the services be there.
func (f *Fake) Pull(_ context.Context, p *types.Project, _ func(engine.Progress)) error {
	err := f.begin("Pull")
	defer f.mu.Unlock()
	for _, name := range p.ServiceNames() {
		if err == nil {
			f.images[p.Services[name].Image] = map[string]string{}
		}
	}
	return err
}

// RunsAsAsked tells whether Up would leave the containers as they are.
func (f *Fake) RunsAsAsked(p *types.Project, list []engine.Container) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range p.ServiceNames() {
		if !slices.ContainsFunc(list, func(c engine.Container) bool {
			have := f.find(c.ID)
			return have != nil && c.Service == name && !c.OneOff && c.State == engine.Running && have.config == configOf(p, name)
		}) {
			return false
		}
	}
	return true
}

// configOf is what Compose would hash: a service with the same text and the same
// volumes is the same service.
func configOf(p *types.Project, name string) string {
	s := p.Services[name]
	s.DependsOn = nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	var mounted []types.VolumeConfig
	for _, m := range s.Volumes {
		mounted = append(mounted, p.Volumes[m.Source])
	}
	return string(text) + fmt.Sprint(mounted)
}

func (f *Fake) upService(p *types.Project, name string) []string {
	s := p.Services[name]
	config := configOf(p, name)
	for i, c := range f.containers {
		if c.Project != p.Name || c.Service != name || c.OneOff {
			continue
		}
		if c.config == config && c.State == engine.Running {
			return nil
		}
		f.containers = slices.Delete(f.containers, i, i+1)
		break
	}
	f.count++
	c := &container{config: config}
	c.ID, c.Name = fmt.Sprintf("c%d", f.count), p.Name+"-"+name+"-1"
	c.Project, c.Service, c.State, c.StartedAt = p.Name, name, engine.Running, time.Unix(int64(1_000_000+f.count), 0)
	c.Labels = map[string]string{}
	maps.Copy(c.Labels, s.Labels)
	maps.Copy(c.Labels, s.CustomLabels)
	for _, port := range s.Ports {
		if host, err := strconv.Atoi(port.Published); err == nil {
			c.Ports = append(c.Ports, engine.Port{HostIP: port.HostIP, Host: host, Container: int(port.Target)})
		}
	}
	c.Volumes = map[string]string{}
	for _, m := range s.Volumes {
		if m.Type == types.VolumeTypeVolume {
			c.Volumes[m.Target] = p.Volumes[m.Source].Name
		}
	}
	f.containers = append(f.containers, c)
	f.did = append(f.did, "start "+c.Name)
	f.moved.Broadcast()
	return []string{c.ID}
}

// Stop stops a project's containers.
func (f *Fake) Stop(_ context.Context, name string, _ *types.Project, _ *time.Duration, _ func(engine.Progress)) error {
	err := f.begin("Stop")
	defer f.mu.Unlock()
	if err == nil {
		f.did = append(f.did, "stop "+name)
		for _, c := range f.containers {
			if c.Project == name {
				c.State = engine.Exited
			}
		}
		f.tell()
		f.moved.Broadcast()
	}
	return err
}

// StopServices stops the containers of services.
func (f *Fake) StopServices(_ context.Context, name string, _ *types.Project, services []string, _ func(engine.Progress)) error {
	err := f.begin("StopServices")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	f.did = append(f.did, "stop "+strings.Join(services, " "))
	for _, c := range f.containers {
		if c.Project == name && slices.Contains(services, c.Service) && c.State == engine.Running {
			c.State = engine.Exited
		}
	}
	f.tell()
	f.moved.Broadcast()
	return nil
}

// Down removes a project's containers.
func (f *Fake) Down(_ context.Context, name string, _ *types.Project, _ bool, _ func(engine.Progress)) error {
	err := f.begin("Down")
	defer f.mu.Unlock()
	if err == nil {
		f.did = append(f.did, "down "+name)
		f.containers = slices.DeleteFunc(f.containers, func(c *container) bool { return c.Project == name })
		f.tell()
		f.moved.Broadcast()
	}
	return err
}

// Restart only remembers that it was asked.
func (f *Fake) Restart(_ context.Context, name string, _ *types.Project, services []string, _ func(engine.Progress)) error {
	if f.OnRestart != nil {
		if err := f.OnRestart(); err != nil {
			return err
		}
	}
	err := f.begin("Restart")
	defer f.mu.Unlock()
	f.did = append(f.did, "restart "+name+" "+strings.Join(services, ","))
	return err
}

// RunOneOff only remembers what was to be run. As Compose does, it brings up every
// other service of the project that it gets.
func (f *Fake) RunOneOff(_ context.Context, p *types.Project, o engine.OneOff) (int, error) {
	err := f.begin("RunOneOff")
	defer f.mu.Unlock()
	for _, name := range p.ServiceNames() {
		if name != o.Service && err == nil {
			f.upService(p, name)
		}
	}
	f.did = append(f.did, "run "+strings.Join(o.Command, " "))
	return 0, err
}
