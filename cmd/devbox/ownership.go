package main

import (
	"context"
	"errors"

	"github.com/devbox-node/devbox/internal/session"
)

// ownership is a session's lock and what becomes of it: a watcher in the
// background gets it when the user leaves, and loses it again where nothing comes
// of that.
type ownership struct {
	dir string
	// start starts the watcher in the background and returns when it watches.
	start func() error
	lock  *session.Lock
}

func (o *ownership) take(ctx context.Context) (err error) {
	o.lock, err = session.TakeOver(ctx, o.dir, false)
	return err
}

// handOver leaves a watcher in the background. Where that cannot be, the lock is
// taken again, and the error says why.
func (o *ownership) handOver(ctx context.Context) error {
	lock := o.lock
	o.lock = nil
	if err := lock.Release(); err != nil {
		return err
	}
	err := o.start()
	if err == nil {
		return nil
	}
	taken := o.take(context.WithoutCancel(ctx))
	if busy := (*session.BusyError)(nil); errors.As(taken, &busy) {
		return nil // another devbox up was quicker, and it watches
	}
	return errors.Join(err, taken)
}

// release gives the lock up. A watcher in the background is not left to an
// environment that was stopped after all.
func (o *ownership) release(ctx context.Context) {
	if o.lock == nil && ctx.Err() != nil {
		_ = o.take(context.WithoutCancel(ctx))
	}
	if o.lock != nil {
		_ = o.lock.Release()
	}
}
