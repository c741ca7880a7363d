package watch

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// notifier is what the watcher needs of fsnotify.
type notifier interface {
	Add(path string) error
	Remove(path string) error
	WatchList() []string
	Close() error
	// Events and Errors are closed by Close.
	Events() <-chan fsnotify.Event
	Errors() <-chan error
}

type fsNotifier struct{ *fsnotify.Watcher }

func (n fsNotifier) Events() <-chan fsnotify.Event { return n.Watcher.Events }
func (n fsNotifier) Errors() <-chan error          { return n.Watcher.Errors }

func newNotifier() (notifier, error) {
	w, err := fsnotify.NewBufferedWatcher(1024)
	if err != nil {
		return nil, err
	}
	return fsNotifier{w}, nil
}

// watchSet knows which folder each watch stands for. The kernel has one watch
// for an inode whatever its name, and fsnotify goes on reporting the name that
// it first had: once a folder is moved its watch lies
// (https://github.com/fsnotify/fsnotify/issues/694). So a watch is never taken
// over by another name; it is removed and made anew.
type watchSet struct {
	notifier notifier
	byID     map[fileID]*node
	count    int
	// trouble is why events cannot be relied on any more.
	trouble *trouble
	// onMount is asked about folders on another device than their parent's.
	onMount func(path string) (trouble, bool)
}

func newWatchSet(n notifier, onMount func(string) (trouble, bool)) *watchSet {
	return &watchSet{notifier: n, byID: map[fileID]*node{}, onMount: onMount}
}

// watch makes sure that a folder has a watch. It is asked for again even where
// one is known: that costs a microsecond and mends one that the kernel dropped.
// It is false if the folder is not worth a look any more.
func (s *snapshot) watch(d *node, path string) bool {
	if s.watches == nil || s.watches.trouble != nil {
		return true
	}
	s.checkMount(d, path)
	if other := s.watches.byID[d.id]; other != nil && other != d {
		s.unwatch(other)
	}
	err := s.watches.notifier.Add(s.abs(path))
	switch {
	case err == nil:
		if !d.watched {
			d.watched = true
			s.watches.count++
		}
		if d.id != (fileID{}) {
			s.watches.byID[d.id] = d
		}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotDir), errors.Is(err, fs.ErrPermission),
		errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG):
		// Listing the folder fails for the same reason and deals with it.
	case errors.Is(err, fsnotify.ErrClosed):
		return false
	default:
		t := limitTrouble(err)
		s.watches.trouble = &t
	}
	return true
}

// checkMount notices a folder of the tree that is a mount of its own.
func (s *snapshot) checkMount(d *node, path string) {
	if d.parent == nil || d.parent.id.dev == d.id.dev {
		return
	}
	if t, found := s.watches.onMount(s.abs(path)); found {
		s.watches.trouble = &t
	}
}

func (s *snapshot) unwatch(d *node) {
	if !d.watched {
		return
	}
	d.watched = false
	if s.watches == nil {
		return
	}
	s.watches.count--
	// An error means that the kernel was faster.
	_ = s.watches.notifier.Remove(s.abs(d.path()))
	if s.watches.byID[d.id] == d {
		delete(s.watches.byID, d.id)
	}
}

// unwatchAll drops the watch of a folder and those of all folders below it.
func (s *snapshot) unwatchAll(d *node) {
	d.each(func(n *node) {
		if n.kind == dir {
			s.unwatch(n)
		}
	})
}

// lostWatches returns the folders that should have a watch and have none: the
// kernel removes watches of its own accord when a file system is unmounted, and
// fsnotify does not tell.
func (s *snapshot) lostWatches() []string {
	if s.watches == nil {
		return nil
	}
	names := s.watches.notifier.WatchList()
	if len(names) == s.dirs {
		return nil
	}
	have := make(map[string]bool, len(names))
	for _, name := range names {
		have[name] = true
	}
	var lost []string
	s.top.each(func(n *node) {
		if n.kind != dir {
			return
		}
		path := n.path()
		if _, unread := s.skipped[path]; !unread && !have[s.abs(path)] {
			if n.watched {
				n.watched = false
				s.watches.count--
			}
			lost = append(lost, path)
		}
	})
	return lost
}
