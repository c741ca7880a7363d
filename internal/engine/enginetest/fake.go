// Package enginetest has a fake engine for tests: it holds state like the real
// one, can be told to fail, and lets tests look at what became of it.
package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/devbox-node/devbox/internal/engine"
)

// Fake is an engine in memory. Its zero value is not ready: use New.
type Fake struct {
	// OnWord, when set, answers to a line on a container's standard input.
	OnWord func(f *Fake, container, line string)
	// OnTask, when set, is asked before a task does its work; its error is the task's.
	OnTask func(t engine.Task) error
	// Collected are the files that tasks find to be collected.
	Collected map[string][]byte
	// OnRestart, when set, is asked before a restart does its work.
	OnRestart func() error
	// OnStart, when set, is called when Up has started a container.
	OnStart func(f *Fake, container string)

	mu         sync.Mutex
	moved      *sync.Cond
	info       engine.Info
	images     map[string]map[string]string
	volumes    map[string]*volume
	containers []*container
	fail       map[string]error
	did        []string
	tasks      []engine.Task
	count, ups int
	watchers   []chan engine.Event
	told       time.Time // of the last change
}

type volume struct {
	engine.Volume
	files map[string][]byte
}

type container struct {
	engine.Container
	config string
	lines  []engine.Chunk
	word   string
}

// New is an engine with nothing in it.
func New() *Fake {
	f := &Fake{
		info:   engine.Info{Version: "28.5.2", APIVersion: "1.51", Platform: "linux/amd64", Local: true},
		images: map[string]map[string]string{}, volumes: map[string]*volume{}, fail: map[string]error{},
	}
	f.moved = sync.NewCond(&f.mu)
	return f
}

// Fail makes an operation, named by its method, end with err; nil heals it.
func (f *Fake) Fail(op string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail[op] = err
}

// Did lists what changed the engine, in order: `build chat-web:dev`, `fill …`.
func (f *Fake) Did() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.did)
}

// Ups is how often Up was called.
func (f *Fake) Ups() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ups
}

// Print makes a container print a line on stderr; RS in it is kept.
func (f *Fake) Print(id, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.find(id); c != nil {
		f.count++
		at := c.StartedAt.Add(time.Duration(f.count) * time.Millisecond)
		c.lines = append(c.lines, engine.Chunk{Time: at, Stream: "stderr", Data: []byte(line + "\n")})
		f.moved.Broadcast()
	}
}

// SetState changes what the engine shows of a container, and tells of it.
func (f *Fake) SetState(id string, change func(*engine.Container)) {
	f.mu.Lock()
	if c := f.find(id); c != nil {
		change(&c.Container)
	}
	f.tell()
	f.moved.Broadcast()
	f.mu.Unlock()
}

