package plain

import (
	"strings"

	"github.com/devbox-node/devbox/internal/term"
)

// sink gathers lines for a stream.
type sink struct {
	stream Stream
	names  *names
	buf    []byte
	err    error
}

func newSink(s Stream, services []string) *sink {
	return &sink{stream: s, names: newNames(s, services)}
}

// maxGathered is how much is gathered before it is written.
const maxGathered = 64 << 10

// line adds a line: what stands in front of it, and its text.
func (k *sink) line(prefix, text string) {
	k.buf = append(append(append(k.buf, prefix...), text...), '\n')
	if len(k.buf) >= maxGathered {
		_ = k.flush()
	}
}

// say adds a message: the name and the mark, and further lines below its text.
func (k *sink) say(service string, w said) {
	prefix, indent := "", 2
	if service != "" {
		prefix = k.names.pad(service) + " "
		indent += 1 + max(k.names.width, term.Width(k.stream.clean(service)))
	}
	prefix += w.mark.show(k.stream) + " "
	for _, line := range w.lines(k.stream) {
		k.line("", strings.TrimRight(prefix+line, " "))
		prefix = strings.Repeat(" ", indent)
	}
}

// flush writes what was gathered. After an error everything is dropped.
func (k *sink) flush() error {
	if k.err == nil && len(k.buf) > 0 {
		_, k.err = k.stream.W.Write(k.buf)
	}
	k.buf = k.buf[:0]
	return k.err
}
