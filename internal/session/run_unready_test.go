package session

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/watch"
)

func TestWhatAnAppWritesAtEachStartDoesNotConvergeForEver(t *testing.T) {
	s := newScene(t)
	r := bare(t, s, RunOptions{})
	layout, _, err := layoutOf(s.dir, r.desired)
	if err != nil {
		t.Fatal(err)
	}
	r.layout = layout
	r.converging = true // the new container starts, and writes
	for range loopRestarts + 1 {
		r.changed(t.Context(), watch.Batch{Changes: []watch.Change{{Path: "package.json"}}, Seen: time.Now()})
	}
	if len(r.waiting) != loopRestarts {
		t.Errorf("%d converges wait, want %d", len(r.waiting), loopRestarts)
	}
	if e := s.has(1, Warned)[0]; !strings.Contains(e.Text, "restart loop: package.json") {
		t.Errorf("warned: %+v", e)
	}
}

func TestWhatWasPutOffIsDoneBeforeLeaving(t *testing.T) {
	s := newScene(t)
	var words []string
	s.fake.OnWord = func(_ *enginetest.Fake, _, line string) { words = append(words, line) }
	r := bare(t, s, RunOptions{})
	layout, _, err := layoutOf(s.dir, r.desired)
	if err != nil {
		t.Fatal(err)
	}
	r.layout = layout
	r.look(t.Context(), sight(t, s))
	r.loops.held, r.loops.due = []string{"index.js"}, time.Now().Add(time.Hour)
	if over := (&handOver{done: true}); !r.part(t.Context(), over) || !over.parted {
		t.Error("something is left to do")
	}
	if len(words) != 1 || !strings.HasPrefix(words[0], "restart ") {
		t.Errorf("said %q, want one restart", words)
	}
}

func TestDetachFailsWhenAServiceNeverListens(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"started","id":"","pid":7}`)
		f.Print(id, "listening on a socket")
	}
	handed := false
	err := Run(t.Context(), s.env(), RunOptions{
		Detach: true, ReadyTime: time.Second, Now: time.Now, HandOver: func() error { handed = true; return nil },
	}, s.listen)
	want := fmt.Sprintf("does not listen on port %d within 1s", 20000+os.Getpid()%20000)
	var notReady *NotReadyError
	if !errors.As(err, &notReady) || !strings.Contains(err.Error(), want) || !slices.Contains(notReady.Last, "listening on a socket") {
		t.Errorf("error %v, want one that it %s, with what it printed", err, want)
	}
	if !handed {
		t.Error("nobody watches an app that waits for a change")
	}
}

func TestAnAppThatListensWhereNobodyReachesIt(t *testing.T) {
	a := app{service: "web", port: 3000, state: AppRunning}
	events := a.on(record{Kind: recordListening, Port: 4000}, time.Now())
	if len(events) != 1 || events[0].Kind != Warned || events[0].Text != "the app listens on port 4000, but devbox.yaml says 3000" || !strings.Contains(events[0].Hint, "`port: 4000`") || a.state == AppListening {
		t.Errorf("on another port: %+v, it is %s", events, a.state)
	}
	a = app{service: "web", port: 3000, alsoPublished: []int{5174}, state: AppRunning}
	if events := a.on(record{Kind: recordListening, Port: 5174}, time.Now()); len(events) > 0 || a.state != AppRunning {
		t.Errorf("on a port that is published as well: %+v, it is %s", events, a.state)
	}
	events = a.on(record{Kind: recordListening, Port: 3000, Loopback: true}, time.Now())
	if len(events) != 2 || events[0].Kind != Ready || events[1].Kind != Warned || !strings.Contains(events[1].Text, "127.0.0.1") || !strings.Contains(events[1].Hint, "0.0.0.0") {
		t.Errorf("on the loopback device: %+v", events)
	}
}
