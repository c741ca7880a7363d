//go:build linux

package watch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// wantPolling checks the mode and that edits of every kind are still seen, soon.
func (r *rig) wantPolling(reason, hint string) {
	r.t.Helper()
	st := r.w.Status()
	if st.Mode != Polling || !strings.Contains(st.Reason, reason) || !strings.Contains(st.Hint, hint) || st.Watches != 0 {
		r.t.Errorf("status %+v, want polling because of %q with the hint %q", st, reason, hint)
	}
	r.forget()
	r.write("d/new/f.js", "created")
	r.await("d/new/f.js")
	r.write("d/new/f.js", "modified")
	began := time.Now()
	r.keep(r.next())
	if took := time.Since(began); took > 1500*time.Millisecond {
		r.t.Logf("the edit was seen after %v", took)
	}
	r.move("d", "e")
	r.await("e/new/f.js")
	r.must(os.Chtimes(r.path("e/new/f.js"), time.Now(), time.Now()))
	r.remove("e/new")
	r.reset()
	r.wants()
}

// eightFolders is a tree with more folders than the limits of these tests.
func eightFolders(t testing.TB) *rig {
	t.Helper()
	var paths []string
	for i := range 8 {
		paths = append(paths, fmt.Sprintf("d%d/f.js", i))
	}
	return newTree(t, paths...)
}

func TestPollingWhenAskedFor(t *testing.T) {
	t.Parallel()
	o := quickly
	o.ForcePoll = true
	r := eightFolders(t).watch(o, patientSystem())
	r.wantPolling("asked for", "")
}

func TestPollingIsOneBatchForABurst(t *testing.T) {
	t.Parallel()
	o := quickly
	o.ForcePoll = true
	r := newTree(t).watch(o, patientSystem())
	for i := range 500 {
		r.write(fmt.Sprintf("d%d/f%d.js", i%20, i), "x")
	}
	r.keep(r.next())
	r.settle()
	if len(r.batches) != 1 || len(r.reported()) != 520 {
		t.Errorf("%d paths in %d batches, want 520 in one", len(r.reported()), len(r.batches))
	}
}

// TestPollingSeesEditsInOneTick writes twice within what a coarse clock calls
// the same time.
func TestPollingSeesEditsInOneTick(t *testing.T) {
	t.Parallel()
	o := quickly
	o.ForcePoll = true
	r := newTree(t, "f.js").watch(o, patientSystem())
	for i := range 20 {
		r.write("f.js", fmt.Sprintf("content %03d", i))
		r.keep(r.next())
	}
	r.wants("modified f.js")
}

func TestPollingOnSilentFileSystems(t *testing.T) {
	t.Parallel()
	for name, magic := range map[string]uint32{
		"NFS": 0x6969, "SMB": 0xfe534d42, "CIFS": 0xff534d42, "FUSE": 0x65735546, "9p": 0x01021997,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sys := patientSystem()
			sys.fileSystem = func(string) (uint32, error) { return magic, nil }
			eightFolders(t).watch(quickly, sys).wantPolling("is on "+name, "local disk")
		})
	}
}

