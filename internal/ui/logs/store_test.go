package logs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

// noon is when the lines of tests come.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// outputs are lines of a service, a second apart.
func outputs(service string, texts ...string) []Entry {
	entries := make([]Entry, len(texts))
	for i, text := range texts {
		entries[i] = Entry{Time: noon.Add(time.Duration(i) * time.Second), Service: service, Text: text}
	}
	return entries
}

func storeOf(entries ...Entry) *Store {
	s := NewStore(Limits{})
	s.Append(entries...)
	return s
}

func texts(s *Store) []string {
	var all []string
	for _, c := range s.chunks {
		for i := range c.records {
			all = append(all, string(c.line(i)))
		}
	}
	return all
}

func TestAStoreHoldsTheNewestLines(t *testing.T) {
	for _, limits := range []Limits{{Lines: 100}, {Bytes: 700}, {Lines: 100, Bytes: 700}, {Lines: 1}, {Bytes: 1}} {
		t.Run(fmt.Sprintf("%+v", limits), func(t *testing.T) {
			s := NewStore(limits)
			const n = 1000
			for i := range n {
				s.Append(Entry{Service: []string{"web", "db"}[i%2], Text: fmt.Sprintf("line %d", i)})
			}
			c := s.Counts()
			if limits.Lines > 0 && c.Lines > limits.Lines || limits.Bytes > 10 && c.Bytes > limits.Bytes || c.Lines == 0 {
				t.Errorf("holds %d lines, %d bytes", c.Lines, c.Bytes)
			}
			if limits.Lines == 100 && limits.Bytes == 0 && c.Lines < 90 {
				t.Errorf("holds only %d lines", c.Lines)
			}
			if c.Lines+c.Dropped != n || c.DroppedOf["web"]+c.DroppedOf["db"] != c.Dropped {
				t.Errorf("dropped %d %v, holds %d", c.Dropped, c.DroppedOf, c.Lines)
			}
			if c.Next != n || c.First != Seq(n-c.Lines) {
				t.Errorf("numbers from %d to %d", c.First, c.Next)
			}
			for i, text := range texts(s) {
				if want := fmt.Sprintf("line %d", int(c.First)+i); text != want {
					t.Fatalf("entry %d is %q, want %q", i, text, want)
				}
			}
		})
	}
}

func TestWhatComesInIsHarmless(t *testing.T) {
	s := storeOf(
		Entry{Service: "w\x1b]0;x\ab", Text: "\x1b]52;c;ZXZpbA==\a\x1b[31mred"},
		Entry{Service: "web", Kind: Notice, Text: "a\x1b[31m.js\n"},
		Entry{Service: "web", Text: strings.Repeat("A", 10<<20)},
	)
	got := texts(s)
	if got[0] != "\x1b[31mred\x1b[0m" || strings.ContainsAny(got[1], "\x1b\n") || strings.ContainsAny(s.Services()[0], "\x1b\a") {
		t.Errorf("got %q of %q", got[:2], s.Services())
	}
	if len(got[2]) > 200<<10 || !strings.HasSuffix(got[2], " … 10,289,152 bytes cut") {
		t.Errorf("a long line has %d bytes and ends in %q", len(got[2]), got[2][len(got[2])-40:])
	}
}

func TestTimesAreKept(t *testing.T) {
	times := []time.Time{noon, noon.Add(1500 * time.Millisecond), {}, noon.Add(-time.Hour), noon.AddDate(1, 0, 0), noon.AddDate(-30, 0, 0), noon}
	s := NewStore(Limits{})
	for _, at := range times {
		s.Append(Entry{Time: at})
	}
	for i, want := range times {
		c, k := s.at(Seq(i))
		if got := c.time(k); !got.Equal(want) {
			t.Errorf("entry %d: got %v, want %v", i, got, want)
		}
	}
}

func TestAClearedStoreGoesOn(t *testing.T) {
	s := storeOf(outputs("web", "Error: a", "    at b (c.js:1:1)")...)
	v := NewView(s)
	v.SetSize(80, 5)
	v.Rows()
	s.Clear()
	if rows := v.Rows(); len(rows) != 0 {
		t.Errorf("shows %v", rows)
	}
	s.Append(outputs("web", "    at d (e.js:1:1)", "new")...)
	if c := s.Counts(); c.First != 2 || c.Next != 4 || c.Lines != 2 {
		t.Errorf("counts are %+v", c)
	}
	if got := screen(v); !slices.Equal(got, []string{"    at d (e.js:1:1)", "new"}) {
		t.Errorf("shows %q", got)
	}
}

