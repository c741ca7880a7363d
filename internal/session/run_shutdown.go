package session

import (
	"context"
	"errors"
	"time"
)

// mayMend tells whether a start failed for something that an edit can mend, such
// as a migration: then the session goes on, and the next change tries again.
func (r *run) mayMend(ctx context.Context, err error) bool {
	if ctx.Err() != nil || !stepFailed(err) {
		return false
	}
	e := failure("", err)
	r.unapplied = &Unapplied{Since: r.opts.Now(), Text: e.Text, Hint: e.Hint}
	r.env.noteUnapplied(*r.unapplied)
	r.env.Emit(e)
	return true
}

// stepFailed tells whether an app was not started because its migration or its
// seed failed. What that printed has been shown.
func stepFailed(err error) bool {
	var notReady *NotReadyError
	return errors.As(err, &notReady) && notReady.Step
}

// startFailed stops what had started already when the user gave up.
func (r *run) startFailed(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return errors.Join(context.Cause(ctx), r.shutdown(ctx))
}

// shutdown stops the environment, politely until Kill is closed.
func (r *run) shutdown(ctx context.Context) error {
	if r.opts.Adopt {
		r.startHalted(context.WithoutCancel(ctx))
		return nil
	}
	r.env.Emit(Event{Kind: Stopping})
	if r.converging {
		// What it would start after the stop would go on running.
		r.giveUp()
		select {
		case <-r.converged:
		case <-r.opts.Kill:
		}
		r.converging = false
	}
	stopCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	finished := make(chan error, 1)
	go func() { finished <- r.env.Engine.Stop(stopCtx, r.desired.Compose.Name, r.desired.Compose, nil, nil) }()
	for {
		select {
		case err := <-finished:
			r.drain()
			if err == nil {
				r.env.Emit(Event{Kind: Stopped})
			}
			return err
		case <-r.opts.Kill:
			cancel()
			if err := <-finished; err == nil {
				return nil
			}
			now := time.Duration(0)
			return r.env.Engine.Stop(context.WithoutCancel(ctx), r.desired.Compose.Name, r.desired.Compose, &now, nil)
		case s := <-r.snapshots:
			r.look(stopCtx, s)
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		}
	}
}

// drain lets the followers read what the stopped containers have printed last.
func (r *run) drain() {
	const patience = time.Second
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		live := false
		for _, f := range r.followers {
			live = live || f.live
		}
		if !live {
			return
		}
		select {
		case f := <-r.ended:
			r.followerEnded(f)
		case <-r.reports:
		case <-r.snapshots:
		case <-late.C:
			return
		}
	}
}
