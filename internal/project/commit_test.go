package project

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// pair are the changes of the tests: an old file, a new one, and a member's.
func pair() []FileChange {
	return []FileChange{
		{Name: "package.json", Old: []byte("old"), New: []byte("new")},
		{Name: "package-lock.json", New: []byte("new lock")},
		{Name: "packages/a/package.json", Old: []byte("old a"), New: []byte("new a")},
	}
}

var (
	oldPair = map[string]string{"package.json": "old", "packages/a/package.json": "old a"}
	newPair = map[string]string{"package.json": "new", "package-lock.json": "new lock", "packages/a/package.json": "new a"}
)

// projectFiles are the files of a folder without devbox's own.
func projectFiles(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	files := tree(t, root)
	for name := range files {
		if strings.HasPrefix(name, StateDir+"/") && name != journalName {
			delete(files, name)
		}
	}
	return files
}

// settled are the files of a folder without what only waits to be swept up.
func settled(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	files := projectFiles(t, root)
	for name := range files {
		if isTemp(path.Base(name)) {
			delete(files, name)
		}
	}
	return files
}

func TestCommitFilesChangesAllOfThem(t *testing.T) {
	root := folderWith(t, oldPair)
	if err := root.Chmod("package.json", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := CommitFiles(root, pair()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(newPair, projectFiles(t, root)); diff != "" {
		t.Error(diff)
	}
	if info, err := root.Stat("package.json"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if done, err := RecoverCommit(root); done || err != nil {
		t.Errorf("there was something to recover: %v, %v", done, err)
	}
}

func TestRecoverCommitChangesNothingInAFolderWithoutAJournal(t *testing.T) {
	root := folderWith(t, oldPair)
	if done, err := RecoverCommit(root); done || err != nil {
		t.Error(done, err)
	}
	if diff := cmp.Diff(oldPair, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

// killAt is the environment variable that makes this test program commit and
// kill itself at a step; killIn names the folder.
const (
	killAt = "TEST_KILL_AT"
	killIn = "TEST_KILL_IN"
)

// TestHelperCommits is the process that is killed.
func TestHelperCommits(t *testing.T) {
	at, err := strconv.Atoi(os.Getenv(killAt))
	if err != nil {
		t.Skip("it runs for TestAKillLeavesTheOldPairOrTheNewOne")
	}
	root, err := os.OpenRoot(os.Getenv(killIn))
	if err != nil {
		t.Fatal(err)
	}
	step := func() {
		if at--; at < 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}
	c := commit{root: root, step: step}
	if _, err := c.recover(); err != nil {
		t.Fatal(err)
	}
	if err := c.run(pair()); err != nil && !errors.Is(err, ErrChanged) {
		t.Fatal(err)
	}
}

// commitKilled runs a commit in a process that kills itself at a step. It
// reports whether that came to its end before.
func commitKilled(t *testing.T, dir string, at int) (ended bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperCommits$")
	cmd.Env = append(os.Environ(), killAt+"="+strconv.Itoa(at), killIn+"="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return false
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return true
}

// The process is killed at every step, and again at every step of the recovery.
func TestAKillLeavesTheOldPairOrTheNewOne(t *testing.T) {
	for first := 0; ; first++ {
		root := folderWith(t, oldPair)
		ended := commitKilled(t, root.Name(), first)
		for second := 0; second < 4 && !ended; second++ {
			commitKilled(t, root.Name(), second)
		}
		done, err := RecoverCommit(root)
		if err != nil {
			t.Fatal(err)
		}
		got := settled(t, root)
		if !cmp.Equal(got, oldPair) && !cmp.Equal(got, newPair) {
			t.Errorf("killed at step %d, recovered %v: %v", first, done, got)
		}
		if ended {
			const steps = 3 + 1 + 3 + 1 // staged, journal, renamed, removed
			if first != steps {
				t.Errorf("it has %d steps, want %d", first, steps)
			}
			return
		}
	}
}

// With its journal valid, a commit is rolled forward also where what waited
// beside the files is gone.
func TestRecoverCommitRollsForward(t *testing.T) {
	for _, swept := range []bool{false, true} {
		root := folderWith(t, oldPair)
		const journalIsThere = 3
		if commitKilled(t, root.Name(), journalIsThere) {
			t.Fatal("it was not killed")
		}
		for name := range projectFiles(t, root) {
			if swept && isTemp(path.Base(name)) {
				if err := root.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		}
		if done, err := RecoverCommit(root); !done || err != nil {
			t.Error(done, err)
		}
		if diff := cmp.Diff(newPair, projectFiles(t, root)); diff != "" {
			t.Errorf("swept %v:\n%s", swept, diff)
		}
	}
}

func TestAFileThatSomebodyElseChangedIsNotWritten(t *testing.T) {
	root := folderWith(t, map[string]string{"package.json": "old", "packages/a/package.json": "mine"})
	err := CommitFiles(root, pair())
	checkFileError(t, err, ErrChanged, `write "packages/a/package.json": it was changed by somebody else at the same time`, "again")
	if diff := cmp.Diff(map[string]string{"package.json": "old", "packages/a/package.json": "mine"}, projectFiles(t, root)); diff != "" {
		t.Error(diff)
	}
	root = folderWith(t, map[string]string{"package.json": "old", "package-lock.json": "theirs", "packages/a/package.json": "old a"})
	if err := CommitFiles(root, pair()); !errors.Is(err, ErrChanged) {
		t.Errorf("a file that is there now is written over: %v", err)
	}
}

func TestAnEditAfterAKillIsKept(t *testing.T) {
	const firstIsRenamed = 4
	for name, wantRestored := range map[string][]string{"package.json": nil, "packages/a/package.json": {"package.json"}} {
		root := folderWith(t, oldPair)
		if commitKilled(t, root.Name(), firstIsRenamed) {
			t.Fatal("it was not killed")
		}
		if err := WriteFile(root, name, []byte("mine")); err != nil {
			t.Fatal(err)
		}
		done, err := RecoverCommit(root)
		var interrupted *InterruptedError
		if !done || !errors.As(err, &interrupted) || interrupted.Changed != name || !slices.Equal(interrupted.Restored, wantRestored) {
			t.Errorf("%s: %v, %v", name, done, err)
		}
		want := map[string]string{"package.json": "old", "packages/a/package.json": "old a"}
		want[name] = "mine"
		if diff := cmp.Diff(want, projectFiles(t, root)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if done, err := RecoverCommit(root); done || err != nil {
			t.Errorf("it comes a second time: %v, %v", done, err)
		}
	}
}

func TestABrokenJournalIsShown(t *testing.T) {
	root := folderWith(t, map[string]string{"package.json": "old", journalName: "{"})
	_, err := RecoverCommit(root)
	var config *ConfigError
	if !errors.As(err, &config) || !strings.Contains(err.Error(), ".devbox/commit.json: this journal cannot be read") {
		t.Error(err)
	}
}

func TestAJournalWritesNothingOutside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	root := folderWith(t, map[string]string{journalName: fmt.Sprintf(`[{"name": %q, "old": null, "new": "eA=="}, {"name": "../x", "new": "eA==", "temp": "../y"}]`, outside)})
	if _, err := RecoverCommit(root); err == nil {
		t.Error("it was written")
	}
	if _, err := os.Stat(outside); err == nil {
		t.Error("the file is there")
	}
}

// A journal may come with a repository, and what a file holds there is known.
func TestAJournalChangesNothingButPackages(t *testing.T) {
	for _, name := range []string{".git/config", ".npmrc", "index.js", "a/../package.json", "a/.b/package.json", "node_modules/a/package.json", "devbox.yaml"} {
		root := folderWith(t, map[string]string{name: "old", journalName: fmt.Sprintf(`[{"name": %q, "old": "b2xk", "new": "bmV3"}]`, name)})
		if _, err := RecoverCommit(root); err == nil || !strings.Contains(err.Error(), "this journal names") {
			t.Errorf("%s: error %v", name, err)
		}
		if data, err := root.ReadFile(name); err == nil && string(data) != "old" {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestASymlinkIsNotCommittedTo(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	root := folderWith(t, nil)
	if err := os.Symlink(outside, filepath.Join(root.Name(), "package.json")); err != nil {
		t.Fatal(err)
	}
	if err := CommitFiles(root, pair()[:1]); !errors.Is(err, ErrSymlink) {
		t.Error(err)
	}
	if data, _ := os.ReadFile(outside); string(data) != "old" {
		t.Errorf("outside holds %q", data)
	}
}

func TestCommitsAtOnceComeOneAfterTheOther(t *testing.T) {
	root := folderWith(t, map[string]string{"a": "0", "b": "0"})
	const writers = 8
	var wg sync.WaitGroup
	won := make([]bool, writers)
	for i := range writers {
		wg.Go(func() {
			text := []byte(strconv.Itoa(i + 1))
			err := CommitFiles(root, []FileChange{{Name: "a", Old: []byte("0"), New: text}, {Name: "b", Old: []byte("0"), New: text}})
			won[i] = err == nil
			if err != nil && !errors.Is(err, ErrChanged) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, wins := projectFiles(t, root), 0
	for i, w := range won {
		if w {
			wins++
			if got["a"] != strconv.Itoa(i+1) {
				t.Errorf("%d won, and a holds %s", i+1, got["a"])
			}
		}
	}
	if wins != 1 || got["a"] != got["b"] {
		t.Errorf("%d won: %v", wins, got)
	}
}

// A disk that is full at any point of the commit: the old pair stays.
func TestAFullDiskLosesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	const page = 4 << 10
	big := bytes.Repeat([]byte("x"), 3*page)
	refused := 0
	for pages := 8; pages < 40; pages++ {
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.Itoa(pages*page)); err != nil {
			t.Skip("no tmpfs can be mounted here:", err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		changes := []FileChange{{Name: "package.json", Old: []byte("old"), New: big}, {Name: "package-lock.json", Old: []byte("old lock"), New: big}}
		for _, f := range changes {
			if err := WriteFile(root, f.Name, f.Old); err != nil {
				t.Fatal(err)
			}
		}
		err = CommitFiles(root, changes)
		want := map[string]string{"package.json": "old", "package-lock.json": "old lock"}
		if err == nil {
			want = map[string]string{"package.json": string(big), "package-lock.json": string(big)}
		} else if refused++; !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
		if diff := cmp.Diff(want, projectFiles(t, root)); diff != "" {
			t.Errorf("%d pages: %s", pages, diff)
		}
		root.Close()
		if err := unix.Unmount(dir, 0); err != nil {
			t.Fatal(err)
		}
	}
	if refused == 0 || refused == 32 {
		t.Errorf("%d of 32 sizes were too small: the test tries nothing", refused)
	}
}
