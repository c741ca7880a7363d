package logs

import "time"

// place is a row of an entry that is kept.
type place struct {
	seq  Seq
	part int
}

// Rows are the visible rows, at most as many as the view is high.
func (v *View) Rows() []Row {
	v.lock()
	defer v.store.mu.Unlock()
	v.work(frameBudget)
	return v.visible()
}

// visible are the visible rows; the store is locked.
func (v *View) visible() []Row {
	if v.width == 0 || v.height == 0 {
		return nil
	}
	at, ok := v.at()
	if !ok {
		return nil
	}
	if v.follow {
		// Where the view stays when it no longer follows.
		v.top, v.part = at.seq, at.part
	}
	rows := v.rows(at.seq)[at.part:]
	rows = rows[:min(len(rows), v.height):min(len(rows), v.height)]
	for seq := at.seq; len(rows) < v.height; {
		seq, ok = v.kept.next(seq+1, false)
		if !ok {
			break
		}
		more := v.rows(seq)
		rows = append(rows, more[:min(len(more), v.height-len(rows))]...)
	}
	return rows
}

// at is the place at the top of the view: that of its line, or of the nearest
// that is kept, and never so far down that rows would be left empty.
func (v *View) at() (place, bool) {
	last, ok := v.lowest()
	if !ok || v.follow {
		return last, ok
	}
	seq, _ := v.kept.near(v.top)
	p := place{seq, 0}
	if seq == v.top {
		p.part = min(v.part, len(v.rows(seq))-1)
	}
	if last.before(p) {
		return last, true
	}
	return p, true
}

func (p place) before(q place) bool { return p.seq < q.seq || p.seq == q.seq && p.part < q.part }

// lowest is the place at the top of a view that shows the end.
func (v *View) lowest() (place, bool) {
	seq, ok := v.kept.prev(v.store.next, false)
	if !ok {
		return place{}, false
	}
	return v.up(place{seq, len(v.rows(seq)) - 1}, v.height-1), true
}

// up goes up by rows, as far as there are any.
func (v *View) up(p place, rows int) place {
	for p.part < rows {
		seq, ok := v.kept.prev(p.seq-1, false)
		if !ok {
			return place{p.seq, 0}
		}
		rows -= p.part + 1
		p = place{seq, len(v.rows(seq)) - 1}
	}
	p.part -= rows
	return p
}

// down goes down by rows, as far as there are any.
func (v *View) down(p place, rows int) place {
	for {
		n := len(v.rows(p.seq))
		if p.part+rows < n {
			p.part += rows
			return p
		}
		seq, ok := v.kept.next(p.seq+1, false)
		if !ok {
			p.part = n - 1
			return p
		}
		rows -= n - p.part
		p = place{seq, 0}
	}
}

// move goes to a place; to the end is to follow.
func (v *View) move(to func(place) place) {
	if v.width == 0 || v.height == 0 {
		return
	}
	v.lock()
	defer v.store.mu.Unlock()
	v.work(frameBudget)
	at, ok := v.at()
	if !ok {
		return
	}
	goal := to(at)
	if goal == at {
		return
	}
	last, _ := v.lowest()
	v.top, v.part = goal.seq, goal.part
	v.follow = at.before(goal) && !goal.before(last)
}

// Follow shows the newest lines as they come, or stays where the view is.
func (v *View) Follow(on bool) {
	if v.follow && !on {
		v.Rows() // finds where that is
	}
	v.follow = on
}

// Scroll moves by rows, down where rows is above 0; at the end the view follows
// again. Where lines are cut, it moves to the right by columns, and back.
func (v *View) Scroll(rows, columns int) {
	if columns != 0 && !v.opts.Wrap {
		v.column = max(0, min(v.column+columns, maxShown))
		v.relay()
	}
	switch {
	case rows < 0:
		v.move(func(p place) place { return v.up(p, -rows) })
	case rows > 0 && !v.follow:
		v.move(func(p place) place { return v.down(p, rows) })
	}
}

// Page moves by pages, less one row.
func (v *View) Page(pages int) { v.Scroll(pages*max(1, v.height-1), 0) }

// Top goes to the oldest entry that is kept.
func (v *View) Top() {
	v.follow, v.top, v.part = false, 0, 0
}

// Bottom goes to the newest entry and follows.
func (v *View) Bottom() { v.follow = true }

// GoTo shows an entry, at the middle of the view unless it is visible already;
// where it is not kept or not held, its nearest neighbour.
func (v *View) GoTo(seq Seq) {
	v.lock()
	defer v.store.mu.Unlock()
	v.kept.work(seq, false, time.Now().Add(changeBudget))
	v.show(seq)
}

func (v *View) show(seq Seq) {
	seq, ok := v.kept.near(seq)
	if !ok || v.width == 0 || v.height == 0 {
		return
	}
	goal := place{seq, v.markedRow(seq)}
	for _, r := range v.visible() {
		if r.Seq == goal.seq && r.Part == goal.part {
			v.follow = false
			return
		}
	}
	goal = v.up(goal, v.height/2)
	v.follow, v.top, v.part = false, goal.seq, goal.part
}

// markedRow is the first row of an entry that has what is searched for.
func (v *View) markedRow(seq Seq) int {
	for i, r := range v.rows(seq) {
		for _, s := range r.Spans {
			if s.Match != NoMatch {
				return i
			}
		}
	}
	return 0
}
