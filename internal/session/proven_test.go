package session

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
)

func TestWhenAStartIsProven(t *testing.T) {
	at := time.Unix(1000, 0)
	tests := map[string]struct {
		app  *app
		want time.Time
	}{
		"it listens":                  {&app{port: 1, startedAt: at, listensAt: at.Add(time.Second)}, at.Add(1300 * time.Millisecond)},
		"it listened at first sight":  {&app{port: 1, listensAt: at}, at.Add(300 * time.Millisecond)},
		"it does not listen yet":      {&app{port: 1, startedAt: at}, time.Time{}},
		"it has no port":              {&app{startedAt: at}, at.Add(time.Second)},
		"it is older":                 {&app{startedAt: at, proven: true}, time.Time{}},
		"it has no supervisor":        {&app{startedAt: at, plain: true}, time.Time{}},
		"it is none of the project's": {&app{startedAt: at, companion: true}, time.Time{}},
	}
	for name, test := range tests {
		if got := test.app.provenAt(); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// An app that ends at once has been ready for a moment, and is not when up has returned.
func TestDetachFailsWhenAnAppEndsRightAfterItWasReady(t *testing.T) {
	s := newScene(t)
	s.write("devbox.yaml", regexp.MustCompile(`port: \d+`).ReplaceAllString(model, "port: 0"))
	started := make(chan string, 1)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"started","id":"","pid":7}`)
		started <- id
	}
	go func() {
		s.has(1, Ready)
		id := <-started
		s.fake.Print(id, "all done")
		s.fake.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":0}`)
	}()
	begun := time.Now()
	stopped := func() time.Time { return begun } // by this clock no app goes on for long enough
	handed := 0
	handOver := func() error {
		handed++
		s.has(1, Crashed) // until then nobody else watches
		return nil
	}
	err := Run(t.Context(), s.env(), RunOptions{Detach: true, ReadyTime: time.Minute, Now: stopped, HandOver: handOver}, s.listen)
	var notReady *NotReadyError
	if !errors.As(err, &notReady) || notReady.Text != "exited (0)" || !strings.Contains(notReady.Hint(), "devbox run") || !slices.Contains(notReady.Last, "all done") {
		t.Errorf("error %v", err)
	}
	if handed != 1 {
		t.Errorf("the watching was handed over %d times", handed)
	}
	if e := s.has(1, Crashed)[0]; !e.EndedWell() || e.Hint == "" {
		t.Errorf("event %+v", e)
	}
}
