package watch

import (
	"testing"
	"time"
)

// TestChangeOfRules puts other rules into force while files change.
func TestChangeOfRules(t *testing.T) {
	for _, poll := range []bool{false, true} {
		t.Run(map[bool]string{false: "events", true: "polling"}[poll], func(t *testing.T) {
			t.Parallel()
			r := newTree(t, "a/f.js", "data/x/g.js")
			o := quickly
			o.ForcePoll = poll
			r.watch(o, patientSystem())
			r.w.Change(Options{Ignore: r.unionOf([]string{"data/"})})
			r.write("a/f.js", "edited together with the rules")
			r.wants("modified a/f.js")
			r.write("data/x/g.js", "ignored")
			r.wants()
			if !poll {
				r.wantWatches(2)
			}
			r.w.Change(Options{Ignore: r.unionOf([]string{"a/"})})
			r.wants("created data/", "created data/x/", "created data/x/g.js")
			r.write("a/f.js", "ignored")
			r.wants()
		})
	}
}

// TestChangeToPolling begins to poll at a word, and loses nothing.
func TestChangeToPolling(t *testing.T) {
	t.Parallel()
	r := newTree(t, "a/f.js").watch(quickly, patientSystem())
	r.w.Change(Options{ForcePoll: true})
	r.write("a/f.js", "edited at once")
	r.await("a/f.js")
	r.wantPolling("polling was asked for", "")
	r.write("a/f.js", "edited later")
	r.wants("modified a/f.js")
}

// TestChangeOfPace: a longer quiet time holds from the next save on.
func TestChangeOfPace(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		b.w.Change(Options{Quiet: 100 * time.Millisecond})
		b.wantNone(time.Second)
		b.edit("f.js", "edited")
		b.wantBatch(time.Second+100*time.Millisecond, "modified f.js")
	})
}

func TestCeilingIsNotBelowTheQuietTime(t *testing.T) {
	if got, want := paceOf(Options{Quiet: time.Second, Ceiling: time.Millisecond}), (pace{time.Second, time.Second}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
