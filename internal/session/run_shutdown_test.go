package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

// lockedEngine ends what runs, and is not done with it before its caller is.
type lockedEngine struct{ *enginetest.Fake }

func (e lockedEngine) Stop(ctx context.Context, name string, p *project.Compose, grace *time.Duration, progress func(engine.Progress)) error {
	if err := e.Fake.Stop(ctx, name, p, grace, progress); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestAnEngineThatIsBusyIsSaidAndCanBeLeftAlone(t *testing.T) {
	s := newScene(t)
	env := s.env()
	env.Engine = lockedEngine{s.fake}
	ctx, interrupt := context.WithCancel(t.Context())
	kill, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- Run(ctx, env, RunOptions{Kill: kill, Now: time.Now}, s.listen) }()
	s.has(1, Ready)
	interrupt()
	e := s.has(1, Warned)[0]
	if !strings.Contains(e.Text, "the apps have ended") || !strings.Contains(e.Hint, "Ctrl-C") {
		t.Errorf("warning: %+v", e)
	}
	close(kill)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the session does not end")
	}
	if stops := strings.Count(strings.Join(s.fake.Did(), "\n"), "stop chat"); stops != 2 {
		t.Errorf("the containers were stopped %d times, want politely and at once: %q", stops, s.fake.Did())
	}
}

// Only output that has come to its end tells of the end of an app.
func TestSilence(t *testing.T) {
	for _, tt := range []struct {
		name      string
		followers map[string]followed
		want      bool
	}{
		{"nothing was followed", nil, false},
		{"all have ended", map[string]followed{"a": {follower: &follower{}}, "b": {follower: &follower{}}}, true},
		{"one goes on", map[string]followed{"a": {follower: &follower{}}, "b": {follower: &follower{}, live: true}}, false},
		{"one cannot be read", map[string]followed{"a": {follower: &follower{}}, "b": {follower: &follower{broken: true}}}, false},
	} {
		if got := (&run{followers: tt.followers}).silent(); got != tt.want {
			t.Errorf("%s: silent is %v", tt.name, got)
		}
	}
}

func TestABrokenStreamIsKnown(t *testing.T) {
	s := newScene(t)
	s.fake.Fail("Logs", errors.New("unexpected EOF"))
	r := bare(t, s, RunOptions{})
	r.look(t.Context(), sight(t, s))
	if f := <-r.ended; !f.broken {
		t.Error("it counts as read to its end")
	}
}

// What is heard while the containers stop is no reason to start one.
func TestNothingIsStartedWhileTheSessionStops(t *testing.T) {
	s := newScene(t)
	r := bare(t, s, RunOptions{})
	r.look(t.Context(), sight(t, s))
	a := r.apps["web"]
	a.plain, a.pending = true, &restart{container: a.container.ID}
	before := len(s.fake.Did())
	r.stopping = true
	r.report(report{service: "web", container: a.container.ID, record: record{Kind: recordExited}})
	r.restart(t.Context(), a, []string{"a.js"}, "", time.Now())
	a.container.State = engine.Exited
	r.restart(t.Context(), a, []string{"a.js"}, "", time.Now())
	r.converge([]string{"devbox.yaml"}, time.Now())
	r.close()
	if did := s.fake.Did()[before:]; len(did) > 0 || r.converging {
		t.Errorf("the engine did %q, converging %v", did, r.converging)
	}
}

// A start that somebody has asked for ends before the stop, too.
func TestAStartByHandEndsBeforeTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := enginetest.New()
		goOn := make(chan struct{})
		fake.OnRestart = func() error { <-goOn; return nil }
		web := &app{service: "web", container: engine.Container{ID: "one", State: engine.Exited}}
		r := &run{
			env: Environment{Engine: fake, Emit: func(Event) {}}, background: t.Context(), held: map[string]bool{},
			apps: map[string]*app{"web": web}, desired: Desired{Compose: &project.Compose{Name: "chat"}},
		}
		r.unhold([]*app{web})
		ended := r.endRestarts()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("the stop does not wait for it")
		default:
		}
		close(goOn)
		<-ended
		r.tasks.wait()
	})
}

