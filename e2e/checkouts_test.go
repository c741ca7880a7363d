//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// beside is another folder of the scenario's project. It is taken down at the end.
func (w *world) beside(folder string) *world {
	w.t.Helper()
	o := &world{t: w.t, bin: w.bin, api: w.api, name: w.name + "-" + folder, dir: filepath.Join(filepath.Dir(w.dir), folder)}
	w.t.Cleanup(func() {
		if _, err := os.Stat(o.path("devbox.yaml")); err == nil {
			watched, _ := os.ReadFile(o.path(".devbox/up.log"))
			w.note(o.name + "'s watcher: " + string(watched))
			o.run("down", "--volumes")
		}
		for _, left := range o.leftovers() {
			w.t.Errorf("left behind: %s", left)
		}
		o.removeImages()
		w.note(o.transcript.String())
	})
	return o
}

// url is where the program says that the app answers.
func (w *world) url() string {
	w.t.Helper()
	return strings.TrimSpace(w.ok("url").stdout)
}

// memory is what the containers of a project use, in MB, without the pages that
// the kernel takes back.
func (w *world) memory() float64 {
	w.t.Helper()
	var sum uint64
	for _, c := range w.containers(w.name) {
		r, err := w.api.ContainerStats(w.t.Context(), c.ID, client.ContainerStatsOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		var s container.StatsResponse
		err = json.NewDecoder(r.Body).Decode(&s)
		r.Body.Close()
		if err != nil {
			w.t.Fatal(err)
		}
		sum += s.MemoryStats.Usage - min(s.MemoryStats.Usage, s.MemoryStats.Stats["inactive_file"])
	}
	const mega = 1e6
	return float64(sum) / mega
}

const greeting = "Hello from Express"

// Ten worktrees of one repository are up at the same time: each with a port and
// an app of its own, all with the packages that the first one installed.
func TestTenWorktreesAtTheSameTime(t *testing.T) {
	const count = 10
	main, mainURL := newApp(t, "express")
	main.git("-C", main.dir, "init", "--quiet")
	main.git("-C", main.dir, "add", ".")
	main.git("-C", main.dir, "commit", "--quiet", "--message", "one")
	main.step("the main worktree has the plain name, and installs")
	if r := main.ok("up", "--detach"); !strings.Contains(r.stderr, "installed") {
		t.Errorf("up:\n%s", r.stderr)
	}
	all := make([]*world, count)
	all[0] = main
	for i := 1; i < count; i++ {
		w := main.beside(fmt.Sprintf("wt%d", i))
		main.git("-C", main.dir, "worktree", "add", "--quiet", w.dir)
		w.replace("app.js", greeting, fmt.Sprintf("Hello from number %d", i))
		all[i] = w
	}
	main.step("nine linked worktrees start, three at a time, and install nothing")
	var wg sync.WaitGroup
	turn := make(chan struct{}, 3)
	results := make([]result, count)
	began := time.Now()
	for i := 1; i < count; i++ {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			results[i] = all[i].run("up", "--detach")
		})
	}
	wg.Wait()
	together := time.Since(began)
	urls, ports := []string{mainURL}, map[string]bool{mainURL: true}
	for i := 1; i < count; i++ {
		r, w := results[i], all[i]
		if r.code != 0 || strings.Contains(r.stderr, "install") || !strings.Contains(r.stderr, w.name) {
			t.Fatalf("up in %s: exit code %d\n%s", w.dir, r.code, r.stderr)
		}
		u := w.url()
		if ports[u] {
			t.Errorf("%s is where two of them answer", u)
		}
		urls, ports[u] = append(urls, u), true
	}
	memory := 0.0
	for i, w := range all {
		want := greeting
		if i > 0 {
			want = fmt.Sprintf("Hello from number %d", i)
		}
		w.answers(urls[i], want)
		memory += w.memory()
	}
	t.Logf("nine more worktrees: %s together; ten apps use %.0f MB", together.Round(10*time.Millisecond), memory)

	main.step("an edit in one is seen there alone")
	all[3].replace("app.js", "number 3", "the edited one")
	all[3].answers(urls[3], "the edited one")
	for _, i := range []int{0, 2, 4} {
		if body, err := get(urls[i]); err != nil || strings.Contains(body, "edited") {
			t.Errorf("number %d answers %q, %v", i, body, err)
		}
	}

	main.step("what is taken down in one leaves the others")
	all[4].ok("down", "--volumes")
	if _, err := get(urls[4]); err == nil {
		t.Error("number 4 answers after down")
	}
	all[5].answers(urls[5], "number 5")
	all[5].ok("volumes", "prune", "--keep", "0")
	if r := all[4].ok("up", "--detach"); strings.Contains(r.stderr, "install") || all[4].url() != urls[4] {
		t.Errorf("again it is at %s, not %s:\n%s", all[4].url(), urls[4], r.stderr)
	}

	main.step("a worktree that is removed can be seen, and what it leaves removed")
	main.git("-C", main.dir, "worktree", "remove", "--force", all[6].dir)
	if r := main.ok("checkouts", "ls"); !strings.Contains(r.stdout, "gone") || !strings.Contains(r.stdout, all[6].dir) {
		t.Errorf("checkouts:\n%s", r.stdout)
	}
	main.ok("checkouts", "prune")
	if list := main.containers(all[6].name); len(list) != 0 {
		t.Errorf("containers are left: %v", list)
	}
	all[7].answers(urls[7], "number 7")
}

