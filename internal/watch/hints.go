package watch

import (
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// maxHints is how many different paths are kept as hints; beyond it the whole
// tree is looked at, which is cheaper then.
const maxHints = 1 << 17

// hints collects events until somebody looks at what they point to. Collecting
// never waits for anything, so the kernel's queue is emptied as fast as it
// fills, whatever the rest of the program does.
type hints struct {
	root string
	wake chan struct{}

	mu   sync.Mutex
	some heard
}

// heard is what was collected.
type heard struct {
	// paths are relative to the root. The value says that something by that
	// name came or went, which for a folder is more than a change inside it.
	paths map[string]bool
	// all says that events were lost.
	all bool
	// ended says that no more events will come.
	ended       bool
	first, last time.Time
}

func newHints(root string) *hints {
	return &hints{root: root, wake: make(chan struct{}, 1)}
}

// collect reads a notifier until it is closed.
func (h *hints) collect(n notifier) {
	events, errs := n.Events(), n.Errors()
	for events != nil {
		select {
		case ev, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			h.add(ev)
		case _, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			// Whatever went wrong, an overflow of the queue most of all, some
			// event may be missing.
			h.update(func(s *heard) { s.all = true })
		}
	}
	h.update(func(s *heard) { s.ended = true })
}

func (h *hints) add(ev fsnotify.Event) {
	path, ok := h.relative(ev.Name)
	if !ok {
		return
	}
	moved := ev.Has(fsnotify.Create) || ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename)
	h.update(func(s *heard) {
		if s.all {
			return
		}
		if s.paths == nil {
			s.paths = map[string]bool{}
		}
		s.paths[path] = s.paths[path] || moved
		if len(s.paths) > maxHints {
			s.all, s.paths = true, nil
		}
	})
}

func (h *hints) update(f func(*heard)) {
	now := time.Now()
	h.mu.Lock()
	if h.some.first.IsZero() {
		h.some.first = now
	}
	h.some.last = now
	f(&h.some)
	h.mu.Unlock()
	poke(h.wake)
}

// take empties the collection.
func (h *hints) take() heard {
	h.mu.Lock()
	defer h.mu.Unlock()
	some := h.some
	h.some = heard{}
	return some
}

// relative turns an event's name into a path relative to the root.
func (h *hints) relative(name string) (string, bool) {
	if name == h.root {
		return "", true
	}
	prefix := strings.TrimSuffix(h.root, string(filepath.Separator)) + string(filepath.Separator)
	rel, ok := strings.CutPrefix(name, prefix)
	return filepath.ToSlash(rel), ok
}
