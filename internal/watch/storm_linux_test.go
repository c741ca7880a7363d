package watch

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// TestStormOfBursts changes far more files than the kernel keeps events for
// while the watching process is stopped, again and again. Each burst is one
// batch with exactly what has changed, and the next single edit is seen as ever.
func TestStormOfBursts(t *testing.T) {
	t.Parallel()
	bursts := 2
	if watchtest.Soak() {
		bursts = 20
	}
	const files = 20000
	r := newLargeTree(t, "single.js")
	h := startHelper(t, exec.Command(os.Args[0]), r.root)
	if p := h.next(); !p.Ready {
		t.Fatal(p.Problem)
	}
	for burst := range bursts {
		h.stop()
		want := r.burst(burst, files)
		r.must(h.cmd.Process.Signal(syscall.SIGCONT))
		got, batches, _ := h.batchesUntil(want[0])
		for _, path := range want {
			if !got[path] {
				t.Fatalf("burst %d: %q was missed", burst, path)
			}
		}
		if batches != 1 {
			t.Errorf("burst %d: %d batches", burst, batches)
		}
		r.write("single.js", fmt.Sprint("after burst ", burst))
		if after, batches, _ := h.batchesUntil("single.js"); batches != 1 || len(after) != 1 {
			t.Errorf("after burst %d: %d batches with %d paths", burst, batches, len(after))
		}
	}
}

// stop returns when the process has stopped: the signal alone takes a moment, in
// which the first files of a burst would be seen.
func (h *helper) stop() {
	h.t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		h.t.Fatal(err)
	}
	stat := fmt.Sprintf("/proc/%d/stat", h.cmd.Process.Pid)
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(time.Millisecond) {
		if text, err := os.ReadFile(stat); err == nil && strings.Contains(string(text), ") T ") {
			return
		}
	}
	h.t.Fatal("the process does not stop")
}

// burst changes so many files and returns them: it makes them in new folders,
// modifies them, moves their folders away, by turns.
func (r *rig) burst(n, files int) []string {
	const perFolder = 100
	var paths []string
	name := func(generation, i int) string {
		return fmt.Sprintf("g%d/d%d/f%d.js", generation, i/perFolder, i%perFolder)
	}
	generation := n / 3
	for i := range files {
		path := name(generation, i)
		if n%3 == 2 {
			if i%perFolder == 0 {
				r.move(fmt.Sprintf("g%d/d%d", generation, i/perFolder), fmt.Sprintf("../g%d-d%d", generation, i/perFolder))
			}
		} else {
			r.write(path, fmt.Sprintf("content %03d", n))
		}
		paths = append(paths, path)
	}
	return paths
}
