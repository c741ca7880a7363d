package term

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func BenchmarkLine(b *testing.B) {
	lines := []struct{ name, line string }{
		{"plain", `12:04:31 GET /api/users/42 200 3.114 ms - 1289 "-" "Mozilla/5.0 (X11; Linux x86_64)"`},
		{"coloured", "\x1b[0mGET /api/users/42 \x1b[32m200\x1b[0m 3.114 ms - 1289\x1b[0m and some more text behind it"},
		{"Japanese", strings.Repeat("日本語のログ行 ", 8)},
		{"progress", strings.Repeat("\r[#####.....] 50 %", 8)},
	}
	for _, l := range lines {
		b.Run(l.name, func(b *testing.B) {
			b.SetBytes(int64(len(l.line)))
			b.ReportAllocs()
			for b.Loop() {
				Line(l.line, Options{KeepColour: true})
			}
		})
	}
}

func BenchmarkSanitizer(b *testing.B) {
	chunk := []byte(strings.Repeat("12:04:31 GET /api/users/42 \x1b[32m200\x1b[0m 3.114 ms and more text\n", 500))
	b.SetBytes(int64(len(chunk)))
	z := NewSanitizer(Options{KeepColour: true})
	var out []byte
	for b.Loop() {
		out = z.Append(out[:0], chunk)
	}
}

func BenchmarkSplitter(b *testing.B) {
	streams := []struct {
		name  string
		chunk []byte
	}{
		{"lines of 80 bytes", []byte(strings.Repeat(strings.Repeat("x", 79)+"\n", 400))},
		{"a line a chunk", []byte(strings.Repeat("x", 79) + "\n")},
		{"no line break", bytes.Repeat([]byte("x"), 32<<10)},
		{"records", []byte(strings.Repeat("\036{\"devbox\":\"listening\",\"port\":3000}\n", 400))},
	}
	for _, st := range streams {
		b.Run(st.name, func(b *testing.B) {
			b.SetBytes(int64(len(st.chunk)))
			b.ReportAllocs()
			s := NewSplitter(func(Kind, string) {})
			for b.Loop() {
				s.Write(st.chunk)
			}
		})
	}
}

func BenchmarkSplitAndSanitize(b *testing.B) {
	chunk := []byte(strings.Repeat(strings.Repeat("listening ", 12)+"\n", 300))
	b.SetBytes(int64(len(chunk)))
	s := NewSplitter(func(_ Kind, text string) { io.WriteString(io.Discard, Line(text, Options{})) })
	for b.Loop() {
		s.Write(chunk)
	}
}
