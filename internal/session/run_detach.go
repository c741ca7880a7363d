package session

import (
	"context"
	"fmt"
	"time"

	"github.com/devbox-node/devbox/internal/watch"
)

// untilReady supervises until every service is ready and somebody else watches.
func (r *run) untilReady(ctx context.Context, w *watch.Watcher) error {
	m := &monitor{r.env.Engine, r.desired.Compose.Name, r.env.Emit, r.snapshots}
	r.tasks.start(func() { m.run(r.background) })
	late := time.NewTimer(r.opts.ReadyTime)
	defer late.Stop()
	// An edit from before the other watcher's snapshot takes this long to settle.
	const settled = 100 * time.Millisecond
	var handedOver <-chan time.Time
	for over := false; ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case b, ok := <-w.Batches():
			if !ok {
				return w.Err()
			}
			r.changed(ctx, b)
		case out := <-r.converged:
			r.convergeEnded(ctx, out)
		case s := <-r.snapshots:
			r.look(ctx, s)
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		case <-handedOver:
			over = true
		case <-late.C:
			return r.notReady(ctx, fmt.Sprintf("within %s", r.opts.ReadyTime))
		}
		ready, crashed := r.allReady()
		switch {
		case crashed:
			return r.notReady(ctx, "")
		case !ready || r.converging:
		case over || r.opts.HandOver == nil:
			return nil
		case handedOver == nil:
			if err := r.opts.HandOver(); err != nil {
				return err
			}
			handedOver = time.After(settled)
		}
	}
}

// allReady tells whether every app is ready, and whether one has crashed.
func (r *run) allReady() (ready, crashed bool) {
	ready = true
	for _, a := range r.apps {
		crashed = crashed || a.state == AppCrashed
		ready = ready && a.settled() && a.pending == nil
	}
	return ready, crashed
}

// notReady says which service is to blame, and what it printed last.
func (r *run) notReady(ctx context.Context, when string) error {
	for _, name := range r.desired.Project.Model.Names() {
		a := r.apps[name]
		if a.settled() {
			continue
		}
		e := &NotReadyError{Service: name, Text: fmt.Sprintf("does not listen on port %d %s", a.port, when), Last: r.env.lastLines(ctx, a.container)}
		if a.state == AppCrashed {
			e.Text = "crashed"
		}
		return e
	}
	return ErrNotReady
}
