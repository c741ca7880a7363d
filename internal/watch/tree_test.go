package watch

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// What one watcher tells from its start to its end is what the next one begins
// with, however files are saved: else the next would find edits where there were
// none, or none where there were.
func TestTheNextWatcherBeginsWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	r := newLargeTree(t)
	storm := watchtest.NewStorm(t, r.root)
	w, err := New(context.Background(), Options{Root: r.root})
	r.must(err)
	known := w.Tree()
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		for b := range w.Batches() {
			known.Apply(b.Stamps)
		}
	}()
	const saves = 150
	r.must(saveAll(t, storm, saves, func(watchtest.Pattern) {}))
	<-w.Flush()
	r.must(w.Close())
	<-taken

	next, err := New(context.Background(), Options{Root: r.root})
	r.must(err)
	defer func() { r.must(next.Close()) }()
	if now := next.Tree(); len(now) == 0 || len(known.Changed(now)) > 0 {
		t.Errorf("of %d files the next watcher takes for changed: %q", len(now), known.Changed(now))
	}
	if next.Tree() != nil {
		t.Error("a tree is kept that nobody asks for again")
	}
}

// treeOf is what a watcher that begins now knows.
func (r *rig) treeOf() Tree {
	r.t.Helper()
	w, err := New(context.Background(), Options{Root: r.root})
	r.must(err)
	defer func() { r.must(w.Close()) }()
	return w.Tree()
}

func TestATreeTellsWhatIsEditedBetweenWatchers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(r *rig)
		want []string
	}{
		{"nothing", func(*rig) {}, nil},
		{"what is ignored", func(r *rig) { r.write("node_modules/x/index.js", "1"); r.write("a.js~", "1") }, nil},
		{"a file of the same size", func(r *rig) { r.write("a.js", "CONTENT OF a.js") }, []string{"a.js"}},
		{"a new file", func(r *rig) { r.write("src/new.js", "1") }, []string{"src/new.js"}},
		{"a file that is gone", func(r *rig) { r.remove("src/b.js") }, []string{"src/b.js"}},
		{"an atomic save", func(r *rig) { r.write("a.js.tmp~", "two"); r.move("a.js.tmp~", "a.js") }, []string{"a.js"}},
		{"folders that trade places", func(r *rig) { r.move("src", "x"); r.move("other", "src"); r.move("x", "other") }, []string{"other/b.js", "src/b.js"}},
		{"a folder that takes a file's place", func(r *rig) { r.remove("a.js"); r.write("a.js/index.js", "1") }, []string{"a.js", "a.js/index.js"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newTree(t, "a.js", "src/b.js", "other/b.js")
			before := r.treeOf()
			tt.edit(r)
			if got := before.Changed(r.treeOf()); !slices.Equal(got, tt.want) {
				t.Errorf("it tells %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTimesThatProveNothingCountAsAChange(t *testing.T) {
	const second = int64(1e9)
	coarse := meta{kind: file, size: 1, mtime: 100 * second, ctime: 100 * second, seen: 101 * second}
	settled := coarse
	settled.seen = 103 * second
	if coarse.stamp(false) != Unsure || settled.stamp(false) == Unsure || settled.stamp(false) == Gone {
		t.Errorf("stamps %x and %x", coarse.stamp(false), settled.stamp(false))
	}
	tree := Tree{"a.js": Unsure}
	if got := tree.Changed(maps.Clone(tree)); !slices.Equal(got, []string{"a.js"}) {
		t.Errorf("changed: %q", got)
	}
}
