//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// versionOf is an app that answers with the version of a package, or with what
// it cannot find.
func versionOf(name string) string {
	return fmt.Sprintf(`import http from 'node:http';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
let text;
try { text = 'version ' + require(%[1]q + '/package.json').version; } catch (e) { text = 'cannot find %[1]s: ' + e.code; }
const server = http.createServer((req, res) => res.end(text));
server.listen(process.env.PORT || 3000, () => console.log('listening'));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`, name)
}

// added is what add --json prints.
type added struct {
	Files        []string
	Dependencies []struct{ File, Section, Name, From, To string }
	Volume       string
	Restarted    []string
}

func (w *world) packages(args ...string) added {
	w.t.Helper()
	var a added
	if err := json.Unmarshal([]byte(w.ok(append(args, "--json")...).stdout), &a); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// answersNow wants the words in the very first answer: nobody has to wait.
func (w *world) answersNow(url, words string) {
	w.t.Helper()
	if body, err := get(url); err != nil || !strings.Contains(body, words) {
		w.t.Errorf("it answers %q, %v; want %q", body, err, words)
	}
}

// inStep wants package.json and the lock to agree, by npm's own word.
func (w *world) inStep() {
	w.t.Helper()
	if r := w.run("run", "npm", "ci", "--dry-run", "--offline", "--no-audit", "--no-fund"); r.code != 0 {
		w.t.Errorf("package.json and the lock disagree:\n%s\n%s", w.read("package.json"), r.stderr)
	}
}

// What is added while `up` runs is there when add returns, and what is removed
// is gone. Nothing else of package.json changes.
func TestAddAndRemoveWhileItRuns(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", versionOf("is-odd"))
	w.write("package.json", "{\r\n\t\"type\": \"module\", \"private\":true,\r\n\r\n\t\"name\" : \"caf\\u00e9\",\r\n\t\"dependencies\": {\"express\": \"^5.0.0\"},\r\n\t\"files\": [ \"a\",\"b\" ]\r\n}")
	w.ok("update")
	up := w.start("up", "--json")
	w.answers(url, "MODULE_NOT_FOUND")

	w.step("add: the app answers with the package when add returns")
	a := w.packages("add", "is-odd@2.0.0")
	w.answersNow(url, "version 2.0.0")
	if !slices.Equal(a.Files, []string{"package.json", "package-lock.json"}) || !slices.Equal(a.Restarted, []string{"web"}) || a.Volume == "" {
		t.Errorf("the result is %+v", a)
	}
	want := "{\r\n\t\"type\": \"module\", \"private\":true,\r\n\r\n\t\"name\" : \"caf\\u00e9\",\r\n\t\"dependencies\": {\"express\": \"^5.0.0\", \"is-odd\": \"^2.0.0\"},\r\n\t\"files\": [ \"a\",\"b\" ]\r\n}"
	if got := w.read("package.json"); got != want {
		t.Errorf("package.json is\n%q\nwant\n%q", got, want)
	}
	w.inStep()

	w.step("add --dev --exact moves it")
	w.packages("add", "--dev", "--exact", "is-odd@3.0.0")
	w.answersNow(url, "version 3.0.0")
	want = "{\r\n\t\"type\": \"module\", \"private\":true,\r\n\r\n\t\"name\" : \"caf\\u00e9\",\r\n\t\"dependencies\": {\"express\": \"^5.0.0\"},\r\n\t\"files\": [ \"a\",\"b\" ],\r\n\t\"devDependencies\": {\r\n\t\t\"is-odd\": \"3.0.0\"\r\n\t}\r\n}"
	if got := w.read("package.json"); got != want {
		t.Errorf("package.json is\n%q\nwant\n%q", got, want)
	}
	w.inStep()

	w.step("remove: it is gone, and so is the section")
	w.packages("remove", "is-odd")
	w.answersNow(url, "MODULE_NOT_FOUND")
	want = "{\r\n\t\"type\": \"module\", \"private\":true,\r\n\r\n\t\"name\" : \"caf\\u00e9\",\r\n\t\"dependencies\": {\"express\": \"^5.0.0\"},\r\n\t\"files\": [ \"a\",\"b\" ]\r\n}"
	if got := w.read("package.json"); got != want {
		t.Errorf("package.json is\n%q\nwant\n%q", got, want)
	}
	w.inStep()

	w.step("each change was one restart")
	w.eventually("three restarts", 10*time.Second, func() error {
		if n := len(up.events("restarted")); n != 3 {
			return fmt.Errorf("%d restarts", n)
		}
		return nil
	})
	up.interrupt()
	up.wait(20 * time.Second)

	w.step("without a running app it only writes")
	if a := w.packages("add", "is-even"); len(a.Restarted) != 0 || len(a.Files) != 2 {
		t.Errorf("the result is %+v", a)
	}
	if out := w.ok("add", "is-even").stdout; out != "nothing to change\n" {
		t.Errorf("a second time it says %q", out)
	}
}

// An environment that nobody watches gets the new packages from add itself.
func TestAddToADetachedEnvironment(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", versionOf("is-odd"))
	w.ok("up", "--detach", "--no-watch")
	w.answersNow(url, "MODULE_NOT_FOUND")
	w.packages("add", "is-odd@3.0.0")
	w.answersNow(url, "version 3.0.0")

	w.step("update goes as far as the range allows")
	w.packages("update", "is-odd")
	w.answersNow(url, "version 3.0.1")

	w.step("what is not saved is gone with the next up")
	before := w.read("package.json") + w.read("package-lock.json")
	if r := w.ok("add", "--no-save", "is-odd@2.0.0"); !strings.Contains(r.stderr, "next `devbox up`") {
		t.Errorf("it says\n%s", r.stderr)
	}
	w.answersNow(url, "version 2.0.0")
	if w.read("package.json")+w.read("package-lock.json") != before {
		t.Error("it was saved")
	}
	w.ok("down")
	w.ok("up", "--detach", "--no-watch")
	w.answersNow(url, "version 3.0.1")

	w.step("a package that makes the app crash is said so, and is written")
	w.write("crash.js", "import 'is-even';\nthrow new Error('crashed on purpose');\n")
	w.replace("index.js", "let text;", "let text; try { await import('is-even'); } catch { } if (require('fs').existsSync('node_modules/is-even')) throw new Error('on purpose');")
	r := w.fails(9, "crashed with the new packages", "add", "is-even")
	if !strings.Contains(r.stderr, "on purpose") || !strings.Contains(w.read("package.json"), "is-even") {
		t.Errorf("it says\n%s", r.stderr)
	}
}

// The other package managers: add, remove and update once each.
func TestAddWithOtherPackageManagers(t *testing.T) {
	for _, tt := range []struct{ name, manager, lock string }{
		{"yarn", "yarn@1.22.22", "yarn.lock"}, {"berry", "yarn@4.18.1", "yarn.lock"}, {"pnpm", "pnpm@10.34.8", "pnpm-lock.yaml"}, {"bun", "bun@1.4.5", "bun.lock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.write("package.json", "{\n\t\"name\": \"x\",\n\t\"type\": \"module\",\n\t\"scripts\": {\"dev\": \"node index.js\", \"start\": \"node index.js\"},\n\t\"packageManager\": \""+tt.manager+"\",\n\t\"dependencies\": {\n\t\t\"is-number\": \"^7.0.0\"\n\t}\n}\n")
			w.write("index.js", versionOf("is-odd"))
			port := freePort(t)
			w.env = []string{fmt.Sprintf("DEVBOX_WEB_PORT=%d", port)}
			w.ok("init", "--name", w.name, "--yes", w.dir)
			w.ok("update")
			first := w.read("package.json")
			w.ok("up", "--detach", "--no-watch")
			w.packages("add", "--exact", "is-odd")
			url := fmt.Sprintf("http://127.0.0.1:%d", port)
			w.answersNow(url, "version 3.0.1")
			if got, want := w.read("package.json"), strings.Replace(first, "\"is-number\": \"^7.0.0\"", "\"is-number\": \"^7.0.0\",\n\t\t\"is-odd\": \"3.0.1\"", 1); got != want {
				t.Errorf("package.json is\n%s\nwant\n%s", got, want)
			}
			if !strings.Contains(w.read(tt.lock), "is-odd") {
				t.Errorf("the lock does not have it")
			}
			w.packages("remove", "is-odd")
			if w.read("package.json") != first || strings.Contains(w.read(tt.lock), "is-odd") {
				t.Errorf("it is left in package.json or in the lock:\n%s\n%s", w.read("package.json"), w.read(tt.lock))
			}
			w.answersNow(url, "MODULE_NOT_FOUND")
			w.fails(6, "nothing was changed", "add", "is-odd@99")
			w.fails(6, "no such package", "add", "no-such-package-of-devbox-e2e")
			if w.read("package.json") != first {
				t.Error("package.json changed")
			}
		})
	}
}

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
	w.ok("remove", "is-odd")
	rounds, seed := 10, uint64(20261121)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same moments in every run
	kept, changed := 0, 0
	for round := range rounds {
		verb := "add"
		if strings.Contains(w.read("package.json"), "is-odd") {
			verb = "remove"
		}
		oldManifest, oldLock := w.read("package.json"), w.read("package-lock.json")
		p := w.start(verb, "is-odd")
		const most = 2500
		time.Sleep(time.Duration(random.IntN(most)) * time.Millisecond)
		p.kill()
		w.ok("status", "--json")
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
	t.Logf("%d rounds: %d times the old pair, %d times the new one", rounds, kept, changed)
}

