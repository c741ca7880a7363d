package logs

import "time"

// part is what a view knows of a chunk.
type part struct {
	c        *chunk
	first    Seq
	tested   int    // how many entries the filter looked at, from the first
	done     bitset // those that it looked at before, with others of their trace
	keep     bitset // those that it keeps
	entries  int    // how many those are
	lines    int    // how many of them are lines of output
	searched int    // how many entries the search looked at
	found    bitset // those that have what is searched for
}

func (p *part) set(i int, on bool) {
	if p.keep.has(i) == on {
		return
	}
	change := 1
	if on {
		p.keep.add(i)
	} else {
		p.keep.remove(i)
		change = -1
	}
	p.entries += change
	if p.c.records[i].kind.Output() {
		p.lines += change
	}
}

// kept is the part of a store that a view keeps, and what was found in it. Its
// methods need the store locked.
type kept struct {
	t       tester
	pattern *pattern // nil: no search
	parts   []*part  // as many as the store has chunks
	members []Seq
}

// sync takes in which chunks came and went.
func (k *kept) sync() {
	chunks := k.t.s.chunks
	gone := 0
	for gone < len(k.parts) && (len(chunks) == 0 || k.parts[gone].first < chunks[0].first) {
		gone++
	}
	k.parts = append(k.parts[:0], k.parts[gone:]...)
	for _, c := range chunks[len(k.parts):] {
		k.parts = append(k.parts, &part{c: c, first: c.first})
	}
}

// retest forgets what the filter kept.
func (k *kept) retest() {
	for _, p := range k.parts {
		*p = part{c: p.c, first: p.first, found: p.found, searched: p.searched}
	}
}

// research forgets what was found.
func (k *kept) research() {
	for _, p := range k.parts {
		p.found, p.searched = nil, 0
	}
}

// sliceLines and sliceBytes are how much is looked at between two looks at the
// clock, whichever is reached first: 25 µs of work for a text, up to 1 ms where
// each line is JSON that has to be made readable.
const (
	sliceLines = 512
	sliceBytes = 64 << 10
)

// slice is where the next slice of a part ends that begins at an entry.
func (p *part) slice(from int) int {
	end := min(len(p.c.records), from+sliceLines)
	for end > from+1 && p.c.records[end-1].end-p.c.begin(from) > sliceBytes {
		end = from + (end-from)/2
	}
	return end
}

// work looks at entries that were not looked at yet until a time, first at those
// around a place: from there down, then above. It reports true when none is left.
func (k *kept) work(from Seq, following bool, until time.Time) bool {
	k.sync()
	return k.each(from, following, until, k.test) && (k.pattern == nil || k.each(from, following, until, k.search))
}

func (k *kept) each(from Seq, following bool, until time.Time, step func(*part) bool) bool {
	n := len(k.parts)
	center := 0
	if following {
		center = n - 1
	} else if n > 0 {
		center = k.t.s.chunkOf(from)
	}
	for i := range n {
		at := center + i
		if at >= n {
			at = n - 1 - i
		}
		for !step(k.parts[at]) {
			if !time.Now().Before(until) {
				return false
			}
		}
	}
	return true
}

// test applies the filter to some entries; true means that none was left.
func (k *kept) test(p *part) bool {
	n := p.slice(p.tested)
	for ; p.tested < n; p.tested++ {
		i := p.tested
		r := &p.c.records[i]
		switch {
		case p.done.has(i):
		case r.prev == 0 && r.next == 0:
			k.members = append(k.members[:0], p.first+Seq(i))
			p.set(i, k.t.keeps(k.members))
		default:
			k.testTrace(p.first + Seq(i))
		}
	}
	return p.tested == len(p.c.records)
}

// testTrace tests a whole stack trace. As it grows, it is tested again: a later
// line may have what the filter asks for.
func (k *kept) testTrace(seq Seq) {
	k.members = k.t.s.members(k.members[:0], seq)
	keep := k.t.keeps(k.members)
	for _, seq := range k.members {
		p := k.parts[k.t.s.chunkOf(seq)]
		i := int(seq - p.first)
		p.set(i, keep)
		p.done.add(i)
	}
}

func (k *kept) search(p *part) bool {
	n := p.slice(p.searched)
	for ; p.searched < n; p.searched++ {
		i := p.searched
		if p.c.records[i].kind.Output() && k.t.has(k.pattern, p.c, i) {
			p.found.add(i)
		}
	}
	return p.searched == len(p.c.records)
}

// next is the first entry from a number on that is kept; where found is set, that
// has what is searched for, too.
func (k *kept) next(seq Seq, found bool) (Seq, bool) {
	if len(k.parts) == 0 {
		return 0, false
	}
	at := k.t.s.chunkOf(seq)
	for ; at < len(k.parts); at++ {
		p := k.parts[at]
		i := max(0, int(seq-p.first))
		if i = p.keep.next(p.among(found), i, len(p.c.records)); i >= 0 {
			return p.first + Seq(i), true
		}
	}
	return 0, false
}

// prev is next upwards, from a number back.
func (k *kept) prev(seq Seq, found bool) (Seq, bool) {
	if len(k.parts) == 0 || seq < k.parts[0].first {
		return 0, false
	}
	for at := k.t.s.chunkOf(seq); at >= 0; at-- {
		p := k.parts[at]
		i := min(int(seq-p.first), len(p.c.records)-1)
		if i = p.keep.prev(p.among(found), i); i >= 0 {
			return p.first + Seq(i), true
		}
	}
	return 0, false
}

// among are the entries that next and prev choose from.
func (p *part) among(found bool) bitset {
	if found {
		return p.found
	}
	return p.keep
}

// near is the entry that is kept and nearest to a number: that or the next one,
// else the one before.
func (k *kept) near(seq Seq) (Seq, bool) {
	if next, ok := k.next(seq, false); ok {
		return next, true
	}
	return k.prev(seq, false)
}

// before counts the kept entries before a number, and those of them that have
// what is searched for.
func (k *kept) before(seq Seq) (entries, matches int) {
	for _, p := range k.parts {
		if p.first >= seq {
			break
		}
		if n := len(p.c.records); p.first+Seq(n) <= seq {
			entries += p.entries
			matches += p.keep.both(p.found, n)
			continue
		}
		n := int(seq - p.first)
		entries += p.keep.both(p.keep, n)
		matches += p.keep.both(p.found, n)
	}
	return entries, matches
}

// isMatch tells whether an entry is kept and has what is searched for.
func (k *kept) isMatch(seq Seq) bool {
	if len(k.parts) == 0 || !k.t.s.holds(seq) {
		return false
	}
	p := k.parts[k.t.s.chunkOf(seq)]
	i := int(seq - p.first)
	return p.keep.has(i) && p.found.has(i)
}
