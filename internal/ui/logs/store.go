// Package logs holds the output of a project's services and shows a part of it:
// a bounded store of lines, a language to filter them, a search, and a view that
// tells which text belongs on which row and what it means. It knows no colours
// and no screen library; its caller draws what it says. What it returns is
// harmless for a terminal, whatever the services printed.
package logs

import (
	"sync"
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// Seq numbers the entries in the order in which they came, from 0. A number is
// never used again, so a place stays valid while older entries are dropped.
type Seq int64

// Limits bound a store. A zero is the default.
type Limits struct {
	// Lines is how many entries are held; by default 1,000,000.
	Lines int
	// Bytes is how much text is held; by default 64 MB. With what is known of each
	// line that is 80 MB for lines of 100 bytes, all of it live: at Go's default
	// for garbage (GOGC) a process takes twice as much, so one that holds a full
	// store is better off with 20. It costs little, as the text has no pointers.
	Bytes int
}

const (
	defaultLines = 1_000_000
	defaultBytes = 64 << 20
	// chunkBytes and chunkLines are what a chunk holds at most, a line longer than
	// that aside. A whole chunk is dropped at a time: 0.25 % of what is held.
	chunkBytes = 256 << 10
	chunkLines = 8 << 10
	// maxLine is how much of a line is held. The splitter cuts lines at 64 KiB
	// already, and control characters take more room once they are shown.
	maxLine = 192 << 10
)

// Store holds the newest entries of all services. It is safe for use by several
// goroutines: one appends while views are read in another.
type Store struct {
	mu      sync.Mutex
	limits  Limits
	chunks  []*chunk // never empty of records, but for none at all
	spare   *chunk   // the last one dropped, for its buffers
	next    Seq
	lines   int // entries
	outputs int // those of output
	bytes   int
	dropped int

	services []string // cleaned names, by number
	numbers  map[string]uint16
	states   []serviceState
}

// serviceState is what is known of a service.
type serviceState struct {
	dropped int
	traces  [2]traceState // of stdout and stderr
}

// NewStore makes an empty store.
func NewStore(l Limits) *Store {
	if l.Lines <= 0 {
		l.Lines = defaultLines
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	return &Store{limits: l, numbers: map[string]uint16{}}
}

// Append takes in entries, in their order. It keeps nothing of the slice, and
// is quickest with many at once.
func (s *Store) Append(entries ...Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		s.append(&entries[i])
	}
}

// Counts are how much a store holds and what it let go of.
type Counts struct {
	// First is the oldest entry that is held, Next the number of the one to come.
	First, Next Seq
	// Lines are lines of output, Bytes all text.
	Lines, Bytes int
	// Dropped is how many lines of output were dropped for newer ones.
	Dropped int
	// DroppedOf is the same by service, for those that lost any.
	DroppedOf map[string]int
}

// Counts tells how much is held.
func (s *Store) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Counts{First: s.first(), Next: s.next, Lines: s.outputs, Bytes: s.bytes, Dropped: s.dropped, DroppedOf: map[string]int{}}
	for i, state := range s.states {
		if state.dropped > 0 {
			c.DroppedOf[s.services[i]] = state.dropped
		}
	}
	return c
}

// Services are the names of the services that have entries, in the order of
// their first ones. A row's Service is an index of it.
func (s *Store) Services() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.services...)
}

// Clear lets go of everything that is held. Numbers go on.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chunks, s.spare, s.lines, s.outputs, s.bytes = nil, nil, 0, 0, 0
	for i := range s.states {
		s.states[i].traces = [2]traceState{}
	}
}

func (s *Store) first() Seq {
	if len(s.chunks) == 0 {
		return s.next
	}
	return s.chunks[0].first
}

func (s *Store) append(e *Entry) {
	service := s.number(e.Service)
	text := harmless(e)
	c, ms := s.room(len(text), e.Time)
	r := record{ms: ms, service: service, kind: e.Kind, flags: look(text)}
	s.link(c, &r, text)
	c.text = append(c.text, text...)
	r.end = uint32(len(c.text))
	c.records = append(c.records, r)
	s.next++
	s.lines++
	if r.kind.Output() {
		s.outputs++
	}
	s.bytes += len(text)
}

