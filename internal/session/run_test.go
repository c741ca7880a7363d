package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
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

func TestUpBuildsFillsStartsAndIsReady(t *testing.T) {
	s := newScene(t)
	stop := s.start(RunOptions{})
	ready := s.has(1, Ready)[0]
	if ready.Service != "web" || !strings.HasPrefix(ready.URL, "http://127.0.0.1:") {
		t.Errorf("ready: %+v", ready)
	}
	if lines := s.has(1, Log); lines[0].Line != "hello" {
		t.Errorf("log: %+v", lines)
	}
	did := s.fake.Did()
	want := []string{"create volume devbox.checkout.chat", "build chat-web:dev-base", "create volume chat_node_modules_", "create volume chat_npm_cache_", "install packages into volume chat_node_modules_", "start chat-web-1"}
	if !slices.EqualFunc(did, want, strings.HasPrefix) {
		t.Errorf("the engine did %q, want %q", did, want)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if did := s.fake.Did(); did[len(did)-1] != "stop chat" {
		t.Errorf("at the end the engine did %q", did)
	}
}

func TestAnEditRestartsTheAppAndNamesTheFile(t *testing.T) {
	s := newScene(t)
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	before := len(s.fake.Did())
	s.write("index.js", "// two")
	e := s.has(1, Restarted)[0]
	if !slices.Equal(e.Files, []string{"index.js"}) || e.Service != "web" {
		t.Errorf("restarted: %+v", e)
	}
	if did := s.fake.Did(); len(did) != before {
		t.Errorf("for an edit the engine did %q", did[before:])
	}
}

func TestANewLockBringsANewVolumeAndANewContainer(t *testing.T) {
	s := newScene(t)
	s.start(RunOptions{})
	first := s.has(1, Installed)[0].Volume
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.write("package-lock.json", strings.Replace(lock, "5.1.0", "5.1.1", 1))
	e := s.has(1, Restarted)[0]
	if !slices.Contains(e.Files, "package-lock.json") {
		t.Errorf("restarted: %+v", e)
	}
	second := s.has(2, Installed)[1].Volume
	if first == second {
		t.Error("the new lock got the old volume")
	}
	s.write("package-lock.json", lock)
	s.has(2, Restarted)
	if n := len(s.has(2, Installed)); n != 2 {
		t.Errorf("going back to a known lock installed again: %d installs", n)
	}
}

func TestACrashIsReportedWithItsCode(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"started","id":"","pid":7}`)
		f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":7}`)
	}
	s.start(RunOptions{})
	if e := s.has(1, Crashed)[0]; e.Code == nil || *e.Code != 7 {
		t.Errorf("crashed: %+v", e)
	}
	s.has(1, WatchedMode)
	s.write("index.js", "// mended")
	s.has(1, Restarted)
}

// An app that ends as soon as it is started has had its try; one that was down
// before gets another.
func TestUpTriesOnlyAnAppThatWasDownBefore(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"started","id":"","pid":7}`)
		f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":1}`)
		f.Record(id, `{"devbox":"exited","id":"","code":1}`)
	}
	o := RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}
	if err := Run(t.Context(), s.env(), o, s.listen); !errors.Is(err, ErrNotReady) {
		t.Errorf("error %v", err)
	}
	if again := s.has(0, Restarting); len(again) > 0 {
		t.Errorf("nobody asked for it: %+v", again)
	}
	s.start(RunOptions{})
	if again := s.has(1, Restarting); again[0].Text != "it had crashed" {
		t.Errorf("restarting: %+v", again)
	}
}

// An app may have printed much, and listen, before anybody can look.
func TestAllLinesOfAStartAreShownAndTheLastOnesOfAnAppThatWasUp(t *testing.T) {
	s := newScene(t)
	const lines = 100
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		for n := range lines {
			f.Print(id, fmt.Sprint("line ", n))
		}
		s.supervisorSays(id, "")
		f.Record(id, fmt.Sprintf(`{"devbox":"listening","id":"","port":%d}`, 20000+os.Getpid()%20000))
	}
	o := RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}
	if err := Run(t.Context(), s.env(), o, s.listen); err != nil {
		t.Fatal(err)
	}
	if shown := s.has(0, Log); len(shown) <= lines {
		t.Errorf("%d lines of the start are shown, want all %d", len(shown), lines+1)
	}
	s.start(RunOptions{})
	s.has(2, Ready)
	shown := s.has(lines+2, Log)[lines+1:]
	if first := shown[0].Line; len(shown) > lines/2 || first == "line 0" {
		t.Errorf("of an app that was up, %d lines are shown from %q on, want the last ones", len(shown), first)
	}
}

