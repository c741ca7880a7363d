package plain

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/devbox-node/devbox/internal/session"
)

// hostileTexts try to write the clipboard, set the title, clear the screen, ask
// for an answer, start a new line, go back on the line, turn text around.
var hostileTexts = []string{
	"a\x1b]52;c;ZXZpbA==\ab", "a\x1b]0;title\x1b\\b", "a\x1b[2J\x1b[Hb", "a\x1b[6nb", "a\x1bcb",
	"a\nroot ✓ all good", "good\revil", "a\b\b\bb", "a\u009b2Jb", "a\x9b2J\x9d0;t\ab", "a\x1bP1$r\x1b\\b",
	"a\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "a\u202eb\u2066c", "a\x00\x7f\x85b", "a\xff\xfeb",
	"a\x1b]unfinished", "a\x1b[", "\x1b[31mred", "\ufeffa\u200bb\U000e0041",
}

var ownColours = regexp.MustCompile("\x1b\\[[0-9;]+m")

// checkHarmless looks for what could control or deceive a terminal.
func checkHarmless(t *testing.T, what, got string, colours bool) {
	t.Helper()
	if colours {
		got = ownColours.ReplaceAllString(got, "")
	}
	if !utf8.ValidString(got) {
		t.Errorf("%s: %q is not UTF-8", what, got)
	}
	for _, r := range got {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u200b\u202e\u2066\ufeff\U000e0041", r) {
			t.Errorf("%s: %q has %U", what, got, r)
			return
		}
	}
}

func TestHostileTextCannotControlTheTerminal(t *testing.T) {
	streams := []Stream{{}, {Terminal: true, Colour: true}, {Terminal: true, ASCII: true}}
	for _, text := range hostileTexts {
		for _, s := range streams {
			var out bytes.Buffer
			s.W = &out
			for _, kind := range kinds {
				p := NewPrinter(Options{Out: s, Err: s, Services: []string{text}})
				late := filled(session.Log, text)
				late.Time = time.Unix(1e9, 0)
				if err := p.Print(filled(kind, text), late); err != nil {
					t.Fatal(err)
				}
			}
			_ = NewLogPrinter(s, LogOptions{}).Print(LogLine{Service: text, Text: text})
			table := NewTable("NAME", text)
			table.Row(text, text)
			if err := table.Write(s); err != nil {
				t.Fatal(err)
			}
			checkHarmless(t, text, out.String(), s.Colour)
		}
	}
}

func TestOnlyAMessageMayHaveSeveralLines(t *testing.T) {
	for _, kind := range kinds {
		var out bytes.Buffer
		p := NewPrinter(Options{Out: Stream{W: &out}, Err: Stream{W: &out}})
		e := filled(kind, "a\nroot ✓ all good")
		e.Text = "words"
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "root") {
				t.Errorf("%s: a line of its own: %q", kind, line)
			}
		}
	}
}

func TestHostileTextIsEscapedInJSON(t *testing.T) {
	for _, text := range hostileTexts {
		for _, kind := range kinds {
			var out bytes.Buffer
			e := filled(kind, text)
			if err := NewJSONPrinter(&out).Print(e); err != nil {
				t.Fatal(err)
			}
			checkHarmless(t, text, out.String(), false)
			var back session.Event
			if err := json.Unmarshal(out.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && back.Line != want {
				t.Errorf("got %q back, want %q", back.Line, want)
			}
		}
	}
}

func TestAColouredLineIsReset(t *testing.T) {
	var out bytes.Buffer
	s := Stream{W: &out, Terminal: true, Colour: true}
	_ = NewPrinter(Options{Out: s, Err: s}).Print(session.Event{Kind: session.Log, Service: "web", Line: "\x1b[31mred"})
	if want := "\x1b[31mred\x1b[0m\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want it to end in %q", out.String(), want)
	}
}
