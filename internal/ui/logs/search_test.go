package logs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestASearchGoesRound(t *testing.T) {
	v := viewOf(20, 3, numbered(0, 100)...)
	if err := v.Search("7", false); err != nil {
		t.Fatal(err)
	}
	v.GoTo(40)
	goTo := func(step func() bool, want Seq, match int) {
		t.Helper()
		if !step() {
			t.Fatal("nothing found")
		}
		v.Work(time.Second)
		if got := v.Status(); v.current != want || got.Match != match || got.Matches != 19 {
			t.Errorf("at %d: %d of %d, want %d: %d of 19", v.current, got.Match, got.Matches, want, match)
		}
		visible := false
		for _, r := range v.Rows() {
			visible = visible || r.Current && r.Seq == want
		}
		if !visible {
			t.Errorf("%d is not shown: %q", want, screen(v))
		}
	}
	goTo(v.Next, 47, 5)
	goTo(v.Next, 57, 6)
	goTo(v.Prev, 47, 5)
	goTo(v.Prev, 37, 4)
	for _, want := range []Seq{27, 17, 7} {
		goTo(v.Prev, want, int(want/10)+1)
	}
	goTo(v.Prev, 97, 19)
	goTo(v.Next, 7, 1)

	f, _ := ParseFilter("-/[0-8]$/")
	v.SetFilter(f)
	v.Work(time.Second)
	if got := v.Status(); got.Matches != 1 || got.Match != 0 {
		t.Errorf("with a filter %+v", got)
	}
	if !v.Next() || v.current != 79 {
		t.Errorf("at %d", v.current)
	}
	if err := v.Search("nowhere", false); err != nil || v.Next() || v.Prev() {
		t.Errorf("found what is not there, %v", err)
	}
	if err := v.Search("", false); err != nil || v.Next() || v.Searching() {
		t.Errorf("still searches, %v", err)
	}
	if err := v.Search("a(", true); err == nil || err.Error() != "missing closing ): a(, at character 1" {
		t.Errorf("the error is %v", err)
	}
}

func TestNewLinesAreSearched(t *testing.T) {
	v := viewOf(20, 3, numbered(0, 5)...)
	_ = v.Search("line", false)
	v.store.Append(numbered(5, 9)...)
	v.Work(time.Second)
	if got := v.Status().Matches; got != 9 {
		t.Errorf("%d found", got)
	}
}

func TestASearchGoesToTheRowOfALongLine(t *testing.T) {
	v := viewOf(10, 3, outputs("web", strings.Repeat("x", 500)+"needle"+strings.Repeat("x", 500))...)
	v.SetOptions(Options{Wrap: true})
	_ = v.Search("needle", false)
	if !v.Next() || !strings.Contains(strings.Join(screen(v), ""), "needle") {
		t.Errorf("shows %q", screen(v))
	}
}

func TestPatternsFindWhatPackageRegexpFinds(t *testing.T) {
	lines := []string{
		"", "a", "GET /api/users 200", "get /API/Users", "Zürich", "ZÜRICH", "aaaa", "abAB", "KELVIN kelvin", "x\ty", "日本語 log", "foo.bar", "foo bar", "e", "E", "xEx",
		strings.Repeat("ab", 300) + "needle" + strings.Repeat("NEEDLE", 3),
	}
	for _, text := range []string{"a", "A", "get", "GET", "ab", "zürich", "Z", "ü", "needle", "NEEDLE", ".", "foo.", "e", "  ", "日", "/api/", "aa"} {
		expr := regexp.QuoteMeta(text)
		if text == strings.ToLower(text) {
			expr = "(?i)" + expr
		}
		compare := regexp.MustCompile(expr)
		fromRegex, err := regexPattern(regexp.QuoteMeta(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*pattern{textPattern(text), fromRegex} {
			for _, line := range lines {
				want := fmt.Sprint(compare.FindAllStringIndex(line, -1))
				if got := fmt.Sprint(p.all([]byte(line), 1000)); got != want {
					t.Errorf("%q in %q: got %s, want %s", text, line, got, want)
				}
			}
		}
	}
}

func TestALiteralIsOnlyRequiredWhereItIsNeeded(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"abc", "abc"},
		{"a(bcd)+e", "bcd"},
		{"a|b", ""},
		{"x*yz", "yz"},
		{"(abc)?d", "d"},
		{"(abc){2,}", "abc"},
		{"(abc){0,2}", ""},
		{"^GET .* 500$", "GET "},
		{`\S+Error`, "Error"},
		{"zürich", "rich"},
		{".", ""},
	}
	for _, tt := range tests {
		p, err := regexPattern(tt.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.literal); got != tt.want {
			t.Errorf("%s requires %q, want %q", tt.expr, got, tt.want)
		}
	}
}

func TestAReadableLineIsFoundByWhatItShows(t *testing.T) {
	lines := []string{
		`{"level":30,"time":1772366651000,"msg":"request done","req":{"url":"/api/1"},"pid":1234}`,
		`{"level":50,"msg":"caf\u00e9 \"x\" a\/b","n":1.5,"deep":{"a":{"b":1}}}`,
		`{"name":"svc","level":"warn","msg":"tab\tl\nsecond line","list":[1, 2]}`,
	}
	s := NewStore(Limits{})
	for _, line := range lines {
		s.Append(Entry{Text: line})
	}
	tester := tester{s: s}
	// Every part of what is shown finds its line, whatever shortcuts are taken.
	for seq, line := range lines {
		shown := string(readableText(nil, []byte(line)))
		c, i := s.at(Seq(seq))
		for begin := range shown {
			for end := begin + 1; end <= len(shown); end++ {
				part := shown[begin:end]
				if !utf8.ValidString(part) {
					continue
				}
				for _, text := range []string{part, strings.ToLower(part)} {
					if !tester.has(textPattern(text), c, i) {
						t.Fatalf("%q is not found in %s", text, shown)
					}
				}
				if p, err := regexPattern(regexp.QuoteMeta(part)); err != nil || !tester.has(p, c, i) {
					t.Fatalf("the expression of %q is not found in %s: %v", part, shown, err)
				}
			}
		}
	}
	for _, absent := range []string{"request failed", "INFO request failed", "req.url=/api/2", "/api/2"} {
		if c, i := s.at(0); tester.has(textPattern(absent), c, i) {
			t.Errorf("%q is found", absent)
		}
	}
}