func TestDetachEndsWhenReadyAndLeavesItRunning(t *testing.T) {
	s := newScene(t)
	o := RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}
	if err := Run(t.Context(), s.env(), o, s.listen); err != nil {
		t.Fatal(err)
	}
	s.has(1, Ready)
	first := s.fake.Did()
	if first[len(first)-1] != "start chat-web-1" {
		t.Errorf("the engine did %q", first)
	}
	if err := Run(t.Context(), s.env(), o, s.listen); err != nil {
		t.Fatal(err)
	}
	if did := s.fake.Did(); len(did) != len(first) {
		t.Errorf("the second time the engine did %q", did[len(first):])
	}
}

// An edit that the other watcher has not seen may still be settling here when that
// one is ready: settling takes as long as the project says.
func TestNoEditIsLostWhileTheWatchingIsHandedOver(t *testing.T) {
	slow := strings.Replace(model, "name: chat", "name: chat\nwatch: {settle: 10s}", 1)
	edited := func(s *scene, o RunOptions) {
		t.Helper()
		s.write("devbox.yaml", strings.Replace(slow, "port: 3000", fmt.Sprintf("port: %d", 20000+os.Getpid()%20000), 1))
		o.Now = time.Now
		o.HandOver = func() error {
			s.write("index.js", "// edited")
			return nil
		}
		if err := Run(t.Context(), s.env(), o, s.listen); err != nil && !errors.Is(err, ErrNotReady) {
			t.Fatal(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		asked := slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind == Restarting && slices.Equal(e.Files, []string{"index.js"}) })
		if !asked {
			t.Errorf("nobody restarts for the edit: %+v", s.events)
		}
	}
	t.Run("detached", func(t *testing.T) {
		edited(newScene(t), RunOptions{Detach: true, ReadyTime: 20 * time.Second})
	})
	t.Run("detached with an app that crashed", func(t *testing.T) {
		s := newScene(t)
		s.fake.OnStart = func(f *enginetest.Fake, id string) { f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":1}`) }
		edited(s, RunOptions{Detach: true, ReadyTime: 20 * time.Second})
	})
	t.Run("left by wish", func(t *testing.T) {
		s := newScene(t)
		intents := make(chan Intent)
		go func() {
			s.has(1, Ready)
			s.has(1, WatchedMode)
			intents <- Intent{Wish: WishLeave}
		}()
		edited(s, RunOptions{Intents: intents})
	})
}

func TestDetachFailsWhenAServiceCrashes(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":1}`)
	}
	err := Run(t.Context(), s.env(), RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}, s.listen)
	if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), `service "web" crashed`) {
		t.Errorf("error %v", err)
	}
}

func TestDetachSaysHowAnAppEndedWell(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":0}`)
	}
	err := Run(t.Context(), s.env(), RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}, s.listen)
	if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), `service "web" exited (0)`) {
		t.Errorf("error %v", err)
	}
}

func TestDetachFailsAtOnceWhenAContainerEnds(t *testing.T) {
	end := func(f *enginetest.Fake, id string) {
		f.SetState(id, func(c *engine.Container) { c.State, c.ExitCode = engine.Exited, 3 })
	}
	check := func(s *scene, handOver func() error) {
		t.Helper()
		o := RunOptions{Detach: true, ReadyTime: time.Minute, Now: time.Now, HandOver: handOver}
		err := Run(t.Context(), s.env(), o, s.listen)
		if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "its container ended with exit status 3") {
			t.Errorf("error %v", err)
		}
	}
	t.Run("before it listens", func(t *testing.T) {
		s := newScene(t)
		s.fake.OnStart = end
		check(s, nil)
	})
	t.Run("when it was ready", func(t *testing.T) {
		s := newScene(t)
		check(s, func() error {
			list, err := s.fake.Containers(t.Context(), "chat")
			if err == nil {
				end(s.fake, list[0].ID)
			}
			return err
		})
	})
}

