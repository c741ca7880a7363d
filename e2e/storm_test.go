//go:build e2e

package e2e

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// digestServer answers with the digest of the source that it was started with.
const digestServer = `import http from 'node:http';
import { digest } from './digest.js';
const server = http.createServer((req, res) => res.end(digest));
server.listen(process.env.PORT || 3000);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`

// newStorm is an app with a source tree to save in, running.
func newStorm(t *testing.T) (w *world, url string, storm *watchtest.Storm, up *process) {
	t.Helper()
	w, url = newApp(t, "minimal")
	w.write("digest.js", watchtest.DigestModule)
	w.write("index.js", digestServer)
	storm = watchtest.NewStorm(t, w.dir)
	up = w.start("up", "--json")
	up.has(1, "ready")
	w.runs(url, "the first source")
	return w, url, storm, up
}

// runs waits until the app that answers has read the source as it is.
func (w *world) runs(url, what string) {
	w.t.Helper()
	want, err := watchtest.Digest(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	const limit = 2 * time.Minute // the app reads all of it, on a machine that does other things too
	w.eventually(what+" runs", limit, func() error {
		got, err := get(url)
		if err == nil && got != want {
			err = fmt.Errorf("what runs has read %s, and the source is %s", got, want)
		}
		return err
	})
}

// However a file is saved, what answers in the end was started with it. In its whole
// length there is an app for each processor: one alone waits more than it works.
func TestStormOfSaves(t *testing.T) {
	saves, apps := 40, 1
	if watchtest.Soak() {
		saves, apps = watchtest.Saves(), runtime.NumCPU()
	}
	for i := range apps {
		t.Run(fmt.Sprintf("app %d of %d", i+1, apps), func(t *testing.T) {
			t.Parallel()
			saveAndSee(t, saves/apps)
		})
	}
}

func saveAndSee(t *testing.T, saves int) {
	w, url, storm, up := newStorm(t)
	patterns, began := watchtest.Patterns(), time.Now()
	for i := range saves {
		if i%len(patterns) == 0 {
			storm.Shuffle(patterns)
		}
		p := patterns[i%len(patterns)]
		if err := storm.Save(p); err != nil {
			t.Fatal(err)
		}
		w.runs(url, fmt.Sprintf("save %d, %s,", i, p.Name))
		if (i+1)%1000 == 0 {
			t.Logf("%d saves in %s", i+1, time.Since(began).Round(time.Second))
		}
	}
	t.Logf("%d saves, %d restarts", saves, len(up.events("restarted")))
	up.interrupt()
	up.wait(15 * time.Second)
}

// A burst that overflows the kernel's queue, while devbox is stopped, is one
// restart with all of it.
func TestStormOfBursts(t *testing.T) {
	bursts := 1
	if watchtest.Soak() {
		bursts = max(1, watchtest.Saves()/500)
	}
	const files = 20000
	w, url, _, up := newStorm(t)
	for burst := range bursts {
		before := len(up.events("restarted"))
		_ = up.cmd.Process.Signal(syscall.SIGSTOP)
		for i := range files {
			w.write(fmt.Sprintf("src/burst/d%d/f%d.txt", i/100, i), fmt.Sprint("burst ", burst))
		}
		_ = up.cmd.Process.Signal(syscall.SIGCONT)
		w.runs(url, fmt.Sprint("burst ", burst))
		up.has(before+1, "restarted") // the app answers before that is known, and a save then is part of this restart
		w.write("src/single.txt", fmt.Sprint("after burst ", burst))
		w.runs(url, fmt.Sprint("the save after burst ", burst))
		if n := len(up.has(before+2, "restarted")) - before; n != 2 {
			t.Errorf("burst %d and a save made %d restarts, want 2", burst, n)
		}
	}
	up.interrupt()
	up.wait(15 * time.Second)
}
