package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// still is a snapshot that nobody keeps up to date but the test.
func still(r *rig) *snapshot {
	r.t.Helper()
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	s := newSnapshot(r.root, m)
	s.lookAll()
	for _, job := range s.sumJobs() {
		if job.do(s.abs(job.path)) {
			s.summed(job)
		}
	}
	s.taken()
	return s
}

// sameTick rewrites a file and makes the snapshot believe that it looked at it
// in the same tick of the file system's clock: stat shows no difference.
func sameTick(r *rig, s *snapshot, path, content string) {
	r.write(path, content)
	n := s.top.find(path)
	sum, summed := n.sum, n.summed
	n.meta = s.lstat(path)
	n.seen = n.ctime
	n.sum, n.summed = sum, summed
}

func (s *snapshot) lines() []string {
	out := []string{}
	changes, _ := s.changes()
	for _, c := range changes {
		out = append(out, c.String())
	}
	return out
}

func TestWritesInOneTick(t *testing.T) {
	const path = "f.js"
	cases := []struct {
		name     string
		content  string
		unsummed bool
		hinted   bool
		want     []string
	}{
		{"other content", "CONTENT of f.js", false, true, []string{"modified f.js"}},
		{"other content, found by a look at everything", "CONTENT of f.js", false, false, []string{"modified f.js"}},
		{"the same content", "content of f.js", false, true, []string{}},
		{"an event, and nothing to compare with", "content of f.js", true, true, []string{"modified f.js"}},
		{"no event, and nothing to compare with", "content of f.js", true, false, []string{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newTree(t, path)
			s := still(r)
			s.top.find(path).summed = !c.unsummed
			sameTick(r, s, path, c.content)
			if c.hinted {
				s.look(map[string]bool{path: false})
			} else {
				s.lookAll()
			}
			if got := s.lines(); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.unsummed && !c.hinted {
				return
			}
			s.taken()
			s.look(map[string]bool{path: false})
			if got := s.lines(); len(got) != 0 {
				t.Errorf("then got %q", got)
			}
		})
	}
}

// TestClockSteps: a clock that is set forward or back between a save and a look
// hides no edit, and makes none up.
func TestClockSteps(t *testing.T) {
	const path = "src/f.js"
	for _, step := range []time.Duration{-24 * time.Hour, -time.Second, -5 * time.Millisecond, time.Second, 24 * time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			r := newTree(t, path, "src/g.js")
			s := still(r)
			s.top.each(func(n *node) { n.seen += int64(step) })
			s.lookAll()
			if got := s.lines(); len(got) != 0 {
				t.Errorf("without an edit: %q", got)
			}
			future := time.Now().Add(-step)
			for i := range 3 {
				s.top.each(func(n *node) { n.seen += int64(step) })
				r.write(path, fmt.Sprintf("same size %d", i))
				r.must(os.Chtimes(r.path(path), future, future))
				s.look(map[string]bool{path: false})
				if got := s.lines(); len(got) != 1 || got[0] != "modified "+path {
					t.Errorf("edit %d: %q", i, got)
				}
				s.taken()
			}
		})
	}
}

// TestLargeFiles: content beyond the limit is not read, so only times count.
func TestLargeFiles(t *testing.T) {
	r := newTree(t, "small")
	r.must(os.WriteFile(r.path("large"), nil, 0o666))
	r.must(os.Truncate(r.path("large"), maxSum+1))
	s := still(r)
	if s.top.find("large").summed || !s.top.find("small").summed {
		t.Error("the wrong files were read")
	}
	now := time.Now()
	for _, path := range []string{"large", "small"} {
		r.must(os.Chtimes(r.path(path), now, now))
	}
	s.lookAll()
	if got := s.lines(); !slices.Equal(got, []string{"modified large"}) {
		t.Errorf("got %q", got)
	}
}

func TestSumBudget(t *testing.T) {
	r := newTree(t)
	for i := range 10 {
		path := r.path(fmt.Sprint("f", i))
		r.must(os.WriteFile(path, nil, 0o666))
		r.must(os.Truncate(path, maxSum))
	}
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	s := newSnapshot(r.root, m)
	s.starting = true
	s.lookAll()
	if n := len(s.sumJobs()); n != sumBudget/maxSum {
		t.Errorf("%d files are to be read", n)
	}
}

// TestSumOfAnotherFile: what was read in the background counts only if the file
// is what it was.
func TestSumOfAnotherFile(t *testing.T) {
	r := newTree(t, "f.js", "g.js", "h.js")
	m, err := NewMatcher(r.root, Rules{})
	r.must(err)
	s := newSnapshot(r.root, m)
	s.starting = true
	s.lookAll()
	jobs := s.sumJobs()
	slices.SortFunc(jobs, func(a, b sumJob) int { return strings.Compare(a.path, b.path) })
	r.write("f.js", "changed before it is read")
	r.remove("g.js")
	read := []bool{}
	for _, job := range jobs {
		read = append(read, job.do(s.abs(job.path)))
	}
	if !slices.Equal(read, []bool{false, false, true}) {
		t.Errorf("read %v of f, g and h", read)
	}
	r.write("h.js", "changed after it was read")
	s.lookAll()
	was := s.top.find("h.js").meta
	s.summed(jobs[2])
	if got := s.top.find("h.js").meta; got != was {
		t.Errorf("an old sum was taken: %+v", got)
	}
}

