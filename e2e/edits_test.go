//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newApp makes the minimal app in a scenario's folder, on a port of its own.
func newApp(t *testing.T, template string) (*world, string) {
	t.Helper()
	w := newWorld(t)
	port := w.ownPort()
	w.ok("init", "--template", template, "--name", w.name, "--yes", w.dir)
	return w, fmt.Sprintf("http://127.0.0.1:%d", port)
}

// server is an app whose answer is its own text.
func server(text string) string {
	return fmt.Sprintf(`import http from 'node:http';
const server = http.createServer((req, res) => res.end(%q));
server.listen(process.env.PORT || 3000, () => console.log('listening'));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`, text)
}

// event is one line of up --json.
type event struct {
	Event   string   `json:"event"`
	Service string   `json:"service"`
	Files   []string `json:"files"`
	MS      int64    `json:"ms"`
	Code    *int     `json:"code"`
	Line    string   `json:"line"`
	Text    string   `json:"text"`
}

// events reads what a running up --json has printed so far.
func (p *process) events(kind string) []event {
	p.w.t.Helper()
	var list []event
	for line := range strings.Lines(p.out.String()) {
		var e event
		if !strings.HasSuffix(line, "\n") || json.Unmarshal([]byte(line), &e) != nil {
			continue
		}
		if e.Event == kind {
			list = append(list, e)
		}
	}
	return list
}

// has waits until there are n events of a kind.
func (p *process) has(n int, kind string) []event {
	p.w.t.Helper()
	var list []event
	p.w.eventually(fmt.Sprintf("%d %s events", n, kind), 30*time.Second, func() error {
		if list = p.events(kind); len(list) < n {
			return fmt.Errorf("%d so far:\n%s", len(list), p.out.String())
		}
		return nil
	})
	return list
}

// One save is one restart; what is ignored, or has not changed, is none; a
// burst of files is one restart.
func TestOneSaveIsOneRestart(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("zero"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.answers(url, "zero")

	w.step("what is ignored restarts nothing")
	w.write(".git/index", "x")
	w.write("node_modules/.cache/x.js", "x")
	w.write(".index.js.swp", "x")
	w.write("README.md", "# changed")

	w.step("content that stays the same restarts nothing")
	w.write("index.js", server("zero"))

	w.step("each save is one restart and names its file")
	for i := 1; i <= 5; i++ {
		w.write("index.js", server(fmt.Sprint("edit ", i)))
		w.answers(url, fmt.Sprint("edit ", i))
		list := up.has(i, "restarted")
		if e := list[i-1]; len(e.Files) != 1 || e.Files[0] != "index.js" || e.MS <= 0 {
			t.Errorf("restart %d: %+v", i, e)
		}
	}
	w.step("a burst of files is one restart")
	for i := range 200 {
		w.write(fmt.Sprintf("lib/deep/file%d.js", i), "export default 1;\n")
	}
	up.has(6, "restarted")
	w.write("index.js", server("the end"))
	w.answers(url, "the end")
	if list := up.has(7, "restarted"); len(list) != 7 {
		t.Errorf("%d restarts, want 7: %+v", len(list), list)
	}
	up.interrupt()
	up.wait(15 * time.Second)
}

// An app that crashes waits for the next change, and says how it ended.
func TestACrashWaitsForAChange(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", "console.error('about to fail'); process.exit(7);\n")
	up := w.start("up", "--json")
	if e := up.has(1, "crashed")[0]; e.Code == nil || *e.Code != 7 {
		t.Errorf("crashed: %+v", e)
	}
	if !strings.Contains(up.out.String(), "about to fail") {
		t.Error("the app's last words are not shown")
	}
	r := w.run("status", "--json")
	if !strings.Contains(r.stdout, `"crashed"`) || !strings.Contains(r.stdout, `"code": 7`) {
		t.Errorf("status says:\n%s", r.stdout)
	}
	w.step("a save of the same content tries it again")
	w.write("index.js", w.read("index.js"))
	up.has(2, "crashed")
	w.write("index.js", server("mended"))
	w.answers(url, "mended")
	up.interrupt()
	up.wait(15 * time.Second)
}

// Detached, the environment stays and a watcher in the background goes on
// restarting; up in a terminal takes over from it; down ends all.
func TestDetachedEnvironmentIsStillWatched(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("one"))
	w.ok("up", "--detach")
	if body, err := get(url); err != nil || body != "one" {
		t.Fatalf("not ready after up --detach: %q, %v", body, err)
	}
	if r := w.ok("status", "--json"); !strings.Contains(r.stdout, `"watching": true`) {
		t.Errorf("status: %s", r.stdout)
	}
	before := w.container(w.name, "web")
	w.write("index.js", server("two"))
	w.answers(url, "two")
	w.step("a second up --detach has nothing to do")
	r := w.ok("up", "--detach")
	if after := w.container(w.name, "web"); after.ID != before.ID || after.State.StartedAt != before.State.StartedAt {
		t.Error("up --detach made the container anew")
	}
	t.Logf("up --detach with nothing to do: %s", r.took.Round(time.Millisecond))
	w.step("up in a terminal takes over")
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.write("index.js", server("three"))
	up.has(1, "restarted")
	w.step("a third one says who runs")
	w.fails(1, fmt.Sprint(up.cmd.Process.Pid), "up", "--plain")
	w.step("down in another terminal ends it")
	w.ok("down")
	if code := up.wait(15 * time.Second); code != 0 {
		t.Errorf("up ended with %d", code)
	}
	w.fails(5, "not running", "restart")
	if r := w.run("status"); r.code != 5 {
		t.Errorf("status of nothing ends with %d, want 5", r.code)
	}
}

