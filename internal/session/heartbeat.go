package session

import (
	"context"
	"time"
)

// A frozen engine keeps its connections open and says nothing on them, so only
// a question that stays without an answer tells. These two make the longest
// time until that is noticed: less than two seconds.
const (
	beatEvery = 500 * time.Millisecond
	beatTime  = 1300 * time.Millisecond
)

// heartbeat asks the engine for a sign of life until ctx ends, and returns the
// error of the first question that was not answered.
func (m *monitor) heartbeat(ctx context.Context) error {
	for {
		pause(ctx, beatEvery)
		if ctx.Err() != nil {
			return nil
		}
		pingCtx, stop := context.WithTimeout(ctx, beatTime)
		err := m.engine.Ping(pingCtx)
		stop()
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}
