package watch

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. Only failing tests wait
// that long.
const patience = 30 * time.Second

// quickly polls often, so that tests do not take long.
var quickly = Options{PollInterval: 20 * time.Millisecond}

// rig is a source tree in a temporary folder, a watcher on it, and what the
// watcher reported.
type rig struct {
	t       testing.TB
	root    string // the watched folder
	outside string // a folder beside it on the same file system
	w       *Watcher
	batches []Batch // reported since the last barrier
	syncs   int
	// first and last are when the tree was touched since the last check.
	first, last time.Time
}

// patientSystem is the real one, except that it reads all content before the
// watcher is ready, so that tests do not depend on how fast the machine is.
func patientSystem() system {
	sys := realSystem
	sys.sumFor = patience
	return sys
}

// newTree makes a tree without a watcher. Paths that end in a slash are folders.
func newTree(t testing.TB, paths ...string) *rig {
	t.Helper()
	return newTreeIn(t, t.TempDir(), paths...)
}

// newLargeTree is newTree for tests that make tens of thousands of files: in
// memory where that is possible.
func newLargeTree(t testing.TB, paths ...string) *rig {
	t.Helper()
	top, err := os.MkdirTemp("/dev/shm", "watch-test-") //nolint:usetesting // in memory, where t.TempDir is not
	if err != nil {
		return newTree(t, paths...)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	return newTreeIn(t, top, paths...)
}

func newTreeIn(t testing.TB, top string, paths ...string) *rig {
	t.Helper()
	top, err := filepath.EvalSymlinks(top)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, root: filepath.Join(top, "w"), outside: filepath.Join(top, "outside")}
	r.mkdir("")
	r.must(os.Mkdir(r.outside, 0o777))
	for _, path := range paths {
		if strings.HasSuffix(path, "/") {
			r.mkdir(path)
			continue
		}
		r.write(path, "content of "+path)
	}
	return r
}

// watch starts the watcher. When the test ends, its snapshot must be what a
// fresh look at the tree finds.
func (r *rig) watch(o Options, sys system) *rig {
	r.t.Helper()
	o.Root = r.root
	w, err := start(context.Background(), o, sys)
	if err != nil {
		r.t.Fatal(err)
	}
	r.w = w
	r.t.Cleanup(func() {
		closed := false
		select {
		case <-w.done: // by the test
			closed = true
		default:
		}
		if !closed && w.Err() == nil && !r.t.Failed() {
			r.settle()
			r.checkOracle()
		}
		r.must(w.Close())
	})
	return r
}

// watched makes a tree and watches it with the default options.
func watched(t testing.TB, paths ...string) *rig {
	t.Helper()
	return newTree(t, paths...).watch(Options{}, patientSystem())
}

// watchedWith is watched with patterns for the matcher.
func watchedWith(t testing.TB, rules Rules, paths ...string) *rig {
	t.Helper()
	r := newTree(t, paths...)
	m, err := NewMatcher(r.root, rules)
	r.must(err)
	return r.watch(Options{Ignore: m}, patientSystem())
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// path is absolute; what starts with ../ is below outside.
func (r *rig) path(path string) string {
	if rest, ok := strings.CutPrefix(path, "../"); ok {
		return filepath.Join(r.outside, rest)
	}
	return filepath.Join(r.root, path)
}

// touch is called before the tree is touched, and what it returns afterwards.
func (r *rig) touch() func() {
	if r.first.IsZero() {
		r.first = time.Now()
	}
	return func() { r.last = time.Now() }
}

// interrupted reports whether the machine was so busy that what a test did at
// once was not at once to the watcher. Then it may rightly be several batches.
func (r *rig) interrupted() bool { return r.last.Sub(r.first) >= defaultQuiet }

func (r *rig) mkdir(path string) {
	r.t.Helper()
	defer r.touch()()
	r.must(os.MkdirAll(r.path(path), 0o777))
}

func (r *rig) write(path, content string) {
	r.t.Helper()
	defer r.touch()()
	r.must(os.MkdirAll(filepath.Dir(r.path(path)), 0o777))
	r.must(os.WriteFile(r.path(path), []byte(content), 0o666))
}

func (r *rig) remove(path string) {
	r.t.Helper()
	defer r.touch()()
	r.must(os.RemoveAll(r.path(path)))
}

func (r *rig) move(from, to string) {
	r.t.Helper()
	defer r.touch()()
	r.must(os.Rename(r.path(from), r.path(to)))
}

func (r *rig) symlink(target, path string) {
	r.t.Helper()
	defer r.touch()()
	r.must(os.Symlink(target, r.path(path)))
}

// next returns the next batch.
func (r *rig) next() Batch {
	r.t.Helper()
	select {
	case b, ok := <-r.w.Batches():
		if !ok {
			r.t.Fatalf("the watcher has ended: %v", r.w.Err())
		}
		return b
	case <-time.After(patience):
		r.t.Fatalf("no batch in %v", patience)
		return Batch{}
	}
}

// syncPrefix names the files that settle writes. They have no place in what
// tests compare.
const syncPrefix = "sync-"

// settle proves that everything that shall be reported was: it makes one more
// change and waits for that. Batches without it are kept.
func (r *rig) settle() {
	r.t.Helper()
	r.syncs++
	name := fmt.Sprintf("%s%d", syncPrefix, r.syncs)
	r.must(os.WriteFile(r.path(name), []byte(name), 0o666))
	for {
		b := r.next()
		found := slices.ContainsFunc(b.Changes, func(c Change) bool { return c.Path == name })
		r.keep(b)
		if found {
			return
		}
	}
}

func (r *rig) keep(b Batch) {
	b.Changes = slices.DeleteFunc(slices.Clone(b.Changes), func(c Change) bool {
		return strings.HasPrefix(c.Path, syncPrefix)
	})
	if len(b.Changes) > 0 {
		r.batches = append(r.batches, b)
	}
}

// await waits until every path was reported, whatever else is.
func (r *rig) await(paths ...string) {
	r.t.Helper()
	for {
		seen := r.reported()
		missing := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return seen[p] != 0 })
		if len(missing) == 0 {
			return
		}
		r.keep(r.next())
	}
}

