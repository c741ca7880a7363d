package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// projectTree has 2,000 source files in 200 folders, and a node_modules of
// 50,000 files in 5,000 folders.
func projectTree(b *testing.B) *rig {
	b.Helper()
	r := newLargeTree(b)
	content := make([]byte, 4000)
	fill := func(top string, dirs, files int) {
		for d := range dirs {
			folder := r.path(fmt.Sprintf("%s/d%d/e%d", top, d/20, d))
			r.must(os.MkdirAll(folder, 0o777))
			for f := range files {
				r.must(os.WriteFile(filepath.Join(folder, fmt.Sprintf("f%d.js", f)), content, 0o666))
			}
		}
	}
	fill("src", 190, 10)
	fill("test", 10, 10)
	content = content[:10]
	fill("node_modules", 5000, 10)
	r.write(".gitignore", "node_modules\n/dist\n*.local\n.env\n")
	return r
}

// BenchmarkStart is from nothing to a watcher that is ready.
func BenchmarkStart(b *testing.B) {
	r := projectTree(b)
	var st Status
	for b.Loop() {
		w, err := New(context.Background(), Options{Root: r.root})
		r.must(err)
		st = w.Status()
		b.StopTimer()
		r.must(w.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(st.Watches), "watches")
	b.ReportMetric(float64(st.Dirs), "folders")
	b.ReportMetric(float64(st.Files), "files")
}

// BenchmarkEdit is from a write to its batch.
func BenchmarkEdit(b *testing.B) {
	r := projectTree(b)
	w, err := New(context.Background(), Options{Root: r.root})
	r.must(err)
	defer w.Close()
	r.w = w
	for i := 0; b.Loop(); i++ {
		r.write("src/d0/e0/f0.js", fmt.Sprint("edit ", i))
		r.next()
	}
}

// BenchmarkPoll is one look at the whole tree without events.
func BenchmarkPoll(b *testing.B) {
	r := projectTree(b)
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	s := newSnapshot(r.root, m)
	s.lookAll()
	for b.Loop() {
		s.lookAll()
	}
}

// BenchmarkMatcher is one question about a path whose folder is known.
func BenchmarkMatcher(b *testing.B) {
	r := newTree(b)
	r.write(".gitignore", "node_modules\n/dist\n*.local\n.env\n")
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	for b.Loop() {
		m.Ignored("packages/web/src/components/button.js", false)
	}
}

// BenchmarkMemory is what a watcher of the tree keeps.
func BenchmarkMemory(b *testing.B) {
	r := projectTree(b)
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		w, err := New(context.Background(), Options{Root: r.root})
		r.must(err)
		time.Sleep(100 * time.Millisecond) // content is read in the background
		runtime.GC()
		runtime.ReadMemStats(&after)
		r.must(w.Close())
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
}