func TestFileSystemOfThisMachine(t *testing.T) {
	t.Parallel()
	magic, err := fileSystemType(t.TempDir())
	if err != nil || silentTypes[magic] != "" {
		t.Skipf("the temporary folder is on %#x, %v", magic, err)
	}
	if _, err := fileSystemType("/does/not/exist"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestPollingAtTheLimit reaches a limit at the start, and later by a new folder.
func TestPollingAtTheLimit(t *testing.T) {
	t.Parallel()
	limits := map[string]struct {
		err          error
		reason, hint string
	}{
		"watches":     {syscall.ENOSPC, "limit of file watches is reached (fs.inotify.max_user_watches", "sudo sysctl fs.inotify.max_user_watches="},
		"memory":      {syscall.ENOMEM, "no memory left", ""},
		"unsupported": {syscall.ENOSYS, "do not work here: function not implemented", ""},
	}
	for name, l := range limits {
		for _, at := range []int{4, 9} { // the tree has nine folders
			t.Run(fmt.Sprintf("%s at %d", name, at), func(t *testing.T) {
				t.Parallel()
				n := newFakeNotifier()
				n.failAt, n.failure = at, l.err
				r := eightFolders(t).watch(quickly, n.system())
				if at == 9 {
					if st := r.w.Status(); st.Mode != Events || st.Watches != 9 || st.Dirs != 9 || st.Files != 8 {
						t.Errorf("before the limit: %+v", st)
					}
					<-r.w.Statuses()
					r.write("beyond/f.js", "x")
					n.events <- createEvent(r.path("beyond"))
					r.await("beyond/f.js")
					if !r.batches[0].Rescan {
						t.Error("the batch does not say that events were given up")
					}
					if st := <-r.w.Statuses(); st.Mode != Polling {
						t.Errorf("news: %+v", st)
					}
				}
				r.wantPolling(l.reason, l.hint)
			})
		}
	}
	t.Run("instances", func(t *testing.T) {
		t.Parallel()
		sys := patientSystem()
		sys.newNotifier = func() (notifier, error) { return nil, fmt.Errorf("init: %w", syscall.EMFILE) }
		eightFolders(t).watch(quickly, sys).wantPolling("max_user_instances", "sudo sysctl fs.inotify.max_user_instances=")
	})
}

// TestRealLimit lowers the limits in a user namespace of its own.
func TestRealLimit(t *testing.T) {
	t.Parallel()
	for _, l := range []struct{ limit, hint string }{
		{"max_inotify_watches=4", "max_user_watches"},
		{"max_inotify_instances=0", "max_user_instances"},
	} {
		t.Run(l.limit, func(t *testing.T) {
			t.Parallel()
			r := eightFolders(t)
			name, value, _ := strings.Cut(l.limit, "=")
			script := fmt.Sprintf(`echo %s > /proc/sys/user/%s && exec "$0"`, value, name)
			if out, err := exec.Command("unshare", "-Ur", "sh", "-c", script, "true").CombinedOutput(); err != nil {
				t.Skipf("limits cannot be lowered here: %v %s", err, out)
			}
			h := startHelper(t, exec.Command("unshare", "-Ur", "sh", "-c", script, os.Args[0]), r.root)
			first := h.next()
			if !first.Ready || first.Status.Mode != Polling || !strings.Contains(first.Status.Hint, l.hint) {
				t.Errorf("%+v", first)
			}
			for _, path := range []string{"d0/f.js", "d7/f.js", "new/f.js"} {
				r.write(path, "edited")
				h.batchesUntil(path)
			}
		})
	}
}

// TestSelfTest finds a file system whose events never come.
func TestSelfTest(t *testing.T) {
	t.Parallel()
	o := quickly
	o.StateDir = t.TempDir()
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		n := newFakeNotifier()
		r := eightFolders(t).watch(o, n.system())
		r.write("d0/f.js", "no event comes for this")
		r.keep(r.next())
		if !r.batches[0].Rescan {
			t.Error("the batch does not say why it comes so late")
		}
		r.wantPolling("do not arrive", "local disk")
	})
	t.Run("not silent", func(t *testing.T) {
		t.Parallel()
		if silentFolder(t.Context(), o.StateDir, newNotifier) {
			t.Error("the self-test failed on a local disk")
		}
		if left, _ := os.ReadDir(o.StateDir); len(left) > 1 { // the other subtest's
			t.Errorf("left behind: %v", left)
		}
	})
	t.Run("nothing can be proven", func(t *testing.T) {
		t.Parallel()
		if silentFolder(t.Context(), "/does/not/exist", newNotifier) {
			t.Error("a folder that does not exist proved something")
		}
	})
}

// TestMountBelowTheRoot: one folder of the tree is on another file system.
func TestMountBelowTheRoot(t *testing.T) {
	t.Parallel()
	n := newFakeNotifier()
	sys := n.system()
	r := newTree(t, "local/f.js", "share/f.js")
	if err := unix.Mount("none", r.path("share"), "tmpfs", 0, ""); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(r.path("share"), unix.MNT_DETACH) })
	sys.fileSystem = func(path string) (uint32, error) {
		if path == r.path("share") {
			return 0x6969, nil
		}
		return 0, nil
	}
	r.write("share/f.js", "x")
	r.watch(quickly, sys)
	r.wantPolling("is on NFS", "local disk")
	r.must(r.w.Close())
}

// TestEventsStop: should the event source end by itself, the tree is polled.
func TestEventsStop(t *testing.T) {
	t.Parallel()
	n := newFakeNotifier()
	r := eightFolders(t).watch(quickly, n.system())
	r.must(n.Close())
	r.write("d0/f.js", "edited")
	r.await("d0/f.js")
	r.wantPolling("have stopped", "")
}
