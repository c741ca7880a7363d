package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// Format is how entries are exported.
type Format uint8

// The formats of an export.
const (
	// Readable is what a view shows, with the time and the service in front, and
	// the separators.
	Readable Format = iota
	// Raw is each line as it came, without colours.
	Raw
	// JSONLines is an object a line, as `devbox up --json` prints lines of output.
	JSONLines
)

// ExportOptions say what is exported, and how.
type ExportOptions struct {
	Format Format
	// Filter and Services are as in View.SetFilter; left out, they keep all.
	Filter   *Filter
	Services []string
	// Zone is the zone of the times of Readable; nil is UTC.
	Zone *time.Location
}

// exported is how many entries are written at a time; the store is locked while
// they are gathered, and not while they are written.
const exported = 1000

// Export writes what is in the store when it is called; what is dropped before
// it is reached is left out. It may run beside everything else, ends early with
// the error of ctx, and returns the error of w.
func (s *Store) Export(ctx context.Context, w io.Writer, o ExportOptions) error {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	e := exporter{ExportOptions: o, t: tester{s: s, filter: o.Filter, services: o.Services}}
	s.mu.Lock()
	seq, end := s.first(), s.next
	s.mu.Unlock()
	for seq < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.out = e.out[:0]
		s.mu.Lock()
		for n := 0; seq < end && n < exported; n++ {
			seq = max(seq, s.first())
			if seq < end && e.keeps(seq) {
				e.entry(s.at(seq))
			}
			seq++
		}
		s.mu.Unlock()
		if _, err := w.Write(e.out); err != nil {
			return err
		}
	}
	return nil
}

// exporter gathers entries as text.
type exporter struct {
	ExportOptions
	t       tester
	out     []byte
	members []Seq
	// last is the newest line of the stack trace that was tested last, and what
	// the filter said of it: most traces stand in one piece.
	last Seq
	keep bool
}

func (e *exporter) keeps(seq Seq) bool {
	c, i := e.t.s.at(seq)
	if r := &c.records[i]; r.prev > 0 && seq-Seq(r.prev) == e.last {
		e.last = seq
		return e.keep
	}
	e.members = e.t.s.members(e.members[:0], seq)
	e.last, e.keep = seq, e.t.keeps(e.members)
	return e.keep
}

func (e *exporter) entry(c *chunk, i int) {
	r, line := &c.records[i], e.t.bare(c, i)
	service := e.t.s.services[r.service]
	switch {
	case e.Format == Readable:
		e.readable(c, i, line, service)
	case !r.kind.Output():
	case e.Format == Raw:
		e.out = append(append(e.out, line...), '\n')
	default:
		e.json(session.Event{Time: c.time(i), Kind: session.Log, Service: service, Line: string(line), Stream: streamName(r.kind)})
	}
}

func (e *exporter) readable(c *chunk, i int, line []byte, service string) {
	prefix := service
	if t := c.time(i); !t.IsZero() {
		prefix = t.In(e.Zone).Format(time.DateOnly+" "+timeLayout) + " " + service
	}
	bar := " | "
	if !c.records[i].kind.Output() {
		bar = " -- "
	}
	for _, l := range readableLines(c, i, line, e.Zone) {
		e.out = append(append(append(append(e.out, prefix...), bar...), l...), '\n')
	}
}

// readableLines are the lines of an entry as a view shows them, without its time.
func readableLines(c *chunk, i int, line []byte, zone *time.Location) []string {
	if c.records[i].flags&isJSON == 0 {
		return []string{string(line)}
	}
	lines, ok := readable(line, zone, false)
	if !ok {
		return []string{string(line)}
	}
	texts := make([]string, len(lines))
	for n, l := range lines {
		texts[n] = l.text
	}
	return texts
}

func (e *exporter) json(event session.Event) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(event) == nil { // it is strings and a time, which have a JSON form
		e.out = term.EscapeJSON(e.out, b.Bytes())
	}
}

// Tail are the last n lines of output of a service, the oldest first and without
// colours.
func (s *Store) Tail(service string, n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, ok := s.numbers[service]
	var lines []string
	for at := len(s.chunks) - 1; ok && at >= 0; at-- {
		c := s.chunks[at]
		for i := len(c.records) - 1; i >= 0 && len(lines) < n; i-- {
			if r := &c.records[i]; r.service == number && r.kind.Output() {
				lines = append(lines, string(plainText(nil, c.line(i))))
			}
		}
		if len(lines) >= n {
			break
		}
	}
	slices.Reverse(lines)
	return lines
}

// maxCopied bounds how much text is copied; clipboards take less.
const maxCopied = 4 << 20

// Copy is the text of the entries from one number to another, both included, of
// those that the view keeps: as it shows them, in full, without what stands in
// front of them.
func (v *View) Copy(from, to Seq) string {
	v.lock()
	defer v.store.mu.Unlock()
	var b strings.Builder
	for seq := max(from, v.store.first()); b.Len() < maxCopied; seq++ {
		var ok bool
		if seq, ok = v.kept.next(seq, false); !ok || seq > to {
			break
		}
		c, i := v.store.at(seq)
		line := v.kept.t.bare(c, i)
		lines := []string{string(line)}
		if !v.opts.Raw {
			lines = readableLines(c, i, line, v.zone())
		}
		for _, l := range lines {
			b.WriteString(l)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
