package logs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// screen is what a view shows, when all its work is done.
func screen(v *View) []string {
	for !v.Work(time.Second) {
	}
	var rows []string
	for _, r := range v.Rows() {
		rows = append(rows, r.Text())
	}
	return rows
}

func viewOf(width, height int, entries ...Entry) *View {
	v := NewView(storeOf(entries...))
	v.SetSize(width, height)
	return v
}

func numbered(from, to int) []Entry {
	var texts []string
	for i := from; i < to; i++ {
		texts = append(texts, fmt.Sprintf("line %d", i))
	}
	return outputs("web", texts...)
}

func expect(t *testing.T, v *View, want ...string) {
	t.Helper()
	if got := screen(v); !slices.Equal(got, want) {
		t.Errorf("shows\n\t%q, want\n\t%q", got, want)
	}
}

func TestAViewFollowsAndScrolls(t *testing.T) {
	v := viewOf(20, 3, numbered(0, 10)...)
	expect(t, v, "line 7", "line 8", "line 9")
	v.store.Append(numbered(10, 11)...)
	expect(t, v, "line 8", "line 9", "line 10")
	v.Scroll(-2, 0)
	expect(t, v, "line 6", "line 7", "line 8")
	if v.Following() {
		t.Error("follows while it is scrolled up")
	}
	v.store.Append(numbered(11, 20)...)
	expect(t, v, "line 6", "line 7", "line 8")
	v.Page(1)
	expect(t, v, "line 8", "line 9", "line 10")
	v.Top()
	expect(t, v, "line 0", "line 1", "line 2")
	v.Scroll(-1, 0)
	expect(t, v, "line 0", "line 1", "line 2")
	v.Page(100)
	expect(t, v, "line 17", "line 18", "line 19")
	if !v.Following() {
		t.Error("does not follow at the end")
	}
	v.GoTo(10)
	expect(t, v, "line 9", "line 10", "line 11")
	v.Bottom()
	v.Follow(false)
	v.store.Append(numbered(20, 21)...)
	expect(t, v, "line 17", "line 18", "line 19")
}

func TestAPlaceSurvivesFiltersAndDrops(t *testing.T) {
	v := NewView(NewStore(Limits{Lines: 160}))
	v.SetSize(20, 3)
	v.store.Append(numbered(0, 100)...)
	v.GoTo(51)
	expect(t, v, "line 50", "line 51", "line 52")
	for _, step := range []struct {
		filter string
		want   []string
	}{
		{"/[05]$/", []string{"line 50", "line 55", "line 60"}},
		{"/7$/", []string{"line 57", "line 67", "line 77"}},
		{"", []string{"line 50", "line 51", "line 52"}},
		{"no such text", nil},
		{"/^line [0-4]/", []string{"line 47", "line 48", "line 49"}},
		{"", []string{"line 50", "line 51", "line 52"}},
	} {
		f, err := ParseFilter(step.filter)
		if err != nil {
			t.Fatal(err)
		}
		v.SetFilter(f)
		expect(t, v, step.want...)
	}
	v.store.Append(numbered(100, 180)...)
	expect(t, v, "line 50", "line 51", "line 52")
	v.store.Append(numbered(180, 600)...)
	first := v.store.Counts().First
	expect(t, v, fmt.Sprintf("line %d", first), fmt.Sprintf("line %d", first+1), fmt.Sprintf("line %d", first+2))
}

func TestLinesAreWrappedAndCut(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		column     int
		wrapped    []string
		cut        string
	}{
		{"what fits", "abcd", 4, 0, []string{"abcd"}, "abcd"},
		{"nothing", "", 4, 0, []string{""}, ""},
		{"a long line", "abcdefghij", 4, 0, []string{"abcd", "efgh", "ij"}, "abc…"},
		{"from a column on", "abcdefghij", 4, 3, []string{"abcd", "efgh", "ij"}, "def…"},
		{"the end of a line", "abcdefghij", 4, 6, []string{"abcd", "efgh", "ij"}, "ghij"},
		{"behind the end", "abcdefghij", 4, 60, []string{"abcd", "efgh", "ij"}, ""},
		{"wide characters", "日本語のログ", 5, 0, []string{"日本", "語の", "ログ"}, "日本…"},
		{"half of a wide character", "日本語", 4, 1, []string{"日本", "語"}, " 本…"},
		{"a wide character in one cell", "日a", 1, 0, []string{"…", "a"}, "…"},
		{"marks", "Zu\u0308rich u\u0308", 4, 0, []string{"Zu\u0308ri", "ch u\u0308"}, "Zu\u0308r…"},
		{"an emoji of several characters", "👩‍💻👩‍💻", 3, 0, []string{"👩‍💻", "👩‍💻"}, "👩‍💻…"},
		{"tabs", "a\tb\tc", 12, 0, []string{"a       b   ", "c"}, "a       b  …"},
		{"invalid UTF-8", "a\xff\xfeb", 10, 0, []string{"a\uFFFD\uFFFDb"}, "a\uFFFD\uFFFDb"},
		{"right to left", "שלום", 2, 0, []string{"של", "ום"}, "ש…"},
		{"one cell", "abc", 1, 0, []string{"a", "b", "c"}, "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewOf(tt.width, 10, outputs("web", tt.text)...)
			v.Scroll(0, tt.column)
			expect(t, v, tt.cut)
			v.SetOptions(Options{Wrap: true})
			expect(t, v, tt.wrapped...)
		})
	}
}