// harmless is an entry's text, harmless and without what is too long to hold. It
// is the only way into a store.
func harmless(e *Entry) string {
	if !e.Kind.Output() {
		return term.Clean(e.Text)
	}
	text, cut := e.Text, 0
	if len(text) > maxLine {
		cut = len(text) - maxLine
		text = text[:maxLine]
	}
	text = term.Line(text, term.Options{KeepColour: true})
	if cut > 0 {
		text += " … " + term.Thousands(cut) + " bytes cut"
	}
	return text
}

// look finds out what is cheap to know about a line.
func look(text string) flags {
	var f flags
	if len(text) > 1 && text[0] == '{' && text[len(text)-1] == '}' {
		f |= isJSON
	}
	if hasColour(text) {
		f |= coloured
	}
	return f
}

// number is the number of a service's name. There are as many as a project has
// services; beyond 65,535 they share one.
func (s *Store) number(name string) uint16 {
	if n, ok := s.numbers[name]; ok {
		return n
	}
	const most = 1<<16 - 1
	n := uint16(min(len(s.services), most))
	if len(s.services) <= most {
		s.services = append(s.services, term.Clean(name))
		s.states = append(s.states, serviceState{})
		s.numbers[name] = n
	}
	return n
}

// room finds the chunk for the next line, and drops old ones for it.
func (s *Store) room(size int, t time.Time) (*chunk, int32) {
	if len(s.chunks) > 0 {
		c := s.chunks[len(s.chunks)-1]
		ms, near := c.offset(t)
		if near && len(c.text)+size <= s.chunkBytes() && len(c.records) < s.chunkLines() && s.fits(size) {
			return c, ms
		}
	}
	for len(s.chunks) > 0 && !s.fits(size) {
		s.drop()
	}
	c := s.spare
	s.spare = nil
	if c == nil {
		c = &chunk{text: make([]byte, 0, s.chunkBytes())}
	}
	if n := len(s.chunks); n > 0 {
		s.chunks[n-1].clip()
	}
	c.first, c.base, c.text, c.records = s.next, time.Time{}, c.text[:0], c.records[:0]
	s.chunks = append(s.chunks, c)
	ms, _ := c.offset(t)
	return c, ms
}

func (s *Store) fits(size int) bool {
	return s.lines < s.limits.Lines && s.bytes+size <= s.limits.Bytes
}

// The chunks of a small store are small, so that it does not drop a large part
// of what it holds at once.
func (s *Store) chunkBytes() int { return min(chunkBytes, max(s.limits.Bytes/16, 1)) }
func (s *Store) chunkLines() int { return min(chunkLines, max(s.limits.Lines/16, 1)) }

// drop lets go of the oldest chunk.
func (s *Store) drop() {
	c := s.chunks[0]
	for i := range c.records {
		if r := &c.records[i]; r.kind.Output() {
			s.states[r.service].dropped++
			s.dropped++
			s.outputs--
		}
	}
	s.lines -= len(c.records)
	s.bytes -= len(c.text)
	n := copy(s.chunks, s.chunks[1:])
	s.chunks[n] = nil
	s.chunks = s.chunks[:n]
	if cap(c.text) <= 2*chunkBytes {
		s.spare = c
	}
}

// at finds an entry that is held: its chunk and its index in it.
func (s *Store) at(seq Seq) (*chunk, int) {
	c := s.chunks[s.chunkOf(seq)]
	return c, int(seq - c.first)
}

// chunkOf is the index of the chunk that holds an entry.
func (s *Store) chunkOf(seq Seq) int {
	low, high := 0, len(s.chunks)
	for high-low > 1 {
		if mid := (low + high) / 2; s.chunks[mid].first <= seq {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

func (s *Store) holds(seq Seq) bool { return seq >= s.first() && seq < s.next }
