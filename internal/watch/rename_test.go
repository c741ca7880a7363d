//go:build linux

package watch

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// tree3 is a folder with files at depths 0, 1 and 2.
func tree3(dir string) []string {
	return []string{dir + "/f0.js", dir + "/sub/f1.js", dir + "/sub/deep/f2.js"}
}

// changesBelow writes all files of tree3 and wants each under its true path.
func (r *rig) changesBelow(dir, content string) {
	r.t.Helper()
	var want []string
	for _, path := range tree3(dir) {
		r.write(path, content)
		want = append(want, "modified "+path)
	}
	r.wants(want...)
}

// lines are what is reported when a tree3 comes or goes.
func lines(op, dir string) []string {
	out := []string{op + " " + dir + "/", op + " " + dir + "/sub/", op + " " + dir + "/sub/deep/"}
	for _, path := range tree3(dir) {
		out = append(out, op+" "+path)
	}
	return out
}

// TestRenamedFolders moves folders in every way there is. Later writes must be
// seen under the new names, and there is one watch for each folder.
func TestRenamedFolders(t *testing.T) {
	t.Run("in the tree", func(t *testing.T) {
		t.Parallel()
		r := watched(t, tree3("a")...)
		for i, step := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}} {
			r.move(step[0], step[1])
			r.wants(append(lines("removed", step[0]), lines("created", step[1])...)...)
			r.wantWatches(4)
			r.changesBelow(step[1], fmt.Sprint("round ", i))
		}
	})
	t.Run("into a new folder", func(t *testing.T) {
		t.Parallel()
		r := watched(t, tree3("a")...)
		r.mkdir("n")
		r.move("a", "n/b")
		r.wants(append(append(lines("removed", "a"), lines("created", "n/b")...), "created n/")...)
		r.wantWatches(5)
		r.changesBelow("n/b", "moved")
	})
	t.Run("deeper into the tree and back", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), "x/y/z.js")...)
		r.move("a/sub", "x/y/sub")
		r.reset()
		r.move("x/y", "a/y")
		r.reset()
		r.write("a/y/sub/deep/f2.js", "moved twice")
		r.wantsOne("modified a/y/sub/deep/f2.js")
		r.wantWatches(6)
	})
	t.Run("out of the tree", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), "b.js")...)
		r.move("a", "../a")
		r.wants(lines("removed", "a")...)
		r.write("../a/sub/f1.js", "outside")
		r.wants()
		r.wantWatches(1)
	})
	t.Run("out and in again", func(t *testing.T) {
		t.Parallel()
		r := watched(t, tree3("a")...)
		r.move("a", "../a")
		r.reset()
		for _, path := range tree3("../a") {
			r.write(path, "changed outside")
		}
		r.move("../a", "a")
		r.wants(lines("created", "a")...)
		r.changesBelow("a", "inside again")
		r.wantWatches(4)
	})
	t.Run("swapped step by step", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), tree3("b")...)...)
		r.move("a", "tmp1")
		r.move("b", "a")
		r.move("tmp1", "b")
		r.reset()
		r.changesBelow("a", "was b")
		r.changesBelow("b", "was a")
		r.wantWatches(7)
	})
	t.Run("swapped at once", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), tree3("b")...)...)
		err := unix.Renameat2(unix.AT_FDCWD, r.path("a"), unix.AT_FDCWD, r.path("b"), unix.RENAME_EXCHANGE)
		if err != nil {
			t.Skipf("folders cannot be swapped here: %v", err)
		}
		r.reset()
		r.changesBelow("a", "was b")
		r.changesBelow("b", "was a")
		r.wantWatches(7)
	})
	t.Run("over an empty folder", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), "b/")...)
		r.must(unix.Rename(r.path("a"), r.path("b"))) // os.Rename refuses
		r.reset()
		r.changesBelow("b", "moved")
		r.wantWatches(4)
	})
	t.Run("written to on the way", func(t *testing.T) {
		t.Parallel()
		r := watched(t, tree3("a")...)
		from, to := "a", "b"
		for i := range 50 {
			r.move(from, to)
			for _, path := range tree3(to) {
				r.write(path, fmt.Sprint("on the way ", i))
			}
			from, to = to, from
		}
		r.settle()
		r.forget()
		r.changesBelow(from, "afterwards")
		r.wantWatches(4)
	})
	t.Run("into and out of an ignored folder", func(t *testing.T) {
		t.Parallel()
		r := watched(t, append(tree3("a"), "node_modules/x.js")...)
		r.move("a", "node_modules/a")
		r.wants(lines("removed", "a")...)
		r.wantWatches(1)
		r.move("node_modules/a", "b")
		r.wants(lines("created", "b")...)
		r.wantWatches(4)
		r.changesBelow("b", "back")
	})
}

