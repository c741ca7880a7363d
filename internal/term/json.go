package term

import "unicode/utf8"

// EscapeJSON appends encoded JSON to dst, with those characters as \u escapes
// that JSON lets stand but a terminal obeys or hides: DEL, C1 controls, bidi
// controls, zero-width characters. The values that it encodes stay the same.
func EscapeJSON(dst, encoded []byte) []byte {
	for len(encoded) > 0 {
		n := plainRun(encoded)
		dst = append(dst, encoded[:n]...)
		encoded = encoded[n:]
		if len(encoded) == 0 {
			break
		}
		r, size := utf8.DecodeRune(encoded)
		switch {
		case r < 0x20: // white space between values
			dst = append(dst, byte(r))
		case r < 0xA0, r == 0x2028, r == 0x2029, hides(r), r == utf8.RuneError && size == 1:
			dst = appendEscape(dst, r)
		default:
			dst = append(dst, encoded[:size]...)
		}
		encoded = encoded[size:]
	}
	return dst
}

func appendEscape(dst []byte, r rune) []byte {
	if r > 0xFFFF { // as a surrogate pair
		r -= 0x10000
		dst = appendEscape(dst, 0xD800+r>>10)
		return appendEscape(dst, 0xDC00+r&0x3FF)
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12&0xF], digits[r>>8&0xF], digits[r>>4&0xF], digits[r&0xF])
}
