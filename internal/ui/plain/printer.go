package plain

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// Options say what a Printer prints and where.
type Options struct {
	// Out takes the output of the apps, Err what devbox says about them.
	Out, Err Stream
	// Services are the names to make room for, in the order of their colours.
	Services []string
	// TalkOnly leaves the output of the apps out, as `up --detach` does.
	TalkOnly bool
	// Now is the clock by which lines are held back; time.Now where it is nil.
	// The times of events will not do: those of output are the engine's.
	Now func() time.Time
}

// Printer prints a session's events as lines:
//
//	web | listening on 3000
//	web ↻ restarted in 118 ms · src/index.js
//
// Lines of output (session.Log) are results and go to Out, as those of `docker
// compose up` do, and everything else is talk and goes to Err. So `devbox up
// --plain >app.log` keeps the log and shows the talk. Lines that are about the
// whole environment have no name and begin with the mark.
//
// Some events have no line: the start of a process, which its readiness
// follows; the start of a restart, unless it takes longer than a second; the
// end of a build's steps; and such steps as are too many or too quick.
//
// A Printer is for one goroutine. It writes at once and holds no output back.
type Printer struct {
	opts     Options
	out, err *sink
	steps    steps
	// restarts are those that have begun and not ended, by service.
	restarts map[string]*restart
	stopping bool
}

// restart is one that has begun.
type restart struct {
	begun session.Event
	at    time.Time
	said  bool
}

// NewPrinter makes a printer.
func NewPrinter(o Options) *Printer {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Printer{
		opts: o, restarts: map[string]*restart{},
		out: newSink(o.Out, o.Services), err: newSink(o.Err, o.Services),
	}
}

// Print prints events that happened in this order. Given many at once, it needs
// fewer writes. After an error of a stream, what would go there is dropped, and
// the error is returned each time.
func (p *Printer) Print(events ...session.Event) error {
	for _, e := range events {
		p.overdue()
		if e.Kind == session.Log {
			p.log(e)
		} else {
			p.event(e)
		}
	}
	return errors.Join(p.out.flush(), p.err.flush())
}

// slowRestart is when the start of a restart is worth a line of its own.
const slowRestart = time.Second

// overdue prints what was held and has its turn now.
func (p *Printer) overdue() {
	if len(p.steps.held) == 0 && len(p.restarts) == 0 {
		return
	}
	now := p.opts.Now()
	if e, ok := p.steps.due(now); ok {
		p.talk(e)
	}
	for _, service := range slices.Sorted(maps.Keys(p.restarts)) {
		if r := p.restarts[service]; !r.said && now.Sub(r.at) >= slowRestart {
			r.said = true
			p.talk(r.begun)
		}
	}
}

func (p *Printer) log(e session.Event) {
	if p.opts.TalkOnly {
		return
	}
	_ = p.err.flush()
	p.out.line(p.out.names.bar(e.Service), term.Line(e.Line, p.out.stream.text()))
}

// event prints what is not output, or notes it for later.
func (p *Printer) event(e session.Event) {
	switch e.Kind {
	case session.Building:
		p.steps.on(e)
		p.overdue()
	case session.Creating:
		if e.Done {
			p.talk(e)
		}
	case session.Installing:
		if !e.Output {
			p.talk(e)
		}
	case session.Started:
	case session.Restarting:
		p.restarts[e.Service] = &restart{begun: e, at: p.opts.Now()}
	default:
		p.settle(&e)
		p.talk(e)
	}
}

// settle lets an event end what went before it.
func (p *Printer) settle(e *session.Event) {
	switch e.Kind {
	case session.Restarted:
		if r := p.restarts[e.Service]; r != nil && len(e.Files) == 0 && e.Text == "" {
			e.Files, e.Text = r.begun.Files, r.begun.Text
		}
		delete(p.restarts, e.Service)
	case session.Crashed, session.Exited, session.Ready:
		delete(p.restarts, e.Service)
	case session.Built:
		p.steps.forget(e.Service)
	case session.Failed:
		delete(p.restarts, e.Service)
		p.steps.held = nil // the error names its step
	case session.Stopping:
		clear(p.restarts)
		p.steps.held = nil
		p.stopping = true
	}
}

// talk prints an event's words to Err, behind what was printed to Out before.
func (p *Printer) talk(e session.Event) {
	_ = p.out.flush()
	w := say(e, p.err.stream)
	if p.stopping && e.Kind == session.Exited {
		w.mark = markNote // as it was asked to
	}
	p.err.say(e.Service, w)
}
