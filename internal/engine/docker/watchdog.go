package docker

import (
	"context"
	"errors"
	"time"

	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Long operations (a build, an up) may rightly take minutes, so they get no
// deadline; instead the engine is asked in parallel whether it is still there.
const (
	watchdogEvery = 3 * time.Second
	watchdogLimit = 8 * time.Second
)

// watched runs a long operation and ends it when the engine stops answering.
func (c *Client) watched(ctx context.Context, op string, run func(context.Context) error) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.keepAsking(runCtx, op, cancel)
	}()
	err := run(runCtx)
	cancel(nil)
	<-done
	if cause := context.Cause(runCtx); ctx.Err() == nil && errors.Is(cause, engine.ErrNotResponding) {
		return cause
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return translate(op, err)
}

func (c *Client) keepAsking(ctx context.Context, op string, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(watchdogEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		pingCtx, stop := context.WithTimeout(ctx, watchdogLimit)
		_, err := c.api.Ping(pingCtx, client.PingOptions{})
		late := errors.Is(pingCtx.Err(), context.DeadlineExceeded)
		stop()
		if err != nil && late {
			cancel(notResponding(op, watchdogLimit, err))
			return
		}
	}
}
