//go:build linux

package watch

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// helperRoot in the environment turns the test binary into a program that
// watches that folder and prints its batches.
const helperRoot = "WATCH_TEST_ROOT"

func TestMain(m *testing.M) {
	if root := os.Getenv(helperRoot); root != "" {
		os.Exit(watchAndPrint(root))
	}
	// Most of these tests wait most of the time.
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// printed is one line of the helper's output.
type printed struct {
	Ready   bool
	Status  Status
	Paths   []string
	Rescan  bool
	Problem string
}

func watchAndPrint(root string) int {
	out := json.NewEncoder(os.Stdout)
	w, err := New(context.Background(), Options{Root: root})
	if err != nil {
		_ = out.Encode(printed{Problem: err.Error()})
		return 1
	}
	_ = out.Encode(printed{Ready: true, Status: w.Status()})
	for b := range w.Batches() {
		line := printed{Rescan: b.Rescan, Status: w.Status()}
		for _, c := range b.Changes {
			line.Paths = append(line.Paths, c.Path)
		}
		_ = out.Encode(line)
	}
	_ = out.Encode(printed{Problem: fmt.Sprint(w.Err())})
	return 0
}

// helper is such a program, running.
type helper struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startHelper(t *testing.T, cmd *exec.Cmd, root string) *helper {
	t.Helper()
	cmd.Env = append(os.Environ(), helperRoot+"="+root)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	h := &helper{t: t, cmd: cmd, lines: bufio.NewScanner(out)}
	h.lines.Buffer(nil, 64<<20)
	return h
}

func (h *helper) next() printed {
	h.t.Helper()
	if !h.lines.Scan() {
		h.t.Fatalf("the helper has ended: %v", h.lines.Err())
	}
	var p printed
	if err := json.Unmarshal(h.lines.Bytes(), &p); err != nil {
		h.t.Fatal(err)
	}
	return p
}

// batchesUntil reads batches up to the one that has path.
func (h *helper) batchesUntil(path string) (paths map[string]bool, batches, rescans int) {
	h.t.Helper()
	paths = map[string]bool{}
	for !paths[path] {
		p := h.next()
		batches++
		if p.Rescan {
			rescans++
		}
		for _, path := range p.Paths {
			paths[path] = true
		}
	}
	return paths, batches, rescans
}

// TestQueueOverflow stops the watching process while far more happens than the
// kernel keeps events for, with new folders among it. Nothing may be missing
// afterwards, it is one batch, and the next edit is seen as ever.
func TestQueueOverflow(t *testing.T) {
	t.Parallel()
	r := newLargeTree(t, "old/f.js")
	h := startHelper(t, exec.Command(os.Args[0]), r.root)
	if p := h.next(); !p.Ready {
		t.Fatal(p.Problem)
	}
	const files, dirs = 20000, 500
	r.must(h.cmd.Process.Signal(syscall.SIGSTOP))
	var want []string
	for i := range files {
		path := fmt.Sprintf("old/%d.js", i)
		if i%(files/dirs) == 0 {
			// Late in the burst these are beyond the overflow.
			path = fmt.Sprintf("new/%d/deep/f.js", i)
		}
		r.write(path, "x")
		want = append(want, path)
	}
	r.must(h.cmd.Process.Signal(syscall.SIGCONT))
	got, batches, rescans := h.batchesUntil(want[0])
	missed := slices.DeleteFunc(want, func(path string) bool { return got[path] })
	if len(missed) > 0 || batches != 1 || rescans != 1 {
		t.Errorf("%d files missed, %d batches (%d rescans)", len(missed), batches, rescans)
	}
	for _, path := range []string{"one-more.js", "new/0/deep/f.js", "new/0/deep/g.js"} {
		r.write(path, "after the overflow")
		if after, batches, _ := h.batchesUntil(path); batches != 1 || len(after) != 1 {
			t.Errorf("%s: %d batches with %d paths", path, batches, len(after))
		}
	}
}

// TestLostEvents drops all events for a while, then reports an overflow.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	r := newTree(t, append(append(tree3("a"), tree3("b")...), tree3("c")...)...)
	sys, n, err := wrappedSystem()
	r.must(err)
	r.watch(Options{}, sys)
	n.lossy.Store(true)
	r.write("a/f0.js", "edited")
	r.remove("a/sub/f1.js")
	r.write("d/new/f.js", "created")
	r.move("b", "e")
	r.move("c", "b")
	r.remove("a/sub/deep")
	r.mkdir("a/sub/deep")
	n.overflow()

	b := r.next()
	if !b.Rescan {
		t.Error("the batch does not say that events were lost")
	}
	r.keep(b)
	seen := r.reported()
	for path, op := range map[string]Op{
		"a/f0.js": Modified, "a/sub/f1.js": Removed, "a/sub/deep/f2.js": Removed, "d/new/f.js": Created,
		"e/sub/deep/f2.js": Created, "b/f0.js": Modified, "c/f0.js": Removed,
	} {
		if seen[path] != op {
			t.Errorf("%s: %v, want %v", path, seen[path], op)
		}
	}
	r.reset()
	r.wantWatches(12)
	for _, path := range []string{"b/sub/deep/f2.js", "e/sub/f1.js", "a/sub/deep/f3.js", "d/new/f.js"} {
		r.write(path, "after the overflow")
		r.await(path)
	}
}

