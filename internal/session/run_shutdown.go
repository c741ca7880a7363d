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
		r.converging, r.unfinished = false, true
	}
	ctx = context.WithoutCancel(ctx)
	r.stopping = true
	restarted := r.endRestarts()
	select {
	case <-restarted:
	case <-r.opts.Kill:
		return r.stopNow(ctx, restarted)
	}
	err := r.stop(ctx, true)
	switch {
	case errors.Is(err, errKilled):
		return r.stopNow(ctx, restarted)
	case err == nil:
		r.drain()
		r.env.Emit(Event{Kind: Stopped})
	}
	return err
}

// endRestarts drops the restarts of whole containers that have not begun, and tells
// when those under way have ended. The engine cannot be kept from the second half of
// one: a container that was stopped meanwhile would run again.
func (r *run) endRestarts() <-chan struct{} {
	for _, a := range r.apps {
		a.again.drop()
	}
	ended := make(chan struct{})
	r.tasks.start(func() {
		defer close(ended)
		r.restarts.Wait()
	})
	return ended
}

// stopNow stops the environment at once, and once more what was just being restarted.
func (r *run) stopNow(ctx context.Context, restarted <-chan struct{}) error {
	select {
	case <-restarted:
	default:
		if err := r.stop(ctx, false); err != nil {
			return err
		}
		<-restarted
	}
	return r.stop(ctx, false)
}

var errKilled = errors.New("the stop was cut short")

// stop has the engine stop the containers. A polite stop gives them the time that the
// project says, until Kill is closed: then it is errKilled. An engine can be busy with
// something else for long after the apps' end; a polite stop says so and waits.
func (r *run) stop(ctx context.Context, polite bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	finished, kill := r.beginStop(ctx, polite), r.opts.Kill
	if !polite {
		kill = nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	began := r.opts.Now()
	for ticks, silent := 0, 0; ; {
		select {
		case err := <-finished:
			return err
		case <-kill:
			cancel()
			if err := <-finished; err == nil {
				return nil
			}
			return errKilled
		case s := <-r.snapshots:
			r.look(ctx, s)
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		case <-tick.C:
			if silent++; !r.silent() {
				silent = 0
			}
			if ticks++; ticks%2 == 0 && polite {
				r.tasks.start(func() { r.remind(ctx, began) })
			}
			const sure = 2 // not at the first one: the end may just have come
			switch {
			case silent != sure:
			case polite:
				r.sayUnfinished()
			default:
				cancel()
				if err := <-finished; !errors.Is(err, context.Canceled) {
					return err
				}
				return nil
			}
		}
	}
}

// beginStop has the engine stop the containers, at once where that is not polite. How
// it ended comes on the channel.
func (r *run) beginStop(ctx context.Context, polite bool) <-chan error {
	name, compose := r.desired.Compose.Name, r.desired.Compose
	if r.unfinished {
		compose = nil // whatever there is of it
	}
	var grace *time.Duration
	if !polite {
		grace = new(time.Duration)
	}
	finished := make(chan error, 1)
	go func() { finished <- r.env.Engine.Stop(ctx, name, compose, grace, nil) }()
	return finished
}

// sayUnfinished says why the session goes on after the apps' end.
func (r *run) sayUnfinished() {
	r.env.Emit(Event{
		Kind: Warned, Text: "the apps have ended, but Docker is not done with their containers",
		Hint: "it lets go of no volume while it deletes one, of any project; Ctrl-C leaves it to that",
	})
}

// silent tells whether the output of all containers that were followed has come to
// its end. A stream that broke says nothing of that.
func (r *run) silent() bool {
	for _, f := range r.followers {
		if f.live || f.broken {
			return false
		}
	}
	return len(r.followers) > 0
}

// drain lets the followers read what the stopped containers have printed last.
func (r *run) drain() {
	const patience = time.Second
	late := time.NewTimer(patience)
	defer late.Stop()
	for r.anyLive() {
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

func (r *run) anyLive() bool {
	for _, f := range r.followers {
		if f.live {
			return true
		}
	}
	return false
}
