package watch

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestSettler(t *testing.T) {
	const ms = time.Millisecond
	start := time.Unix(1000, 0)
	cases := []struct {
		name                 string
		last                 time.Duration // of the events, after the first
		paths                int
		due, graceDue, endAt time.Duration
	}{
		{"one save", 0, 1, 10 * ms, 100 * ms, 500 * ms},
		{"two writes of one save", 3 * ms, 1, 13 * ms, 103 * ms, 500 * ms},
		{"ten files", 20 * ms, 10, 48 * ms, 120 * ms, 500 * ms},
		{"a file written all the time", 495 * ms, 1, 500 * ms, 500 * ms, 500 * ms},
		{"a branch switch", 2000 * ms, 10000, 2100 * ms, 2100 * ms, 10000 * ms},
		{"a switch that does not end", 9990 * ms, 10000, 10000 * ms, 10000 * ms, 10000 * ms},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := settler{pace: pace{quiet: 10 * ms, ceiling: 500 * ms}}
			if !s.idle() {
				t.Error("not idle at the start")
			}
			s.note(start, start, 1)
			s.note(start.Add(c.last), start.Add(c.last), c.paths)
			for what, pair := range map[string][2]time.Duration{
				"due":       {s.due().Sub(start), c.due},
				"grace due": {s.graceDue().Sub(start), c.graceDue},
				"end":       {s.end().Sub(start), c.endAt},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s after %v, want %v", what, pair[0], pair[1])
				}
			}
			if s.reset(); !s.idle() || s.quiet != 10*ms {
				t.Error("not as new after a reset")
			}
		})
	}
}

// bubble is a rig on fake time with a fake notifier: its files are real, its
// events are sent by the test.
type bubble struct {
	*rig
	n     *fakeNotifier
	began time.Time
}

// inBubble runs a test on fake time.
func inBubble(t *testing.T, tree []string, f func(b *bubble)) {
	t.Helper()
	top := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newTreeIn(t, top, tree...)
		n := newFakeNotifier()
		w, err := start(t.Context(), Options{Root: r.root}, n.system())
		r.must(err)
		r.w = w
		defer w.Close()
		f(&bubble{rig: r, n: n, began: time.Now()})
	})
}

func (b *bubble) send(op fsnotify.Op, path string) {
	b.n.events <- fsnotify.Event{Name: b.path(path), Op: op}
}

// edit writes a file and sends the event.
func (b *bubble) edit(path, content string) {
	b.write(path, content)
	b.send(fsnotify.Write, path)
}

// wantBatch wants the next batch at a time after the start.
func (b *bubble) wantBatch(at time.Duration, lines ...string) {
	b.t.Helper()
	batch := b.next()
	got := []string{}
	for _, c := range batch.Changes {
		got = append(got, c.String())
	}
	if took := time.Since(b.began); took != at || fmt.Sprint(got) != fmt.Sprint(lines) {
		b.t.Errorf("after %v %q, want after %v %q", took, got, at, lines)
	}
}

// wantNone wants no batch for a time.
func (b *bubble) wantNone(d time.Duration) {
	b.t.Helper()
	select {
	case batch := <-b.w.Batches():
		b.t.Errorf("after %v a batch: %v", time.Since(b.began), batch.Changes)
	case <-time.After(d):
	}
}

func TestSingleSaveTakesTheQuietTime(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		b.edit("f.js", "edited")
		b.wantBatch(10*time.Millisecond, "modified f.js")
		b.wantNone(time.Minute)
	})
}

func TestSeenIsTheFirstEvent(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		b.edit("f.js", "one")
		time.Sleep(5 * time.Millisecond)
		b.edit("f.js", "two")
		time.Sleep(time.Second) // nobody takes it
		b.edit("f.js", "three")
		time.Sleep(time.Second)
		b.send(fsnotify.Chmod, "f.js") // and nothing has changed
		time.Sleep(time.Second)
		if batch := b.next(); !batch.Seen.Equal(b.began) {
			t.Errorf("seen %v after the first event", batch.Seen.Sub(b.began))
		}
	})
}