// TestLostWatch takes a watch away behind the watcher's back, as the kernel
// does when a file system is unmounted.
func TestLostWatch(t *testing.T) {
	t.Parallel()
	r := newTree(t, "a/b/f.js")
	sys, n, err := wrappedSystem()
	r.must(err)
	r.watch(Options{}, sys)
	r.must(n.notifier.Remove(r.path("a/b")))
	r.write("a/b/f.js", "edited while nobody looked")
	r.await("a/b/f.js")
	r.reset()
	r.wantWatches(3)
	r.write("a/b/f.js", "edited with a new watch")
	r.wantsOne("modified a/b/f.js")
}

// TestFolderThatCannotBeReadForAWhile: the machine is short of open files.
func TestFolderThatCannotBeReadForAWhile(t *testing.T) {
	t.Parallel()
	r := newTree(t, "f.js")
	sys := patientSystem()
	var short atomic.Bool
	sys.list = func(path string) ([]string, error) {
		if short.Load() && path == r.path("new") {
			return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENFILE}
		}
		return list(path)
	}
	r.watch(Options{}, sys)
	short.Store(true)
	r.write("new/f.js", "x")
	r.wants("created new/")
	if st := r.w.Status(); fmt.Sprint(st.Skipped) != "[new: too many open files in system]" {
		t.Errorf("skipped %q", st.Skipped)
	}
	short.Store(false)
	r.await("new/f.js")
	r.settle()
	if st := r.w.Status(); len(st.Skipped) != 0 {
		t.Errorf("still skipped: %q", st.Skipped)
	}
}

// TestGitCheckout switches between branches that differ in many files. Each
// switch is one batch, with every file.
func TestGitCheckout(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git on this machine")
	}
	files := 10000
	if testing.Short() {
		files = 1000
	}
	r := newLargeTree(t, "same.js")
	// The commits are made in the index alone: only checkouts touch the tree.
	commit := func(branch, content string) {
		r.write("../content", content)
		blob := strings.TrimSpace(r.run(git, "hash-object", "-w", r.path("../content")))
		var index strings.Builder
		for i := range files {
			fmt.Fprintf(&index, "100644 %s\tsrc/d%d/%d/f%d.js\n", blob, i%100, i%10, i)
		}
		r.write("../index", index.String())
		r.run("sh", "-c", `git update-index --index-info < "$0" && git -c user.name=x -c user.email=x@x commit -q -m x`, r.path("../index"))
		r.run(git, "branch", branch)
	}
	r.run(git, "init", "-q")
	r.run(git, "config", "gc.auto", "0")
	commit("one", "one")
	commit("two", "other")
	r.run(git, "reset", "-q", "--hard")
	r.watch(Options{}, patientSystem())
	for i, branch := range []string{"one", "two"} {
		r.run(git, "checkout", "-q", branch)
		r.keep(r.next())
		r.settle()
		if len(r.batches) != 1 || len(r.reported()) != files {
			t.Errorf("switch %d: %d paths in %d batches, want %d in one", i, len(r.reported()), len(r.batches), files)
		}
		r.forget()
	}
}

// TestUnreadableFolder needs a process that is not root: root reads everything.
func TestUnreadableFolder(t *testing.T) {
	t.Parallel()
	// Not t.TempDir: another user must be able to go in.
	top, err := os.MkdirTemp("", "watch-unreadable-") //nolint:usetesting // t.TempDir is closed to the other user that the watcher runs as
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, root: filepath.Join(top, "w"), outside: top}
	t.Cleanup(func() {
		_ = os.Chmod(r.path("locked"), 0o755)
		r.must(os.RemoveAll(top))
	})
	r.write("watched.txt", "x")
	r.write("locked/inner/f.js", "x")
	r.write("open/f.js", "x")
	for _, path := range []string{"../", "", "open"} {
		r.must(os.Chmod(r.path(path), 0o755))
	}
	r.must(os.Chmod(r.path("locked"), 0))
	h := startHelper(t, asPlainUser(t, top), r.root)
	first := h.next()
	if !first.Ready {
		t.Fatal(first.Problem)
	}
	if got := strings.Join(first.Status.Skipped, "; "); got != "locked: permission denied" {
		t.Errorf("skipped: %q", got)
	}
	r.write("watched.txt", "y")
	h.batchesUntil("watched.txt")

	// What becomes readable is found; what stops being so stays as it was.
	r.must(os.Chmod(r.path("locked"), 0o755))
	h.batchesUntil("locked/inner/f.js")
	r.write("locked/inner/f.js", "edited")
	h.batchesUntil("locked/inner/f.js")
	r.must(os.Chmod(r.path("open"), 0))
	r.write("watched.txt", "z")
	if seen, _, _ := h.batchesUntil("watched.txt"); len(seen) != 1 {
		t.Errorf("reported %v", seen)
	}
	r.must(os.Chmod(r.path("open"), 0o755))
}

// asPlainUser is a command for the helper that does not run as root.
func asPlainUser(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		return exec.Command(os.Args[0])
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "helper")
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(copied, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd
}
