package session

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLoopGuard(t *testing.T) {
	type step struct {
		files      string
		since      time.Duration
		act, found string
	}
	soon, late := 200*time.Millisecond, time.Minute
	again := func(s step) []step { return slices.Repeat([]step{s}, loopRestarts) }
	loop := again(step{"gen.js", soon, "gen.js", ""})
	tests := []struct {
		name  string
		steps []step
	}{
		{"a file that each start writes is passed over and named once", slices.Concat(loop, []step{
			{"gen.js", soon, "", "gen.js"}, {"gen.js", soon, "", ""},
		})},
		{"two files that each start writes are passed over together", slices.Concat(again(step{"a b", soon, "a b", ""}), []step{
			{"a b", soon, "", "a b"},
		})},
		{"somebody's edit of another file meanwhile is acted on", slices.Concat(loop, []step{
			{"app.js gen.js", soon, "app.js", "gen.js"}, {"app.js gen.js", soon, "app.js", ""},
		})},
		{"an edit of the same file long after a start is somebody's", slices.Concat(loop, []step{
			{"gen.js", soon, "", "gen.js"}, {"gen.js", late, "gen.js", ""}, {"gen.js", soon, "", ""},
		})},
		{"saving often, but not right after each start, is no loop", slices.Repeat([]step{{"app.js", late, "app.js", ""}}, 9)},
		{"a pause ends the row", slices.Concat(loop, []step{{"gen.js", late, "gen.js", ""}}, loop)},
		{"another file in between ends the row", slices.Concat(loop, []step{{"app.js", soon, "app.js", ""}}, loop)},
		{"before the first start nothing is a loop", slices.Repeat([]step{{"a", -1, "a", ""}}, 9)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var g loopGuard
			for i, s := range test.steps {
				act, found := g.sift(strings.Fields(s.files), s.since)
				if strings.Join(act, " ") != s.act || strings.Join(found, " ") != s.found {
					t.Fatalf("step %d: %q after %s: got %q, found %q, want %q, %q", i, s.files, s.since, act, found, s.act, s.found)
				}
			}
		})
	}
}
