package session

import (
	"context"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/term"
)

// report is a supervisor's record with where it came from.
type report struct {
	service   string
	container string
	record    record
}

// follower reads the output of one run of one container. A container's id
// outlives its runs, so a follower belongs to the id and the start time.
type follower struct {
	service   string
	container engine.Container
	// since is where reading begins; it moves on with what was read, so that a
	// broken stream is taken up again without a gap or a line twice.
	since time.Time
	tail  int
	// once ends with what is there already.
	once bool
	// adopted is when the app's state was read from its supervisor's file: the
	// records of before are known, and not news.
	adopted time.Time
	// broken says that reading ended before the output did.
	broken bool
}

// run reads until the output ends. Lines become events, records go to reports.
func (f *follower) run(ctx context.Context, e Engine, emit func(Event), reports chan<- report) error {
	streams := map[string]*term.Splitter{}
	var at time.Time
	splitter := func(stream string) *term.Splitter {
		if s := streams[stream]; s != nil {
			return s
		}
		s := term.NewSplitter(func(kind term.Kind, text string) {
			if r, ok := parseRecord(text); kind == term.Record && ok {
				if !at.Before(f.adopted) {
					f.report(ctx, reports, r)
				}
				return
			}
			emit(Event{Kind: Log, Time: at, Service: f.service, Line: text, Stream: stream})
		})
		streams[stream] = s
		return s
	}
	opts := engine.LogOptions{Since: f.since, Tail: f.tail, Follow: !f.once, TTY: f.container.TTY}
	err := e.Logs(ctx, f.container.ID, opts, func(c engine.Chunk) {
		at = c.Time
		if !c.Time.IsZero() {
			f.since, f.tail = c.Time.Add(time.Nanosecond), -1
		}
		_, _ = splitter(c.Stream).Write(c.Data)
	})
	for _, s := range streams {
		s.Flush()
	}
	return err
}

// report passes a record on, if anybody listens for them.
func (f *follower) report(ctx context.Context, reports chan<- report, r record) {
	if reports == nil {
		return
	}
	select {
	case reports <- report{f.service, f.container.ID, r}:
	case <-ctx.Done():
	}
}
