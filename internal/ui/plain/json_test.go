package plain

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devbox-node/devbox/internal/session"
)

func TestASessionIsPrintedAsJSON(t *testing.T) {
	var out bytes.Buffer
	p := NewJSONPrinter(&out)
	for _, e := range story() {
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "events.jsonl", out.String())
}

func TestJSONLinesAreTheEvents(t *testing.T) {
	var out bytes.Buffer
	if err := NewJSONPrinter(&out).Print(story()...); err != nil {
		t.Fatal(err)
	}
	var got []session.Event
	for line := range strings.Lines(out.String()) {
		var e session.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if diff := cmp.Diff(story(), got); diff != "" {
		t.Error(diff)
	}
}

func TestTimesAreInMillisecondsAndUTC(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	tests := []struct {
		name string
		time time.Time
		want string
	}{
		{"a fraction", time.Date(2026, 11, 20, 13, 4, 5, 678_900_000, berlin), "2026-11-20T12:04:05.678Z"},
		{"a whole second keeps its zeros", time.Date(2026, 11, 20, 12, 4, 5, 0, time.UTC), "2026-11-20T12:04:05.000Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := NewJSONPrinter(&out).Print(session.Event{Kind: session.Ready, Time: tt.time}); err != nil {
				t.Fatal(err)
			}
			if want := `{"time":"` + tt.want + `","event":"ready"}` + "\n"; out.String() != want {
				t.Errorf("got %s, want %s", out.String(), want)
			}
		})
	}
}

func TestValuesArePrintedAsIndentedJSON(t *testing.T) {
	var out bytes.Buffer
	value := struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}{"a\u009bb<c>", "http://127.0.0.1:3000/?a=1&b=2"}
	if err := WriteJSON(&out, value); err != nil {
		t.Fatal(err)
	}
	want := []string{"{", `  "name": "a\u009bb<c>",`, `  "url": "http://127.0.0.1:3000/?a=1&b=2"`, "}", ""}
	if got := strings.Split(out.String(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
