package session

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
)

// What was stopped for a snapshot runs again after Ctrl-C, without a migration; and
// after a change of data it is left to the next start.
func TestCtrlCDuringAChangeOfData(t *testing.T) {
	s := backed(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.fake.OnTask = func(engine.Task) error {
		cancel()
		return context.Canceled
	}
	s.write("migrate.js", "// another")
	env := s.env()
	if _, err := env.TakeSnapshot(ctx, "a", time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c, ok := s.running("web"); !ok {
		t.Errorf("web is %s", c.State)
	}
	s.fake.OnTask = nil
	if _, err := env.TakeSnapshot(t.Context(), "b", time.Now()); err != nil {
		t.Fatal(err)
	}
	s.kinds()
	ctx, cancel = context.WithCancel(t.Context())
	s.fake.OnTask = func(task engine.Task) error {
		if task.Name == "exchange the data" {
			cancel()
		}
		return nil
	}
	if _, err := env.RestoreSnapshot(ctx, "b"); err != nil {
		t.Error(err)
	}
	if c, ok := s.running("web"); ok {
		t.Errorf("web is %s", c.State)
	}
	if got := s.kinds(Migrating); len(got) != 0 {
		t.Error("a migration ran after Ctrl-C")
	}
}

func (s *scene) running(service string) (engine.Container, bool) {
	list, err := s.fake.Containers(s.t.Context(), "chat")
	if err != nil {
		s.t.Fatal(err)
	}
	return runningContainer(list, service)
}

// Who takes a snapshot can ask the app right afterwards.
func TestAChangeOfDataEndsWhenTheAppsAnswer(t *testing.T) {
	s := backed(t)
	env := s.env()
	start := s.fake.OnStart
	var answers atomic.Bool
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		if c, _ := f.Inspect(context.Background(), id); c.Service != "web" {
			start(f, id)
			return
		}
		const listensAfter = 200 * time.Millisecond
		time.AfterFunc(listensAfter, func() {
			answers.Store(true)
			start(f, id)
		})
	}
	if _, err := env.TakeSnapshot(t.Context(), "a", time.Now()); err != nil {
		t.Fatal(err)
	}
	if !answers.Load() {
		t.Error("it ended before the app answers")
	}
}
