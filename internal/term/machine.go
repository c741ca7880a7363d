package term

import (
	"unicode/utf8"
	"unsafe"
)

// Bounds of what is held back of one sequence. A longer one is no sequence but
// text, so that an unfinished one cannot swallow a stream.
const (
	maxEscape = 16
	maxCSI    = 256
	maxString = 8 << 10
)

// maxHeld is how much of an unfinished line a stream holds back.
const maxHeld = 64 << 10

type mode uint8

const (
	modeStream mode = iota // lines end at \n
	modeLine               // one line; \n is shown
	modeValue              // one value; every control character is shown
)

type state uint8

const (
	inText state = iota
	afterESC
	inEscape    // ESC and intermediate bytes
	inCSI       // ESC [
	inString    // OSC, DCS, APC, PM, SOS and the title of screen
	inStringESC // ESC in a string: the end of it, or of its validity
)

// Sanitizer makes a stream of text harmless. It may be fed in pieces that end
// anywhere; what comes out does not depend on where they end. A sequence that is
// cut short by a line break, by another sequence or by its bound is shown as
// text behind ␛, so that nothing can hide in one. Its memory is bounded.
type Sanitizer struct {
	o    Options
	mode mode

	state   state
	seq     []byte // the sequence so far, less its introducer
	params  int    // where in seq the parameters of a CSI begin
	eight   bool   // the introducer was one C1 character, not ESC
	belEnds bool   // the string may end with BEL
	part    [utf8.UTFMax]byte
	npart   int // how much of a character is in part

	line   []byte // the line so far
	cr     bool   // the next character replaces the line
	marks  int    // combining marks in a row
	want   style  // what the text asked for
	have   style  // what the line's end is in
	before style  // what the line's beginning is in

	out []byte // where finished lines go
}

// NewSanitizer makes a sanitizer for a stream.
func NewSanitizer(o Options) *Sanitizer { return &Sanitizer{o: o} }

// Append feeds a piece of the stream and appends to dst the lines that it
// finished. An unfinished line is held back, since a carriage return may still
// replace it; what it has beyond 64 KiB is not held.
func (z *Sanitizer) Append(dst, p []byte) []byte {
	z.out = dst
	z.feed(p)
	dst, z.out = z.out, nil
	return dst
}

// Flush appends what is held back, without a line break, and begins anew.
func (z *Sanitizer) Flush(dst []byte) []byte {
	z.finish()
	dst = append(dst, z.line...)
	*z = Sanitizer{o: z.o, mode: z.mode, line: z.line[:0], seq: z.seq[:0]}
	return dst
}

func (z *Sanitizer) feedString(s string) { z.feed(unsafe.Slice(unsafe.StringData(s), len(s))) }

func (z *Sanitizer) feed(p []byte) {
	p = z.completePart(p)
	for len(p) > 0 {
		if z.state == inText {
			if n := plainRun(p); n > 0 {
				z.put(p[:n])
				p = p[n:]
				continue
			}
		}
		r, n, ok := decode(p)
		if !ok {
			z.npart = copy(z.part[:], p)
			return
		}
		z.next(r)
		p = p[n:]
	}
}

// completePart ends a character that the last piece began.
func (z *Sanitizer) completePart(p []byte) []byte {
	if z.npart == 0 || len(p) == 0 {
		return p
	}
	had := z.npart
	n := had + copy(z.part[had:], p)
	r, size, ok := decode(z.part[:n])
	if !ok {
		z.npart = n
		return nil
	}
	z.npart = 0
	z.next(r)
	return p[size-had:]
}

// finish ends the line, and whatever else is unfinished.
func (z *Sanitizer) finish() {
	if z.npart > 0 {
		z.npart = 0
		z.next(utf8.RuneError)
	}
	if z.state == inStringESC {
		z.restart()
	}
	if z.state != inText {
		z.giveUp()
	}
	if z.have != (style{}) {
		z.have = style{}
		z.line = append(z.line, "\x1b[0m"...)
	}
}

// next takes one character.
func (z *Sanitizer) next(r rune) {
	switch z.state {
	case inText:
		z.text(r)
	case afterESC, inEscape:
		z.escape(r)
	case inCSI:
		z.control(r)
	case inString:
		z.str(r)
	case inStringESC:
		if r == '\\' {
			z.state = inText
			return
		}
		z.restart()
		z.next(r)
	}
}

// text takes a character that is not part of a sequence.
func (z *Sanitizer) text(r rune) {
	switch r {
	case esc:
		z.begin(afterESC, false)
	case 0x9B:
		z.begin(inCSI, true)
	case 0x90, 0x98, 0x9D, 0x9E, 0x9F: // DCS, SOS, OSC, PM, APC
		z.begin(inString, true)
		z.belEnds = r == 0x9D
	default:
		z.show(r)
	}
}