// devbox restart, logs, rebuild and url do as they say, from another terminal.
func TestCommandsForARunningEnvironment(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", "console.log('pid', process.pid);\n"+server("hi"))
	w.ok("up", "--detach")
	if r := w.ok("url"); strings.TrimSpace(r.stdout) != url {
		t.Errorf("url prints %q, want %s", r.stdout, url)
	}
	w.ok("restart")
	w.answers(url, "hi")
	if r := w.ok("status", "--json"); !strings.Contains(r.stdout, `"restarts": 1`) {
		t.Errorf("status after a restart:\n%s", r.stdout)
	}
	r := w.ok("logs", "--tail", "50")
	if strings.Count(r.stdout, "pid") != 2 || strings.Contains(r.stdout, "\x1e") || strings.Contains(r.stdout, `"devbox"`) {
		t.Errorf("logs:\n%q", r.stdout)
	}
	w.fails(2, "no service \"nope\"", "restart", "nope")
	before := w.container(w.name, "web")
	w.ok("rebuild", "--no-cache")
	w.answers(url, "hi")
	if after := w.container(w.name, "web"); after.Image == before.Image {
		t.Error("rebuild --no-cache left the container on the old image")
	}
	w.ok("down")
}

// A volume follows the lock: a package that is added is there after the next
// up, and the old tree is never used for a new lock.
func TestNewPackagesAreNeverHiddenByAnOldVolume(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", strings.ReplaceAll(server("plain"), "import http", "import 'express';\nimport http"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.step("a package is added while up runs")
	w.ok("run", "npm", "install", "is-odd@3.0.1")
	w.write("index.js", strings.ReplaceAll(server("odd"), "import http", "import 'is-odd';\nimport http"))
	w.answers(url, "odd")
	up.has(2, "installed")
	w.answers(url, "odd")
	up.interrupt()
	up.wait(15 * time.Second)
}

