//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// manager is a package manager that the walk is taken with.
type manager struct {
	name, pin, lockFile string
	// install brings the lock in step with package.json, in a one-off container.
	install []string
}

var walkManagers = []manager{
	{"npm", "npm@11.21.2", "package-lock.json", []string{"npm", "install", "--package-lock-only", "--no-audit", "--no-fund"}},
	{"yarn", "yarn@1.22.22", "yarn.lock", []string{"yarn", "install", "--non-interactive"}},
	{"pnpm", "pnpm@10.20.0", "pnpm-lock.yaml", []string{"pnpm", "install", "--lockfile-only"}},
}

// A walk over branches, edits of the lock and kills: no tree is ever started that
// is none of the locks', and in the end of each step it is the right one.
func TestAWalkOverLocksStartsNoStaleTree(t *testing.T) {
	steps := 8
	if watchtest.Soak() {
		steps = 200
	}
	if given, err := strconv.Atoi(os.Getenv("DEVBOX_STEPS")); err == nil {
		steps = given
	}
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("DEVBOX_SEED"), 10, 64); err == nil {
		seed = given
	}
	managers := walkManagers
	if !watchtest.Soak() {
		managers = managers[:1]
	}
	for _, m := range managers {
		t.Run(m.name, func(t *testing.T) {
			t.Logf("DEVBOX_SEED=%d", seed)
			newWalk(t, m, rand.New(rand.NewPCG(seed, 1))).take(steps)
		})
	}
}

// walk is one walk with a package manager.
type walk struct {
	*world
	manager
	random *rand.Rand
	url    string
	states []dependencies
	up     *process
	// seen is how much of the output of up has been checked.
	seen int
}

func newWalk(t *testing.T, m manager, random *rand.Rand) *walk {
	t.Helper()
	w, url := newApp(t, "minimal")
	k := &walk{world: w, manager: m, random: random, url: url}
	if err := os.Remove(w.path("package-lock.json")); err != nil {
		t.Fatal(err)
	}
	w.replace("devbox.yaml", "package-manager: npm@11.21.2", "package-manager: "+m.pin)
	w.write("index.js", showsTree)
	for _, deps := range []map[string]string{
		{"ms": "2.0.0"}, {"ms": "2.1.3", "is-number": "7.0.0"}, {"ms": "2.1.2", "wrappy": "1.0.2"}, {"is-number": "6.0.0"},
	} {
		w.write("package.json", packageJSON(w.name, deps))
		w.ok(append([]string{"run"}, m.install...)...)
		tree, err := json.Marshal(deps) // the keys are sorted, as readdir gives them in the app
		if err != nil {
			t.Fatal(err)
		}
		k.states = append(k.states, dependencies{manifest: w.read("package.json"), lock: w.read(m.lockFile), tree: string(tree)})
	}
	return k
}

// take takes so many steps, and looks at the tree after each.
func (k *walk) take(steps int) {
	k.t.Helper()
	k.start()
	now := k.states[len(k.states)-1]
	k.shows(now.tree)
	for i := range steps {
		what := k.random.IntN(10)
		next := k.states[k.random.IntN(len(k.states))]
		switch {
		case what < 5:
			k.note(fmt.Sprintf("step %d: another branch", i))
			k.apply(k.lockFile, next)
		case what < 7:
			k.note(fmt.Sprintf("step %d: another branch, file by file", i))
			k.write(k.lockFile, next.lock)
			time.Sleep(time.Duration(k.random.IntN(300)) * time.Millisecond)
			k.write("package.json", next.manifest)
		case what < 9:
			k.note(fmt.Sprintf("step %d: another branch, and a kill on the way", i))
			k.apply(k.lockFile, next)
			time.Sleep(time.Duration(k.random.IntN(1500)) * time.Millisecond)
			k.up.kill()
			k.checkStarted(now, next)
			k.start()
		default:
			k.note(fmt.Sprintf("step %d: the volumes are removed", i))
			k.up.interrupt()
			k.up.wait(30 * time.Second)
			k.checkStarted(now)
			k.ok("volumes", "prune", "--keep", "0")
			k.start()
			next = now
		}
		k.shows(next.tree)
		k.checkStarted(now, next)
		now = next
	}
	k.up.interrupt()
	k.up.wait(30 * time.Second)
}

func (k *walk) start() {
	k.up, k.seen = k.world.start("up", "--json"), 0
	k.up.has(1, "watching") // before that a lock that is half written ends it
}

// shows waits until the app answers with a tree.
func (k *walk) shows(tree string) {
	k.t.Helper()
	k.eventually("the tree "+tree, 60*time.Second, func() error {
		got, err := get(k.url)
		if err == nil && got != tree {
			err = fmt.Errorf("the app answers %s", got)
		}
		return err
	})
}

// checkStarted looks at every tree that the app has been started with since the
// last look: it is that of a lock that was there in this step.
func (k *walk) checkStarted(allowed ...dependencies) {
	k.t.Helper()
	logs := k.up.events("log")
	for _, e := range logs[min(k.seen, len(logs)):] {
		tree, is := strings.CutPrefix(e.Line, "tree ")
		if is && !slices.ContainsFunc(allowed, func(d dependencies) bool { return d.tree == tree }) {
			k.t.Fatalf("the app was started with a tree that belongs to no lock of this step: %s", tree)
		}
	}
	k.seen = len(logs)
}
