//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// watcherPID is the process that watches in the background.
func (w *world) watcherPID() int {
	w.t.Helper()
	var holder struct {
		PID        int  `json:"pid"`
		Background bool `json:"background"`
	}
	if err := json.Unmarshal([]byte(w.read(".devbox/lock")), &holder); err != nil || !holder.Background {
		w.t.Fatalf("nobody watches in the background: %+v, %v", holder, err)
	}
	return holder.PID
}

// awaitEnd waits until a process is gone, and looks more often than eventually.
func (w *world) awaitEnd(pid int) {
	w.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); syscall.Kill(pid, 0) == nil; {
		if time.Now().After(deadline) {
			w.t.Fatalf("process %d does not end", pid)
		}
	}
}

// restarts counts how often the app was started after the first time.
func (w *world) restarts() string {
	w.t.Helper()
	_, after, _ := strings.Cut(w.ok("status", "--json").stdout, `"restarts": `)
	count, _, _ := strings.Cut(after, ",")
	return count
}

// However the watching ends, what is edited from then on is in what answers once
// devbox is there again; and an up that finds nothing to do leaves the app alone.
func TestNoEditIsLostWhileNobodyWatches(t *testing.T) {
	w, url := newApp(t, "minimal")
	n := 0
	edit := func() {
		n++
		w.replace("index.js", w.read("index.js"), server(fmt.Sprint("edit ", n)))
	}
	newest := func() { w.answers(url, fmt.Sprint("edit ", n)) }
	edit()

	w.step("after up --detach --no-watch")
	w.ok("up", "--detach", "--no-watch")
	newest()
	edit()
	w.ok("up", "--detach", "--no-watch")
	if body, err := get(url); err != nil || body != fmt.Sprint("edit ", n) {
		t.Errorf("after up --detach it answers %q, %v", body, err)
	}
	before := w.restarts()
	r := w.ok("up", "--detach", "--no-watch")
	t.Logf("up --detach with nothing to do: %s", r.took.Round(time.Millisecond))
	if after := w.restarts(); after != before {
		t.Errorf("with nothing to do it restarted: %s, before %s", after, before)
	}

	w.step("a file that is gone")
	w.write("lib/part.js", "export default 1;\n")
	w.ok("up", "--detach", "--no-watch")
	before = w.restarts()
	if err := os.RemoveAll(w.path("lib")); err != nil {
		t.Fatal(err)
	}
	w.ok("up", "--detach", "--no-watch")
	if after := w.restarts(); after == before {
		t.Error("a file that is gone restarts nothing")
	}

	w.step("a watcher in the background that is killed")
	edit()
	w.ok("up", "--detach")
	newest()
	watcher := w.watcherPID()
	_ = syscall.Kill(watcher, syscall.SIGKILL)
	w.awaitEnd(watcher)
	edit()
	w.ok("up", "--detach")
	newest()

	w.step("up in a terminal takes over, and an edit comes between the two")
	watcher = w.watcherPID()
	up := w.start("up", "--json")
	w.awaitEnd(watcher)
	edit()
	newest()

	w.step("up in a terminal is killed")
	up.has(1, "ready")
	up.kill()
	edit()
	up = w.start("up", "--json")
	newest()
	if e := up.has(1, "restarted")[0]; len(e.Files) != 1 || e.Files[0] != "index.js" || e.Text == "" {
		t.Errorf("restarted: %+v", e)
	}

	w.step("what was stopped is started once")
	up.interrupt()
	up.wait(15 * time.Second)
	edit()
	w.ok("up", "--detach", "--no-watch")
	newest()
	if count := w.restarts(); count != "0" {
		t.Errorf("the app was started %s times too often", count)
	}
	w.ok("down")
}
