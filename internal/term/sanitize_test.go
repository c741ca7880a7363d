package term

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextsOfSeveralLines(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a line break at the end stays", "a\nb\n", "a\nb\n"},
		{"none is added", "a\nb", "a\nb"},
		{"a carriage return before a line break goes", "a\r\nb\r\n", "a\nb\n"},
		{"a carriage return replaces its own line only", "a\nb\rc\n", "a\nc\n"},
		{"a sequence does not reach into the next line", "a\x1b[3\n1m\x1b]0;t\nb", "a␛[3\n1m␛]0;t\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in, Options{}); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestColoursEndWithTheirLine(t *testing.T) {
	got := Text("\x1b[31ma\nb\n\x1b[1mc", Options{KeepColour: true})
	if want := "\x1b[31ma\x1b[0m\nb\n\x1b[1mc\x1b[0m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAStringThatNeverEndsIsTextAfterItsBound(t *testing.T) {
	body := strings.Repeat("x", 3*maxString)
	if got := Line("a\x1b]0;"+body, Options{}); got != "a␛]0;"+body {
		t.Errorf("%d bytes came out of %d", len(got), len(body))
	}
}

func TestAStreamHoldsBackABoundedPartOfALine(t *testing.T) {
	z := NewSanitizer(Options{})
	piece := []byte(strings.Repeat("x", 1000) + "\x1b[31m\x1b]0;")
	var out []byte
	for range 10_000 {
		out = z.Append(out[:0], piece)
	}
	const bound = 4 * maxHeld
	if cap(z.line) > bound || cap(z.seq) > bound {
		t.Errorf("%d and %d bytes are held", cap(z.line), cap(z.seq))
	}
}

func TestPlainLinesAreNotCopied(t *testing.T) {
	line := strings.Repeat("listening on port 3000\t", 10)
	if n := testing.AllocsPerRun(100, func() { Line(line, Options{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	coloured := "\x1b[32m" + line
	if n := testing.AllocsPerRun(100, func() { Line(coloured, Options{KeepColour: true}) }); n > 1 {
		t.Errorf("%v allocations for a coloured line", n)
	}
}

func TestThePlainPrefixEndsAtTheFirstOddByte(t *testing.T) {
	for b := range 256 {
		for at := range 20 {
			text := []byte(strings.Repeat("~", 8) + "\t" + strings.Repeat(" ", 11))
			text[at] = byte(b)
			want := at
			if isPlain(byte(b)) {
				want = len(text)
			}
			if got := plainRun(text); got != want {
				t.Fatalf("byte %#x at %d: got %d, want %d", b, at, got, want)
			}
		}
	}
}

func TestEscapedJSONKeepsItsValues(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", `{"a":"b ü 日本"}` + "\n", `{"a":"b ü 日本"}` + "\n"},
		{"C1 and DEL are escaped", "\"a\u009b\u007f\"", `"a\u009b\u007f"`},
		{"bidi controls are escaped", "\"\u202e\ufeff\"", `"\u202e\ufeff"`},
		{"tags are escaped as surrogates", "\"\U000e0041\"", `"\udb40\udc41"`},
		{"what is escaped stays so", `"\u001b[31m\n"`, `"\u001b[31m\n"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(EscapeJSON(nil, []byte(tt.in))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

var sgrSequence = regexp.MustCompile("\x1b\\[[0-9]+(;[0-9]+)*m")

// harmful finds what must not come out, or returns an empty string.
func harmful(s string, colour bool) string {
	if colour {
		s = sgrSequence.ReplaceAllString(s, "")
	}
	for i, r := range s {
		switch {
		case r < 0x20 && r != '\t' && r != '\n', r >= del && r < 0xA0, hides(r), r == 0x2028, r == 0x2029:
			return s[i : i+utf8.RuneLen(r)]
		}
	}
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	return ""
}

func FuzzNothingHarmfulComesOut(f *testing.F) {
	for _, cases := range corpus(f) {
		for _, h := range cases {
			f.Add(h.in, uint(len(h.in)/2))
		}
	}
	f.Fuzz(func(t *testing.T, s string, cut uint) {
		for _, o := range []Options{{}, {KeepColour: true}, {ASCII: true}} {
			checkHarmless(t, Line(s, o), o, Line)
			checkHarmless(t, Text(s, o), o, Text)
			checkHarmless(t, o.Clean(s), Options{ASCII: o.ASCII}, func(s string, o Options) string { return o.Clean(s) })
			i := int(cut % uint(len(s)+1))
			if got, want := stream(o, s[:i], s[i:]), Text(s, o); got != want {
				t.Errorf("cut at %d: got %q, want %q", i, got, want)
			}
		}
		if got := Line(s, Options{}) + Clean(s); strings.Contains(got, "\n") {
			t.Errorf("%q has a line break", got)
		}
	})
}

func checkHarmless(t *testing.T, got string, o Options, again func(string, Options) string) {
	t.Helper()
	if bad := harmful(got, o.KeepColour); bad != "" {
		t.Errorf("%q has %q", got, bad)
	}
	if o.ASCII && strings.IndexFunc(got, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		t.Errorf("%q is not ASCII", got)
	}
	if o.KeepColour && strings.Contains(got, "\x1b") && !strings.Contains(got, "\x1b[0m") {
		t.Errorf("%q is not reset", got)
	}
	if twice := again(got, o); twice != got {
		t.Errorf("a second time makes %q of %q", twice, got)
	}
}
