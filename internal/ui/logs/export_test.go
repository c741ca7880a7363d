package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func exportOf(t *testing.T, s *Store, o ExportOptions) string {
	t.Helper()
	var b strings.Builder
	if err := s.Export(t.Context(), &b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEntriesAreExported(t *testing.T) {
	s := storeOf(
		Entry{Time: noon, Service: "web", Text: "\x1b[31mred\x1b[0m <b>"},
		Entry{Time: noon, Service: "web", Kind: Notice, Text: "a.js · 38 ms"},
		Entry{Service: "api", Kind: Stderr, Text: `{"level":50,"msg":"boom","stack":"Error: boom\n    at f"}`},
	)
	errors, err := ParseFilter("level>=error")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		o    ExportOptions
		want string
	}{
		{"readable", ExportOptions{}, "2026-03-01 12:00:00.000 web | red <b>\n2026-03-01 12:00:00.000 web -- a.js · 38 ms\napi | ERROR boom\napi | Error: boom\napi |     at f\n"},
		{"raw", ExportOptions{Format: Raw}, "red <b>\n" + `{"level":50,"msg":"boom","stack":"Error: boom\n    at f"}` + "\n"},
		{"JSON", ExportOptions{Format: JSONLines}, `{"time":"2026-03-01T12:00:00Z","event":"log","service":"web","line":"red <b>","stream":"stdout"}` + "\n" +
			`{"time":"0001-01-01T00:00:00Z","event":"log","service":"api","line":"{\"level\":50,\"msg\":\"boom\",\"stack\":\"Error: boom\\n    at f\"}","stream":"stderr"}` + "\n"},
		{"what a filter keeps", ExportOptions{Format: Raw, Filter: errors}, `{"level":50,"msg":"boom","stack":"Error: boom\n    at f"}` + "\n"},
		{"a service", ExportOptions{Format: Raw, Services: []string{"web"}}, "red <b>\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := exportOf(t, s, tt.o); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestTracesAreExportedWhole(t *testing.T) {
	s := NewStore(Limits{})
	for i := range 2000 {
		s.Append(Entry{Service: "web", Text: fmt.Sprintf("Error: %d", i)}, Entry{Service: "db", Text: "x"}, Entry{Service: "web", Text: fmt.Sprintf("    at f (a.js:%d:1)", i)})
	}
	f, _ := ParseFilter(`/a.js:1[0-9]{3}:/`)
	if got := strings.Count(exportOf(t, s, ExportOptions{Format: Raw, Filter: f}), "\n"); got != 2000 {
		t.Errorf("%d lines", got)
	}
}

// breaking is a writer that fails, and counts.
type breaking struct{ writes, after int }

func (b *breaking) Write(p []byte) (int, error) {
	if b.writes++; b.writes > b.after {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestAnExportEndsWithItsWriterOrContext(t *testing.T) {
	s := storeOf(numbered(0, 5000)...)
	b := &breaking{after: 1}
	if err := s.Export(t.Context(), b, ExportOptions{}); err == nil || err.Error() != "disk full" || b.writes != 2 {
		t.Errorf("%v after %d writes", err, b.writes)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Export(ctx, b, ExportOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsShownIsCopied(t *testing.T) {
	v := viewOf(10, 3, outputs("web", "a long line that is cut", `{"msg":"b","c":1}`, "d", "e")...)
	f, _ := ParseFilter("-d")
	v.SetFilter(f)
	if got, want := v.Copy(0, 2), "a long line that is cut\nb c=1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	v.SetOptions(Options{Raw: true})
	if got, want := v.Copy(1, 99), "{\"msg\":\"b\",\"c\":1}\ne\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := v.Copy(7, 3); got != "" {
		t.Errorf("got %q", got)
	}
}
