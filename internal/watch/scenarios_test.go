package watch

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestScenarios replays what the tests of other watchers assert: those of
// Docker Compose and Tilt (pkg/watch, internal/watch). Scenarios about a single
// watched file are turned into rules that leave everything else out.
func TestScenarios(t *testing.T) {
	scenarios := []struct {
		name  string
		rules Rules
		tree  []string
		run   func(r *rig)
	}{
		{name: "W01 nothing happens", tree: []string{"a.js"}, run: func(r *rig) { r.wants() }},
		{name: "W02 an empty folder is watched", run: func(r *rig) {
			r.wants()
			r.wantWatches(1)
		}},
		{
			name: "W03 events of several folders", tree: []string{"d0/", "d1/", "d2/", "d3/", "d4/", "d5/", "d6/", "d7/"},
			run: func(r *rig) {
				var want []string
				for i := range 8 {
					r.write(fmt.Sprintf("d%d/%d.txt", i, i), "x")
					want = append(want, fmt.Sprintf("created d%d/%d.txt", i, i))
				}
				r.wants(want...)
			},
		},
		{name: "W04 churn like a branch switch", run: branchChurn},
		{name: "W05 watches are recursive", tree: []string{"sub/"}, run: func(r *rig) {
			r.write("sub/change", "x")
			r.wantsOne("created sub/change")
		}},
		{name: "W06 an empty file in a new folder", run: func(r *rig) {
			r.write("sub/change", "")
			r.wantsOne("created sub/", "created sub/change")
		}},
		{name: "W07 a file that did not exist", rules: Rules{Extra: []string{"/*", "!/change", "!sync-*"}}, run: func(r *rig) {
			r.write("change", "hello\ngo\n")
			r.wantsOne("created change")
		}},
		{name: "W08 touching the root", tree: []string{"a.txt"}, run: func(r *rig) {
			r.must(os.Chtimes(r.root, time.Now(), time.Now()))
			r.must(os.Chmod(r.root, 0o770))
			r.wants()
		}},
		{name: "W09 touching a folder", tree: []string{"change/a.txt"}, run: func(r *rig) {
			r.must(os.Chtimes(r.path("change"), time.Now(), time.Now()))
			r.must(os.Chmod(r.path("change"), 0o770))
			r.wants()
		}},
		{name: "W10 a sibling of the only watched file", rules: Rules{Extra: []string{"/*", "!/a.txt", "!sync-*"}}, run: func(r *rig) {
			r.write("b.txt", "x")
			r.wants()
		}},
		{name: "W11 removing a file", tree: []string{"change"}, run: func(r *rig) {
			r.remove("change")
			r.wantsOne("removed change")
		}},
		{name: "W12 removing a file and adding it back", tree: []string{"change"}, run: func(r *rig) {
			r.remove("change")
			r.wantsOne("removed change")
			r.write("change", "x")
			r.wantsOne("created change")
		}},
		{name: "W13 a single file is modified", tree: []string{"change"}, run: func(r *rig) {
			r.write("change", "b")
			r.wantsOne("modified change")
		}},
		{name: "W14 a broken link appears", run: func(r *rig) {
			r.symlink(r.path("missing"), "brokenLink")
			r.wantsOne("created brokenLink")
		}},
		{name: "W15 a good link appears", run: func(r *rig) {
			r.write("goodFile", "hello")
			r.symlink(r.path("goodFile"), "goodFileSymlink")
			r.wants("created goodFile", "created goodFileSymlink")
		}},
		{name: "W16 a broken link goes", tree: []string{"x"}, run: func(r *rig) {
			r.symlink(r.path("missing"), "brokenLink")
			r.reset()
			r.remove("brokenLink")
			r.wantsOne("removed brokenLink")
		}},
		{name: "W17 a swap file is moved over a file", tree: []string{"myfile"}, run: func(r *rig) {
			r.write(".myfile.swp", "world")
			r.move(".myfile.swp", "myfile")
			r.wantsOne("modified myfile")
		}},
		{name: "W18 nothing is reported twice", tree: []string{"foo/a", "foo/b"}, run: func(r *rig) {
			r.write("foo/b", "b-new")
			r.wantsOne("modified foo/b")
		}},
		{name: "W19 a file and its folder at once", run: func(r *rig) {
			r.write("parent/a", "hello")
			r.wantsOne("created parent/", "created parent/a")
		}},
		{name: "W20 a folder, later a file in it", run: laterInNewFolder},
		{name: "W21 the same for a watched file", rules: Rules{Extra: []string{"/*", "!/parent/a", "!sync-*"}}, run: func(r *rig) {
			r.mkdir("parent")
			r.wants()
			r.write("parent/a", "hello")
			r.wantsOne("created parent/a")
		}},
		{name: "W22 folders in new folders", run: func(r *rig) {
			r.write("a/b/bigFile", "hello")
			r.wantsOne("created a/", "created a/b/", "created a/b/bigFile")
			r.wantWatches(3)
		}},
		{name: "W23 a child of an ignored folder is wanted", rules: Rules{Extra: []string{"a", "!a/b"}}, run: func(r *rig) {
			r.write("a/b/bigFile", "hello")
			r.write("a/c/other", "hello")
			r.wants("created a/b/", "created a/b/bigFile")
			r.wantWatches(3)
		}},
		{name: "W24 an ignored folder is made", rules: Rules{Extra: []string{"a/b"}}, run: func(r *rig) {
			r.write("a/b/bigFile", "hello")
			r.wants("created a/")
			r.wantWatches(2)
		}},
		{name: "W25 an unrelated exception", rules: Rules{Extra: []string{"a/b", "c", "!c/d"}}, run: func(r *rig) {
			r.write("a/b/bigFile", "hello")
			r.wants("created a/")
			r.wantWatches(2)
		}},
		{name: "W26 an ignored folder from the start", rules: Rules{Extra: []string{"a/b"}}, tree: []string{"a/b/bigFile"}, run: func(r *rig) {
			r.write("a/b/bigFile", "more")
			r.wants()
			r.wantWatches(2)
		}},
		{name: "W27 a full folder is moved in", tree: []string{"initial_dir/a"}, run: fullFolderMovedIn},
		{name: "W28 folders that are left out take no watches", rules: Rules{Extra: []string{"/*", "!/.ignorefile", "!sync-*"}}, run: func(r *rig) {
			for i := range 10 {
				r.write(fmt.Sprintf("excluded/%d/data.txt", i), "d")
			}
			r.wants()
			r.wantWatches(1)
		}},
		// W29 is TestUnreadableFolder.
		{name: "W30 folders that vanish at once", run: func(r *rig) {
			for i := range 200 {
				r.mkdir(fmt.Sprintf("t%d/x", i))
				r.remove(fmt.Sprintf("t%d", i))
			}
			r.reset()
			r.write("ok", "a")
			r.wantsOne("created ok")
		}},
		{name: "W31 many writes to two files", tree: []string{"a", "b"}, run: func(r *rig) {
			for i := range 50 {
				r.write("a", fmt.Sprint("a", i))
				r.write("b", fmt.Sprint("b", i))
			}
			r.wants("modified a", "modified b")
		}},
		{name: "W32 editors' temporary files", tree: []string{".idea/", "dir/", ".git/"}, run: func(r *rig) {
			for _, path := range []string{
				".file.txt.swp", "file.txt~", ".idea/modules.xml", ".#file.txt", "#file.txt#", "dir/.file.txt.kate-swp",
				"1234-go-tmp-umask", "dir/.m.yaml.swn", "dir/.m.yaml.swx", "dir/m.yaml___jb_old___", ".git/index",
			} {
				r.write(path, "x")
			}
			r.wants()
			r.write("normal.txt", "")
			r.wantsOne("created normal.txt")
		}},
		{name: "W33 the last of rapid writes", tree: []string{"data/x"}, run: lastWriteWins},
		// W34 to W36 are about services: e2e's TestOneSaveForSeveralServices.
		{name: "W37 a file is written through a link to its folder", tree: []string{"real/sub/"}, run: func(r *rig) {
			r.symlink("real", "data")
			r.reset()
			r.write("data/sub/f", "hello")
			r.wantsOne("created real/sub/f")
		}},
		{name: "W38 only some names are watched", rules: Rules{Extra: []string{"/*", "!/A.*", "!sync-*"}}, run: func(r *rig) {
			r.write("A.txt", "hello")
			r.write("B.txt", "hello")
			r.wants("created A.txt")
		}},
		// W39 is about a command that runs after a sync, which devbox has not.
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(watchedWith(t, s.rules, s.tree...))
		})
	}
}

