package watch

// lookOptions say why a path is looked at.
type lookOptions struct {
	hinted bool // an event named it
	moved  bool // something by its name came or went
	deep   bool // everything below it is looked at again
}

// compare brings one path in the folder parent in step with what it is now. It
// reports whether everything below it was walked.
func (s *snapshot) compare(parent *node, path string, now meta, o lookOptions) bool {
	_, name := split(path)
	old := parent.children[name]
	if old == nil || old.kind != now.kind || s.refilter {
		left, hidden := s.leftOut(path, now.kind)
		if left {
			s.drop(old, false)
			return false
		}
		if old != nil && (old.kind != now.kind || old.hidden != hidden) {
			s.drop(old, true)
			old = nil
		}
		if old == nil {
			return s.appear(parent, name, now, hidden)
		}
	}
	if now.kind == dir {
		return s.compareDir(old, now, o)
	}
	s.compareFile(old, now, o)
	return false
}

// leftOut asks the matcher. A folder that is ignored but has something wanted
// below it stays, hidden.
func (s *snapshot) leftOut(path string, k kind) (left, hidden bool) {
	switch {
	case k == none || !s.matcher.Ignored(path, k == dir):
		return false, false
	case k == dir && !s.matcher.Pruned(path):
		return false, true
	default:
		return true, false
	}
}

// appear adds a path that was not there, if it is there now.
func (s *snapshot) appear(parent *node, name string, now meta, hidden bool) bool {
	if now.kind == none {
		return false
	}
	n := &node{meta: now, name: name, parent: parent, hidden: hidden}
	if parent.children == nil {
		parent.children = map[string]*node{}
	}
	parent.children[name] = n
	s.note(n, meta{})
	if n.kind == dir {
		s.dirs++
		s.walk(n, false)
		return true
	}
	s.files++
	s.sumChanged(n, meta{})
	return false
}

// compareDir follows a folder that was there before. When its name came or went
// meanwhile, or it is another folder by now, its watches and those below it may
// stand for folders that are elsewhere: they are dropped before any is added.
func (s *snapshot) compareDir(d *node, now meta, o lookOptions) bool {
	if o.moved || d.id != now.id && s.watches != nil {
		s.unwatchAll(d)
		d.meta = now
		s.walk(d, true)
		return true
	}
	d.meta = now
	if o.deep {
		s.walk(d, true)
		return true
	}
	s.retry(d)
	return false
}

// retry walks a folder that could not be read before, or whose watch is lost.
func (s *snapshot) retry(d *node) {
	_, unread := s.skipped[d.path()]
	lost := s.watches != nil && !d.watched
	if unread || lost {
		s.walk(d, false)
	}
}

// compareFile decides whether a file or symlink that was there before has other
// content now. Only content counts: a touch, a chmod, the same bytes written
// again are no change, and noted as that.
func (s *snapshot) compareFile(n *node, now meta, o lookOptions) {
	before := n.meta
	if now.sameStat(before) {
		if before.fresh(s.coarse) {
			s.compareFresh(n, now, o)
		}
		return
	}
	now.sum, now.summed = before.sum, before.summed
	n.meta = now
	if before.summed && before.size == now.size {
		sum, ok := s.sum(n)
		unreadable := !ok && before.mtime == now.mtime && before.id == now.id
		if unreadable {
			return
		}
		if ok && sum == before.sum {
			s.touch(n, before)
			return
		}
	}
	s.note(n, before)
	n.summed = false
	s.sumChanged(n, before)
}

// compareFresh is for a file whose times cannot tell: it was written so shortly
// before it was looked at that another write may have left the same times.
func (s *snapshot) compareFresh(n *node, now meta, o lookOptions) {
	before := n.meta
	sum, ok := s.sum(n)
	comparable := ok && before.summed
	switch {
	case comparable && sum == before.sum:
		n.seen = now.seen
		return
	case !comparable && !o.hinted:
		return // nothing says that it was written; an event may still do so
	}
	n.seen, n.sum, n.summed = now.seen, sum, ok
	before.ctime = -1 // not what it was, although stat says so
	before.summed = comparable
	s.note(n, before)
}

// drop forgets a path and everything below it, and with report notes that the
// consumer knew of them. Without, they were only left out.
func (s *snapshot) drop(n *node, report bool) {
	if n == nil {
		return
	}
	n.each(func(c *node) {
		if report {
			s.note(c, c.meta)
		} else {
			delete(s.was, c.path())
			s.noteRules(c.path(), c)
		}
		s.unwatch(c)
		delete(s.skipped, c.path())
		if c.kind == dir {
			s.dirs--
		} else {
			s.files--
		}
	})
	delete(n.parent.children, n.name)
}
