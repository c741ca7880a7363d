package term

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Kind tells what a Splitter found.
type Kind int

const (
	// Output is a line of output, without its line break. It is not sanitized.
	Output Kind = iota
	// Record is a JSON object that came as a record: behind a byte RS and before
	// a line break, as in RFC 7464.
	Record
)

// MaxLine is how many bytes of a line are kept. What is beyond is counted, and
// the line says how much it was.
const MaxLine = 64 << 10

// recordSeparator is ASCII's RS.
const recordSeparator = 0x1E

// Splitter takes one stream of output apart into lines and records. A record
// that begins in the middle of a line ends that line. Its memory is bounded,
// whatever the stream holds. It is not safe for use by several goroutines.
type Splitter struct {
	deliver func(Kind, string)

	buf      []byte // the line so far, at most MaxLine bytes
	size     int    // all bytes of the line so far, those that were cut too
	last     byte   // the last of them
	inRecord bool
	marked   bool // an RS was the last byte, and what it is is not known yet
}

// NewSplitter makes a splitter that calls deliver for each line and record, from
// within Write and Flush.
func NewSplitter(deliver func(kind Kind, text string)) *Splitter {
	return &Splitter{deliver: deliver}
}

// Write takes the next piece of the stream. It never fails, and keeps no part of p.
func (s *Splitter) Write(p []byte) (int, error) {
	n := len(p)
	mark := bytes.IndexByte(p, recordSeparator)
	for len(p) > 0 {
		if s.marked {
			s.resolve(p[0])
		}
		i := bytes.IndexByte(p, '\n')
		switch {
		case mark >= 0 && (i < 0 || mark < i):
			s.add(p[:mark])
			s.marked = true
			p = p[mark+1:]
			mark = bytes.IndexByte(p, recordSeparator)
			continue
		case i < 0:
			s.add(p)
			return n, nil
		case s.size == 0 && !s.inRecord && i <= MaxLine:
			s.deliver(Output, string(trimReturn(p[:i])))
		default:
			s.add(p[:i])
			s.end(s.inRecord)
		}
		p = p[i+1:]
		mark -= i + 1 // stays negative where there is none
	}
	return n, nil
}

// Flush delivers an unfinished last line. The stream may go on afterwards.
func (s *Splitter) Flush() {
	if s.marked {
		s.resolve(0)
	}
	if s.size > 0 {
		s.end(false)
	}
}

// resolve decides by the byte behind it what an RS was: the beginning of a
// record, or a character of the line.
func (s *Splitter) resolve(next byte) {
	s.marked = false
	if next != '{' {
		s.add([]byte{recordSeparator})
		return
	}
	if s.size > 0 {
		s.end(false)
	}
	s.inRecord = true
}

func (s *Splitter) add(p []byte) {
	if len(p) == 0 {
		return
	}
	s.size += len(p)
	s.last = p[len(p)-1]
	s.buf = append(s.buf, p[:min(len(p), MaxLine-len(s.buf))]...)
}

// end delivers what was gathered. A record that is cut is a line like any other.
func (s *Splitter) end(complete bool) {
	cut := s.size - len(s.buf)
	text := s.buf
	switch {
	case s.last != '\r':
	case cut > 0:
		cut--
	default:
		text = text[:len(text)-1]
	}
	s.buf, s.size, s.last, s.inRecord = s.buf[:0], 0, 0, false
	switch {
	case cut > 0:
		whole := wholeRunes(text)
		s.deliver(Output, string(whole)+" … "+Thousands(cut+len(text)-len(whole))+" bytes cut")
	case complete:
		s.deliver(Record, string(text))
	default:
		s.deliver(Output, string(text))
	}
}

func trimReturn(p []byte) []byte {
	if n := len(p); n > 0 && p[n-1] == '\r' {
		return p[:n-1]
	}
	return p
}

// wholeRunes leaves out the beginning of a character at the end of p.
func wholeRunes(p []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return p[:len(p)-n]
			}
			return p
		}
	}
	return p
}

// Thousands writes a number with commas: 10,420,224.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
