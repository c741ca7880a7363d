package plain

import (
	"io"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

func BenchmarkPrintLogLines(b *testing.B) {
	const line = "GET /api/users/42 \x1b[32m200\x1b[0m 3.114 ms - 1289"
	printers := []struct {
		name string
		make func() func(...session.Event) error
	}{
		{"plain", func() func(...session.Event) error {
			s := Stream{W: io.Discard}
			return NewPrinter(Options{Out: s, Err: s}).Print
		}},
		{"colour", func() func(...session.Event) error {
			s := Stream{W: io.Discard, Terminal: true, Colour: true}
			return NewPrinter(Options{Out: s, Err: s}).Print
		}},
		{"json", func() func(...session.Event) error { return NewJSONPrinter(io.Discard).Print }},
	}
	for _, p := range printers {
		b.Run(p.name, func(b *testing.B) {
			show := p.make()
			e := session.Event{Kind: session.Log, Service: "web", Line: line, Stream: "stdout", Time: time.Unix(1e9, 0)}
			b.ReportAllocs()
			for b.Loop() {
				if err := show(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
