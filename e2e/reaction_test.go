//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// dev changes the dev command of a scenario's only service.
func (w *world) dev(command string) {
	w.t.Helper()
	w.replace("devbox.yaml", "dev: node index.js", "dev: "+command)
}

// A tool that takes edits in by itself does so alone: devbox restarts nothing
// for source, says so once, and still restarts it for a new package.json. When the
// app under it has crashed, that is not shown as an app that listens.
func TestAToolThatReloadsIsLeftAlone(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.ok("run", "npm", "install", "--save-dev", "nodemon@3.1.10")
	w.dev("npm run watch")
	w.replace("package.json", `"scripts": {`, `"scripts": {"watch": "nodemon --quiet index.js",`)
	w.write("index.js", server("one"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.answers(url, "one")
	w.write("index.js", server("two"))
	w.answers(url, "two")
	if e := up.has(1, "changed")[0]; e.Service != "web" || !strings.Contains(e.Text, "nodemon takes in edits") {
		t.Errorf("changed: %+v", e)
	}
	w.write("index.js", server("three"))
	w.answers(url, "three")
	if list := up.events("restarting"); len(list) != 0 {
		t.Errorf("devbox restarted it as well: %+v", list)
	}

	w.step("the app crashes and nodemon stays")
	w.write("index.js", "this is no JavaScript\n")
	if e := up.has(1, "warning")[0]; !strings.Contains(e.Text, "does not listen on port 3000 any more") {
		t.Errorf("warning: %+v", e)
	}
	if r := w.run("status", "--json"); strings.Contains(r.stdout, `"listening"`) {
		t.Errorf("the status shows\n%s", r.stdout)
	}
	w.write("index.js", server("mended"))
	up.has(2, "ready")
	w.answers(url, "mended")

	w.step("a new package.json restarts it")
	w.replace("package.json", `"private": true`, `"private": true, "description": "changed"`)
	up.has(1, "restarted")
	w.answers(url, "mended")
	if list := up.events("changed"); len(list) != 1 {
		t.Errorf("said %d times: %+v", len(list), list)
	}
	up.interrupt()
	up.wait(15 * time.Second)
}

// node --watch loses edits once a file was saved by renaming, so nothing is left
// to it: in the command it is left out, and a script with it is restarted whole.
func TestNodeWatchLosesNoEdit(t *testing.T) {
	plain := func(w *world, text string) { w.write("index.js", server(text)) }
	renamed := func(w *world, text string) {
		w.write("index.js.tmp", server(text))
		w.rename("index.js.tmp", "index.js")
	}
	// With backupcopy=no vim renames the old file away and writes another one.
	vim := func(w *world, text string) {
		w.rename("index.js", "index.js~")
		w.write("index.js", server(text))
		if err := os.Remove(w.path("index.js~")); err != nil {
			w.t.Fatal(err)
		}
	}
	ways := []struct {
		name string
		save func(w *world, text string)
	}{{"renamed", renamed}, {"vim", vim}, {"plain", plain}, {"renamed again", renamed}} // one more within a moment looks like a restart loop
	for name, dev := range map[string]string{"in the command": "node --watch index.js", "in a script": "npm run watch"} {
		t.Run(name, func(t *testing.T) {
			w, url := newApp(t, "minimal")
			w.dev(dev)
			w.replace("package.json", `"scripts": {`, `"scripts": {"watch": "node --watch index.js",`)
			w.write("index.js", server("one"))
			up := w.start("up", "--json")
			up.has(1, "ready")
			for _, way := range ways {
				way.save(w, way.name)
				w.answers(url, way.name)
			}
			warned := slices.ContainsFunc(up.events("warning"), func(e event) bool { return strings.Contains(e.Text, "node --watch loses edits") })
			if scripted := dev == "npm run watch"; warned != scripted {
				t.Errorf("warnings: %+v", up.events("warning"))
			}
			if n := w.processesOf("--watch"); n != 0 && dev != "npm run watch" {
				t.Errorf("%d processes with --watch", n)
			}
			up.interrupt()
			up.wait(15 * time.Second)
		})
	}
}

// A service that is to have its standard input gets that, and nothing of devbox
// is said on it.
func TestAnAppWithStandardInput(t *testing.T) {
	w, url := newApp(t, "minimal")
	reads := func(text string) string {
		return strings.Replace(server(text), "import http", "let heard = '';\nprocess.stdin.on('data', (d) => { heard += d; }).on('end', () => { heard += 'END'; });\nimport http", 1)
	}
	said := func(text string) string { return strings.Replace(reads(text), "res.end(", "res.end(heard + ", 1) }
	w.replace("devbox.yaml", "dev: node index.js", "compose-dev: {stdin_open: true}\n    dev: node index.js")
	w.write("index.js", said("one"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	if e := up.has(1, "warning")[0]; !strings.Contains(e.Text, "edits restart the whole container: it has a standard input of its own") {
		t.Errorf("warning: %+v", e)
	}
	w.answers(url, "one")
	attached := exec.Command("docker", "attach", "--sig-proxy=false", w.name+"-web-1")
	in, err := attached.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := attached.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "restart me\n"); err != nil {
		t.Fatal(err)
	}
	w.answers(url, "restart me\none")
	w.write("index.js", said("two"))
	up.has(1, "restarted")
	w.answers(url, "two")
	w.ok("restart", "web")
	w.answers(url, "two")
	_ = in.Close()
	_ = attached.Wait()
	up.interrupt()
	up.wait(30 * time.Second)
}

// TypeScript that Node runs as it is restarts like any source, and so does an
// app that runs from build output when that is built anew.
func TestTypeScript(t *testing.T) {
	t.Run("types are stripped", func(t *testing.T) {
		w, url := newApp(t, "minimal")
		w.dev("node index.ts")
		typed := func(text string) string {
			return "const typed: string = 'types';\n" + server(text) + "export { typed };\n"
		}
		w.write("index.ts", typed("one"))
		up := w.start("up", "--json")
		up.has(1, "ready")
		for i := range 3 {
			w.write("index.ts", typed(fmt.Sprint("edit ", i)))
			w.answers(url, fmt.Sprint("edit ", i))
			if list := up.has(i+1, "restarted"); len(list) != i+1 {
				t.Errorf("%d restarts for %d edits", len(list), i+1)
			}
		}
		up.interrupt()
		up.wait(15 * time.Second)
	})
	t.Run("built by somebody else", func(t *testing.T) {
		w, url := newApp(t, "minimal")
		w.dev("node dist/index.js")
		w.write(".gitignore", "dist/\n")
		w.write("dist/index.js", server("one"))
		w.write("src/index.ts", "export {};\n")
		up := w.start("up", "--json")
		up.has(1, "ready")
		w.write("src/index.ts", "export const two = 2;\n")
		up.has(1, "changed")
		w.write("dist/index.js", server("two"))
		w.answers(url, "two")
		if list := up.has(1, "restarted"); len(list) != 1 || len(list[0].Files) != 1 || list[0].Files[0] != "dist/index.js" {
			t.Errorf("restarted: %+v", list)
		}
		up.interrupt()
		up.wait(15 * time.Second)
	})
}

// What devbox keeps for itself can be deleted while it runs.
func TestStateFolderDeletedWhileRunning(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("one"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	if err := os.RemoveAll(w.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	w.step("and still there is one watcher, which another one knows")
	w.fails(1, fmt.Sprintf("running for this project already (pid %d)", up.cmd.Process.Pid), "up", "--plain")
	w.write("index.js", server("two"))
	w.answers(url, "two")
	w.write("index.js", server("three"))
	w.answers(url, "three")
	up.interrupt()
	if code := up.wait(15 * time.Second); code != 130 && code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// New rules in devbox.yaml and a new .dockerignore hold without another up.
func TestNewRulesHoldWithoutAnotherUp(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("one"))
	w.write("data/a.txt", "one")
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.write("data/a.txt", "two")
	up.has(1, "restarted")
	w.answers(url, "one")
	w.replace("devbox.yaml", "dev: node index.js", "watch: {ignore: [data/]}\n    dev: node index.js")
	// When the new rules hold is not said. Each round saves both files: once they
	// do, a restart names only the other one.
	w.eventually("data/ is ignored", 30*time.Second, func() error {
		before := len(up.events("restarted"))
		stamp := fmt.Sprint(time.Now().UnixNano())
		w.write("data/a.txt", stamp)
		w.write("index.js", server(stamp))
		w.answers(url, stamp)
		for _, e := range up.has(before+1, "restarted")[before:] {
			for _, f := range e.Files {
				if strings.HasPrefix(f, "data/") {
					return fmt.Errorf("restarted for %q", e.Files)
				}
			}
		}
		return nil
	})
	up.interrupt()
	up.wait(15 * time.Second)
}
