package watch

import (
	"context"
	"time"
)

// run reconciles until ctx ends, which is no error, or the root is gone.
func (r *reconciler) run(ctx context.Context) error {
	audit := time.NewTicker(auditEvery)
	defer audit.Stop()
	for r.snap.failed == nil {
		var batches chan<- Batch
		var batch Batch
		if r.offer != nil {
			batches, batch = r.w.batches, *r.offer
		}
		var early chan<- string
		if r.early != "" {
			early = r.w.early
		}
		select {
		case <-ctx.Done():
			return nil
		case batches <- batch:
			r.taken()
		case early <- r.early:
			r.promised, r.early = r.early, ""
		case <-r.hints.wake:
			r.collect()
		case <-r.soon.C:
			r.tellEarly()
		case <-r.timer.C:
			r.settleDown()
		case <-r.poll.C:
			r.pollOnce()
		case <-audit.C:
			r.audit()
		case o := <-r.w.changes:
			r.change(o)
		case taken := <-r.w.flushes:
			r.flush(taken)
		case job := <-r.summer.done:
			r.snap.summed(job)
		case <-r.silent:
			r.fallBack(trouble{
				reason: "file events do not arrive on this file system",
				hint:   "keep the project on a local disk for instant restarts",
			})
		}
	}
	return r.snap.failed
}

// collect takes the events that came and puts off the look that they ask for.
func (r *reconciler) collect() {
	h := r.hints.take()
	if r.notifier == nil {
		return // polling; these are the last events
	}
	if h.ended {
		r.fallBack(trouble{reason: "file events have stopped"})
		return
	}
	worth := h.all
	if h.all {
		r.all, r.rescan = true, true
	}
	for path, moved := range h.paths {
		if r.snap.wanted(path) {
			r.pending[path] = r.pending[path] || moved
			worth = true
		}
	}
	if worth {
		r.expect(h.first, h.last)
		r.expectEarly()
	}
}

// change puts other settings into force. The look that follows applies new
// rules to what is known.
func (r *reconciler) change(o Options) {
	r.settle.pace = paceOf(o)
	if o.Ignore != nil {
		r.snap.matcher = o.Ignore
		r.snap.ruleDirs[""] = true
	}
	switch {
	case r.notifier == nil:
		r.poll.Reset(0)
	case o.ForcePoll:
		r.fallBack(askedFor)
	default:
		now := time.Now()
		r.pending[""] = true
		r.expect(now, now)
	}
}

// expect sets the time to look.
func (r *reconciler) expect(first, last time.Time) {
	paths := len(r.pending)
	if r.all {
		paths = max(paths, burst)
	}
	r.settle.note(first, last, paths)
	r.wakeAt(r.settle.due())
}

// wakeAt sets the time of the next settleDown.
func (r *reconciler) wakeAt(t time.Time) {
	r.wake = t
	r.timer.Reset(time.Until(t))
}

// heldUp notices that the process did not run for a while: it was stopped, the
// machine slept or is overloaded. Events then wait unread, and what is known is
// perhaps the half of a burst, so the time begins anew. On a machine that is
// always late, only a few times.
func (r *reconciler) heldUp() bool {
	const (
		longer = 5 * defaultQuiet // than a busy machine lets a process wait for its turn
		often  = 3
	)
	now := time.Now()
	late := now.Sub(r.wake)
	if late < longer || r.settle.delays >= often {
		return false
	}
	r.settle.delay(now, late)
	r.wakeAt(r.settle.due())
	return true
}

// settleDown looks at what events pointed to once they have calmed down, and
// hands it over unless there is reason to wait for more.
func (r *reconciler) settleDown() {
	if r.settle.idle() || r.heldUp() || r.waitForGit() {
		return
	}
	r.look()
	r.collect()
	if r.all {
		// Events were lost meanwhile. Whatever the time, what was seen of such a
		// burst is not worth handing over alone.
		r.look()
		r.collect()
	}
	if r.snap.failed != nil || r.notifier == nil || r.fellBack() {
		return
	}
	now := time.Now()
	busy := len(r.pending) > 0 || r.all
	switch {
	case busy && now.Before(r.settle.end()):
		return // collect has set the timer
	case !busy && r.snap.unsettled() && now.Before(r.settle.graceDue()):
		r.wakeAt(r.settle.graceDue())
		return
	}
	r.handOver()
	if busy {
		r.expect(now, now)
	}
}

// waitForGit puts the look off while git rewrites the tree. Its lock is only
// believed if it is about these changes.
func (r *reconciler) waitForGit() bool {
	now := time.Now()
	if !now.Before(r.settle.lockEnd()) {
		return false
	}
	if !r.underLock {
		r.underLock = r.lock.heldSince(r.settle.first)
	} else {
		r.underLock = r.lock.held()
	}
	if r.underLock {
		r.wakeAt(now.Add(r.settle.quiet))
	}
	return r.underLock
}

// look follows the hints.
func (r *reconciler) look() {
	if len(r.pending) == 0 && !r.all {
		return
	}
	before := r.snap.touches
	if r.all {
		r.snap.lookAll()
	} else {
		r.snap.look(r.pending)
	}
	clear(r.pending)
	r.all = false
	if r.snap.touches != before {
		r.withdraw()
		r.settle.note(r.settle.first, r.settle.last, r.snap.touches-before)
	}
}

// withdraw takes back what is on offer after a look found more: if it were taken
// now, what came since would be forgotten with it.
func (r *reconciler) withdraw() {
	if r.offer != nil {
		r.seen, r.offer = r.offer.Seen, nil
	}
}

// handOver offers what has changed since the consumer last took a batch.
func (r *reconciler) handOver() {
	r.withdraw()
	if r.seen.IsZero() {
		r.seen = r.settle.first
	}
	r.settle.reset()
	r.underLock = false
	r.early = ""
	r.summer.add(r.snap.sumJobs())
	defer r.publish(false)
	if changes, touched := r.kept(r.snap.changes()); len(changes) > 0 || len(touched) > 0 {
		r.offer = &Batch{Changes: changes, Touched: touched, Stamps: r.snap.stamps(), Seen: r.seen, Rescan: r.rescan}
		return
	}
	r.taken()
}

// flush hands over at once. Events that wait unread do not matter, since it looks
// at everything.
func (r *reconciler) flush(taken chan struct{}) {
	r.flushed = append(r.flushed, taken)
	now := time.Now()
	r.all = true
	r.settle.note(now, now, 1)
	r.look()
	if r.snap.failed == nil && !r.fellBack() {
		r.handOver()
	}
}

// taken starts the next batch.
func (r *reconciler) taken() {
	for _, taken := range r.flushed {
		close(taken)
	}
	r.flushed = nil
	r.offer = nil
	r.seen = time.Time{}
	r.promised = ""
	r.rescan = false
	r.snap.taken()
}

// audit looks after folders that have lost their watch, and those that could
// not be read.
func (r *reconciler) audit() {
	if r.notifier == nil {
		return // polling looks at everything anyway
	}
	lost := append(r.snap.lostWatches(), r.snap.unread()...)
	if len(lost) == 0 {
		return
	}
	for _, path := range lost {
		r.pending[path] = true
	}
	now := time.Now()
	r.expect(now, now)
}
