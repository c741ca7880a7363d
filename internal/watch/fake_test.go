package watch

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/fsnotify/fsnotify"
)

// fakeNotifier sends the events that a test makes up. Adding fails once failAt
// folders have a watch.
type fakeNotifier struct {
	events chan fsnotify.Event
	errs   chan error

	mu      sync.Mutex
	watches map[string]bool
	failAt  int
	failure error
	close   sync.Once
}

func newFakeNotifier() *fakeNotifier {
	return &fakeNotifier{events: make(chan fsnotify.Event), errs: make(chan error), watches: map[string]bool{}}
}

// system gives f to the watcher and another one to its self-test.
func (f *fakeNotifier) system() system {
	sys := patientSystem()
	given := false
	sys.newNotifier = func() (notifier, error) {
		if given {
			return newFakeNotifier(), nil
		}
		given = true
		return f, nil
	}
	return sys
}

func (f *fakeNotifier) Add(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failure != nil && len(f.watches) >= f.failAt && !f.watches[path] {
		return f.failure
	}
	f.watches[path] = true
	return nil
}

func (f *fakeNotifier) Remove(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.watches[path] {
		return fsnotify.ErrNonExistentWatch
	}
	delete(f.watches, path)
	return nil
}

func (f *fakeNotifier) WatchList() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for path := range f.watches {
		list = append(list, path)
	}
	return list
}

func (f *fakeNotifier) Close() error {
	f.close.Do(func() { close(f.events); close(f.errs) })
	return nil
}

func (f *fakeNotifier) Events() <-chan fsnotify.Event { return f.events }
func (f *fakeNotifier) Errors() <-chan error          { return f.errs }

// wrappedNotifier is the real one with faults in between: while lossy, events
// are dropped, as an overflow of the kernel's queue does; added is told of each
// new watch.
type wrappedNotifier struct {
	notifier
	events chan fsnotify.Event
	errs   chan error
	lossy  atomic.Bool
	dead   chan struct{}
	add    func(path string) error
}

func wrapNotifier() (*wrappedNotifier, error) {
	n, err := newNotifier()
	if err != nil {
		return nil, err
	}
	w := &wrappedNotifier{notifier: n, events: make(chan fsnotify.Event), errs: make(chan error), dead: make(chan struct{})}
	go func() {
		defer close(w.dead)
		defer close(w.events)
		for ev := range n.Events() {
			if !w.lossy.Load() {
				w.events <- ev
			}
		}
	}()
	return w, nil
}

func (w *wrappedNotifier) Events() <-chan fsnotify.Event { return w.events }
func (w *wrappedNotifier) Errors() <-chan error          { return w.errs }

func (w *wrappedNotifier) Add(path string) error {
	if w.add != nil {
		if err := w.add(path); err != nil {
			return err
		}
	}
	return w.notifier.Add(path)
}

func (w *wrappedNotifier) Close() error {
	err := w.notifier.Close()
	<-w.dead
	return err
}

// overflow ends a lossy time the way the kernel does.
func (w *wrappedNotifier) overflow() {
	w.lossy.Store(false)
	w.errs <- fsnotify.ErrEventOverflow
}

// wrappedSystem makes the next watcher's notifier a wrapped one.
func wrappedSystem() (system, *wrappedNotifier, error) {
	w, err := wrapNotifier()
	sys := patientSystem()
	used := false
	sys.newNotifier = func() (notifier, error) {
		if used {
			return nil, errors.New("asked for a second notifier")
		}
		used = true
		return w, nil
	}
	return sys, w, err
}
