//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// Nothing but what is meant to writes package.json and the lock.
func TestNoCommandWritesTheLockByTheWay(t *testing.T) {
	w, _ := newApp(t, "express")
	files := []string{"package.json", "package-lock.json"}
	before := map[string]string{}
	for _, f := range files {
		before[f] = w.read(f)
	}
	rounds := 3
	if watchtest.Soak() {
		rounds = 50
	}
	for i := range rounds {
		for _, args := range [][]string{{"up", "--detach"}, {"run", "true"}, {"restart"}, {"up", "--detach"}, {"down"}} {
			w.ok(args...)
		}
		for _, f := range files {
			if w.read(f) != before[f] {
				t.Fatalf("round %d: %s has changed", i, f)
			}
		}
	}
}

// showsTree is an app that answers with the packages that it finds, and prints
// them when it starts.
const showsTree = `import fs from 'node:fs';
import http from 'node:http';
const versions = {};
for (const name of fs.readdirSync('node_modules')) {
  try {
    versions[name] = JSON.parse(fs.readFileSync('node_modules/' + name + '/package.json')).version;
  } catch {}
}
const tree = JSON.stringify(versions);
console.log('tree ' + tree);
const server = http.createServer((req, res) => res.end(tree));
server.listen(process.env.PORT || 3000);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`

// dependencies is one state of package.json and the lock, and the tree that
// belongs to it.
type dependencies struct {
	manifest, lock string
	tree           string
}

// packageJSON has these dependencies and no other.
func packageJSON(name string, deps map[string]string) string {
	data, err := json.MarshalIndent(map[string]any{"name": name, "private": true, "type": "module", "dependencies": deps}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(data) + "\n"
}

// apply writes a state into the folder.
func (w *world) apply(lockFile string, d dependencies) {
	w.write("package.json", d.manifest)
	w.write(lockFile, d.lock)
}

// A lock that comes and goes while `up` runs, as a git checkout does it, brings
// its tree; one that was there before installs nothing.
func TestTheTreeFollowsTheLock(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", showsTree)
	one, two := map[string]string{"ms": "2.0.0"}, map[string]string{"ms": "2.1.3", "is-number": "7.0.0"}
	states := make([]dependencies, 2)
	for i, deps := range []map[string]string{one, two} {
		w.write("package.json", packageJSON(w.name, deps))
		w.ok("run", "npm", "install")
		states[i] = dependencies{manifest: w.read("package.json"), lock: w.read("package-lock.json")}
	}
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.answers(url, `{"is-number":"7.0.0","ms":"2.1.3"}`)
	const lockFile = "package-lock.json"

	w.step("the other branch")
	w.apply(lockFile, states[0])
	w.answers(url, `{"ms":"2.0.0"}`)
	changes := up.has(1, "lock")
	if text := changes[0].Text; !strings.Contains(text, "ms 2.1.3 -> 2.0.0") || !strings.Contains(text, "- is-number 7.0.0") {
		t.Errorf("what changed: %q", text)
	}
	installed := len(up.events("installed"))

	w.step("there and back again")
	for range 3 {
		w.apply(lockFile, states[1])
		w.answers(url, `{"is-number":"7.0.0","ms":"2.1.3"}`)
		w.apply(lockFile, states[0])
		w.answers(url, `{"ms":"2.0.0"}`)
	}
	if n := len(up.events("installed")); n != installed {
		t.Errorf("known locks were installed: %d installs, want %d", n, installed)
	}

	w.step("what somebody installed by hand into a tree is not taken for the lock's")
	up.interrupt()
	up.wait(30 * time.Second)
	w.ok("run", "npm", "install", "--no-save", "is-odd@3.0.1")
	w.ok("up", "--detach")
	w.answers(url, `{"ms":"2.0.0"}`)
	if text, _ := get(url); strings.Contains(text, "is-odd") {
		t.Errorf("the app has %s", text)
	}
}

// What an install cannot do is said in words that help, nothing is lost, and the
// last tree goes on.
func TestInstallsThatFail(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", showsTree)
	w.write("package.json", packageJSON(w.name, map[string]string{"ms": "2.1.3"}))
	w.ok("run", "npm", "install")
	good := dependencies{manifest: w.read("package.json"), lock: w.read("package-lock.json")}
	const lockFile = "package-lock.json"
	locked := func(old, new string) dependencies {
		return dependencies{manifest: good.manifest, lock: strings.Replace(good.lock, old, new, 1)}
	}
	postinstall := good
	postinstall.manifest = strings.Replace(good.manifest, `"private"`, `"scripts": {"postinstall": "echo it broke; exit 3"}, "private"`, 1)
	tests := []struct {
		name  string
		state dependencies
		code  int
		words string
	}{
		{"another content than the lock says", locked(`"integrity": "sha512-`, `"integrity": "sha512-AAAA`), 6, "find out why"},
		{"a lock of tomorrow", locked(`"lockfileVersion": 3`, `"lockfileVersion": 99`), 3, "lockfileVersion"},
		{"a lock with conflict markers", locked("{\n", "{\n<<<<<<< HEAD\n"), 3, "package-lock.json:2"},
		{"an empty lock", dependencies{manifest: good.manifest}, 3, "empty"},
		{"a lock that ends in the middle", dependencies{manifest: good.manifest, lock: good.lock[:len(good.lock)/2]}, 3, "package-lock.json:"},
		{"a script that fails", postinstall, 6, "it broke"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.apply(lockFile, tt.state)
			w.fails(tt.code, tt.words, "up", "--detach")
			if w.read("package.json") != tt.state.manifest || w.read(lockFile) != tt.state.lock {
				t.Error("package.json or the lock was changed")
			}
		})
	}

	w.step("no registry: what is in the cache installs all the same")
	w.apply(lockFile, good)
	w.ok("up", "--detach")
	w.answers(url, `{"ms":"2.1.3"}`)
	w.ok("down")
	w.write(".npmrc", "registry=http://127.0.0.1:9/\nfetch-retries=0\n")
	w.ok("up", "--detach")
	w.answers(url, `{"ms":"2.1.3"}`)
	w.ok("down")

	w.step("no registry and no cache: the reason, and what to do")
	w.ok("volumes", "prune", "--keep", "0", "--cache")
	w.write(".npmrc", "registry=http://127.0.0.1:9/\nfetch-retries=1\nfetch-retry-mintimeout=1\n")
	w.fails(6, "registry cannot be reached", "up", "--detach")
}

