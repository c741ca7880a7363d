package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func createEvent(path string) fsnotify.Event {
	return fsnotify.Event{Name: path, Op: fsnotify.Create}
}

// TestRootGone: without its root a watcher ends, and says so.
func TestRootGone(t *testing.T) {
	t.Parallel()
	gone := map[string]struct {
		take     func(r *rig)
		replaced bool
	}{
		"removed": {take: func(r *rig) { r.remove("") }},
		"moved":   {take: func(r *rig) { r.must(os.Rename(r.root, r.path("../elsewhere"))) }},
		"replaced": {replaced: true, take: func(r *rig) {
			r.must(os.Rename(r.root, r.path("../elsewhere")))
			r.must(os.Mkdir(r.root, 0o777))
		}},
		"now a file": {replaced: true, take: func(r *rig) {
			r.must(os.Rename(r.root, r.path("../elsewhere")))
			r.must(os.WriteFile(r.root, nil, 0o666))
		}},
	}
	for name, g := range gone {
		for _, poll := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, polling %t", name, poll), func(t *testing.T) {
				if poll && name == "replaced" {
					t.Skip("inode numbers prove nothing on the file systems that are polled")
				}
				t.Parallel()
				o := quickly
				o.ForcePoll = poll
				r := newTree(t, "a/b/c.js").watch(o, patientSystem())
				g.take(r)
				late := time.After(patience)
				for open := true; open; {
					select {
					case _, open = <-r.w.Batches():
					case <-late:
						t.Fatal("the watcher did not end")
					}
				}
				var rootGone *RootGoneError
				if !errors.As(r.w.Err(), &rootGone) || rootGone.Root != r.root || rootGone.Replaced != g.replaced && !poll { // a poll may come between the two steps
					t.Errorf("ended with %v", r.w.Err())
				}
			})
		}
	}
}

func TestRootGoneError(t *testing.T) {
	for want, err := range map[string]error{
		`watch "/src": the folder is gone`:                     &RootGoneError{Root: "/src"},
		`watch "/src": the folder was replaced by another one`: &RootGoneError{Root: "/src", Replaced: true},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBadRoots(t *testing.T) {
	r := newTree(t, "file")
	for root, want := range map[string]string{
		"relative":        `watch "relative": path is not absolute`,
		"":                `watch "": path is not absolute`,
		r.path("missing"): "no such file or directory",
		r.path("file"):    "not a folder",
	} {
		w, err := New(t.Context(), Options{Root: root})
		if w != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", root, err, want)
		}
	}
}

// TestRootIsALink: the root may be a link to the folder.
func TestRootIsALink(t *testing.T) {
	t.Parallel()
	r := newTree(t, "f.js")
	r.must(os.Symlink(r.root, r.path("../root")))
	w, err := New(t.Context(), Options{Root: r.path("../root")})
	r.must(err)
	defer w.Close()
	r.w = w
	r.write("f.js", "edited")
	r.await("f.js")
}

// TestReady edits the moment that New returns, and while it runs.
func TestReady(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		r := newTree(t, "a/f.js", "a/b/g.js")
		// The real system: content may not have been read yet.
		r.watch(Options{}, realSystem)
		r.write("a/f.js", fmt.Sprintf("content %07d", i))
		r.write("a/b/n/h.js", "new")
		r.await("a/f.js", "a/b/n/h.js")
		r.forget()
		r.must(r.w.Close())
	}
}

// TestFoldersVanishDuringTheStart makes and removes folders all the time.
func TestFoldersVanishDuringTheStart(t *testing.T) {
	t.Parallel()
	r := newTree(t, "keep/f.js")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			dir := r.path(fmt.Sprintf("t%d", i%7))
			_ = os.MkdirAll(dir+"/x/y", 0o777)
			_ = os.WriteFile(dir+"/x/f.js", []byte("x"), 0o666)
			_ = os.RemoveAll(dir)
		}
	})
	for range 20 {
		w, err := New(t.Context(), Options{Root: r.root})
		r.must(err)
		r.must(w.Close())
	}
	r.watch(Options{}, patientSystem())
	close(stop)
	wg.Wait()
	r.write("keep/f.js", "edited")
	r.await("keep/f.js")
}

// TestClose closes at any time, from anywhere, several times.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	r := newTree(t, "a/f.js")
	for i := range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		w, err := New(ctx, Options{Root: r.root, ForcePoll: i%3 == 2, StateDir: r.path("..")})
		r.must(err)
		r.write("a/f.js", fmt.Sprint(i))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { r.must(w.Close()) })
		}
		wg.Go(func() { r.write("a/f.js", fmt.Sprint("while closing ", i)) })
		if i%2 == 0 {
			cancel()
		}
		wg.Wait()
		cancel()
		r.must(w.Close())
		for range w.Batches() {
			t.Error("a batch from a closed watcher")
		}
		for range w.Statuses() {
		}
		if w.Err() != nil {
			t.Errorf("closed with %v", w.Err())
		}
	}
	// Every goroutine is joined by Close; the runtime may take a moment to count.
	for wait := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(wait) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// TestRulesChange edits ignore files while the watcher runs.
func TestRulesChange(t *testing.T) {
	t.Parallel()
	r := watched(t, "a/f.js", "gen/x/g.js", "docs/d.md")
	r.wantWatches(5)
	r.write(".gitignore", "/gen/\n")
	r.wantsOne("created .gitignore")
	r.wantWatches(3)
	r.write("gen/x/g.js", "ignored")
	r.wants()

	r.write("a/.gitignore", "*.js\n")
	r.wants("created a/.gitignore")
	r.write("a/f.js", "ignored")
	r.wants()
	r.remove("a/.gitignore")
	r.wants("removed a/.gitignore", "created a/f.js") // it may have changed meanwhile

	r.write(".dockerignore", "docs\n")
	r.wants("created .dockerignore")
	r.wantWatches(2)

	// A switch of rules and content at once loses nothing.
	r.write(".gitignore", "")
	r.write("gen/x/g.js", "wanted again")
	r.wants("modified .gitignore", "created gen/", "created gen/x/", "created gen/x/g.js")
	r.remove(".dockerignore")
	r.wants("removed .dockerignore", "created docs/", "created docs/d.md")
	r.wantWatches(5)
}

// TestIgnoredTreesTakeNoWatches has far more folders in node_modules than in
// the source.
func TestIgnoredTreesTakeNoWatches(t *testing.T) {
	t.Parallel()
	r := newLargeTree(t, "src/a/f.js", "packages/a/src/f.js")
	for i := range 300 {
		r.write(fmt.Sprintf("node_modules/p%d/lib/f.js", i), "x")
		r.write(fmt.Sprintf("packages/a/node_modules/p%d/f.js", i), "x")
		r.write(fmt.Sprintf(".git/objects/%02x/x", i%256), "x")
	}
	r.watch(Options{}, patientSystem())
	r.wantWatches(6)
	r.write("node_modules/new/f.js", "x")
	r.remove("node_modules/p1")
	r.wants()
	r.remove("node_modules")
	r.write("node_modules/p1/f.js", "x")
	r.wants()
	r.wantWatches(6)
}

// TestStateFolderRemoved: the folder of the self-test is nobody's business.
func TestStateFolderRemoved(t *testing.T) {
	t.Parallel()
	r := newTree(t, "f.js", ".devbox/state")
	r.watch(Options{StateDir: r.path(".devbox")}, patientSystem())
	r.remove(".devbox")
	r.write("f.js", "edited")
	r.wantsOne("modified f.js")
}