func TestWrappedRowsScrollOneByOne(t *testing.T) {
	v := viewOf(4, 2, outputs("web", "aaaabbbbcccc", "dddd", "eeeeffff")...)
	v.SetOptions(Options{Wrap: true})
	want := []string{"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff"}
	for i := 4; i >= 0; i-- {
		expect(t, v, want[i], want[i+1])
		v.Scroll(-1, 0)
	}
	for i := 0; i <= 4; i++ {
		expect(t, v, want[i], want[i+1])
		v.Scroll(1, 0)
	}
	if !v.Following() {
		t.Error("does not follow at the end")
	}
}

func TestWhatStandsInFrontOfALine(t *testing.T) {
	v := viewOf(50, 10,
		Entry{Time: noon, Service: "web", Text: "listening on port 3000"},
		Entry{Time: noon.Add(20500 * time.Millisecond), Service: "web", Kind: Notice, Text: "src/index.js · 38 ms"},
		Entry{Service: "database", Text: strings.Repeat("x", 30)},
		Entry{Time: noon, Service: "web", Kind: Trouble, Text: "crashed: exit code 1"},
		Entry{Service: "web", Kind: Notice, Text: "started"})
	v.SetOptions(Options{Wrap: true, Times: true, ServiceWidth: 4})
	expect(t, v,
		"12:00:00.000 web  │ listening on port 3000",
		"12:00:20.500 ↻ web  src/index.js · 38 ms ─────────",
		"             dat… │ "+strings.Repeat("x", 30),
		"12:00:00.000 ✗ web  crashed: exit code 1 ─────────",
		"↻ web  started "+strings.Repeat("─", 35))
	v.SetOptions(Options{Wrap: true, ServiceWidth: 4, ASCII: true, Zone: time.FixedZone("", 3600), Times: true})
	v.SetSize(30, 2)
	expect(t, v, "x web  crashed: exit code 1 --", "@ web  started ---------------")
	v.SetSize(10, 10)
	if got := screen(v)[0]; got != "listening " {
		t.Errorf("a narrow view begins with %q", got)
	}
}

// roles are a row's spans as `role:text`.
func roles(r Row) []string {
	names := map[Role]string{RoleText: "text", RoleTime: "time", RoleInfo: "info", RoleWarn: "warn", RoleError: "error", RoleKey: "key", RoleValue: "value", RoleStack: "stack", RoleFile: "file", RoleMore: "more"}
	var all []string
	for _, s := range r.Spans {
		text := names[s.Role] + ":" + s.Text
		if s.SGR != "" {
			text += " in " + s.SGR
		}
		if s.Match != NoMatch {
			text += []string{"", " matched", " current"}[s.Match]
		}
		all = append(all, text)
	}
	return all
}

func TestSpansSayWhatTheyMean(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a word of level", "[warn] deprecated", []string{"text:[", "warn:warn", "text:] deprecated"}},
		{"colours", "\x1b[32mGET\x1b[0m / \x1b[1;31m500", []string{"text:GET in 32", "text: / ", "text:500 in 1;31"}},
		{"a frame", "    at f (/app/src/a.js:10:5)", []string{"stack:    at f (", "file:/app/src/a.js:10:5", "stack:)"}},
		{"a compiler's message", "src/a.ts(10,5): error TS2304", []string{"file:src/a.ts(10,5)", "text:: error TS2304"}},
		{"a match", "find me and ME", []string{"text:find ", "text:me matched", "text: and ", "text:ME matched"}},
		{"JSON", `{"level":30,"time":1772366651000,"pid":7,"hostname":"h","msg":"ok","n":1}`, []string{"time:12:04:11", "text: ", "info:INFO", "text: ok ", "key:n=", "value:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewOf(80, 10, outputs("web", tt.text)...)
			if err := v.Search("me", false); err != nil {
				t.Fatal(err)
			}
			if tt.name != "a match" {
				_ = v.Search("", false)
			}
			if got := roles(v.Rows()[0]); !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%q, want\n\t%q", got, tt.want)
			}
		})
	}
}

func TestStatusTellsWhereTheViewIs(t *testing.T) {
	v := viewOf(20, 10, numbered(0, 100)...)
	v.store.Append(Entry{Service: "web", Kind: Notice, Text: "x"})
	screen(v)
	if got, want := v.Status(), (Status{Held: 100, Kept: 100, Percent: 100, Following: true, Above: 91}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	f, _ := ParseFilter("/[05]$/")
	v.SetFilter(f)
	v.Top()
	screen(v)
	if got, want := v.Status(), (Status{Held: 100, Kept: 20, Percent: 47, Below: 11}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestViewsOfNoSizeShowNothing(t *testing.T) {
	v := viewOf(0, 0, numbered(0, 10)...)
	for _, size := range [][2]int{{0, 0}, {0, 5}, {5, 0}, {-1, -1}} {
		v.SetSize(size[0], size[1])
		v.Scroll(-3, 2)
		v.Page(1)
		v.GoTo(3)
		_ = v.Search("line", false)
		v.Next()
		if rows := v.Rows(); len(rows) != 0 {
			t.Errorf("%v: %v", size, rows)
		}
	}
	v.SetSize(1, 1)
	if got := screen(v); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}
