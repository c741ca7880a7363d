package watch

import "time"

// askedFor is why the tree is polled although events might work.
var askedFor = trouble{reason: "polling was asked for"}

// toPolling gives up events for good. Whatever they did not tell is found by
// looking at everything, now and again.
func (r *reconciler) toPolling(t trouble) {
	if r.notifier != nil {
		_ = r.notifier.Close()
		r.notifier = nil
	}
	r.troubled = t
	r.snap.watches = nil
	r.snap.coarse = true
	r.snap.top.each(func(n *node) { n.watched = false })
	r.pending, r.all, r.rescan = map[string]bool{}, false, true
	r.poll.Reset(r.options.PollInterval)
}

// fellBack reports whether a look found that events cannot be relied on, and
// polls from then on.
func (r *reconciler) fellBack() bool {
	if r.snap.watches == nil || r.snap.watches.trouble == nil {
		return false
	}
	r.fallBack(*r.snap.watches.trouble)
	return true
}

func (r *reconciler) fallBack(t trouble) {
	if r.notifier == nil {
		return
	}
	r.toPolling(t)
	r.publish(false)
	r.poll.Reset(0)
}

// pollOnce looks at the whole tree. After a change it looks again soon, and
// hands over when two looks agree.
func (r *reconciler) pollOnce() {
	began := time.Now()
	before := r.snap.touches
	r.snap.lookAll()
	now := time.Now()
	changed := r.snap.touches != before
	if changed {
		r.withdraw()
		r.settle.note(began, now, r.snap.touches-before)
	}
	next := r.pollPause(now.Sub(began))
	switch {
	case r.settle.idle():
		// Nothing new; what is on offer still holds.
	case changed && now.Before(r.settle.end()), r.waitForGit():
		next = r.settle.pollAgain()
	default:
		r.handOver()
	}
	r.poll.Reset(next)
}

// pollPause keeps polling below a tenth of one CPU as far as the promise of a
// look each second allows.
func (r *reconciler) pollPause(took time.Duration) time.Duration {
	return max(r.options.PollInterval, min(10*took, maxPoll))
}
