//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// An app that ends when it is told to may take so long on a busy machine, and one
// that has to be killed the supervisor's grace more. The engine's own grace comes on
// top where a container is stopped as soon as it was started: a signal that comes
// before its init is lost. A database has half a minute.
const (
	politeEnd   = 8 * time.Second
	stubbornEnd = politeEnd + 5*time.Second
	earlyEnd    = politeEnd + 10*time.Second
	backingEnd  = politeEnd + 30*time.Second
	// A container that the engine is making is waited for, to be removed.
	changeEnd = politeEnd + 20*time.Second

	// An edit restarts an app in less than quickMoments, and other containers are there
	// after slowMoments.
	quickMoments = 300 * time.Millisecond
	slowMoments  = 1500 * time.Millisecond
)

// interruption is an app that Ctrl-C meets, and what goes on at that time.
type interruption struct {
	name string
	// dev is the app's command, "node index.js" where it is empty.
	dev string
	// source is the app, one that ends when it is told to where it is empty.
	source string
	// model is what devbox.yaml says beside the command: replaced text, and by what.
	model []string
	// save is an edit that something follows from; of the source where it is nil.
	save func(w *world, round int)
	// limit is how long the end may take, politeEnd where it is 0.
	limit time.Duration
	// within is how long after the edit it is at most, quickMoments where it is 0.
	within time.Duration
	// early does not wait until the app listens.
	early bool
	// detached has a watcher in the background, which is taken over from.
	detached bool
	// terminal has the dashboard.
	terminal bool
}

// stubborn ignores the signal that ends others, and so does its child.
const stubborn = `import http from 'node:http';
import { spawn } from 'node:child_process';
process.on('SIGTERM', () => {});
spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done']);
http.createServer((req, res) => res.end('stubborn')).listen(process.env.PORT || 3000);
`

var interruptions = []interruption{
	{name: "an app that ends when it is told to"},
	{name: "the same in the dashboard", terminal: true},
	{name: "node --watch", dev: "node --watch index.js"},
	{name: "node --watch in a script", dev: "npm run watch"},
	{name: "an app that ignores SIGTERM", source: stubborn, limit: stubbornEnd},
	{name: "a container that is restarted whole", limit: 2 * earlyEnd, model: []string{"    port: 3000", "    compose-dev: {stdin_open: true}\n    port: 3000"}},
	{name: "a new package.json", within: slowMoments, limit: changeEnd, save: func(w *world, round int) {
		w.replace("package.json", `"private": true`, fmt.Sprintf(`"private": true, "round%d": 1`, round))
	}},
	{name: "another environment", within: slowMoments, limit: changeEnd, save: func(w *world, round int) {
		w.replace("devbox.yaml", "    port: 3000", fmt.Sprintf("    environment: {ROUND: \"%d\"}\n    port: 3000", round))
	}},
	{name: "a start", early: true, within: slowMoments, limit: earlyEnd},
	{name: "a new service", within: slowMoments, limit: backingEnd, save: func(w *world, _ int) {
		w.replace("devbox.yaml", "lock: ", "  cache: {use: redis@7}\nlock: ")
	}},
	{name: "another version of Node.js", within: slowMoments, limit: changeEnd, save: func(w *world, _ int) { w.replace("devbox.yaml", "node: 26.10.0", "node: 24.21.0") }},
	{name: "a detached environment that is taken over", early: true, within: slowMoments, limit: earlyEnd, detached: true},
	{name: "a backing service that is waited for", early: true, within: slowMoments, limit: earlyEnd, model: []string{
		"    port: 3000", "    needs: [db]\n    port: 3000", "lock: ", "  db: {use: postgres@15}\nlock: ",
	}},
}

// Ctrl-C at any moment around an edit ends devbox within a bound, and nothing of
// the app is left.
func TestInterruptedAtAnyMoment(t *testing.T) {
	rounds := 5
	if watchtest.Soak() {
		rounds = max(rounds, watchtest.Saves()/15)
	}
	random := watchtest.Random(t)
	w, _ := newApp(t, "minimal")
	w.replace("package.json", `"scripts": {`, `"scripts": {"watch": "node --watch index.js",`)
	w.ok("run", "true") // what is to be built and installed once
	files := map[string]string{"devbox.yaml": w.read("devbox.yaml"), "package.json": w.read("package.json")}
	longest, kinds := map[string]time.Duration{}, slices.Clone(interruptions)
	for round := range rounds {
		if round%len(kinds) == 0 {
			random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		}
		in := kinds[round%len(kinds)]
		for name, text := range files {
			w.write(name, text)
		}
		in.prepare(w, round)
		after := time.Duration(random.Int64N(int64(max(in.within, quickMoments))))
		what := fmt.Sprintf("round %d: %s, interrupted after %s", round, in.name, after.Round(time.Millisecond))
		w.step(what)
		longest[in.name] = max(longest[in.name], w.interrupted(in, what, round, after))
	}
	for name, took := range longest {
		t.Logf("%s: %s at the longest", name, took.Round(time.Millisecond))
	}
}

func (in interruption) prepare(w *world, round int) {
	if in.dev != "" {
		w.dev(in.dev)
	}
	for i := 0; i < len(in.model); i += 2 {
		w.replace("devbox.yaml", in.model[i], in.model[i+1])
	}
	if in.source != "" {
		w.write("index.js", in.source)
	} else {
		w.write("index.js", server(fmt.Sprint("round ", round)))
	}
	if in.detached {
		w.ok("up", "--detach")
	}
}

// interrupted runs one round, and tells how long devbox took to end.
func (w *world) interrupted(in interruption, what string, round int, after time.Duration) time.Duration {
	w.t.Helper()
	interrupt, wait, said := w.upOf(in)
	if in.save != nil {
		in.save(w, round)
	} else {
		w.write("index.js", w.read("index.js")+"// edited\n")
	}
	time.Sleep(after)
	began := time.Now()
	interrupt()
	if code := wait(); code != 130 {
		w.t.Fatalf("%s: exit code %d", what, code)
	}
	took := time.Since(began)
	if limit := max(in.limit, politeEnd); took > limit && !strings.Contains(said(), engineBusy) {
		w.t.Errorf("%s: it took %s to end\n%s", what, took, said())
	}
	for _, c := range w.containers(w.name) {
		if c.State == container.StateRunning || c.State == container.StateRestarting {
			w.t.Fatalf("%s: container %s is %s", what, c.Names[0], c.State)
		}
	}
	return took
}

// upOf starts devbox, waits until it is time to save, and tells how to interrupt it,
// how to wait for its end, and what it has said.
func (w *world) upOf(in interruption) (interrupt func(), wait func() int, said func() string) {
	w.t.Helper()
	if in.terminal {
		x := w.dashboard(100, 30)
		x.See("web  listening")
		return func() { x.Send("\x03") }, x.Wait, x.Raw
	}
	up := w.start("up", "--json")
	if in.early {
		up.says("\n", 0)
	} else {
		up.has(1, "ready")
	}
	const late = 45 * time.Second // what is only slow is told with its time
	return up.interrupt, func() int { return up.wait(late) }, up.out.String
}
