package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devbox-node/devbox/internal/watch"
)

// handOver is the state of a hand-over to another watcher.
type handOver struct {
	// flushed is closed once every change from before the other watcher's snapshot
	// was taken in here; nil as long as there is no other watcher.
	flushed <-chan struct{}
	done    bool
	// parted says that what was put off was done.
	parted bool
	// proven comes when the apps that have just started will have shown that they go on.
	proven <-chan time.Time
}

// stayError is that nobody else could be left watching.
type stayError struct{ err error }

func (e *stayError) Error() string { return e.err.Error() }
func (e *stayError) Unwrap() error { return e.err }

// handOver leaves somebody else watching. What it does not see, because it came
// before its snapshot, is asked of the session's own watcher, whatever that would
// wait for.
func (r *run) handOver(w *watch.Watcher) (*handOver, error) {
	if r.opts.HandOver == nil {
		return &handOver{done: true}, nil
	}
	if err := r.opts.HandOver(); err != nil {
		return nil, &stayError{err}
	}
	return &handOver{flushed: w.Flush()}, nil
}

var errNoTime = errors.New("no time left")

// turn takes in one piece of news of a session that is about to end.
func (r *run) turn(ctx context.Context, w *watch.Watcher, over *handOver, late <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case b, ok := <-w.Batches():
		if !ok {
			return cmp.Or(w.Err(), context.Canceled)
		}
		r.changed(ctx, b)
	case s, ok := <-r.statuses:
		r.watchStatus(s, ok)
	case now := <-r.loops.alarm(r.opts.Now()):
		r.restartHeld(ctx, now)
	case <-r.silentAlarm(r.opts.Now()):
		r.tellSilent()
	case out := <-r.converged:
		r.convergeEnded(ctx, out)
	case s := <-r.snapshots:
		r.look(ctx, s)
	case rep := <-r.reports:
		r.report(rep)
	case f := <-r.ended:
		r.followerEnded(f)
	case <-over.flushed:
		over.flushed, over.done = nil, true
	case <-over.proven:
	case <-late:
		return errNoTime
	}
	r.remember()
	return nil
}

// untilReady supervises until every service is ready and somebody else watches.
func (r *run) untilReady(ctx context.Context, w *watch.Watcher) error {
	r.observe()
	late := time.NewTimer(r.opts.ReadyTime)
	defer late.Stop()
	over := &handOver{}
	for {
		err := r.turn(ctx, w, over, late.C)
		if errors.Is(err, errNoTime) {
			if over.proven != nil {
				return r.leave(ctx, w) // they are ready, and there is no time to see more of them
			}
			return r.leaveUnready(ctx, w, fmt.Sprintf("within %s", r.opts.ReadyTime))
		} else if err != nil {
			return err
		}
		ready, failed := r.allReady()
		if ready && !r.converging {
			ready, failed = r.stillReady(ctx) // what was ready may be gone before its news is here
		}
		over.proven = nil
		switch {
		case failed:
			return r.leaveUnready(ctx, w, "")
		case !ready || r.converging:
			continue
		}
		// Before somebody else watches: an edit meanwhile would be acted on by both.
		if over.proven = r.provenAlarm(r.opts.Now()); over.proven != nil {
			continue
		}
		if !over.done && over.flushed == nil {
			if over, err = r.handOver(w); err != nil {
				return err
			}
		}
		if r.part(ctx, over) {
			return nil
		}
	}
}

// part reports whether nothing is left to do here. What was put off to break a
// loop is done at last, once: who watches next knows nothing of it.
func (r *run) part(ctx context.Context, over *handOver) bool {
	if over.done && !r.converging && !over.parted {
		over.parted = true
		r.restartHeld(ctx, r.opts.Now())
	}
	return over.done && !r.converging
}

// leaveByWish leaves the environment running, unless nobody else can be left
// watching, and stops it where the user asks for that meanwhile. It reports whether
// the session is at its end.
func (r *run) leaveByWish(ctx context.Context, w *watch.Watcher) (ended bool, err error) {
	err = r.leave(ctx, w)
	var stay *stayError
	switch {
	case errors.As(err, &stay):
		r.env.Emit(failure("", err))
		return false, nil
	case err != nil && ctx.Err() != nil:
		return true, r.shutdown(ctx)
	}
	return true, err
}

// leave ends the session and leaves the environment running, with somebody else
// watching. What a change asks for is begun here or seen there.
func (r *run) leave(ctx context.Context, w *watch.Watcher) error {
	over, err := r.handOver(w)
	for err == nil && !r.part(ctx, over) {
		err = r.turn(ctx, w, over, nil)
	}
	r.restarts.Wait()
	return err
}

// leaveUnready says which service is to blame. Its app waits for a change, so
// somebody has to see it.
func (r *run) leaveUnready(ctx context.Context, w *watch.Watcher, when string) error {
	return errors.Join(r.notReady(ctx, when), r.leave(ctx, w))
}

// allReady tells whether every app is ready, and whether one will not be.
func (r *run) allReady() (ready, failed bool) {
	ready = true
	moving := r.converging || r.plainRestarts.Load() > 0 // then containers come and go
	for _, a := range r.apps {
		failed = failed || a.down() || !moving && a.containerEnded()
		ready = ready && a.settled() && a.pending == nil
	}
	return ready, failed
}

// stillReady is allReady after another look at the containers.
func (r *run) stillReady(ctx context.Context) (ready, failed bool) {
	m := monitor{engine: r.env.Engine, project: r.desired.Compose.Name}
	if s, ok := m.take(ctx); ok {
		r.look(ctx, s)
	}
	return r.allReady()
}

// notReady says which service is to blame, and what it printed last.
func (r *run) notReady(ctx context.Context, when string) error {
	for _, name := range r.desired.Project.Model.Names() {
		a := r.apps[name]
		if a.settled() {
			continue
		}
		e := &NotReadyError{Service: name, Text: fmt.Sprintf("does not listen on port %d %s", a.port, when), Last: r.env.lastLines(ctx, a.container)}
		switch {
		case a.down():
			if e.Text = a.ending(); !a.listensAt.IsZero() {
				e.Text += " after it had listened"
			}
			if a.state == AppExited {
				e.Remedy = endedHint
			}
			return r.env.withDenial(r.desired, e)
		case a.containerEnded():
			e.Text = fmt.Sprintf("does not run any more: its container ended with exit status %d", a.container.ExitCode)
		case a.state == AppRunning && !a.silenceTold: // else it was said
			e.Remedy = silentHint
		}
		return e
	}
	return ErrNotReady
}