// TestReplacedPaths changes what a name stands for.
func TestReplacedPaths(t *testing.T) {
	t.Run("folder by file and back", func(t *testing.T) {
		t.Parallel()
		r := watched(t, "a/f.js")
		r.remove("a")
		r.write("a", "now a file")
		r.wants("modified a", "removed a/f.js")
		r.remove("a")
		r.write("a/f.js", "folder again")
		r.wants("modified a/", "created a/f.js")
		r.write("a/f.js", "edited")
		r.wantsOne("modified a/f.js")
	})
	t.Run("folder removed and made again", func(t *testing.T) {
		t.Parallel()
		r := watched(t, tree3("src")...)
		for i := range 20 {
			r.remove("src")
			for _, path := range tree3("src") {
				r.write(path, fmt.Sprint("again ", i))
			}
			r.reset()
			r.write("src/sub/deep/f2.js", fmt.Sprint("edited ", i))
			r.wantsOne("modified src/sub/deep/f2.js")
		}
		r.wantWatches(4)
	})
	t.Run("folder by a link to it", func(t *testing.T) {
		t.Parallel()
		r := watched(t, "a/f.js")
		r.move("a", "b")
		r.symlink("b", "a")
		r.wants("modified a", "removed a/f.js", "created b/", "created b/f.js")
		r.write("b/f.js", "edited")
		r.wantsOne("modified b/f.js")
		r.wantWatches(2)
	})
	t.Run("file by a pipe and a socket", func(t *testing.T) {
		t.Parallel()
		r := watched(t, "a.js")
		r.remove("a.js")
		if err := unix.Mkfifo(r.path("a.js"), 0o666); err != nil {
			t.Skip(err)
		}
		r.wantsOne("removed a.js")
		r.remove("a.js")
		r.write("a.js", "a file again")
		r.wantsOne("created a.js")
	})
	t.Run("only the case of a name", func(t *testing.T) {
		t.Parallel()
		r := watched(t, "readme.js")
		r.move("readme.js", "README.js")
		r.wantsOne("removed readme.js", "created README.js")
	})
}

// TestLinks: links are files of their own, whatever they lead to.
func TestLinks(t *testing.T) {
	r := newTree(t, "src/f.js")
	r.symlink("..", "src/loop")
	r.symlink(".", "self")
	r.symlink("/etc", "etc")
	r.symlink("nowhere", "broken")
	for i := range 40 {
		r.symlink(fmt.Sprintf("chain%d", i+1), fmt.Sprintf("chain%d", i))
	}
	r.watch(Options{}, patientSystem())
	r.wantWatches(2)
	r.write("src/f.js", "edited")
	r.wantsOne("modified src/f.js")

	r.remove("broken")
	r.symlink("nowhere else", "broken")
	r.wantsOne("modified broken")
	r.remove("broken")
	r.symlink("nowhere else", "broken")
	r.wants()

	r.mkdir("../out")
	r.write("../out/f.js", "outside")
	r.symlink(r.path("../out"), "out")
	r.wantsOne("created out")
	r.write("../out/f.js", "changed outside")
	r.wants()
	r.wantWatches(2)
}

// TestNewFolderRace fills folders before they can have a watch.
func TestNewFolderRace(t *testing.T) {
	t.Parallel()
	runs := 50
	if testing.Short() {
		runs = 5
	}
	r := newLargeTree(t).watch(Options{}, patientSystem())
	for run := range runs {
		var want []string
		for i := range 10 {
			d := fmt.Sprintf("r%d-%d", run, i)
			for _, path := range []string{d + "/x/y/f.js", d + "/g.js"} {
				r.write(path, "x")
				want = append(want, path)
			}
		}
		r.settle()
		seen := r.reported()
		missed := slices.DeleteFunc(want, func(p string) bool { return seen[p] != 0 })
		if len(missed) > 0 {
			t.Fatalf("run %d missed %d files: %q", run, len(missed), missed)
		}
		r.forget()
		if run%10 == 9 {
			for i := range 10 {
				for j := run - 9; j <= run; j++ {
					r.must(os.RemoveAll(r.path(fmt.Sprintf("r%d-%d", j, i))))
				}
			}
			r.reset()
		}
	}
}