// The engine ends a restart by a start, whatever was asked of it meanwhile.
func TestARestartOfAContainerEndsBeforeTheStop(t *testing.T) {
	for _, hurried := range []bool{false, true} {
		t.Run(fmt.Sprint("with a second Ctrl-C: ", hurried), func(t *testing.T) {
			s := newScene(t)
			kill := make(chan struct{})
			r := bare(t, s, RunOptions{Kill: kill})
			r.look(t.Context(), sight(t, s))
			a := r.apps["web"]
			a.plain = true
			begun, goOn := make(chan struct{}, 9), make(chan struct{})
			s.fake.OnRestart = func() error { begun <- struct{}{}; <-goOn; return nil }
			r.restart(t.Context(), a, []string{"a.js"}, "", time.Now())
			<-begun
			r.restart(t.Context(), a, []string{"b.js"}, "", time.Now())
			done := make(chan error, 1)
			go func() { done <- r.shutdown(t.Context()) }()
			s.has(1, Stopping)
			if hurried {
				close(kill)
			}
			close(goOn)
			if err := <-done; err != nil {
				t.Error(err)
			}
			did := slices.DeleteFunc(s.fake.Did(), func(what string) bool { return !strings.HasPrefix(what, "restart ") && what != "stop chat" })
			if n := len(did); n < 2 || did[n-1] != "stop chat" || strings.Count(strings.Join(did, " "), "restart") != 1 {
				t.Errorf("the engine did %q, want one restart and then a stop", did)
			}
		})
	}
}

// stopEngine notes what it was to stop.
type stopEngine struct {
	*enginetest.Fake
	stopped chan *project.Compose
}

func (e stopEngine) Stop(ctx context.Context, name string, p *project.Compose, grace *time.Duration, progress func(engine.Progress)) error {
	e.stopped <- p
	return e.Fake.Stop(ctx, name, p, grace, progress)
}

// A converge that is given up may have started services that the project before it
// does not have.
func TestAGivenUpConvergeHasAllOfItStopped(t *testing.T) {
	for _, converging := range []bool{false, true} {
		t.Run(fmt.Sprint("converging: ", converging), func(t *testing.T) {
			s := newScene(t)
			env := s.env()
			stopped := make(chan *project.Compose, 1)
			env.Engine = stopEngine{s.fake, stopped}
			ctx, interrupt := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- Run(ctx, env, RunOptions{Now: time.Now}, s.listen) }()
			s.has(1, Ready)
			if converging {
				lock, err := lockFile(t.Context(), s.dir, setupLock, func() {})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = lock.Release() }()
				s.write("package.json", `{"name":"chat","description":"new","dependencies":{"express":"^5.0.0"}}`)
				s.has(1, Warned) // that it waits
			}
			interrupt()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if p := <-stopped; (p == nil) != converging {
				t.Errorf("stopped as %v", p)
			}
		})
	}
}

// A database that was just starting may not have heard that it is to stop.
func TestABackingServiceThatWasStartingIsRemindedToStop(t *testing.T) {
	s := newBackedScene(t, 0)
	d, err := s.startBacked()
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(s.env(), RunOptions{Now: time.Now}, d)
	t.Cleanup(r.close)
	told := time.Now()
	list, err := s.fake.Containers(t.Context(), d.Compose.Name)
	if err != nil {
		t.Fatal(err)
	}
	start := func(at time.Time) (db string) {
		for _, c := range list {
			s.fake.SetState(c.ID, func(c *engine.Container) { c.StartedAt, c.StopSignal = at, "SIGINT" })
			if c.Service == "db" {
				db = c.ID
			}
		}
		return db
	}
	signals := func() []string {
		return slices.DeleteFunc(s.fake.Did(), func(what string) bool { return !strings.HasPrefix(what, "signal ") })
	}
	db := start(told.Add(-time.Minute))
	r.remind(t.Context(), told)
	if got := signals(); len(got) != 0 {
		t.Errorf("one that ran for long was reminded: %q", got)
	}
	start(told.Add(-time.Second))
	r.remind(t.Context(), told)
	if got := signals(); !slices.Equal(got, []string{"signal " + db + " SIGINT"}) {
		t.Errorf("reminded: %q", got)
	}
	s.fake.SetState(db, func(c *engine.Container) { c.State = engine.Exited })
	r.remind(t.Context(), told)
	if got := signals(); len(got) != 1 {
		t.Errorf("one that has ended was reminded: %q", got)
	}
}
