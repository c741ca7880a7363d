package session

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLoopGuard(t *testing.T) {
	// A step is a batch, or, without files, the time that a held file is due.
	type step struct {
		files      string
		starting   bool
		act, found string
		wait       time.Duration
	}
	again := func(s step) []step { return slices.Repeat([]step{s}, loopRestarts) }
	loop := again(step{"gen.js", true, "gen.js", "", 0})
	put := func(wait time.Duration, found string) step { return step{"gen.js", true, "", found, wait} }
	due := step{"", false, "gen.js", "", 0}
	tests := []struct {
		name  string
		steps []step
	}{
		{"a file that each start writes is put off, longer each time, and named once", slices.Concat(loop, []step{
			put(5*time.Second, "gen.js"), due, put(10*time.Second, ""), due, put(20*time.Second, ""),
		})},
		{"two files that each start writes are put off together", slices.Concat(again(step{"a b", true, "a b", "", 0}), []step{
			{"a b", true, "", "a b", 5 * time.Second},
		})},
		{"another file brings what is held with it", slices.Concat(loop, []step{
			put(5*time.Second, "gen.js"), {"app.js", false, "app.js gen.js", "", 0},
		})},
		{"another file in the same batch is acted on", slices.Concat(loop, []step{{"app.js gen.js", true, "app.js gen.js", "", 0}})},
		{"a held file that changes again was not written by a start", slices.Concat(loop, []step{
			put(5*time.Second, "gen.js"), {"gen.js", true, "gen.js", "", 0},
		}, loop)},
		{"an edit of the file when the app is up is somebody's", slices.Concat(loop, []step{{"gen.js", false, "gen.js", "", 0}}, loop)},
		{"saving often when the app is up is no loop", slices.Repeat([]step{{"app.js", false, "app.js", "", 0}}, 20)},
		{"another file in between ends the row", slices.Concat(loop, []step{{"app.js", true, "app.js", "", 0}}, loop)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var g loopGuard
			now := time.Now()
			for i, s := range test.steps {
				var act, found []string
				if s.files == "" {
					act = g.take()
				} else {
					act, found = g.sift(strings.Fields(s.files), s.starting, now)
				}
				if strings.Join(act, " ") != s.act || strings.Join(found, " ") != s.found {
					t.Fatalf("step %d, %+v: got %q, found %q", i, s, act, found)
				}
				if held := g.alarm(now) != nil; held != (s.wait > 0) || held && g.due.Sub(now) != s.wait {
					t.Fatalf("step %d, %+v: held %v until %s", i, s, g.held, g.due.Sub(now))
				}
			}
		})
	}
}
