package session

import (
	"context"
	"time"
)

// A frozen engine keeps its connections open and says nothing on them, so only
// a question that stays without an answer tells. These make the longest time
// until that is noticed: less than two seconds.
const (
	beatEvery = 500 * time.Millisecond
	beatTime  = 1300 * time.Millisecond
	// beatTick is how much of that time is waited for in one go; see withPatience.
	beatTick = 50 * time.Millisecond
)

// heartbeat asks the engine for a sign of life until ctx ends, and returns the
// error of the first question that was not answered.
func (m *monitor) heartbeat(ctx context.Context) error {
	for {
		pause(ctx, beatEvery)
		if ctx.Err() != nil {
			return nil
		}
		if err := m.ask(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// ask asks for one sign of life.
func (m *monitor) ask(ctx context.Context) error {
	askCtx, stop := withPatience(ctx, beatTime, time.After)
	defer stop()
	return m.engine.Ping(askCtx)
}

// withPatience is a context that ends after d as this process gets it: in waits
// of a beatTick, one after the other. Where the machine has so much to do that each
// wait takes longer than it was meant to, the engine is as slow, and gets as much
// more time. On a machine that is not, d is d.
func withPatience(ctx context.Context, d time.Duration, wait func(time.Duration) <-chan time.Time) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for left := d; left > 0; left -= beatTick {
			select {
			case <-ctx.Done():
				return
			case <-wait(beatTick):
			}
		}
		cancel(context.DeadlineExceeded)
	}()
	return ctx, func() { cancel(nil) }
}
