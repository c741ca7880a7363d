package watch

import (
	"os"
	"slices"
	"testing"
	"time"
)

// slowly leaves a test the time to do something between the first event of a
// change and its batch.
var slowly = Options{Quiet: 300 * time.Millisecond, Ceiling: 20 * time.Second}

// early waits for a path that is told of before its batch.
func (r *rig) early() string {
	r.t.Helper()
	select {
	case path := <-r.w.Early():
		return path
	case b := <-r.w.Batches():
		r.t.Fatalf("a batch and nothing before it: %v", b)
	case <-time.After(patience):
		r.t.Fatal("nothing is told early")
	}
	return ""
}

// only waits for the next batch, before which nothing may be told.
func (r *rig) only() Batch {
	r.t.Helper()
	select {
	case path := <-r.w.Early():
		r.t.Fatalf("told early of %q", path)
	case b := <-r.w.Batches():
		return b
	case <-time.After(patience):
		r.t.Fatal("no batch")
	}
	return Batch{}
}

func (b Batch) names(path string) bool {
	return slices.Contains(b.Touched, path) || slices.ContainsFunc(b.Changes, func(c Change) bool { return c.Path == path })
}

func TestASingleEditIsToldBeforeItHasSettled(t *testing.T) {
	for name, save := range map[string]func(r *rig){
		"written in place": func(r *rig) { r.write("a.js", "edited and longer") },
		"of the same size": func(r *rig) { r.write("a.js", "CONTENT OF a.js") },
		"renamed over":     func(r *rig) { r.write("a.js~", "edited"); r.move("a.js~", "a.js") },
		"written as vim does": func(r *rig) {
			r.move("a.js", "a.js~")
			r.write("a.js", "edited")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTree(t, "a.js", "b.js").watch(slowly, patientSystem())
			save(r)
			if path := r.early(); path != "a.js" {
				t.Errorf("told of %q", path)
			}
			if b := r.next(); !slices.Equal(b.Changes, []Change{{Path: "a.js", Op: Modified}}) {
				t.Errorf("the batch: %v", b)
			}
			r.write("b.js", "edited")
			if path := r.early(); path != "b.js" {
				t.Errorf("told of %q next", path)
			}
			r.must(r.w.Close())
		})
	}
}

func TestWhatIsNotCertainIsNotToldEarly(t *testing.T) {
	for name, c := range map[string]struct {
		save func(r *rig)
		path string // in the batch
	}{
		"the same content again": {func(r *rig) { r.write("a.js", "content of a.js") }, "a.js"},
		"a touch": {func(r *rig) {
			r.must(os.Chtimes(r.path("a.js"), time.Now(), time.Now().Add(-time.Hour)))
		}, "a.js"},
		"a file that is empty":   {func(r *rig) { r.write("a.js", "") }, "a.js"},
		"a file that is removed": {func(r *rig) { r.remove("a.js") }, "a.js"},
		"a new file":             {func(r *rig) { r.write("new.js", "new") }, "new.js"},
		"a new folder":           {func(r *rig) { r.write("new/new.js", "new") }, "new/new.js"},
		"a symlink": {func(r *rig) {
			r.remove("link.js")
			r.symlink("b.js", "link.js")
		}, "link.js"},
		"two files": {func(r *rig) { r.write("a.js", "edited"); r.write("b.js", "edited") }, "b.js"},
		"a file under git's lock": {func(r *rig) {
			r.write(".git/index.lock", "")
			r.write("a.js", "edited")
		}, "a.js"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTree(t, "a.js", "b.js", ".git/HEAD")
			r.symlink("a.js", "link.js")
			// Long enough for what is at once here to be so to the watcher.
			r.watch(Options{Quiet: 10 * time.Second, Ceiling: 20 * time.Second}, patientSystem())
			c.save(r)
			flushed := make(chan (<-chan struct{}), 1)
			time.AfterFunc(1500*time.Millisecond, func() { flushed <- r.w.Flush() })
			if b := r.only(); !b.names(c.path) {
				t.Errorf("the batch: %v", b)
			}
			<-<-flushed
			r.must(r.w.Close())
		})
	}
}

// Whoever was told has stopped an app, and waits for the batch.
func TestABatchFollowsWhateverBecomesOfAnEarlyPath(t *testing.T) {
	for name, undo := range map[string]func(r *rig){
		"nothing more":                       func(*rig) {},
		"the old content is written":         func(r *rig) { r.write("a.js", "content of a.js") },
		"the old file comes back":            func(r *rig) { r.move("kept.txt~", "a.js") },
		"it is removed":                      func(r *rig) { r.remove("a.js") },
		"it becomes a folder":                func(r *rig) { r.remove("a.js"); r.mkdir("a.js") },
		"its folder is moved out":            func(r *rig) { r.move("dir", "../dir") },
		"it is not source any more":          func(r *rig) { r.write(".gitignore", "a.js\n") },
		"other rules":                        func(r *rig) { r.w.Change(Options{Ignore: ignoreAll{}, Quiet: slowly.Quiet}) },
		"polling from now on":                func(r *rig) { r.w.Change(Options{Quiet: slowly.Quiet, ForcePoll: true}) },
		"a look at everything":               func(r *rig) { r.w.Flush() },
		"git takes its lock and gives it up": func(r *rig) { r.write(".git/index.lock", ""); r.remove(".git/index.lock") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTree(t, "a.js", "dir/a.js", ".git/HEAD")
			path := "a.js"
			if name == "its folder is moved out" {
				path = "dir/a.js"
			}
			r.watch(slowly, patientSystem())
			r.move(path, "kept.txt~")
			r.write(path, "edited")
			if told := r.early(); told != path {
				t.Errorf("told of %q", told)
			}
			undo(r)
			if b := r.next(); !b.names(path) {
				t.Errorf("the batch: %v", b)
			}
			if name == "nothing more" {
				r.write("other.js", "new")
				if b := r.next(); b.names(path) {
					t.Errorf("named again: %v", b)
				}
			}
			r.must(r.w.Close())
		})
	}
}

// ignoreAll takes nothing for source.
type ignoreAll struct{}

func (ignoreAll) Ignored(string, bool) bool { return true }
func (ignoreAll) Pruned(string) bool        { return false }
func (ignoreAll) Reload(string)             {}