func TestWritesThatDoNotEndMeetTheCeiling(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		stop := make(chan struct{})
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(4 * time.Millisecond):
					// Not in place: on fake time a look and a write are at the
					// same moment, and the look would find the file empty.
					b.write("../f.js", fmt.Sprint("edit ", i))
					b.move("../f.js", "f.js")
					b.send(fsnotify.Create, "f.js")
				}
			}
		}()
		b.wantBatch(504*time.Millisecond, "modified f.js")
		b.next()
		if took := time.Since(b.began); took > 1100*time.Millisecond {
			t.Errorf("the second batch after %v", took)
		}
		close(stop)
		synctest.Wait()
	})
}

func TestBurstIsOneBatch(t *testing.T) {
	inBubble(t, nil, func(b *bubble) {
		var want []string
		for i := range 200 {
			path := fmt.Sprintf("f%03d.js", i)
			b.edit(path, "x")
			want = append(want, "created "+path)
			if i >= burst && i%10 == 0 {
				time.Sleep(90 * time.Millisecond) // a busy disk
			}
		}
		b.wantBatch(15*90*time.Millisecond+100*time.Millisecond, want...)
		b.wantNone(time.Minute)
	})
}

func TestHalfASaveIsWaitedFor(t *testing.T) {
	t.Run("truncated, then written", func(t *testing.T) {
		inBubble(t, []string{"f.js"}, func(b *bubble) {
			b.edit("f.js", "")
			time.Sleep(80 * time.Millisecond)
			b.edit("f.js", "written")
			b.wantBatch(90*time.Millisecond, "modified f.js")
		})
	})
	t.Run("truncated for good", func(t *testing.T) {
		inBubble(t, []string{"f.js"}, func(b *bubble) {
			b.edit("f.js", "")
			b.wantBatch(100*time.Millisecond, "modified f.js")
		})
	})
	t.Run("removed, then written", func(t *testing.T) {
		inBubble(t, []string{"f.js"}, func(b *bubble) {
			b.remove("f.js")
			b.send(fsnotify.Remove, "f.js")
			time.Sleep(80 * time.Millisecond)
			b.write("f.js", "written")
			b.send(fsnotify.Create, "f.js")
			b.wantBatch(90*time.Millisecond, "modified f.js")
		})
	})
	t.Run("removed, then the same again", func(t *testing.T) {
		inBubble(t, []string{"f.js"}, func(b *bubble) {
			b.remove("f.js")
			b.send(fsnotify.Remove, "f.js")
			time.Sleep(80 * time.Millisecond)
			b.write("f.js", "content of f.js")
			b.send(fsnotify.Create, "f.js")
			if batch := b.next(); len(batch.Changes) != 0 || fmt.Sprint(batch.Touched) != "[f.js]" {
				t.Errorf("changed %v, touched %q, want only f.js touched", batch.Changes, batch.Touched)
			}
			b.wantNone(time.Minute)
		})
	})
	t.Run("removed for good", func(t *testing.T) {
		inBubble(t, []string{"f.js"}, func(b *bubble) {
			b.remove("f.js")
			b.send(fsnotify.Remove, "f.js")
			b.wantBatch(100*time.Millisecond, "removed f.js")
		})
	})
}

// TestSlowConsumer: while nobody takes a batch it grows and shrinks, and events
// are read as ever. sending would block for ever if they were not.
func TestSlowConsumer(t *testing.T) {
	inBubble(t, []string{"a.js", "b.js", "c.js"}, func(b *bubble) {
		for i := range 100 {
			b.edit("a.js", fmt.Sprint("edit ", i))
			b.edit(fmt.Sprintf("new%d.js", i%3), fmt.Sprint("edit ", i))
			time.Sleep(time.Second)
		}
		b.edit("b.js", "changed")
		b.edit("c.js", "changed")
		b.remove("new1.js")
		b.send(fsnotify.Remove, "new1.js")
		time.Sleep(time.Second)
		b.edit("b.js", "content of b.js")
		time.Sleep(time.Second)
		b.wantBatch(102*time.Second, "modified a.js", "modified c.js", "created new0.js", "created new2.js")
		b.wantNone(time.Minute)
		b.edit("b.js", "changed")
		b.wantBatch(162*time.Second+10*time.Millisecond, "modified b.js")
	})
}

// TestEditsDuringARestart: a consumer that takes 3 s for each batch gets few,
// and the last comes after the last edit.
func TestEditsDuringARestart(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		go func() {
			for i := range 200 {
				b.edit("f.js", fmt.Sprintf("edit %03d", i))
				time.Sleep(50 * time.Millisecond)
			}
		}()
		restarts, last := 0, ""
		for last != "edit 199" {
			b.next()
			text, err := os.ReadFile(b.path("f.js"))
			b.must(err)
			last = string(text)
			restarts++
			time.Sleep(3 * time.Second)
		}
		if restarts > 6 {
			t.Errorf("%d restarts", restarts)
		}
	})
}

