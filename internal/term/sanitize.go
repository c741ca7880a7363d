// Package term makes text that was written by others harmless for a terminal:
// output of containers, file names, fields of package.json, error messages. It
// is the one place where that is decided. What it returns holds printable text,
// tabs, line breaks where they were asked for and, where they were asked for,
// colours; no other control character, and nothing that reorders or hides text.
// It also takes streams of output apart into lines and measures text in cells.
package term

import (
	"strings"
	"sync"
)

// Options choose what may stay in a text. The zero value is right for every
// output that is not a terminal.
type Options struct {
	// KeepColour keeps colours and attributes (SGR). They are written anew in a
	// canonical form and are reset at the end of each line.
	KeepColour bool
	// ASCII shows everything outside ASCII as "?" and control characters as ^A,
	// for a terminal whose locale is not UTF-8: there a byte of a longer
	// character may be a control character.
	ASCII bool
}

// Line makes one line of output harmless. As on a terminal, text after a
// carriage return replaces what was before it, so a progress bar shows its last
// state. The result has no line break; one inside s is shown as ␊.
func Line(s string, o Options) string { return o.run(s, modeLine) }

// Clean makes a value harmless that belongs on one line: a name, a path, a
// message. Every control character is shown, so `a\rb` cannot pose as `b`.
func Clean(s string) string { return Options{}.Clean(s) }

// Clean is like the function Clean, for a terminal that takes ASCII only. A
// value never keeps colours.
func (o Options) Clean(s string) string {
	o.KeepColour = false
	return o.run(s, modeValue)
}

// Text makes several lines harmless, each as Line does. Line breaks stay, and
// none is added at the end.
func Text(s string, o Options) string {
	if plainPrefix(s) == len(s) {
		return s
	}
	m := Sanitizer{o: o}
	return string(m.Flush(m.Append(nil, []byte(s))))
}

// sanitizers are kept for their buffers.
var sanitizers = sync.Pool{New: func() any { return new(Sanitizer) }}

// maxPooled is the largest buffer that is kept for the next line.
const maxPooled = 256 << 10

func (o Options) run(s string, m mode) string {
	n := plainPrefix(s)
	if n == len(s) && (m == modeLine || strings.IndexByte(s, '\t') < 0) {
		return s
	}
	z := sanitizers.Get().(*Sanitizer)
	*z = Sanitizer{o: o, mode: m, line: z.line[:0], seq: z.seq[:0]}
	if m == modeLine {
		z.line = append(z.line, s[:n]...)
		s = s[n:]
	}
	z.feedString(s)
	z.finish()
	out := string(z.line)
	if cap(z.line) <= maxPooled {
		sanitizers.Put(z)
	}
	return out
}
