package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

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