// TestFolderVanishesBeforeItIsListed is between the look at a folder and the
// look into it.
func TestFolderVanishesBeforeItIsListed(t *testing.T) {
	for _, become := range []string{"nothing", "a file", "a link", "another folder"} {
		t.Run(become, func(t *testing.T) {
			r := newTree(t, "a/b/f.js", "other/x.js")
			s := still(r)
			once := true
			s.list = func(path string) ([]string, error) {
				if once && path == r.path("a/b") {
					once = false
					r.remove("a/b")
					switch become {
					case "a file":
						r.write("a/b", "x")
					case "a link":
						r.symlink("../other", "a/b")
					case "another folder":
						r.move("other", "a/b")
					}
				}
				return list(path)
			}
			s.lookAll()
			s.lookAll() // the event of the change, or the next poll
			got := map[string]kind{}
			s.top.each(func(n *node) { got[n.path()] = n.kind })
			if want := freshWalk(t, r.root, s.matcher); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("snapshot has %v, the tree has %v", got, want)
			}
		})
	}
}

func TestHints(t *testing.T) {
	h := newHints("/src")
	for _, ev := range []fsnotify.Event{
		{Name: "/src", Op: fsnotify.Chmod},
		{Name: "/src/a/b", Op: fsnotify.Write},
		{Name: "/src/a/b", Op: fsnotify.Create},
		{Name: "/src/a/b", Op: fsnotify.Write},
		{Name: "/srcery/x", Op: fsnotify.Write},
	} {
		h.add(ev)
	}
	if got := h.take(); fmt.Sprint(got.paths) != "map[:false a/b:true]" || got.first.After(got.last) || got.all {
		t.Errorf("got %+v", got)
	}
	for i := range maxHints + 10 {
		h.add(fsnotify.Event{Name: fmt.Sprintf("/src/%d", i), Op: fsnotify.Write})
	}
	if got := h.take(); !got.all || len(got.paths) != 0 {
		t.Errorf("with too many paths: all %t, %d paths", got.all, len(got.paths))
	}
	if got := h.take(); got.all || !got.first.IsZero() {
		t.Errorf("nothing was left, but got %+v", got)
	}
}

// TestOverflowDuringALook reports lost events while the watcher is looking.
func TestOverflowDuringALook(t *testing.T) {
	top := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newTreeIn(t, top, "f.js")
		n := newFakeNotifier()
		sys := n.system()
		sys.list = func(path string) ([]string, error) {
			names, err := list(path)
			if _, gone := os.Lstat(r.path("lost.js")); gone != nil && path == r.path("new") {
				r.write("lost.js", "without an event")
				n.errs <- fsnotify.ErrEventOverflow
				for h := r.w.run.hints; !h.overflowed(); {
					runtime.Gosched()
				}
			}
			return names, err
		}
		w, err := start(t.Context(), Options{Root: r.root}, sys)
		r.must(err)
		defer w.Close()
		r.w = w
		r.mkdir("new")
		n.events <- createEvent(r.path("new"))
		b := r.next()
		if got := fmt.Sprint(b.Changes); got != "[created lost.js created new/]" || !b.Rescan {
			t.Errorf("got %s, rescan %t", got, b.Rescan)
		}
	})
}

func (h *hints) overflowed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.some.all
}

// TestLinkedWorkTree: there .git is a file.
func TestLinkedWorkTree(t *testing.T) {
	r := newTree(t)
	r.write("main/.git/info/exclude", "mine\n")
	r.write("main/.git/worktrees/w/commondir", "../..\n")
	r.write("main/.git/worktrees/w/index.lock", "")
	r.write("w/.git", "gitdir: ../main/.git/worktrees/w\n")
	m, err := NewMatcher(r.path("w"), Rules{})
	r.must(err)
	if !m.Ignored("mine", false) || m.Ignored("yours", false) || !m.Ignored(".git", false) {
		t.Error("the rules of the repository are not followed")
	}
	lock := newGitLock(r.path("w"))
	if want := filepath.Join(r.root, "main/.git/worktrees/w/index.lock"); lock.path != want || !lock.held() {
		t.Errorf("the lock is %q, want %q", lock.path, want)
	}
	r.write("elsewhere/.git", "gitdir: "+r.path("main/.git"))
	if _, dir := findRepository(r.path("elsewhere")); dir != r.path("main/.git") {
		t.Errorf("found %q", dir)
	}
	if (gitLock{}).held() || (gitLock{}).heldSince(time.Now()) {
		t.Error("there is no lock where there is no repository")
	}
}
