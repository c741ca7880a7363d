// Package watch turns what happens in a source tree into settled batches of
// changed paths. It keeps a snapshot of the tree and takes file events as hints
// where to look again, never as the truth: a lost event, a renamed folder, a
// folder that fills before its watch exists all end in another look. A change is
// a change of content, so touch, chmod and writing the same bytes again are
// none. Ignored folders hold no watch. Where events cannot work, because of the
// kernel's limits or the file system, the tree is polled and the status says so.
// What it cannot see: changes behind symlinks that leave the tree, and changes
// to files over 8 MiB that keep size and times.
package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say what to watch and how.
type Options struct {
	// Root is the folder to watch, absolute.
	Root string
	// Ignore decides what is source; nil means NewMatcher(Root, Rules{}).
	Ignore Ignorer
	// Quiet is how long nothing must happen after a single save for the batch
	// to be handed over, 10 ms by default. Several paths take longer, up to ten
	// times that, and so does a file that is gone or empty: it may be half a save.
	Quiet time.Duration
	// Ceiling is the longest wait under writes that do not end, 500 ms by
	// default; twenty times that for bursts of 50 paths and more and while git
	// holds its lock.
	Ceiling time.Duration
	// PollInterval is the pause between looks where events do not work, 500 ms
	// by default and at most 1 s.
	PollInterval time.Duration
	// StateDir is a folder on the same file system in which a file may be made
	// to test that events arrive. Empty means no test.
	StateDir string
	// ForcePoll polls even where events would work.
	ForcePoll bool
}

// Watcher follows one source tree until it is closed.
type Watcher struct {
	batches  chan Batch
	early    chan string
	statuses chan Status
	changes  chan Options // at most one, the newest
	flushes  chan chan struct{}
	cancel   context.CancelFunc
	done     chan struct{} // closed when every goroutine has ended
	run      *reconciler   // owned by its loop until done is closed

	mu     sync.Mutex
	status Status
	err    error
	tree   Tree
}

// system is what tests replace.
type system struct {
	newNotifier func() (notifier, error)
	fileSystem  func(path string) (magic uint32, err error)
	list        func(path string) (names []string, err error)
	// sumFor is how long New may take to read content; the rest is read later.
	sumFor time.Duration
}

var realSystem = system{
	newNotifier: newNotifier,
	fileSystem:  fileSystemType,
	list:        list,
	sumFor:      50 * time.Millisecond,
}

// New returns a watcher that is ready: no change made after it returns is lost.
// It ends with ctx, with Close, or when the root is gone.
func New(ctx context.Context, o Options) (*Watcher, error) {
	return start(ctx, o, realSystem)
}

func start(ctx context.Context, o Options, sys system) (*Watcher, error) {
	root, err := checkRoot(o.Root)
	if err != nil {
		return nil, fmt.Errorf("watch %q: %w", o.Root, err)
	}
	if o.Ignore == nil {
		m, err := NewMatcher(root, Rules{})
		if err != nil {
			return nil, err
		}
		o.Ignore = m
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &Watcher{
		batches:  make(chan Batch),
		early:    make(chan string),
		statuses: make(chan Status, 1),
		changes:  make(chan Options, 1),
		flushes:  make(chan chan struct{}),
		cancel:   cancel,
		done:     make(chan struct{}),
	}
	r := newReconciler(w, o, root, sys)
	w.run = r
	if err := r.begin(ctx); err != nil {
		cancel()
		r.stop()
		return nil, err
	}
	go func() {
		defer close(w.done)
		err := r.run(ctx)
		cancel()
		r.stop()
		w.end(err)
	}()
	return w, nil
}

// checkRoot returns the root's real path: events carry names below the path
// that was watched, so it must not change meaning.
func checkRoot(root string) (string, error) {
	if !filepath.IsAbs(root) {
		return "", errors.New("path is not absolute")
	}
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(root)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", errors.New("not a folder")
	}
	return root, nil
}

// Batches delivers what changed. A batch that is not taken yet grows by what
// changes meanwhile, and shrinks by what is undone; it never holds anything up.
// The channel is closed when the watcher ends, and Err says why.
func (w *Watcher) Batches() <-chan Batch { return w.batches }

// Early delivers the path of a file that is certain to have other content now, before
// that has settled, where nothing else has happened since the last batch. Once it was
// taken, a batch with that path follows, whatever happens meanwhile: among the touched
// files if nothing is left of the change. It is for those who can prepare for the
// batch; the channel is never closed.
func (w *Watcher) Early() <-chan string { return w.early }

// Statuses delivers the status when it has news: at the start, when polling
// begins, when a folder cannot be read. Only the latest waits to be taken. It is
// closed when the watcher ends.
func (w *Watcher) Statuses() <-chan Status { return w.statuses }

// Status is the status at this moment.
func (w *Watcher) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// Tree is the source as it was when New returned. It can be had once; batches
// say what changes from then on.
func (w *Watcher) Tree() Tree {
	w.mu.Lock()
	defer w.mu.Unlock()
	tree := w.tree
	w.tree = nil
	return tree
}

// Err says why the watcher ended by itself, a *RootGoneError. It is nil before,
// and after Close or the end of the context.
func (w *Watcher) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Change puts other settings into force, without losing a change on the way:
// Ignore, unless it is nil, Quiet and Ceiling; ForcePoll begins to poll, but does
// not end it. What is now ignored is dropped, what is no longer ignored is
// reported as created. The rest of o says nothing. Only one goroutine may call it.
func (w *Watcher) Change(o Options) {
	select {
	case <-w.changes: // nobody took the one before
	default:
	}
	w.changes <- o
}

// Flush looks at the whole tree and delivers what has changed without waiting for
// more. The channel that it returns is closed once every change from before the
// call was taken from Batches; never, if the watcher ends before that.
func (w *Watcher) Flush() <-chan struct{} {
	taken := make(chan struct{})
	select {
	case w.flushes <- taken:
	case <-w.done:
	}
	return taken
}

// Close ends the watcher and waits until it has ended. It may be called several
// times and at any time.
func (w *Watcher) Close() error {
	w.cancel()
	<-w.done
	return nil
}

func (w *Watcher) end(err error) {
	w.mu.Lock()
	w.err = err
	w.mu.Unlock()
	close(w.batches)
	close(w.statuses)
}

// publish keeps the status and sends it on if it is news. Only the goroutine
// that reconciles calls it.
func (w *Watcher) publish(st Status, first bool) {
	w.mu.Lock()
	news := first || !st.sameNews(w.status)
	w.status = st
	w.mu.Unlock()
	if !news {
		return
	}
	select {
	case <-w.statuses: // nobody took the one before
	default:
	}
	w.statuses <- st
}
