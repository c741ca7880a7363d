// Package enginetest has a fake engine for tests: it holds state like the real
// one, can be told to fail, and lets tests look at what became of it.
package enginetest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

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
	// wrote is when that was written.
	wrote time.Time
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
		at := time.Now() // as the session's clock says: it tells news from what it knows by that
		if word, record := strings.CutPrefix(line, "\x1e"); record {
			c.word, c.wrote = word, time.Now()
		}
		c.lines = append(c.lines, engine.Chunk{Time: at, Stream: "stderr", Data: []byte(line + "\n")})
		f.moved.Broadcast()
	}
}

// Record is what ReadFile gives from now on as the last word of a container's
// supervisor.
func (f *Fake) Record(id, word string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.find(id); c != nil {
		c.word, c.wrote = word, time.Now()
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

// ReadFile gives the last record that the container printed, or that Record set.
func (f *Fake) ReadFile(_ context.Context, id, _ string) (engine.File, error) {
	err := f.begin("ReadFile")
	defer f.mu.Unlock()
	if c := f.find(id); c != nil && err == nil && c.word != "" {
		return engine.File{Data: []byte(c.word), Modified: c.wrote}, nil
	}
	return engine.File{}, either(err, &engine.Error{Kind: engine.ErrNotFound, Op: "read file"})
}
