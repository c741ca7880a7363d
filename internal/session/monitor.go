package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
)

const (
	// relistEvery is how often the containers are looked at without a hint: the
	// engine drops events for slow readers, and tells none of the time that it
	// was away.
	relistEvery = 10 * time.Second
	// An engine that is back is asked within these at the latest, together less than
	// two seconds, also where one question went to a connection that is dead. A
	// question costs nothing.
	firstRetry = 250 * time.Millisecond
	longRetry  = 500 * time.Millisecond
)

// snapshot is the project's containers at one time, one-offs left out.
type snapshot []engine.Container

// monitor sends what the engine shows whenever that may have changed, until ctx
// ends. Events are hints to look, never the truth.
type monitor struct {
	engine    Engine
	project   string
	emit      func(Event)
	snapshots chan<- snapshot
}

func (m *monitor) run(ctx context.Context) {
	hints := make(chan struct{}, 1)
	for ctx.Err() == nil {
		streamCtx, stop := context.WithCancel(ctx)
		broken := make(chan struct{})
		since := time.Now() // before the first look: the stream may begin after it
		go func() {
			defer close(broken)
			_ = m.engine.Events(streamCtx, m.project, since, func(engine.Event) { hint(hints) })
		}()
		silent := make(chan error, 1)
		go func() {
			silent <- m.heartbeat(streamCtx)
			stop()
		}()
		m.relist(streamCtx, hints, broken)
		stop()
		<-broken
		if err := <-silent; ctx.Err() == nil {
			m.awaitEngine(ctx, err)
		}
	}
}

func hint(hints chan<- struct{}) {
	select {
	case hints <- struct{}{}:
	default:
	}
}

// relist looks on each hint and every few seconds, until the events end or the
// engine does not answer.
func (m *monitor) relist(ctx context.Context, hints, broken <-chan struct{}) {
	tick := time.NewTicker(relistEvery)
	defer tick.Stop()
	for {
		if !m.look(ctx) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-broken:
			return
		case <-hints:
		case <-tick.C:
		}
	}
}

func (m *monitor) look(ctx context.Context) bool {
	list, err := m.engine.Containers(ctx, m.project)
	if err != nil {
		return false
	}
	list = slices.DeleteFunc(list, func(c engine.Container) bool { return c.OneOff })
	const atOnce = 8
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, c := range list {
		g.Go(func() (err error) {
			list[i], err = m.engine.Inspect(gctx, c.ID)
			if errors.Is(err, engine.ErrNotFound) {
				return nil // removed meanwhile
			}
			return err
		})
	}
	if g.Wait() != nil {
		return false
	}
	snap := snapshot(slices.DeleteFunc(list, func(c engine.Container) bool { return c.ID == "" }))
	select {
	case m.snapshots <- snap:
	case <-ctx.Done():
	}
	return true
}

// awaitEngine says that the engine is away, if it is, and waits for it. silent
// is the error of a question that it has not answered already.
func (m *monitor) awaitEngine(ctx context.Context, silent error) {
	lost := silent != nil
	if lost {
		m.emit(Event{Kind: EngineLost, Text: silent.Error()})
	}
	for retry := firstRetry; ctx.Err() == nil; retry = min(2*retry, longRetry) {
		err := m.ask(ctx)
		if err == nil {
			if lost {
				m.emit(Event{Kind: EngineBack})
			}
			break
		}
		if !lost && ctx.Err() == nil {
			lost = true
			m.emit(Event{Kind: EngineLost, Text: err.Error()})
		}
		pause(ctx, retry)
	}
	// Events that end at once though the engine answers must not become a loop.
	pause(ctx, firstRetry)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