func TestEventsBecomeEntries(t *testing.T) {
	code := 1
	tests := []struct {
		event session.Event
		kind  Kind
		text  string
	}{
		{session.Event{Kind: session.Log, Line: "x", Stream: "stdout"}, Stdout, "x"},
		{session.Event{Kind: session.Log, Line: "x", Stream: "stderr"}, Stderr, "x"},
		{session.Event{Kind: session.Started}, Notice, "started"},
		{session.Event{Kind: session.Restarted, Files: []string{"src/index.js"}, MS: 38}, Notice, "src/index.js · 38 ms"},
		{session.Event{Kind: session.Restarted, Files: []string{"a.js", "b.js", "c.js"}, MS: 1250}, Notice, "a.js and 2 more · 1.25s"},
		{session.Event{Kind: session.Restarted}, Notice, "restarted"},
		{session.Event{Kind: session.Restarted, Text: "by hand"}, Notice, "by hand"},
		{session.Event{Kind: session.Crashed, Code: &code}, Trouble, "crashed: exit code 1"},
		{session.Event{Kind: session.Crashed, Signal: "SIGSEGV"}, Trouble, "crashed: SIGSEGV"},
		{session.Event{Kind: session.Exited, Code: &code}, Trouble, "container ended: exit code 1"},
	}
	for _, tt := range tests {
		tt.event.Service, tt.event.Time = "web", noon
		got, ok := FromEvent(tt.event)
		if want := (Entry{noon, "web", tt.kind, tt.text}); !ok || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", tt.event.Kind, got, ok, want)
		}
	}
	if _, ok := FromEvent(session.Event{Kind: session.Building}); ok {
		t.Error("a build step has a place among the lines")
	}
}

func TestTheTailOfAServiceCanBeAskedFor(t *testing.T) {
	s := NewStore(Limits{Lines: 64})
	for i := range 40 {
		s.Append(Entry{Service: "web", Text: fmt.Sprintf("\x1b[31mw%d", i)}, Entry{Service: "db", Text: "d"})
	}
	s.Append(Entry{Service: "web", Kind: Trouble, Text: "crashed"})
	if got := s.Tail("web", 3); !slices.Equal(got, []string{"w37", "w38", "w39"}) {
		t.Errorf("got %q", got)
	}
	if got := s.Tail("web", 1000); len(got) < 25 || got[len(got)-1] != "w39" {
		t.Errorf("got %q", got)
	}
	if got := s.Tail("other", 3); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestStackTracesAreOneEntry(t *testing.T) {
	s := storeOf(
		Entry{Service: "web", Kind: Stderr, Text: "TypeError: x is not a function"},   // 0
		Entry{Service: "web", Kind: Stderr, Text: "    at f (/app/src/a.js:1:2)"},     // 1
		Entry{Service: "db", Text: "checkpoint"},                                      // 2
		Entry{Service: "web", Text: "GET /"},                                          // 3
		Entry{Service: "web", Kind: Stderr, Text: "    at async g (/app/b.js:3:4) {"}, // 4
		Entry{Service: "web", Kind: Stderr, Text: "  code: 'E_X',"},                   // 5
		Entry{Service: "web", Kind: Stderr, Text: "  [cause]: Error: y"},              // 6
		Entry{Service: "web", Kind: Stderr, Text: "      at h (/app/c.js:5:6)"},       // 7
		Entry{Service: "web", Kind: Stderr, Text: "}"},                                // 8
		Entry{Service: "web", Kind: Stderr, Text: "}"},                                // 9
		Entry{Service: "web", Kind: Stderr, Text: "Error: z"},                         // 10
		Entry{Service: "web", Kind: Notice, Text: "restarted"},                        // 11
		Entry{Service: "web", Kind: Stderr, Text: "    at i (/app/d.js:7:8)"},         // 12
		Entry{Service: "web", Kind: Stderr, Text: "    indented, but no frame"},       // 13
	)
	for _, want := range [][]Seq{{0, 1, 4, 5, 6, 7, 8}, {2}, {3}, {9}, {10}, {11}, {12}, {13}} {
		for _, seq := range want {
			if got := s.members(nil, seq); !slices.Equal(got, want) {
				t.Errorf("the entry of %d is %v, want %v", seq, got, want)
			}
		}
	}
}
