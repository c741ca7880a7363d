package enginetest

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// Logs gives what a container has printed and, when following, goes on while
// it runs.
func (f *Fake) Logs(ctx context.Context, id string, o engine.LogOptions, each func(engine.Chunk)) error {
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.moved.Broadcast()
	})
	defer stop()
	err := f.begin("Logs")
	next := 0
	if c := f.find(id); c != nil && o.Tail >= 0 {
		next = max(0, len(c.lines)-o.Tail)
	}
	for err == nil && ctx.Err() == nil {
		c := f.find(id)
		if c == nil {
			break
		}
		if next < len(c.lines) {
			chunk := c.lines[next]
			next++
			f.mu.Unlock()
			if !chunk.Time.Before(o.Since) {
				each(chunk)
			}
			f.mu.Lock()
			continue
		}
		if !o.Follow || c.State != engine.Running {
			break
		}
		f.moved.Wait()
	}
	f.mu.Unlock()
	return err
}

// Events tells of changes from since until ctx ends.
func (f *Fake) Events(ctx context.Context, _ string, since time.Time, each func(engine.Event)) error {
	err := f.begin("Events")
	const some = 16
	w := make(chan engine.Event, some)
	f.watchers = append(f.watchers, w)
	if !f.told.Before(since) {
		w <- engine.Event{Time: f.told}
	}
	f.mu.Unlock()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w:
			each(e)
		}
	}
	return err
}

// Usage is the same each time but for the clock: half a core and 64 MiB.
func (f *Fake) Usage(_ context.Context, id string) (engine.Usage, error) {
	err := f.begin("Usage")
	defer f.mu.Unlock()
	if f.find(id) == nil && err == nil {
		err = engine.ErrNotFound
	}
	now := time.Now()
	return engine.Usage{Time: now, CPU: time.Duration(now.UnixNano() / 2), Memory: 64 << 20, Limit: 1 << 30}, err
}

// Input connects to a container's standard input.
func (f *Fake) Input(_ context.Context, id string) (io.WriteCloser, error) {
	err := f.begin("Input")
	defer f.mu.Unlock()
	return &input{f, id}, err
}

type input struct {
	fake *Fake
	id   string
}

func (i *input) Write(p []byte) (int, error) {
	err := i.fake.begin("Write")
	i.fake.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if i.fake.OnWord != nil {
		i.fake.OnWord(i.fake, i.id, strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

func (*input) Close() error { return nil }

// Signal only remembers the signal.
func (f *Fake) Signal(_ context.Context, id, signal string) error {
	err := f.begin("Signal")
	defer f.mu.Unlock()
	f.did = append(f.did, "signal "+id+" "+signal)
	return err
}
