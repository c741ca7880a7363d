package watch

import "slices"

// expectEarly sets the time to see whether a change can be told of before it has
// settled: a tenth of quiet after its last event, because what is written in pieces
// may be what it was when the last one is there, and because tools write their
// second file sooner than that.
func (r *reconciler) expectEarly() {
	r.early = ""
	if r.alone() {
		r.soon.Reset(r.settle.quiet / 10)
	}
}

// alone reports whether exactly one path has changed since the last batch, as far
// as events tell.
func (r *reconciler) alone() bool {
	return len(r.pending) == 1 && !r.all && r.offer == nil && r.promised == "" && len(r.snap.was) == 0
}

// tellEarly looks whether there is something to tell. It changes nothing of what is
// known: that is for the look when the change has settled.
func (r *reconciler) tellEarly() {
	if !r.alone() || r.lock.held() {
		return
	}
	for path := range r.pending {
		if r.snap.differs(path) {
			r.early = path
		}
	}
}

// differs reports whether a file that is known is certain to have other content now,
// and some.
func (s *snapshot) differs(path string) bool {
	n, now := s.top.find(path), s.lstat(path)
	switch {
	case n == nil || n.kind != file || n.hidden || now.kind != file || now.size == 0:
		return false
	case now.size != n.size:
		return true
	case !n.summed:
		return false
	}
	sum, _, ok := contentSum(s.abs(path), file)
	return ok && sum != n.sum
}

// kept sees to it that a path which was told of early is in the batch.
func (r *reconciler) kept(changes []Change, touched []string) ([]Change, []string) {
	named := r.promised == "" || slices.Contains(touched, r.promised) ||
		slices.ContainsFunc(changes, func(c Change) bool { return c.Path == r.promised })
	if !named {
		touched = append(touched, r.promised)
		slices.Sort(touched)
	}
	return changes, touched
}
