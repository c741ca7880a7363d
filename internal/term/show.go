package term

import (
	"bytes"
	"unicode/utf8"
)

// show adds a character to the line, in a form that is harmless. Sequences do
// not begin here.
func (z *Sanitizer) show(r rune) {
	switch {
	case r == '\n' && z.mode == modeStream:
		z.endLine()
	case r == '\r' && z.mode != modeValue:
		z.cr = true
	case r < 0x20 && r != '\t', r >= del && r < 0xA0:
		z.showControl(r)
	case r < del:
		z.put([]byte{byte(r)})
	case hides(r):
	case isMark(r):
		if z.marks < maxMarks {
			z.putRune(r)
			z.marks++
		}
	case r == 0x2028, r == 0x2029: // line and paragraph separator
		z.putRune('␤')
		z.marks = 0
	default:
		z.putRune(r)
		z.marks = 0
	}
}

// showControl adds the picture of a control character. Those that only ring,
// go back a column or change the character set have nothing to show in a line.
func (z *Sanitizer) showControl(r rune) {
	const so, si = 0x0E, 0x0F
	if z.mode != modeValue && (r == bel || r == '\b' || r == so || r == si) {
		return
	}
	if r == '\n' {
		z.cr = false // the two are one line break
	}
	z.ready()
	z.line = appendControl(z.line, r, z.o.ASCII)
	z.marks = 0
	z.spill()
}

// put adds printable ASCII and tabs.
func (z *Sanitizer) put(p []byte) {
	z.ready()
	z.marks = 0
	for z.mode == modeValue {
		i := bytes.IndexByte(p, '\t')
		if i < 0 {
			break
		}
		z.line = append(z.line, p[:i]...)
		z.line = appendControl(z.line, '\t', z.o.ASCII)
		p = p[i+1:]
	}
	z.line = append(z.line, p...)
	z.spill()
}

func (z *Sanitizer) putRune(r rune) {
	z.ready()
	if z.o.ASCII {
		z.line = append(z.line, '?')
	} else {
		z.line = utf8.AppendRune(z.line, r)
	}
	z.spill()
}

// ready does what must come before the next character: a carriage return takes
// back the line only now, so that one at its end does not, and a change of style
// is only written where there is text in it.
func (z *Sanitizer) ready() {
	if z.cr {
		z.cr = false
		z.line, z.have = z.line[:0], z.before
	}
	if z.want != z.have {
		z.line = z.want.appendTo(z.line, z.have == style{})
		z.have = z.want
	}
}

// spill lets go of what a stream has held back for long enough.
func (z *Sanitizer) spill() {
	if z.mode == modeStream && len(z.line) > maxHeld {
		z.out = append(z.out, z.line...)
		z.line, z.before = z.line[:0], z.have
	}
}

func (z *Sanitizer) endLine() {
	if z.have != (style{}) {
		z.line = append(z.line, "\x1b[0m"...)
	}
	z.out = append(z.out, z.line...)
	z.out = append(z.out, '\n')
	z.line, z.cr, z.marks = z.line[:0], false, 0
	z.want, z.have, z.before = style{}, style{}, style{}
}
