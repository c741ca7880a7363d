package logs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/devbox-node/devbox/internal/term"
)

// hostileTexts are the inputs of package term's corpus.
func hostileTexts(t testing.TB) []string {
	files, err := filepath.Glob("../../term/testdata/TestHostileTextIsHarmless/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var all []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			if quoted, ok := strings.CutPrefix(line, "in "); ok {
				text, err := strconv.Unquote(strings.TrimSpace(quoted))
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				all = append(all, text, `{"msg":`+strconv.QuoteToASCII(text)+`,"k":"v"}`)
			}
		}
	}
	return all
}

// harmful tells whether a text has anything that is not to be drawn.
func harmful(text string) bool {
	return !utf8.ValidString(text) || term.Clean(text) != text && term.Line(text, term.Options{}) != text
}

// checkFrame checks what a view shows.
func checkFrame(t *testing.T, v *View, text string) {
	t.Helper()
	rows := v.Rows()
	if len(rows) > v.height {
		t.Errorf("%q: %d rows of %d", text, len(rows), v.height)
	}
	for _, r := range rows {
		sum := 0
		for _, s := range r.Spans {
			sum += term.Width(s.Text)
			if s.Text == "" || harmful(s.Text) || strings.ContainsAny(s.Text, "\t\n\x1b") || strings.Trim(s.SGR, "0123456789;") != "" {
				t.Errorf("%q: the span %q in %q", text, s.Text, s.SGR)
			}
		}
		if sum > v.width || term.Width(r.Text()) > v.width {
			t.Errorf("%q at %d: the row %q has %d cells", text, v.width, r.Text(), sum)
		}
	}
}

func checkEverySize(t *testing.T, text string) {
	v := NewView(storeOf(Entry{Service: text, Text: text}, Entry{Time: noon, Service: text, Kind: Trouble, Text: text}, Entry{Service: "web", Text: "last"}))
	for _, width := range []int{1, 2, 3, 7, 30, 80} {
		for _, o := range []Options{{}, {Wrap: true}, {Raw: true}, {Wrap: true, Times: true, ServiceWidth: 3}, {ASCII: true, ServiceWidth: 8, Raw: true}} {
			v.SetOptions(o)
			v.SetSize(width, 4)
			v.Bottom()
			for _, move := range []func(){func() {}, func() { v.Scroll(-1, 3) }, v.Top, func() { v.Page(1) }} {
				move()
				checkFrame(t, v, text)
			}
			v.Scroll(0, -3)
		}
	}
}

func TestHostileLinesStayInTheirRows(t *testing.T) {
	for _, text := range hostileTexts(t) {
		checkEverySize(t, text)
	}
	for _, text := range []string{
		strings.Repeat("\u0308", 10_000), strings.Repeat("👩‍💻", 5000), strings.Repeat("\t", 5000), strings.Repeat("\x1b[31ma\x1b[32mb", 3000),
		strings.Repeat("1:1(", 5000), strings.Repeat(`{"a":`, 5000) + strings.Repeat("}", 5000), "🇩🇪\x1b[1m🇫🇷", "a\x1b[1m\u0308",
	} {
		checkEverySize(t, text)
	}
}

// FuzzView looks for lines, sizes and searches that break a row or the program.
func FuzzView(f *testing.F) {
	for i, text := range hostileTexts(f) {
		f.Add(text, "a", uint8(i), uint8(i>>1))
	}
	f.Fuzz(func(t *testing.T, text, search string, width, flags uint8) {
		v := NewView(storeOf(Entry{Service: text, Text: text}, Entry{Time: noon, Service: "web", Kind: Stderr, Text: text + text}, Entry{Service: "x", Kind: Notice, Text: text}))
		v.SetOptions(Options{Wrap: flags&1 > 0, Raw: flags&2 > 0, Times: flags&4 > 0, ASCII: flags&8 > 0, ServiceWidth: int(flags >> 4)})
		v.SetSize(int(width), 5)
		_ = v.Search(search, flags&16 > 0)
		checkFrame(t, v, text)
		v.Next()
		checkFrame(t, v, text)
		v.Scroll(-2, int(flags))
		checkFrame(t, v, text)
		v.Prev()
		v.Work(time.Second)
		checkFrame(t, v, text)
	})
}
