package session

import (
	"context"
	"errors"
	"sync"
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

// mute is an engine that can be made to answer nothing, or late.
type mute struct {
	*enginetest.Fake
	mu     sync.Mutex
	frozen chan struct{}
}

func (m *mute) freeze() { m.mu.Lock(); m.frozen = make(chan struct{}); m.mu.Unlock() }
func (m *mute) thaw()   { m.mu.Lock(); close(m.frozen); m.frozen = nil; m.mu.Unlock() }

func (m *mute) Ping(ctx context.Context) error {
	m.mu.Lock()
	frozen := m.frozen
	m.mu.Unlock()
	if frozen == nil {
		return nil
	}
	select {
	case <-frozen:
		// What was asked while it was away is not answered.
		<-ctx.Done()
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

// A frozen engine is noticed within two seconds, and its return in less than the
// three that the log needs to go on, at whatever moment either happens.
func TestAFrozenEngineIsNoticedAndSoIsItsReturn(t *testing.T) {
	s := newScene(t)
	for offset := time.Duration(0); offset < 2*time.Second; offset += 170 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			e, events, snapshots := &mute{Fake: s.fake}, make(chan Event, 16), make(chan snapshot)
			m := &monitor{e, "chat", func(e Event) { events <- e }, snapshots}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); m.run(ctx) }()
			<-snapshots
			time.Sleep(offset)
			e.freeze()
			began := time.Now()
			if lost := <-events; lost.Kind != EngineLost || time.Since(began) > 2*time.Second {
				t.Errorf("%s after the freeze: %+v", time.Since(began), lost)
			}
			time.Sleep(10*time.Second + offset)
			e.thaw()
			began = time.Now()
			if back := <-events; back.Kind != EngineBack || time.Since(began) > 2*time.Second {
				t.Errorf("%s after the return: %+v", time.Since(began), back)
			}
			if <-snapshots; time.Since(began) > 2250*time.Millisecond {
				t.Errorf("looked %s after the return", time.Since(began))
			}
			stop()
			<-ended
		})
	}
}

// On a machine that is slow for all, waits take longer than they should, and the
// patience with the engine grows with them.
func TestPatienceIsCountedInWaits(t *testing.T) {
	for _, slower := range []time.Duration{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := withPatience(t.Context(), beatTime, func(d time.Duration) <-chan time.Time { return time.After(slower * d) })
			defer stop()
			began := time.Now()
			<-ctx.Done()
			if took := time.Since(began); took != slower*beatTime || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				t.Errorf("%d times as slow: ended after %s: %v", slower, took, context.Cause(ctx))
			}
		})
	}
}
