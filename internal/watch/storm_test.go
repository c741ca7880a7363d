package watch

import (
	"context"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// runner stands for an app: at each batch it starts anew and reads the source.
type runner struct {
	digests chan string // what the newest start has read, if nobody has looked
	last    string      // what was looked at last
	starts  int         // valid when run has returned
}

func (a *runner) run(w *Watcher, dir string) {
	for range w.Batches() {
		a.starts++
		digest, err := watchtest.Digest(dir)
		if err != nil {
			digest = "" // it has crashed over half a save, and waits for the rest
		}
		select {
		case <-a.digests: // nobody has looked
		default:
		}
		a.digests <- digest
	}
}

// awaits waits until the app has read what is there.
func (a *runner) awaits(t *testing.T, dir, what string) {
	t.Helper()
	want, err := watchtest.Digest(dir)
	if err != nil {
		t.Fatal(err)
	}
	late := time.After(patience)
	for a.last != want {
		select {
		case a.last = <-a.digests:
		case <-late:
			t.Fatalf("%s: the edit was lost", what)
		}
	}
}

// What a storm compares must be what a watcher looks after: a start in the middle
// of a save is not told when the editor removes its temporary files.
func TestTheDigestIsWithoutWhatIsIgnored(t *testing.T) {
	r := newTree(t, watchtest.Source+"/f.txt")
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	before, err := watchtest.Digest(r.root)
	r.must(err)
	for _, name := range []string{"f.txt~", "#f.txt#", ".#f.txt", ".f.txt.swp", "4913", "f.txt___jb_tmp___", "f.txt___jb_old___"} {
		path := watchtest.Source + "/" + name
		r.write(path, "for a moment")
		if after, err := watchtest.Digest(r.root); err != nil || after != before || !m.Ignored(path, false) {
			t.Errorf("%s: ignored %v, another digest %v (%v)", name, m.Ignored(path, false), after != before, err)
		}
	}
}

// TestStormOfSaves saves in all ways, one after the other in an order that the
// seed makes, and wants each to be seen.
func TestStormOfSaves(t *testing.T) {
	t.Parallel()
	saves := 100
	if watchtest.Soak() {
		saves = watchtest.Saves()
	}
	r := newLargeTree(t)
	storm := watchtest.NewStorm(t, r.root)
	w, err := New(context.Background(), Options{Root: r.root})
	r.must(err)
	app := &runner{digests: make(chan string, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		app.run(w, r.root)
	}()
	r.must(saveAll(t, storm, saves, func(p watchtest.Pattern) { app.awaits(t, r.root, p.Name) }))
	r.must(w.Close())
	<-done
	t.Logf("%d saves, %d restarts", saves, app.starts)
}

// saveAll saves so many times, each pattern as often as the others.
func saveAll(t *testing.T, storm *watchtest.Storm, saves int, check func(p watchtest.Pattern)) error {
	t.Helper()
	patterns := watchtest.Patterns()
	for i := 0; i < saves; i++ {
		if i%len(patterns) == 0 {
			storm.Shuffle(patterns)
		}
		p := patterns[i%len(patterns)]
		if err := storm.Save(p); err != nil {
			return err
		}
		check(p)
	}
	return nil
}