func branchChurn(r *rig) {
	for i := range 10 {
		r.mkdir(fmt.Sprintf("d%d", i))
	}
	r.reset()
	for i := range 10 {
		for j := range 10 {
			r.write(fmt.Sprintf("d%d/x/y/dir-%d/x.txt", i, j), "c")
		}
		if i != 0 {
			r.remove(fmt.Sprintf("d%d", i))
		}
	}
	r.reset()
	r.write("d0/change", "hello")
	r.wantsOne("created d0/change")
}

func laterInNewFolder(r *rig) {
	r.mkdir("parent")
	r.wantsOne("created parent/")
	r.write("parent/a", "hello")
	r.wantsOne("created parent/a")
}

func fullFolderMovedIn(r *rig) {
	for i := range 100 {
		r.write(fmt.Sprintf("inplace/inplace_dir/%d", i), "d")
		r.write(fmt.Sprintf("../staged/staged_dir/%d", i), "d")
	}
	r.settle()
	if n := len(r.reported()); n != 102 {
		r.t.Errorf("%d paths were reported of 102", n)
	}
	r.forget()
	r.move("../staged", "staged")
	r.settle()
	if n := len(r.reported()); n != 102 {
		r.t.Errorf("%d paths were reported of the 102 that were moved in", n)
	}
	r.wantWatches(6)
}

func lastWriteWins(r *rig) {
	for _, content := range strings.Split("x y z z y x", " ") {
		r.write("data/x", content)
	}
	r.wants("modified data/x") // the check at the end compares the content
}