// A copy of a folder is another checkout, a moved folder is the same one, and a
// renamed project leaves nothing running.
func TestCopiedMovedAndRenamedFolders(t *testing.T) {
	w, mainURL := newApp(t, "minimal")
	w.write("index.js", server("the original"))
	w.ok("up", "--detach")

	w.step("a copy with all that devbox keeps does not take over the original")
	copied := w.beside("copy")
	if out, err := exec.Command("cp", "-a", w.dir, copied.dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	copied.write("index.js", server("the copy"))
	copied.ok("up", "--detach")
	copyURL := copied.url()
	copied.answers(copyURL, "the copy")
	w.answers(mainURL, "the original")

	w.step("a moved folder keeps its name, its port and its data")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	labels := map[string]string{"com.docker.compose.project": copied.name}
	if _, err := w.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: copied.name + "_data", Labels: labels}); err != nil {
		t.Fatal(err)
	}
	old := copied.dir
	moved := w.beside("moved")
	if err := os.Rename(old, moved.dir); err != nil {
		t.Fatal(err)
	}
	if u := moved.url(); u != copyURL {
		t.Errorf("moved it is at %s, not %s", u, copyURL)
	}
	if r := moved.ok("checkouts", "ls"); !strings.Contains(r.stdout, copied.name+"_data") {
		t.Errorf("checkouts:\n%s", r.stdout)
	}
	moved.ok("up", "--detach")
	moved.write("index.js", server("the moved one"))
	moved.answers(copyURL, "the moved one")
	if _, err := os.Stat(old); err == nil {
		t.Errorf("%s is there again", old)
	}

	w.step("without its state folder it is known by the engine")
	moved.ok("down")
	if err := os.RemoveAll(moved.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	moved.ok("up", "--detach")
	if u := moved.url(); u != copyURL {
		t.Errorf("it is at %s, not %s", u, copyURL)
	}

	w.step("a taken port moves by itself where nobody has chosen it, and that is said")
	moved.ok("down")
	u, err := url.Parse(copyURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if r := moved.ok("up", "--detach"); !strings.Contains(r.stderr, fmt.Sprintf("pid %d", os.Getpid())) {
		t.Errorf("up:\n%s", r.stderr)
	}
	if now := moved.url(); now == copyURL {
		t.Error("the port is the one that is taken")
	} else {
		moved.answers(now, "the moved one")
	}

	w.step("a renamed project leaves its old containers behind nowhere")
	model := w.read("devbox.yaml")
	w.write("devbox.yaml", strings.Replace(model, "name: "+w.name, "name: "+w.name+"-renamed", 1))
	w.ok("up", "--detach")
	w.answers(mainURL, "the original")
	if list := w.containers(w.name); len(list) != 0 {
		t.Errorf("containers of the old name: %v", list)
	}
	w.ok("down", "--volumes")
	w.write("devbox.yaml", model)
}
