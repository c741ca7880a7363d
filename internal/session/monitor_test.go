package session

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

// lateEvents is an engine whose stream of events takes a while to begin.
type lateEvents struct {
	*enginetest.Fake
	begin <-chan struct{}
}

func (l lateEvents) Events(ctx context.Context, name string, since time.Time, each func(engine.Event)) error {
	<-l.begin
	return l.Fake.Events(ctx, name, since, each)
}

func TestWhatHappensBeforeTheEventsBeginIsSeenAtOnce(t *testing.T) {
	s := newScene(t)
	env := s.env()
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		begin, snapshots := make(chan struct{}), make(chan snapshot)
		m := &monitor{lateEvents{s.fake, begin}, "chat", s.env().Emit, snapshots}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); m.run(ctx) }()
		if snap := <-snapshots; len(snap) != 1 {
			t.Errorf("the first look found %d containers, want 1", len(snap))
		}
		if err := s.fake.Down(ctx, "chat", nil, false, nil); err != nil {
			t.Error(err)
		}
		down := time.Now()
		close(begin)
		if snap := <-snapshots; len(snap) != 0 || time.Since(down) >= firstRetry {
			t.Errorf("after %s a look found %d containers, want 0 at once", time.Since(down), len(snap))
		}
		stop()
		<-ended
	})
}