// reported merges the kept batches; the last operation on a path counts.
func (r *rig) reported() map[string]Op {
	seen := map[string]Op{}
	for _, b := range r.batches {
		for _, c := range b.Changes {
			seen[c.Path] = c.Op
		}
	}
	return seen
}

// reset settles and forgets what was reported so far.
func (r *rig) reset() {
	r.t.Helper()
	r.settle()
	r.forget()
}

func (r *rig) forget() { r.batches, r.first, r.last = nil, time.Time{}, time.Time{} }

// wants settles and compares everything that was reported since the last check
// with lines like "modified a/b.js" and "created a/". If the machine was too
// busy, only that nothing is missing.
func (r *rig) wants(lines ...string) {
	r.t.Helper()
	r.settle()
	defer r.forget()
	last := map[string]string{}
	for _, b := range r.batches {
		for _, c := range b.Changes {
			last[c.Path] = c.String()
		}
	}
	if r.interrupted() {
		for _, line := range lines {
			_, path, _ := strings.Cut(strings.TrimSuffix(line, "/"), " ")
			if last[path] == "" {
				r.t.Errorf("not reported: %q", line)
			}
		}
		return
	}
	got := slices.Sorted(maps.Values(last))
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		r.t.Errorf("reported %q, want %q", got, lines)
	}
}

// wantsOne is wants for a single batch, which must come without another change
// after it.
func (r *rig) wantsOne(lines ...string) {
	r.t.Helper()
	r.keep(r.next())
	r.settle()
	if n := len(r.batches); n != 1 && !r.interrupted() {
		r.t.Errorf("%d batches, want 1: %v", n, r.batches)
	}
	r.wants(lines...)
}

// checkOracle compares the snapshot with a walk of the tree. The watcher is
// closed by it.
func (r *rig) checkOracle() {
	r.t.Helper()
	watches := r.kernelWatches()
	r.must(r.w.Close())
	snap := r.w.run.snap
	got := map[string]kind{}
	dirs, hidden := 0, 0
	snap.top.each(func(n *node) {
		got[n.path()] = n.kind
		if n.kind == dir {
			dirs++
		}
		if n.hidden {
			hidden++
		}
	})
	want := freshWalk(r.t, r.root, snap.matcher)
	if !maps.Equal(got, want) {
		r.t.Errorf("snapshot has %v, the tree has %v", got, want)
	}
	snap.top.each(func(n *node) {
		sum, _, ok := contentSum(r.path(n.path()), n.kind)
		if ok && n.summed && n.kind != dir && sum != n.sum {
			r.t.Errorf("the snapshot has not the last content of %q", n.path())
		}
	})
	if snap.dirs != dirs || snap.files != len(got)-dirs {
		r.t.Errorf("counted %d folders and %d files, snapshot has %d and %d", snap.dirs, snap.files, dirs, len(got)-dirs)
	}
	if snap.watches != nil && watches >= 0 && watches != dirs-len(snap.skipped) {
		r.t.Errorf("%d watches for %d folders (%d skipped)", watches, dirs, len(snap.skipped))
	}
}

// freshWalk is the tree by another way than the snapshot's.
func freshWalk(t testing.TB, root string, m Ignorer) map[string]kind {
	t.Helper()
	found := map[string]kind{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		switch {
		case rel == ".":
			found[""] = dir
		case d.IsDir() && m.Pruned(rel):
			return filepath.SkipDir
		case d.IsDir():
			found[rel] = dir
		case m.Ignored(rel, false):
		case d.Type().IsRegular():
			found[rel] = file
		case d.Type()&fs.ModeSymlink != 0:
			found[rel] = link
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// kernelWatches counts the kernel's watches of the inotify instance that
// watches the root; -1 where there is no such count.
func (r *rig) kernelWatches() int {
	info, err := os.Stat(r.root)
	r.must(err)
	id, _ := identity(info)
	own := fmt.Sprintf("ino:%x ", id.ino)
	fds, err := os.ReadDir("/proc/self/fdinfo")
	if err != nil {
		return -1
	}
	for _, fd := range fds {
		if n, found := countWatches("/proc/self/fdinfo/"+fd.Name(), own); found {
			return n
		}
	}
	return -1
}

func countWatches(path, own string) (n int, found bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "inotify ") {
			n++
			found = found || strings.Contains(lines.Text(), own)
		}
	}
	return n, found
}

// wantWatches compares the number of the kernel's watches.
func (r *rig) wantWatches(want int) {
	r.t.Helper()
	if got := r.kernelWatches(); got >= 0 && got != want {
		r.t.Errorf("%d watches, want %d", got, want)
	}
}
