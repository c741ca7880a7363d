package session

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
)

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
