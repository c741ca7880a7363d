//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What cannot be added is one message, and changes nothing.
func TestAddThatCannotBe(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "true")
	before := w.read("package.json") + w.read("package-lock.json")
	same := func() {
		t.Helper()
		if w.read("package.json")+w.read("package-lock.json") != before {
			t.Error("package.json or the lock changed")
		}
	}
	w.fails(6, "no such package", "add", "no-such-package-of-devbox-e2e")
	w.fails(6, "no such version", "add", "ms@99")
	if r := w.fails(6, "different versions", "add", "react@17", "react-dom@18"); !strings.Contains(r.stderr, `peer react@"^18`) {
		t.Errorf("it does not show the conflict:\n%s", r.stderr)
	}
	w.fails(2, "not among the dependencies", "remove", "lodash")
	w.fails(2, "lock policy", "add", "--no-lock", "ms")
	w.fails(2, "ranges", "update", "--latest", "express")
	w.fails(2, "no workspace member", "add", "-w", "nowhere", "ms")
	w.fails(5, "not running", "add", "--no-save", "ms")
	same()

	w.step("no argument is an option for npm")
	for _, arg := range []string{"--registry=http://127.0.0.1:9", "-g", "x --ignore-scripts", "", "file:../x", "a@npm:-g", "x@$(id)"} {
		if r := w.run("add", "--", arg); r.code != 2 {
			t.Errorf("add -- %q: exit code %d\n%s", arg, r.code, r.stderr)
		}
	}
	w.fails(2, "git repository", "add", "github:owner/repository")
	w.fails(2, "outside the registry", "add", "https://127.0.0.1:9/x.tgz")
	same()

	w.step("a registry that does not answer")
	w.write(".npmrc", "registry=http://127.0.0.1:9/\n")
	if r := w.fails(6, "registry cannot be reached", "add", "is-plain-obj"); r.took > time.Minute {
		t.Errorf("it took %s", r.took)
	}
	if err := os.Remove(w.path(".npmrc")); err != nil {
		t.Fatal(err)
	}
	same()

	w.step("an install script that fails is named, and nothing is changed")
	w.write("bad/package.json", `{"name": "bad", "version": "1.0.0", "scripts": {"install": "echo no such luck >&2; exit 3"}}`)
	r := w.run("run", "sh", "-c", "cd bad && npm pack --silent --pack-destination ..")
	if r.code != 0 {
		t.Fatal(r.stderr)
	}
	if r := w.fails(6, "install script of bad failed", "add", "--yes", "./bad-1.0.0.tgz"); !strings.Contains(r.stderr, "no such luck") {
		t.Errorf("its output is not shown:\n%s", r.stderr)
	}
	same()

	w.step("a package.json that cannot be read")
	broken := `{"dependencies": {"express": "^5.0.0",}}`
	w.write("package.json", broken)
	w.fails(3, "package.json:1:", "add", "ms")
	if w.read("package.json") != broken {
		t.Error("it was written over")
	}
	w.write("package.json", strings.Replace(broken, ",}", "}", 1)) // for taking it down
}

// Killed at any moment, package.json and the lock are the old or the new pair
// after the next command, and they agree.
func TestAddKilledAtAnyMoment(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("add", "is-odd") // fills the cache
	span := w.ok("remove", "is-odd").took
	rounds, seed := 10, uint64(20261121)
	random := rand.New(rand.NewPCG(seed, 0)) // the same moments in every run
	kept, changed := 0, 0
	for round := range rounds {
		verb := "add"
		if strings.Contains(w.read("package.json"), "is-odd") {
			verb = "remove"
		}
		oldManifest, oldLock := w.read("package.json"), w.read("package-lock.json")
		p := w.start(verb, "is-odd")
		moment := time.Duration(random.Int64N(int64(span + span/4)))
		if round%2 == 1 {
			// In the middle of writing, as near as a look from outside comes.
			w.eventually("something is written", runTime, func() error {
				if _, err := os.Lstat(w.path(".devbox/commit.json")); err == nil {
					return nil
				}
				if now, err := os.ReadFile(w.path("package.json")); err == nil && string(now) != oldManifest {
					return nil
				}
				return fmt.Errorf("package.json is as it was")
			})
			moment = 0
		}
		time.Sleep(moment)
		p.kill()
		if r := w.run("status"); r.code != 5 {
			t.Fatalf("status: exit code %d\n%s", r.code, r.stderr)
		}
		manifest, lock := w.read("package.json"), w.read("package-lock.json")
		same := manifest == oldManifest
		if same != (lock == oldLock) {
			t.Fatalf("round %d: one of the pair is old, one new:\n%s", round, manifest)
		}
		if same {
			kept++
		} else {
			changed++
		}
		w.inStep()
	}
	if changed == 0 {
		t.Error("it was never killed behind the moment of writing")
	}
	t.Logf("%d rounds: %d times the old pair, %d times the new one", rounds, kept, changed)
}

// What a user adds belongs to the user, on a full disk nothing is lost.
func TestAddAsAUserOnAFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	w, _ := newApp(t, "express")
	dir := filepath.Dir(w.dir)
	saved := t.TempDir()
	if out, err := exec.Command("cp", "-a", w.dir+"/.", saved).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	if err := syscall.Mount("tmpfs", w.dir, "tmpfs", 0, "size=400k,uid=1000,gid=1000,mode=755"); err != nil {
		t.Skip("no tmpfs can be mounted here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(w.dir, syscall.MNT_DETACH) })
	if out, err := exec.Command("cp", "-a", saved+"/.", w.dir).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	if out, err := exec.Command("chown", "-R", "1000:1000", dir).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	w.uid = 1000
	w.ok("run", "true")
	before := w.read("package.json") + w.read("package-lock.json")
	w.ok("add", "is-plain-obj")
	if list := w.strangers(); len(list) > 0 {
		t.Errorf("%v", list)
	}
	w.ok("remove", "is-plain-obj")

	w.step("the disk is full")
	file, err := os.Create(w.path("filler"))
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 4096)
	for err == nil {
		_, err = file.Write(zeros)
	}
	file.Close()
	r := w.run("add", "is-plain-obj")
	if now := w.read("package.json") + w.read("package-lock.json"); now != before || r.code != 8 {
		t.Errorf("exit code %d, changed %v:\n%s", r.code, now != before, r.stderr)
	}
	if err := os.Remove(w.path("filler")); err != nil {
		t.Fatal(err)
	}
	w.ok("add", "is-plain-obj")
}

// Ctrl-C while packages are installed leaves the old pair and nothing else.
func TestAddInterrupted(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "true")
	before := w.read("package.json") + w.read("package-lock.json")
	p := w.start("add", "is-odd")
	p.says("installing", 0)
	p.interrupt()
	if code := p.wait(30 * time.Second); code != 130 {
		t.Errorf("exit code %d after Ctrl-C", code)
	}
	if w.read("package.json")+w.read("package-lock.json") != before {
		t.Error("something was written")
	}
	if list, _ := filepath.Glob(w.path(".*.tmp")); len(list) > 0 {
		t.Errorf("left are %q", list)
	}
}
