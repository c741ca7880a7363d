package ui

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

// feedEvery is the least time between two batches: at most 30 a second.
const feedEvery = 33 * time.Millisecond

// feed collects what a session says and hands it on in batches. Lines of output
// do not go through the program at all: they go into the store, which is
// bounded, and the program is only told that there are new ones.
type feed struct {
	lines func([]session.Event)

	mu      sync.Mutex
	pending feedMsg
	some    chan struct{}
}

func newFeed(lines func([]session.Event)) *feed {
	return &feed{lines: lines, some: make(chan struct{}, 1)}
}

// listen is a session's listener. It never waits for the screen.
func (f *feed) listen(events ...session.Event) {
	f.lines(events)
	f.mu.Lock()
	for _, e := range events {
		if e.Kind == session.Log {
			f.pending.lines = true
			continue
		}
		f.pending.events = append(f.pending.events, e)
	}
	f.mu.Unlock()
	f.wake()
}

func (f *feed) show(o session.Overview) {
	f.mu.Lock()
	f.pending.overview = &o
	f.mu.Unlock()
	f.wake()
}

func (f *feed) measure(samples []session.Sample) {
	f.mu.Lock()
	// Nobody needs more of them than there are services.
	f.pending.samples = append(slices.Clip(f.pending.samples), samples...)
	const most = 1000
	if n := len(f.pending.samples) - most; n > 0 {
		f.pending.samples = f.pending.samples[n:]
	}
	f.mu.Unlock()
	f.wake()
}

func (f *feed) stay() {
	f.mu.Lock()
	f.pending.stayed = true
	f.mu.Unlock()
	f.wake()
}

func (f *feed) wake() {
	select {
	case f.some <- struct{}{}:
	default:
	}
}

func (f *feed) take() feedMsg {
	f.mu.Lock()
	defer f.mu.Unlock()
	msg := f.pending
	f.pending = feedMsg{}
	return msg
}

// pump sends batches until ctx ends, and then what is left.
func (f *feed) pump(ctx context.Context, send func(feedMsg)) {
	for {
		select {
		case <-ctx.Done():
			send(f.take())
			return
		case <-f.some:
		}
		send(f.take())
		select {
		case <-ctx.Done():
		case <-time.After(feedEvery):
		}
	}
}