func TestAnInstallThatFailsLeavesTheAppRunning(t *testing.T) {
	s := newScene(t)
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.fake.Fail("RunTask", &engine.Error{Kind: engine.ErrBuild, Op: "install", Remedy: "mend it"})
	s.write("package-lock.json", strings.Replace(lock, "5.1.0", "5.1.1", 1))
	if e := s.has(1, Failed)[0]; !strings.Contains(e.Text, "install") || e.Hint != "mend it" {
		t.Errorf("failed: %+v", e)
	}
	if LastUnapplied(s.dir) == nil {
		t.Error("it was told before it was noted")
	}
	s.write("index.js", "// still alive")
	s.has(1, Restarted)
	if list := s.has(1, Failed); len(list) != 1 {
		t.Errorf("it was said %d times", len(list))
	}
	u := LastUnapplied(s.dir)
	if u == nil || !strings.Contains(u.Text, "install") || u.Hint != "mend it" || !slices.Equal(u.Files, []string{"package-lock.json"}) || u.Since.IsZero() {
		t.Errorf("what is not applied: %+v", u)
	}
	s.fake.Fail("RunTask", nil)
	s.write("index.js", "// the registry is back")
	s.has(2, Installed)
	for late := time.Now().Add(20 * time.Second); LastUnapplied(s.dir) != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("it is applied, and yet: %+v", LastUnapplied(s.dir))
		}
	}
}

// TestTheNextWatcherOwesWhatTheLastOneCouldNotApply has a session that leaves the
// environment behind a change, and one that takes it over.
func TestTheNextWatcherOwesWhatTheLastOneCouldNotApply(t *testing.T) {
	s := newScene(t)
	intents, overviews := make(chan Intent, 1), make(chan Overview, 100)
	stop := s.start(RunOptions{Intents: intents, Overview: func(o Overview) { overviews <- o }})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.fake.Fail("RunTask", &engine.Error{Kind: engine.ErrBuild, Op: "install", Remedy: "mend it"})
	s.write("package-lock.json", strings.Replace(lock, "5.1.0", "5.1.1", 1))
	s.has(1, Failed)
	late := time.After(20 * time.Second)
	for told := false; !told; {
		select {
		case o := <-overviews:
			told = o.Unapplied != nil && slices.Contains(o.Unapplied.Files, "package-lock.json")
		case <-late:
			t.Fatal("no overview tells of it")
		}
	}
	leave(t, intents)
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	s.fake.Fail("RunTask", nil)
	s.start(RunOptions{Adopt: true})
	s.has(2, WatchedMode)
	s.write("index.js", "// any edit")
	s.has(2, Installed)
}

func TestAnInterruptedFillIsNeverUsed(t *testing.T) {
	s := newScene(t)
	s.fake.Fail("RunTask", errors.New("cut short"))
	env := s.env()
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{}); err == nil {
		t.Fatal("no error")
	}
	s.fake.Fail("RunTask", nil)
	s.fake.Fail("RemoveVolume", nil)
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	fills := 0
	for _, d := range s.fake.Did() {
		if strings.HasPrefix(d, "install packages") {
			fills++
		}
	}
	if fills != 1 {
		t.Errorf("the engine did %q", s.fake.Did())
	}
}

func TestContainersTakenDownElsewhereEndTheSession(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	done := make(chan error, 1)
	go func() { done <- Run(ctx, s.env(), RunOptions{Now: time.Now}, s.listen) }()
	s.has(1, Ready)
	if err := s.fake.Down(ctx, "chat", nil, false, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the session goes on")
	}
	if e := s.has(1, Stopped)[0]; !strings.Contains(e.Text, "elsewhere") {
		t.Errorf("stopped: %+v", e)
	}
}

func TestASessionGoesOnWhenItsProjectIsRenamed(t *testing.T) {
	s := newScene(t)
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	model, err := os.ReadFile(filepath.Join(s.dir, "devbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("devbox.yaml", strings.Replace(string(model), "name: chat", "name: talk", 1))
	s.has(1, Restarted)
	if list, err := s.fake.Containers(t.Context(), "chat"); err != nil || len(list) != 0 {
		t.Errorf("under the old name there are %v, %v", list, err)
	}
	s.write("index.js", "// two")
	if e := s.has(2, Restarted)[1]; !slices.Equal(e.Files, []string{"index.js"}) {
		t.Errorf("restarted: %+v", e)
	}
}
