package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

// scene is a project folder, a fake engine whose supervisors answer, and what
// a session said.
type scene struct {
	t    *testing.T
	dir  string
	fake *enginetest.Fake

	mu     sync.Mutex
	events []Event
	moved  chan struct{}
}

const model = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 3000
    dev: node index.js
    prod: node index.js
`

const lock = `{"lockfileVersion":3,"packages":{
  "":{"name":"chat","dependencies":{"express":"^5.0.0"}},
  "node_modules/express":{"version":"5.1.0","integrity":"sha512-x"}
}}`

func newScene(t *testing.T) *scene {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, dir: dir, fake: enginetest.New(), moved: make(chan struct{}, 1)}
	s.write("devbox.yaml", strings.Replace(model, "port: 3000", fmt.Sprintf("port: %d", 20000+os.Getpid()%20000), 1))
	s.write("package.json", `{"name":"chat","dependencies":{"express":"^5.0.0"}}`)
	s.write("package-lock.json", lock)
	s.write("index.js", "// one")
	s.fake.OnStart = func(_ *enginetest.Fake, id string) { s.supervisorSays(id, "") }
	s.fake.OnWord = func(_ *enginetest.Fake, id, line string) {
		word, wordID, _ := strings.Cut(line, " ")
		if word == "restart" {
			s.supervisorSays(id, wordID)
		}
	}
	return s
}

// supervisorSays is what a supervisor reports of a start that goes well.
func (s *scene) supervisorSays(container, id string) {
	port := 20000 + os.Getpid()%20000
	s.fake.Print(container, fmt.Sprintf("\x1e"+`{"devbox":"started","id":%q,"pid":7}`, id))
	s.fake.Print(container, "hello")
	s.fake.Print(container, fmt.Sprintf("\x1e"+`{"devbox":"listening","id":%q,"port":%d}`, id, port))
}

func (s *scene) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) env() Environment {
	return Environment{Dir: s.dir, Engine: s.fake, Vars: map[string]string{}, Procfs: "/proc", Emit: func(e Event) { s.listen(e) }}
}

// desire is what the folder asks for.
func (s *scene) desire(mode project.Mode) Desired {
	s.t.Helper()
	env := s.env()
	d, err := env.Desire(s.t.Context(), mode)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *scene) listen(events ...Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

// has waits until there are n events of a kind.
func (s *scene) has(n int, kind Kind) []Event {
	s.t.Helper()
	late := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		var list []Event
		for _, e := range s.events {
			if e.Kind == kind {
				list = append(list, e)
			}
		}
		all := fmt.Sprintf("%+v", s.events)
		s.mu.Unlock()
		if len(list) >= n {
			return list
		}
		select {
		case <-s.moved:
		case <-late:
			s.t.Fatalf("%d %q events, want %d; all: %s\nengine: %q", len(list), kind, n, all, s.fake.Did())
		}
	}
}

// start runs a session until the test stops it.
func (s *scene) start(o RunOptions) (stop func() error) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	if o.Now == nil {
		o.Now = time.Now
	}
	go func() { done <- Run(ctx, s.env(), o, s.listen) }()
	var once sync.Once
	var result error
	stop = func() error {
		once.Do(func() {
			cancel()
			select {
			case result = <-done:
			case <-time.After(20 * time.Second):
				s.t.Error("the session does not end")
			}
		})
		return result
	}
	s.t.Cleanup(func() { _ = stop() })
	return stop
}
