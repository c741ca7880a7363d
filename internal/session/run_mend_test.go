package session

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

func TestAWordThatCannotBeSaidIsSaidAgain(t *testing.T) {
	s := newScene(t)
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	away := errors.New("the engine is away")
	for _, op := range []string{"Write", "Input", "Signal"} {
		s.fake.Fail(op, away)
	}
	s.write("index.js", "// two")
	s.has(1, Failed)
	for _, op := range []string{"Write", "Input", "Signal"} {
		s.fake.Fail(op, nil)
	}
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	s.fake.SetState(list[0].ID, func(*engine.Container) {}) // a reason to look
	if e := s.has(1, Restarted)[0]; !slices.Equal(e.Files, []string{"index.js"}) {
		t.Errorf("restarted: %+v", e)
	}
}

// bare is a run whose loop the test is.
func bare(t *testing.T, s *scene, o RunOptions) *run {
	t.Helper()
	env := s.env()
	d, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Now = time.Now
	r := newRun(env, o, d)
	t.Cleanup(r.close)
	return r
}

// sight is what the engine shows now.
func sight(t *testing.T, s *scene) snapshot {
	t.Helper()
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil || len(list) == 0 {
		t.Fatalf("containers: %v, %v", list, err)
	}
	return list
}

func TestAWordThatWentWithItsConnectionIsSaidAgainWithTheSameID(t *testing.T) {
	s := newScene(t)
	var words []string
	s.fake.OnWord = func(_ *enginetest.Fake, _, line string) { words = append(words, line) } // and nobody hears it
	r := bare(t, s, RunOptions{})
	r.look(t.Context(), sight(t, s))
	a := r.apps["web"]
	a.state = AppListening
	r.restart(t.Context(), a, []string{"index.js"}, "", time.Now())
	for id, f := range r.followers {
		r.followers[id] = followed{follower: f.follower} // the stream broke
	}
	r.look(t.Context(), sight(t, s))
	if len(words) != 2 || words[0] != words[1] || !strings.HasPrefix(words[0], "restart ") {
		t.Errorf("said %q, want the same word twice", words)
	}
}

func TestAContainerThatEndsBeforeTheFirstLookIsSeen(t *testing.T) {
	end := func(s *scene) {
		s.fake.OnStart = func(f *enginetest.Fake, id string) {
			f.Print(id, "exec: nosuch: not found")
			f.SetState(id, func(c *engine.Container) { c.State, c.ExitCode = engine.Exited, 127 })
		}
	}
	t.Run("of this session", func(t *testing.T) {
		s := newScene(t)
		end(s)
		s.start(RunOptions{})
		if e := s.has(1, Exited)[0]; e.Service != "web" || e.Code == nil || *e.Code != 127 {
			t.Errorf("exited: %+v", e)
		}
		if e := s.has(1, Log)[0]; e.Line != "exec: nosuch: not found" {
			t.Errorf("printed: %+v", e)
		}
		s.fake.SetState(sight(t, s)[0].ID, func(*engine.Container) {})
	})
	t.Run("of one before", func(t *testing.T) {
		s := newScene(t)
		end(s)
		r := bare(t, s, RunOptions{Adopt: true})
		r.look(t.Context(), sight(t, s))
		if s.mu.Lock(); slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind == Exited }) {
			t.Errorf("it is news: %+v", s.events)
		}
		s.mu.Unlock()
	})
}

func TestARestartEndsWithItsContainer(t *testing.T) {
	a := app{service: "web", state: AppListening, container: engine.Container{ID: "c1", State: engine.Running}}
	a.pending = &restart{id: "1", container: "c1"}
	a.see(engine.Container{ID: "c1", State: engine.Exited})
	if a.pending != nil {
		t.Error("it waits for a container that has ended")
	}
	a.pending = &restart{container: "c2"}
	a.see(engine.Container{ID: "c2", State: engine.Running})
	if a.pending == nil {
		t.Error("the restart of a new container is forgotten")
	}
}

func TestRestartsOfAContainerTakeTurns(t *testing.T) {
	s := newScene(t)
	r := bare(t, s, RunOptions{})
	r.look(t.Context(), sight(t, s))
	a := r.apps["web"]
	a.plain = true
	begun, goOn := make(chan struct{}, 9), make(chan struct{})
	s.fake.OnRestart = func() error { begun <- struct{}{}; <-goOn; return nil }
	r.restart(t.Context(), a, []string{"a.js"}, "", time.Now())
	<-begun
	for _, name := range []string{"b.js", "c.js", "d.js"} {
		r.restart(t.Context(), a, []string{name}, "", time.Now())
	}
	close(goOn)
	r.restarts.Wait()
	done := s.has(2, Restarted)
	if len(done) != 2 || !slices.Equal(done[0].Files, []string{"a.js"}) || !slices.Equal(done[1].Files, []string{"b.js", "c.js", "d.js"}) {
		t.Errorf("restarted: %+v", done)
	}
	if n := r.plainRestarts.Load(); n != 0 {
		t.Errorf("%d are still open", n)
	}
}

// A container that was killed has its supervisor's last record still when it is
// started again.
func TestARecordOfAKilledRunIsNotTakenForThisOne(t *testing.T) {
	s := newScene(t)
	r := bare(t, s, RunOptions{})
	s.fake.SetState(sight(t, s)[0].ID, func(c *engine.Container) { c.StartedAt = time.Now().Add(time.Hour) })
	r.look(t.Context(), sight(t, s))
	if a := r.apps["web"]; a.state != AppUnknown || len(s.has(0, Ready)) > 0 {
		t.Errorf("the app is %s before its supervisor has said a word: %+v", a.state, s.has(0, Ready))
	}
	s.fake.SetState(sight(t, s)[0].ID, func(c *engine.Container) { c.StartedAt = time.Now() })
	r.look(t.Context(), sight(t, s))
	for r.apps["web"].state != AppListening {
		r.report(<-r.reports)
	}
}