// SIGKILL at any moment leaves nothing that needs a hand: the next command
// takes up what runs.
func TestKilledUpIsTakenUpByTheNext(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("one"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	up.kill()
	w.answers(url, "one")
	again := w.start("up", "--json")
	again.has(1, "ready")
	w.write("index.js", server("two"))
	w.answers(url, "two")
	_ = again.cmd.Process.Signal(syscall.SIGTERM)
	if code := again.wait(15 * time.Second); code != 143 {
		t.Errorf("exit code %d after SIGTERM, want 143", code)
	}
	if _, err := os.Stat(w.path("node_modules")); err != nil {
		t.Error("the mount point is gone")
	}
}

// A lock that disagrees with package.json is named, and a one-off mends it.
func TestALockThatDisagreesIsMendedInAOneOff(t *testing.T) {
	w, _ := newApp(t, "minimal")
	w.ok("run", "true")
	w.replace("package.json", `"private": true`, `"private": true, "dependencies": {"ms": "2.1.3"}`)
	r := w.fails(3, "devbox run npm install", "up", "--detach")
	if !strings.Contains(r.stderr, "ms: package.json asks for 2.1.3") {
		t.Errorf("the package is not named:\n%s", r.stderr)
	}
	w.ok("run", "npm", "install")
	w.ok("up", "--detach")
	if r := w.ok("run", "node", "-p", "require('ms/package.json').version"); r.stdout != "2.1.3\n" {
		t.Errorf("ms is %q", r.stdout)
	}
}

// Packages that come and go by one-offs while the app runs never leave an old
// lock with a newer tree.
func TestATreeThatAOneOffChangedIsNotTakenForItsOldLock(t *testing.T) {
	w, _ := newApp(t, "minimal")
	up := w.start("up", "--json")
	up.has(1, "ready")
	installed := func() string {
		r := w.ok("run", "node", "-p", "require('ms/package.json').version")
		return strings.TrimSpace(r.stdout)
	}
	for i, version := range []string{"2.0.0", "2.1.2", "2.0.0", "2.1.2"} {
		w.ok("run", "npm", "install", "ms@"+version)
		if got := installed(); got != version {
			t.Errorf("round %d: ms is %s, the lock says %s", i, got, version)
		}
	}
	up.interrupt()
	up.wait(30 * time.Second)
}

// Edits that come all the time while the app takes long to stop are taken in by few
// restarts, the last one too.
func TestEditsWhileTheAppTakesItsTimeToStop(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.dev("sh slow.sh")
	w.write("slow.sh", "trap 'sleep 1; exit 0' TERM\nnode index.js &\nwait\n")
	w.write("index.js", server("zero"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	const (
		edits = 80
		pause = 50 * time.Millisecond
	)
	for i := range edits {
		w.write("index.js", server(fmt.Sprintf("edit %d.", i)))
		time.Sleep(pause)
	}
	w.answers(url, fmt.Sprintf("edit %d.", edits-1))
	w.write("index.js", server("the end"))
	w.answers(url, "the end")
	count := w.restarts()
	t.Logf("%s restarts for %d edits", count, edits+1)
	// Each takes a second and more, and one may be cut short that has hardly begun.
	if n, err := strconv.Atoi(count); err != nil || n < 2 || n > edits/4 {
		t.Errorf("%s restarts for %d edits, %v", count, edits+1, err)
	}
	up.interrupt()
	up.wait(15 * time.Second)
}

// A project folder that is removed ends up, which says so and stops what ran in it.
func TestTheFolderIsRemovedWhileRunning(t *testing.T) {
	w, _ := newApp(t, "minimal")
	files := map[string]string{}
	for _, name := range []string{"devbox.yaml", "package.json", "package-lock.json", "index.js"} {
		files[name] = w.read(name)
	}
	up := w.start("up", "--json")
	up.has(1, "ready")
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	if code := up.wait(30 * time.Second); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if text := up.out.String(); !strings.Contains(text, "gone") {
		t.Errorf("it does not say why:\n%s", text)
	}
	if c := w.container(w.name, "web"); c.State.Running {
		t.Error("the app runs on")
	}
	for name, text := range files {
		w.write(name, text)
	}
}
