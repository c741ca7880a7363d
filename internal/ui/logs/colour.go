package logs

import (
	"bytes"
	"strings"
)

func hasColour(text string) bool { return strings.IndexByte(text, '\x1b') >= 0 }

// plainText appends a line without its colours. The sanitizer has left no other
// sequences than `ESC [ … m`.
func plainText(dst, line []byte) []byte {
	for {
		i := bytes.IndexByte(line, '\x1b')
		if i < 0 {
			return append(dst, line...)
		}
		dst = append(dst, line[:i]...)
		line = line[i:]
		m := bytes.IndexByte(line, 'm')
		if m < 0 {
			return dst
		}
		line = line[m+1:]
	}
}
