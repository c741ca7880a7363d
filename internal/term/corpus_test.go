package term

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expectations in testdata anew")

// hostile is one case of the corpus. Texts are quoted as in Go, so that the
// files themselves hold nothing that a terminal obeys.
type hostile struct {
	name, in string
	want     map[string]string
}

// forms are what becomes of a text, by the names that they have in the corpus.
var forms = []struct {
	name string
	make func(string) string
}{
	{"line", func(s string) string { return Line(s, Options{}) }},
	{"colour", func(s string) string { return Line(s, Options{KeepColour: true}) }},
	{"ascii", func(s string) string { return Line(s, Options{ASCII: true}) }},
	{"value", Clean},
	{"stream", func(s string) string { return Text(s, Options{}) }},
}

// corpus reads all cases. A form that is not named has the result of `line`.
func corpus(t testing.TB) map[string][]hostile {
	files, err := filepath.Glob("testdata/TestHostileTextIsHarmless/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	all := map[string][]hostile{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
			all[file] = append(all[file], parseCase(t, block))
		}
	}
	return all
}

func parseCase(t testing.TB, block string) hostile {
	name, rest, _ := strings.Cut(block, "\n")
	h := hostile{name: strings.TrimPrefix(name, "# "), want: map[string]string{}}
	for line := range strings.SplitSeq(rest, "\n") {
		key, quoted, _ := strings.Cut(line, " ")
		text, err := strconv.Unquote(strings.TrimSpace(quoted))
		if err != nil {
			t.Fatalf("%s: %s: %v", h.name, line, err)
		}
		if key == "in" {
			h.in = text
		}
		h.want[key] = text
	}
	return h
}

func (h hostile) wanted(form string) string {
	if want, ok := h.want[form]; ok {
		return want
	}
	return h.want["line"]
}

func TestHostileTextIsHarmless(t *testing.T) {
	for file, cases := range corpus(t) {
		if *update {
			writeCorpus(t, file, cases)
			continue
		}
		for _, h := range cases {
			t.Run(h.name, func(t *testing.T) {
				for _, f := range forms {
					if got := f.make(h.in); got != h.wanted(f.name) {
						t.Errorf("%s of %q:\n got %q\nwant %q", f.name, h.in, got, h.wanted(f.name))
					}
				}
			})
		}
	}
}

func writeCorpus(t *testing.T, file string, cases []hostile) {
	var b strings.Builder
	for i, h := range cases {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "# %s\nin     %+q\n", h.name, h.in)
		for _, f := range forms {
			if got := f.make(h.in); f.name == "line" || got != forms[0].make(h.in) {
				fmt.Fprintf(&b, "%-6s %s\n", f.name, strconv.Quote(got))
			}
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheResultDoesNotDependOnWhereAStreamIsCut(t *testing.T) {
	for _, cases := range corpus(t) {
		for _, h := range cases {
			for _, o := range []Options{{}, {KeepColour: true}, {ASCII: true}} {
				in := h.in + "\n" + h.in
				want := Text(in, o)
				for i := range in {
					for _, pieces := range [][]string{{in[:i], in[i:]}, {in[:i], in[i : i+1], in[i+1:]}} {
						if got := stream(o, pieces...); got != want {
							t.Fatalf("%s: %q:\n got %q\nwant %q", h.name, pieces, got, want)
						}
					}
				}
				if got := stream(o, strings.Split(in, "")...); got != want {
					t.Fatalf("%s: in single characters:\n got %q\nwant %q", h.name, got, want)
				}
			}
		}
	}
}

func stream(o Options, pieces ...string) string {
	z := NewSanitizer(o)
	var out []byte
	for _, p := range pieces {
		out = z.Append(out, []byte(p))
	}
	return string(z.Flush(out))
}
