package term

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

const (
	esc = 0x1B
	del = 0x7F
	can = 0x18
	sub = 0x1A
	bel = 0x07
)

// plainPrefix is the length of the longest prefix of s that is printable ASCII
// and tabs: what goes through every mode but that of values as it is.
func plainPrefix(s string) int {
	return plainRun(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// plainRun is plainPrefix for bytes. It looks at eight bytes at a time, and
// only at those that may not be plain one by one.
func plainRun(p []byte) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	i := 0
	for i+8 <= len(p) {
		w := binary.LittleEndian.Uint64(p[i:])
		// The high bit of each byte that is below 0x20, is DEL, or is not ASCII.
		// A borrow can only mark bytes above one that is marked rightly.
		odd := ((w - ones*0x20) | (w + ones) | w) & highs
		if odd == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(odd) / 8
		if p[i] != '\t' {
			return i
		}
		i++
	}
	for i < len(p) && isPlain(p[i]) {
		i++
	}
	return i
}

func isPlain(b byte) bool { return b >= 0x20 && b < del || b == '\t' }

// decode reads the first character of p. It reports false where p ends within
// what may still become one. A byte 0x80 to 0x9F that belongs to no character
// is the C1 control of that number, in its 8-bit form; every other stray byte,
// and every beginning of a character that is not finished, is one U+FFFD.
func decode(p []byte) (r rune, size int, ok bool) {
	if p[0] < utf8.RuneSelf {
		return rune(p[0]), 1, true
	}
	if !utf8.FullRune(p) {
		return 0, 0, false
	}
	r, size = utf8.DecodeRune(p)
	if r != utf8.RuneError || size > 1 {
		return r, size, true
	}
	if p[0] < 0xA0 {
		return rune(p[0]), 1, true
	}
	for n := min(3, len(p)); n > 1; n-- {
		if !utf8.FullRune(p[:n]) {
			return utf8.RuneError, n, true
		}
	}
	return utf8.RuneError, 1, true
}

// hides tells whether r has no picture of its own and only reorders, hides or
// invisibly marks other text: bidi controls, zero-width spaces, the byte order
// mark, tags. The joiners of emoji and of scripts that need them are none.
func hides(r rune) bool {
	switch {
	case r < 0x61C:
		return r == 0xAD // soft hyphen
	case r >= 0x2000 && r < 0x2070:
		return r == 0x200B || r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060
	case r == 0x61C, r == 0x180E, r == 0xFEFF:
		return true
	}
	return r >= 0xFFF9 && r <= 0xFFFB || r >= 0xE0000 && r <= 0xE007F
}

// maxMarks is how many combining marks may follow one another. No writing
// system needs as many; hundreds of them on one cell cover the lines around.
const maxMarks = 8

// isMark tells whether r is drawn over the character before it.
func isMark(r rune) bool {
	if r < 0x300 || r >= 0x3100 && r < 0xA000 || r >= 0xAC00 && r < 0xD7FC {
		return false
	}
	return unicode.In(r, unicode.Mn, unicode.Me)
}

// appendControl shows a control character: a picture, or the caret notation
// where only ASCII can be shown.
func appendControl(dst []byte, r rune, ascii bool) []byte {
	switch {
	case r >= 0x80 && ascii:
		return append(dst, '?')
	case r >= 0x80:
		return append(dst, "\uFFFD"...)
	case ascii:
		return append(dst, '^', byte(r)^0x40)
	case r == del:
		return append(dst, "␡"...)
	}
	return utf8.AppendRune(dst, 0x2400+r)
}