func (f *Fake) find(id string) *container {
	i := slices.IndexFunc(f.containers, func(c *container) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return f.containers[i]
}

// tell wakes those who follow events; the caller holds the lock.
func (f *Fake) tell() {
	f.told = time.Now()
	for _, w := range f.watchers {
		select {
		case w <- engine.Event{}:
		default:
		}
	}
}

// begin locks and reports a failure that was ordered.
func (f *Fake) begin(op string) error {
	f.mu.Lock()
	return f.fail[op]
}

// Details describes the engine.
func (f *Fake) Details(context.Context) (engine.Info, error) {
	err := f.begin("Details")
	defer f.mu.Unlock()
	return f.info, err
}

// Ping answers.
func (f *Fake) Ping(context.Context) error {
	err := f.begin("Ping")
	defer f.mu.Unlock()
	return err
}

// Containers lists a project's containers.
func (f *Fake) Containers(_ context.Context, project string) ([]engine.Container, error) {
	err := f.begin("Containers")
	defer f.mu.Unlock()
	var list []engine.Container
	for _, c := range f.containers {
		if c.Project == project {
			list = append(list, c.Container)
		}
	}
	return list, err
}

// Inspect shows one container.
func (f *Fake) Inspect(_ context.Context, id string) (engine.Container, error) {
	err := f.begin("Inspect")
	defer f.mu.Unlock()
	if c := f.find(id); c != nil && err == nil {
		return c.Container, nil
	}
	return engine.Container{}, either(err, &engine.Error{Kind: engine.ErrNotFound, Op: "inspect container"})
}

func either(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Publishers lists the containers that publish a port.
func (f *Fake) Publishers(_ context.Context, port int) ([]engine.Container, error) {
	err := f.begin("Publishers")
	defer f.mu.Unlock()
	var list []engine.Container
	for _, c := range f.containers {
		if slices.ContainsFunc(c.Ports, func(p engine.Port) bool { return p.Host == port }) {
			list = append(list, c.Container)
		}
	}
	return list, err
}

// OneOffs lists one-off containers.
func (f *Fake) OneOffs(context.Context) ([]engine.Container, error) {
	err := f.begin("OneOffs")
	defer f.mu.Unlock()
	var list []engine.Container
	for _, c := range f.containers {
		if c.OneOff {
			list = append(list, c.Container)
		}
	}
	return list, err
}

// Remove removes a container.
func (f *Fake) Remove(_ context.Context, id string) error {
	err := f.begin("Remove")
	defer f.mu.Unlock()
	if err == nil {
		f.did = append(f.did, "remove "+id)
		f.containers = slices.DeleteFunc(f.containers, func(c *container) bool { return c.ID == id })
		f.tell()
		f.moved.Broadcast()
	}
	return err
}

// ReadFile gives the last record that the container's supervisor printed.
func (f *Fake) ReadFile(_ context.Context, id, _ string) ([]byte, error) {
	err := f.begin("ReadFile")
	defer f.mu.Unlock()
	if c := f.find(id); c != nil && err == nil && c.word != "" {
		return []byte(c.word), nil
	}
	return nil, either(err, &engine.Error{Kind: engine.ErrNotFound, Op: "read file"})
}

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

// configOf is what Compose would hash: a service with the same text is the same
// service.
func configOf(p *types.Project, name string) string {
	s := p.Services[name]
	s.DependsOn = nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text) + fmt.Sprint(p.Volumes)
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

// Logs gives what a container has printed and, when following, goes on while
// it runs.
func (f *Fake) Logs(ctx context.Context, id string, o engine.LogOptions, each func(engine.Chunk)) error {
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.moved.Broadcast()
	})
	defer stop()
	err := f.begin("Logs")
	next := 0
	for err == nil && ctx.Err() == nil {
		c := f.find(id)
		if c == nil {
			break
		}
		if next < len(c.lines) {
			chunk := c.lines[next]
			next++
			f.mu.Unlock()
			if !chunk.Time.Before(o.Since) {
				each(chunk)
			}
			f.mu.Lock()
			continue
		}
		if !o.Follow || c.State != engine.Running {
			break
		}
		f.moved.Wait()
	}
	f.mu.Unlock()
	return err
}

// Events tells of changes from since until ctx ends.
func (f *Fake) Events(ctx context.Context, _ string, since time.Time, each func(engine.Event)) error {
	err := f.begin("Events")
	const some = 16
	w := make(chan engine.Event, some)
	f.watchers = append(f.watchers, w)
	if !f.told.Before(since) {
		w <- engine.Event{Time: f.told}
	}
	f.mu.Unlock()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w:
			each(e)
		}
	}
	return err
}

// Usage is the same each time but for the clock: half a core and 64 MiB.
func (f *Fake) Usage(_ context.Context, id string) (engine.Usage, error) {
	err := f.begin("Usage")
	defer f.mu.Unlock()
	if f.find(id) == nil && err == nil {
		err = engine.ErrNotFound
	}
	now := time.Now()
	return engine.Usage{Time: now, CPU: time.Duration(now.UnixNano() / 2), Memory: 64 << 20, Limit: 1 << 30}, err
}

// Input connects to a container's standard input.
func (f *Fake) Input(_ context.Context, id string) (io.WriteCloser, error) {
	err := f.begin("Input")
	defer f.mu.Unlock()
	return &input{f, id}, err
}

type input struct {
	fake *Fake
	id   string
}

func (i *input) Write(p []byte) (int, error) {
	err := i.fake.begin("Write")
	i.fake.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if i.fake.OnWord != nil {
		i.fake.OnWord(i.fake, i.id, strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

func (*input) Close() error { return nil }

// Signal only remembers the signal.
func (f *Fake) Signal(_ context.Context, id, signal string) error {
	err := f.begin("Signal")
	defer f.mu.Unlock()
	f.did = append(f.did, "signal "+id+" "+signal)
	return err
}