func TestIgnoredFilesDoNotDelay(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
					b.send(fsnotify.Write, "debug.log")
				}
			}
		}()
		b.wantNone(time.Second)
		b.edit("f.js", "edited")
		b.wantBatch(time.Second+10*time.Millisecond, "modified f.js")
		close(stop)
		synctest.Wait()
	})
}

func TestGitLock(t *testing.T) {
	const lock = ".git/index.lock"
	hold := func(b *bubble, age time.Duration) {
		b.write(lock, "")
		b.must(os.Chtimes(b.path(lock), time.Now(), time.Now().Add(-age)))
	}
	tree := []string{".git/HEAD", "f.js", "g.js"}
	t.Run("changes wait for git", func(t *testing.T) {
		inBubble(t, tree, func(b *bubble) {
			hold(b, time.Second)
			b.edit("f.js", "one")
			b.wantNone(2 * time.Second)
			b.edit("g.js", "two")
			// When git writes its index the lock gets a new time.
			hold(b, 0)
			time.Sleep(995 * time.Millisecond) // between two looks at the lock
			b.remove(lock)
			b.wantBatch(3*time.Second, "modified f.js", "modified g.js")
		})
	})
	t.Run("a lock from before is not about them", func(t *testing.T) {
		inBubble(t, tree, func(b *bubble) {
			hold(b, time.Hour)
			b.edit("f.js", "one")
			b.wantBatch(10*time.Millisecond, "modified f.js")
		})
	})
	t.Run("nor is one from afterwards", func(t *testing.T) {
		inBubble(t, tree, func(b *bubble) {
			hold(b, -time.Second)
			b.edit("f.js", "one")
			b.wantBatch(10*time.Millisecond, "modified f.js")
		})
	})
	t.Run("git that does not end", func(t *testing.T) {
		inBubble(t, tree, func(b *bubble) {
			hold(b, 0)
			b.edit("f.js", "one")
			b.wantBatch(10*time.Second, "modified f.js")
		})
	})
}

func TestStatusNews(t *testing.T) {
	inBubble(t, []string{"f.js"}, func(b *bubble) {
		if st := <-b.w.Statuses(); st.Mode != Events || st.Dirs != 1 || st.Files != 1 || st.Watches != 1 {
			t.Errorf("at the start: %+v", st)
		}
		b.edit("g.js", "x")
		b.next()
		synctest.Wait()
		if st := b.w.Status(); st.Files != 2 {
			t.Errorf("after an edit: %+v", st)
		}
		select {
		case st := <-b.w.Statuses():
			t.Errorf("news without news: %+v", st)
		default:
		}
	})
}

func TestOpString(t *testing.T) {
	for op, want := range map[Op]string{Created: "created", Modified: "modified", Removed: "removed", 9: "Op(9)"} {
		if got := op.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestTimeThatTheProcessDidNotRun is no part of the ceiling.
func TestTimeThatTheProcessDidNotRun(t *testing.T) {
	const ms = time.Millisecond
	start := time.Unix(1000, 0)
	s := settler{pace: pace{quiet: 10 * ms, ceiling: 500 * ms}}
	s.note(start, start, 80)
	awake := start.Add(time.Hour)
	s.delay(awake, awake.Sub(s.due()))
	if got := s.due().Sub(awake); got != 100*ms {
		t.Errorf("due %v after it ran again, want 100ms for 80 paths", got)
	}
	if got := s.end().Sub(awake); got <= 9*time.Second {
		t.Errorf("the end is %v after it ran again", got)
	}
	if s.reset(); s.held != 0 || s.delays != 0 {
		t.Error("not as new after a reset")
	}
}

func TestPollAgain(t *testing.T) {
	for quiet, want := range map[time.Duration]time.Duration{
		10 * time.Millisecond:  100 * time.Millisecond,
		500 * time.Millisecond: time.Second,
		10 * time.Second:       10 * time.Second,
	} {
		s := settler{pace: pace{quiet: quiet}}
		if got := s.pollAgain(); got != want {
			t.Errorf("quiet time %v: %v, want %v", quiet, got, want)
		}
	}
}