// Of two at once, the second works on what the first has left.
func TestTwoAddsAtOnce(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "true")
	var wg sync.WaitGroup
	results := make([]result, 2)
	for i, name := range []string{"is-odd", "is-plain-obj"} {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), runTime)
			defer cancel()
			cmd := w.command(ctx, "add", name)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err := cmd.Run()
			results[i] = result{stdout: out.String(), code: exitCode(err)}
		})
	}
	wg.Wait()
	for _, r := range results {
		if r.code != 0 {
			t.Errorf("exit code %d:\n%s", r.code, r.stdout)
		}
	}
	for _, name := range []string{"is-odd", "is-plain-obj"} {
		if !strings.Contains(w.read("package.json"), name) || !strings.Contains(w.read("package-lock.json"), "node_modules/"+name) {
			t.Errorf("%s is missing:\n%s", name, w.read("package.json"))
		}
	}
	w.inStep()
}

// A member of a workspace gets its package, and the root's lock knows it.
func TestAddToAWorkspaceMember(t *testing.T) {
	w := newWorld(t)
	root := "{\n  \"name\": \"x\",\n  \"private\": true,\n  \"workspaces\": [\"packages/*\"],\n  \"scripts\": {\"dev\": \"node index.js\", \"start\": \"node index.js\"}\n}\n"
	w.write("package.json", root)
	w.write("index.js", "require('http').createServer((q, r) => r.end('hello')).listen(3000);\n")
	w.write("packages/a/package.json", "{ \"name\": \"@x/a\",\n\t\"version\": \"1.0.0\" }\n")
	w.ok("init", "--name", w.name, "--yes", w.dir)
	w.ok("update")
	for _, member := range []string{"packages/a", "@x/a"} {
		w.ok("add", "--exact", "--workspace", member, "ms@2.1.3")
		if got, want := w.read("packages/a/package.json"), "{ \"name\": \"@x/a\",\n\t\"version\": \"1.0.0\",\n\t\"dependencies\": {\n\t\t\"ms\": \"2.1.3\"\n\t} }\n"; got != want {
			t.Errorf("the member's package.json is\n%q\nwant\n%q", got, want)
		}
		if w.read("package.json") != root || !strings.Contains(w.read("package-lock.json"), "node_modules/ms") {
			t.Error("the root's package.json changed, or its lock did not")
		}
		w.ok("remove", "-w", member, "ms")
	}
}

// With the policy ignore only package.json changes.
func TestAddWithoutALock(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", versionOf("is-odd"))
	w.replace("devbox.yaml", "dev: frozen", "dev: ignore")
	lock := w.read("package-lock.json")
	w.ok("up", "--detach", "--no-watch")
	a := w.packages("add", "is-odd@3.0.0")
	w.answersNow(url, "version 3.0")
	if !slices.Equal(a.Files, []string{"package.json"}) || w.read("package-lock.json") != lock {
		t.Errorf("the result is %+v", a)
	}
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
