package logs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sample are entries that the filters of tests choose from.
var sample = []Entry{
	0:  {Service: "web", Text: "GET /api/users 200 3 ms"},
	1:  {Service: "web", Kind: Stderr, Text: "TypeError: x is not a function"},
	2:  {Service: "web", Kind: Stderr, Text: "    at handler (/app/src/users.js:10:5)"},
	3:  {Service: "db", Text: "2026-03-01 LOG:  checkpoint complete"},
	4:  {Service: "api", Text: `{"level":30,"msg":"request completed","req":{"method":"GET","url":"/api/a","headers":{"host":"x"}},"res":{"statusCode":200},"responseTime":12.5}`},
	5:  {Service: "api", Text: `{"level":"error","message":"it \"broke\"","user":{"id":7},"tags":["a","b"]}`},
	6:  {Service: "api", Text: `level=warn msg="slow query" status=503 took=2`},
	7:  {Service: "web", Text: "\x1b[33m[warn]\x1b[39m Zürich is \x1b[1mslow\x1b[0m"},
	8:  {Service: "web", Kind: Notice, Text: "src/index.js · 38 ms"},
	9:  {Service: "web", Text: "http://localhost:3000/"},
	10: {Service: "web", Text: `a "quoted" text, -x and a\b`},
}

func keptBy(t *testing.T, filter string, services ...string) []Seq {
	t.Helper()
	f, err := ParseFilter(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	if f.String() != filter && strings.TrimSpace(filter) != "" {
		t.Errorf("%q is written as %q", filter, f.String())
	}
	s := storeOf(sample...)
	tester := tester{s: s, filter: f, services: services}
	var kept []Seq
	for seq := range Seq(len(sample)) {
		if tester.keeps(s.members(nil, seq)) {
			kept = append(kept, seq)
		}
	}
	return kept
}

func TestFiltersKeepWhatTheySay(t *testing.T) {
	const mark = 8 // the separator: kept wherever the service is
	tests := []struct {
		name, filter string
		want         []Seq
	}{
		{"nothing asked for", "  ", []Seq{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"text", "checkpoint", []Seq{3, mark}},
		{"capitals are the same", "get", []Seq{0, 4, mark}},
		{"but not where one is asked for", "Get", []Seq{mark}},
		{"several texts", "get users", []Seq{0, mark}},
		{"text of a trace keeps all of it", "users.js", []Seq{1, 2, mark}},
		{"a head keeps its trace", "typeerror", []Seq{1, 2, mark}},
		{"a path is text", "/api/users", []Seq{0, mark}},
		{"an address is text", "http://localhost:3000/", []Seq{mark, 9}},
		{"text without some text", "api -users", []Seq{4, mark}},
		{"not, in another way", "api !users", []Seq{4, mark}},
		{"a regular expression", `/\b[24]0\d\b/`, []Seq{0, 4, mark}},
		{"a regular expression with blanks", `/3 ms$/`, []Seq{0, mark}},
		{"with a slash", `/^get \/api/`, []Seq{0, mark}},
		{"with capitals", `/^GET\S* /`, []Seq{0, mark}},
		{"not a regular expression", `-/e/`, []Seq{7, mark, 9}},
		{"quotes", `"is not a"`, []Seq{1, 2, mark}},
		{"quotes in quotes", `"\"quoted\""`, []Seq{mark, 10}},
		{"a backslash in quotes", `"a\\b"`, []Seq{mark, 10}},
		{"a hyphen in quotes", `"-x"`, []Seq{mark, 10}},
		{"text across colours", "[warn] zürich is slow", []Seq{7, mark}},
		{"text beyond ASCII without capitals", "ZÜRICH", []Seq{mark}},
		{"levels from one on", "level>=warn", []Seq{1, 2, 5, 6, 7, mark}},
		{"levels above one", "level>warn", []Seq{1, 2, 5, mark}},
		{"one level", "level=info", []Seq{3, 4, mark}},
		{"one level, with a colon", "level:info", []Seq{3, 4, mark}},
		{"a level by number", "level=50", []Seq{1, 2, 5, mark}},
		{"no level", "level<trace", []Seq{0, mark, 9, 10}},
		{"a service", "service:db", []Seq{3}},
		{"services", "service:db,api", []Seq{3, 4, 5, 6}},
		{"all other services", "-service:web", []Seq{3, 4, 5, 6}},
		{"a stream", "stream:stderr", []Seq{1, 2, mark}},
		{"a field", "res.statusCode=200", []Seq{4, mark}},
		{"a field that is text", "msg=\"request completed\"", []Seq{4, mark}},
		{"a field in capitals", "req.method=get", []Seq{4, mark}},
		{"a field has text", "req.url~/api", []Seq{4, mark}},
		{"a field matches", "req.url~/^.api.a$/", []Seq{4, mark}},
		{"a field does not match", "req.url!~/b$/", []Seq{4, mark}},
		{"a field is above", "responseTime>12", []Seq{4, mark}},
		{"a field is not above", "responseTime>12.5", []Seq{mark}},
		{"a field of logfmt", "status>=500", []Seq{6, mark}},
		{"text of logfmt", `msg="slow query"`, []Seq{6, mark}},
		{"a field that is another", "status!=200", []Seq{6, mark}},
		{"a number is no text", "user.id=7.0", []Seq{5, mark}},
		{"a field that is not there", "-user.id=7", []Seq{0, 1, 2, 3, 4, 6, 7, 8, 9, 10}},
		{"the readable form of JSON", `"INFO request completed"`, []Seq{4, mark}},
		{"what JSON escapes", `"it \"broke\""`, []Seq{5, mark}},
		{"a readable field", `"user.id=7"`, []Seq{5, mark}},
		{"all at once", "service:api level>=info req.url~/api -broke status", []Seq{4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keptBy(t, tt.filter); !slices.Equal(got, tt.want) {
				t.Errorf("%s keeps %v, want %v", tt.filter, got, tt.want)
			}
		})
	}
	if got := keptBy(t, "slow", "api", "db"); !slices.Equal(got, []Seq{6}) {
		t.Errorf("of two services %v are kept", got)
	}
}

func TestWhatIsWrongWithAFilterIsSaid(t *testing.T) {
	tests := []struct{ filter, want string }{
		{`a "b`, `2-4: the quote is not closed, at character 3`},
		{`a - b`, `2-3: '-' needs something behind it, at character 3`},
		{`!`, `0-1: '!' needs something behind it, at character 1`},
		{`""`, `0-2: there is no text between the quotes, at character 1`},
		{`status>=`, `0-8: status>= needs a value, at character 1`},
		{`x level>=loud`, `9-13: "loud" is no level; there are trace, debug, info, warn, error and fatal, at character 10`},
		{`stream:out`, `7-10: "out" is no stream; there are stdout and stderr, at character 8`},
		{`status>=many`, `8-12: status>= needs a number, at character 9`},
		{`a /(b/`, `3-5: missing closing ): (b, at character 4`},
		{`url~/[/`, `5-6: missing closing ]: [, at character 6`},
	}
	for _, tt := range tests {
		_, err := ParseFilter(tt.filter)
		var e *FilterError
		if !errors.As(err, &e) {
			t.Errorf("%s: no error", tt.filter)
			continue
		}
		if got := fmt.Sprintf("%d-%d: %v", e.Begin, e.End, e); got != tt.want {
			t.Errorf("%s: got\n\t%s, want\n\t%s", tt.filter, got, tt.want)
		}
	}
}

func TestATraceThatGrowsIsKeptOrDroppedAsAWhole(t *testing.T) {
	entries := []Entry{
		{Service: "web", Text: "Error: a"},
		{Service: "db", Text: "b"},
		{Service: "web", Text: "    at c (users.js:1:2)"},
		{Service: "web", Text: "    at d (other.js:1:2)"},
	}
	for _, tt := range []struct {
		filter string
		want   [][]string
	}{
		{"users", [][]string{nil, nil, {"Error: a", "    at c (users.js:1:2)"}, {"Error: a", "    at c (users.js:1:2)", "    at d (other.js:1:2)"}}},
		{"-users", [][]string{{"Error: a"}, {"Error: a", "b"}, {"b"}, {"b"}}},
	} {
		f, err := ParseFilter(tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		v := viewOf(40, 10)
		v.SetFilter(f)
		for i, e := range entries {
			v.store.Append(e)
			expect(t, v, tt.want[i]...)
		}
		if got := v.Status().Kept; got != len(tt.want[3]) {
			t.Errorf("%s: %d are counted", tt.filter, got)
		}
	}
}

// FuzzFilter looks for filters that break the parser, place an error outside of
// the text, or mean something else when they are written and read again.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`a "b c" -d !e`, `/re\/x/ level>=warn`, `service:a,b stream:stderr`, `a.b!~/x y/ c=1 d<2`, `-"`, `/(`, "é=\xff", `level>=`} {
		f.Add(seed)
	}
	s := storeOf(sample...)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text)
		var e *FilterError
		if errors.As(err, &e) && (e.Begin < 0 || e.End > len(text) || e.Begin > e.End || e.Problem == "") {
			t.Errorf("%q: error at %d to %d", text, e.Begin, e.End)
		}
		if err != nil {
			return
		}
		tester := tester{s: s, filter: filter}
		for seq := range Seq(len(sample)) {
			tester.keeps(s.members(nil, seq))
		}
	})
}
