package session

import "sync"

// again has the restarts of one container take turns: one is under way, and one
// more is to follow it at most, for all that was asked meanwhile.
type again struct {
	mu      sync.Mutex
	running bool
	pending *restart
}

// begin takes a restart in. It reports true when the caller is to do it, and
// false when whoever is at it does it next.
func (g *again) begin(p restart) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.running {
		g.running = true
		return true
	}
	if g.pending != nil {
		p.files, p.seen = union(g.pending.files, p.files), g.pending.seen
	}
	g.pending = &p
	return false
}

// next is the restart to do after one that has ended, if there is one.
func (g *again) next() (restart, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending == nil {
		g.running = false
		return restart{}, false
	}
	p := *g.pending
	g.pending = nil
	return p, true
}

// drop forgets the restart that was to follow.
func (g *again) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending = nil
}
