package session

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// listened is a session that takes intents, once it is ready.
func listened(t *testing.T) (s *scene, intents chan Intent, overviews chan Overview, stop func() error) {
	t.Helper()
	s = newScene(t)
	intents = make(chan Intent, 4)
	overviews = make(chan Overview, 1000)
	stop = s.start(RunOptions{Now: time.Now, Intents: intents, Overview: func(o Overview) { overviews <- o }})
	s.has(1, Ready)
	return s, intents, overviews, stop
}

// shows waits for an overview in which the service is as it should be.
func shows(t *testing.T, overviews chan Overview, what string, is func(ServiceOverview) bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	var last Overview
	for {
		select {
		case last = <-overviews:
			if len(last.Services) > 0 && is(last.Services[0]) {
				return
			}
		case <-late:
			t.Fatalf("no overview shows %s; the last one: %+v", what, last)
		}
	}
}

func TestAnIntentRestartsTheApp(t *testing.T) {
	s, intents, _, stop := listened(t)
	intents <- Intent{Wish: WishRestart, Services: []string{"web"}}
	if e := s.has(1, Restarted)[0]; e.Service != "web" || e.Text != byHand {
		t.Errorf("restarted as %+v", e)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAServiceThatWasStoppedStaysSoUntilItIsAskedFor(t *testing.T) {
	s, intents, overviews, stop := listened(t)
	intents <- Intent{Wish: WishStop, Services: []string{"web"}}
	shows(t, overviews, "that web is held", func(o ServiceOverview) bool { return o.Held && !o.Running })
	s.has(1, Exited)
	intents <- Intent{Wish: WishStart, Services: []string{"web"}}
	s.has(1, Restarting)
	shows(t, overviews, "that web is not held", func(o ServiceOverview) bool { return !o.Held })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAnEditDoesNotStartWhatWasStopped(t *testing.T) {
	s := newScene(t)
	env := s.env()
	d, err := env.Desire(t.Context(), project.Dev)
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []bool{true, false} {
		r := newRun(env, RunOptions{Now: time.Now}, d)
		r.apps["web"].container.State = engine.Exited
		r.held["web"] = held
		r.restart(t.Context(), r.apps["web"], []string{"index.js"}, "", time.Now())
		if r.converging == held {
			t.Errorf("held: %t, brought up: %t", held, r.converging)
		}
		r.close()
	}
}

// leave ends a session and returns when that was heard.
func leave(t *testing.T, intents chan Intent) {
	t.Helper()
	intents <- Intent{Wish: WishLeave}
	deadline := time.After(20 * time.Second)
	for len(intents) > 0 {
		select {
		case <-deadline:
			t.Fatal("the intent is not taken")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestLeavingKeepsTheContainersRunning(t *testing.T) {
	s, intents, _, stop := listened(t)
	leave(t, intents)
	if err := stop(); err != nil {
		t.Error(err)
	}
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil || len(list) != 1 || list[0].State != engine.Running {
		t.Errorf("containers after leaving: %+v (%v)", list, err)
	}
}

func TestRebuildingBuildsWhatIsThereAlready(t *testing.T) {
	s, intents, _, stop := listened(t)
	built := len(s.has(1, Built))
	intents <- Intent{Wish: WishRebuild}
	s.has(built+1, Built)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestASilentEngineIsSaidThoughItsStreamsAreOpen(t *testing.T) {
	s, _, _, stop := listened(t)
	began := time.Now()
	s.fake.Fail("Ping", errors.New("no answer"))
	s.has(1, EngineLost)
	t.Logf("said after %s", time.Since(began).Round(time.Millisecond))
	s.fake.Fail("Ping", nil)
	s.has(1, EngineBack)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestCPUPercent(t *testing.T) {
	at := func(s float64, cpu time.Duration) engine.Usage {
		return engine.Usage{Time: time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))), CPU: cpu}
	}
	for _, test := range []struct {
		name        string
		before, now engine.Usage
		want        float64
	}{
		{"half a core", at(0, 0), at(2, time.Second), 50},
		{"two cores", at(0, time.Second), at(1, 3*time.Second), 200},
		{"the first look", engine.Usage{}, at(2, time.Second), 0},
		{"a container that was started again", at(0, time.Hour), at(2, time.Second), 0},
		{"a clock that stands still", at(0, 0), at(0, time.Second), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := cpuPercent(test.before, test.now); got != test.want {
				t.Errorf("%g, want %g", got, test.want)
			}
		})
	}
}

func TestCompanionsAreFollowedByTheirContainer(t *testing.T) {
	a := &app{service: "db", companion: true, plain: true, state: AppUnknown}
	start := time.Unix(1000, 0)
	c := func(state engine.State, health string, code int) engine.Container {
		return engine.Container{ID: "1", Service: "db", State: state, Health: health, ExitCode: code, StartedAt: start}
	}
	for i, step := range []struct {
		container engine.Container
		want      Kind // empty: no event
		state     AppState
	}{
		{c(engine.Created, "", 0), "", AppUnknown},
		{c(engine.Running, "starting", 0), "", AppStarting},
		{c(engine.Running, "healthy", 0), Ready, AppRunning},
		{c(engine.Running, "healthy", 0), "", AppRunning},
		{c(engine.Exited, "", 1), Exited, AppStopped},
		{c(engine.Exited, "", 1), "", AppStopped},
	} {
		var got Kind
		if events := a.seeCompanion(step.container); len(events) > 0 {
			got = events[0].Kind
		}
		if got != step.want || a.state != step.state {
			t.Errorf("step %d: %q and %q, want %q and %q", i+1, got, a.state, step.want, step.state)
		}
	}
}

func TestALeaveThatFailsGoesOn(t *testing.T) {
	s := newScene(t)
	intents := make(chan Intent, 1)
	var tries atomic.Int32
	stop := s.start(RunOptions{Intents: intents, HandOver: func() error {
		if tries.Add(1) == 1 {
			return errors.New("it did not start")
		}
		return nil
	}})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	intents <- Intent{Wish: WishLeave}
	if e := s.has(1, Failed)[0]; !strings.Contains(e.Text, "it did not start") {
		t.Errorf("failed: %+v", e)
	}
	s.write("index.js", "// two")
	s.has(1, Restarted)
	leave(t, intents)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// TestAnEndThatIsAskedForWhileLeavingStops has a session that leaves as soon as an
// install has ended, which it does not.
func TestAnEndThatIsAskedForWhileLeavingStops(t *testing.T) {
	s := newScene(t)
	intents := make(chan Intent, 1)
	handed := make(chan struct{})
	stop := s.start(RunOptions{Intents: intents, HandOver: func() error { close(handed); return nil }})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	installing, goOn := make(chan struct{}), make(chan struct{})
	s.fake.OnTask = func(engine.Task) error { close(installing); <-goOn; return errors.New("cut short") }
	s.write("package-lock.json", strings.Replace(lock, "5.1.0", "5.1.1", 1))
	<-installing
	intents <- Intent{Wish: WishLeave}
	<-handed
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	s.has(1, Stopping)
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil || len(list) != 1 || list[0].State == engine.Running {
		t.Errorf("containers after the end: %+v (%v)", list, err)
	}
}
