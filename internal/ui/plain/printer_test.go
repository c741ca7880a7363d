package plain

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devbox-node/devbox/internal/session"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/TEST/NAME. Escapes are shown as ␛ there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "␛")
	file := filepath.Join("testdata", strings.Split(t.Name(), "/")[0], name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// printStory prints the story event by event, on a clock that shows its times.
func printStory(t *testing.T, o Options) {
	t.Helper()
	var now time.Time
	o.Services = storyServices
	o.Now = func() time.Time { return now }
	p := NewPrinter(o)
	for _, e := range story() {
		now = e.Time
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASessionIsPrintedAsLines(t *testing.T) {
	tests := []struct {
		name   string
		stream Stream
		talk   bool
	}{
		{"plain.txt", Stream{}, false},
		{"colour.txt", Stream{Terminal: true, Colour: true}, false},
		{"ascii.txt", Stream{Terminal: true, ASCII: true}, false},
		{"talk-only.txt", Stream{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var both bytes.Buffer
			tt.stream.W = &both
			printStory(t, Options{Out: tt.stream, Err: tt.stream, TalkOnly: tt.talk})
			golden(t, tt.name, both.String())
		})
	}
}

func TestOutputGoesToStdoutAndTalkToStderr(t *testing.T) {
	var out, err bytes.Buffer
	printStory(t, Options{Out: Stream{W: &out}, Err: Stream{W: &err}})
	golden(t, "stdout.txt", out.String())
	golden(t, "stderr.txt", err.String())
}

func TestABatchIsPrintedInTheOrderOfItsEvents(t *testing.T) {
	o := Options{Services: storyServices, Now: func() time.Time { return time.Unix(0, 0) }}
	var batch, single bytes.Buffer
	o.Out.W, o.Err.W = &batch, &batch
	if err := NewPrinter(o).Print(story()...); err != nil {
		t.Fatal(err)
	}
	o.Out.W, o.Err.W = &single, &single
	p := NewPrinter(o)
	for _, e := range story() {
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(single.String(), batch.String()); diff != "" {
		t.Error(diff)
	}
}

func TestStreamsThatAreNoTerminalsGetNoEscapes(t *testing.T) {
	var both bytes.Buffer
	s := Stream{W: &both}
	_ = NewPrinter(Options{Out: s, Err: s}).Print(story()...)
	if i := bytes.IndexByte(both.Bytes(), 0x1b); i >= 0 {
		t.Errorf("an escape at %q", both.Bytes()[i:min(i+20, both.Len())])
	}
}

func TestBuildStepsAreAtMostAFewASecond(t *testing.T) {
	var out bytes.Buffer
	var now time.Time
	s := Stream{W: &out}
	p := NewPrinter(Options{Out: s, Err: s, Now: func() time.Time { return now }})
	const events, apart = 1000, 3 * time.Millisecond
	for i := range events {
		now = now.Add(apart)
		if err := p.Print(session.Event{Kind: session.Building, Service: "web", Text: fmt.Sprintf("step %d.", i)}); err != nil {
			t.Fatal(err)
		}
	}
	const most = int(events*apart/stepEvery) + 1
	if got := strings.Count(out.String(), "\n"); got < most/2 || got > most {
		t.Errorf("%d lines in 3 s, want up to %d", got, most)
	}
}

type brokenWriter struct{ writes int }

var errBroken = errors.New("broken pipe")

func (b *brokenWriter) Write([]byte) (int, error) { b.writes++; return 0, errBroken }

func TestAfterAnErrorNothingIsWritten(t *testing.T) {
	var talk bytes.Buffer
	broken := &brokenWriter{}
	p := NewPrinter(Options{Out: Stream{W: broken}, Err: Stream{W: &talk}})
	for range 3 {
		if err := p.Print(session.Event{Kind: session.Log, Line: "x"}); !errors.Is(err, errBroken) {
			t.Errorf("got %v", err)
		}
	}
	_ = p.Print(session.Event{Kind: session.Stopped})
	if broken.writes != 1 || talk.String() != "· stopped\n" {
		t.Errorf("%d writes, and %q", broken.writes, talk.String())
	}
}

// kinds are all kinds of events, and one that does not exist.
var kinds = []session.Kind{
	session.Rendered, session.Building, session.Built, session.Installing, session.Installed, session.LockChanged, session.Creating,
	session.Started, session.Ready, session.Changed, session.Restarting, session.Restarted, session.Crashed,
	session.Exited, session.Log, session.Warned, session.Failed, session.Stopping, session.Stopped,
	session.WatchedMode, session.EngineLost, session.EngineBack, "something-new",
}

// filled is an event of a kind with a text in every field that takes one.
func filled(kind session.Kind, text string) session.Event {
	var e session.Event
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case string, session.Kind:
			f.SetString(text)
		case []string:
			f.Set(reflect.ValueOf([]string{text, text}))
		}
	}
	e.Kind, e.Done = kind, true
	if kind == "something-new" {
		e.Kind = session.Kind(text)
	}
	return e
}

func TestEveryKindHasWords(t *testing.T) {
	var out bytes.Buffer
	for _, k := range kinds {
		p := NewPrinter(Options{Out: Stream{W: &out}, Err: Stream{W: &out}})
		if err := p.Print(session.Event{Kind: k}, filled(k, "some-text")); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "words.txt", out.String())
}
