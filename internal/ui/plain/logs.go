package plain

import (
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// LogLine is one line of a service's output, as it came and without its line break.
type LogLine struct {
	Time    time.Time
	Service string
	Text    string
}

// LogOptions say how `devbox logs` shows lines.
type LogOptions struct {
	// Services are the names to make room for, in the order of their colours.
	Services []string
	// Timestamps puts the time in front, in RFC 3339 with milliseconds.
	Timestamps bool
	// NoPrefix leaves the service's name out.
	NoPrefix bool
}

// LogPrinter prints lines of output, as Printer prints them among events. It is
// for one goroutine, and writes at once.
type LogPrinter struct {
	opts LogOptions
	sink *sink
}

// NewLogPrinter makes a printer on a stream.
func NewLogPrinter(s Stream, o LogOptions) *LogPrinter {
	return &LogPrinter{opts: o, sink: newSink(s, o.Services)}
}

// Print prints lines. Given many at once, it needs fewer writes. It returns the
// first error of the stream, and prints nothing after it.
func (p *LogPrinter) Print(lines ...LogLine) error {
	k := p.sink
	for _, l := range lines {
		prefix := ""
		if p.opts.Timestamps && !l.Time.IsZero() {
			prefix = k.stream.paint(Faint, l.Time.Format(jsonTime)) + " "
		}
		if !p.opts.NoPrefix {
			prefix += k.names.bar(l.Service)
		}
		k.line(prefix, term.Line(l.Text, k.stream.text()))
	}
	return k.flush()
}
