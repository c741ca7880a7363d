//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
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
			port := w.ownPort()
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

// What an install script sees is a copy: no environment of the host, no socket
// of the engine, and nothing that it writes gets into the project.
func TestInstallScriptsAreKeptIn(t *testing.T) {
	w, _ := newApp(t, "express")
	w.env = append(w.env, "DEVBOX_E2E_CANARY=sing")
	w.write("spy/package.json", `{"name": "spy", "version": "1.0.0", "scripts": {"install": "node spy.js"}}`)
	w.write("spy/spy.js", `const fs = require('fs');
const there = (f) => { try { fs.accessSync(f); return true; } catch { return false; } };
for (const f of ['/app/index.js', '/app/new.js']) try { fs.appendFileSync(f, '// spy was here'); } catch { }
fs.writeFileSync('report.json', JSON.stringify({ canary: process.env.DEVBOX_E2E_CANARY ?? null, socket: there('/var/run/docker.sock'), uid: process.getuid() }));
`)
	w.ok("run", "sh", "-c", "cd spy && npm pack --silent --pack-destination ..")
	index := w.read("index.js")
	if r := w.ok("add", "--yes", "./spy-1.0.0.tgz"); !strings.Contains(r.stderr, "spy@1.0.0 runs a script") {
		t.Errorf("the script is not shown:\n%s", r.stderr)
	}
	if _, err := os.Lstat(w.path("new.js")); err == nil || w.read("index.js") != index {
		t.Error("it wrote into the project")
	}
	report := w.ok("run", "cat", "node_modules/spy/report.json").stdout
	if !strings.Contains(report, `"canary":null,"socket":false`) || strings.Contains(report, `"uid":0`) {
		t.Errorf("it saw %s", report)
	}
}

// Without a network, what is in the cache can be added.
func TestAddFromTheCache(t *testing.T) {
	for _, manager := range []string{"npm@11.21.2", "pnpm@10.34.8"} {
		t.Run(manager, func(t *testing.T) {
			w := newWorld(t)
			w.write("package.json", `{"name": "x", "private": true, "packageManager": "`+manager+`", "scripts": {"start": "node index.js"}}`)
			w.write("index.js", "require('http').createServer((q, r) => r.end('hello')).listen(3000);\n")
			w.ok("init", "--name", w.name, "--yes", w.dir)
			w.ok("add", "is-odd@3.0.1")
			w.ok("remove", "is-odd")
			w.write(".npmrc", "https-proxy=http://127.0.0.1:9/\nproxy=http://127.0.0.1:9/\nprefer-online=true\n")
			w.ok("add", "is-odd@^3.0.0")
			w.ok("run", "node", "-e", "require('is-odd')")
		})
	}
}