// A full disk where the volumes are is named, and nothing half made stays.
func TestAFullDiskDuringAnInstall(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "true")
	var trees []struct{ Volume, Kind string }
	if err := json.Unmarshal([]byte(w.ok("volumes", "ls", "--json").stdout), &trees); err != nil {
		t.Fatal(err)
	}
	name := trees[0].Volume
	if _, err := w.api.VolumeRemove(t.Context(), name, client.VolumeRemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := w.api.VolumeCreate(t.Context(), client.VolumeCreateOptions{
		Name: name, DriverOpts: map[string]string{"type": "tmpfs", "device": "tmpfs", "o": "size=512k"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.fails(8, "docker system df", "up", "--detach")
	w.ok("up", "--detach")
}

// Packages of a host are left alone, whoever owns them.
func TestNodeModulesOfTheHostAreLeftAlone(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", showsTree)
	w.write("package.json", packageJSON(w.name, map[string]string{"ms": "2.1.3"}))
	w.write("node_modules/ms/package.json", `{"name":"ms","version":"0.0.1"}`)
	if err := os.Chmod(filepath.Join(w.dir, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.ok("run", "npm", "install")
	w.ok("up", "--detach")
	w.answers(url, `{"ms":"2.1.3"}`)
	if got := w.read("node_modules/ms/package.json"); !strings.Contains(got, "0.0.1") {
		t.Errorf("the host's package is now %s", got)
	}
}

// The policies say who may write the lock.
func TestLockPolicies(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", showsTree)
	w.write("package.json", packageJSON(w.name, map[string]string{"ms": "2.1.3"}))
	frozen := w.read("devbox.yaml")
	policy := func(dev string) {
		w.write("devbox.yaml", strings.Replace(frozen, "dev: frozen", "dev: "+dev, 1))
	}

	w.step("update brings the lock in step and says what changed")
	policy("update")
	r := w.ok("up", "--detach")
	if !strings.Contains(r.stderr, "+ ms 2.1.3") {
		t.Errorf("it does not say what changed:\n%s", r.stderr)
	}
	w.answers(url, `{"ms":"2.1.3"}`)
	lock := w.read("package-lock.json")
	if !strings.Contains(lock, "node_modules/ms") {
		t.Errorf("the lock has no ms:\n%s", lock)
	}

	w.step("ignore installs past the lock and leaves it alone")
	policy("ignore")
	w.write("package.json", packageJSON(w.name, map[string]string{"ms": "2.0.0"}))
	w.ok("up", "--detach")
	w.answers(url, `{"ms":"2.0.0"}`)
	if w.read("package-lock.json") != lock {
		t.Error("the lock has changed")
	}

	w.step("frozen refuses, and names the package")
	policy("frozen")
	w.fails(3, "ms: package.json asks for 2.0.0", "up", "--detach")
	w.ok("down")
}
