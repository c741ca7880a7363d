//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tells is an app that answers with its own text, a file's content as it was when
// it started, and a variable.
func tells(text string) string {
	return fmt.Sprintf(`import fs from 'node:fs';
import http from 'node:http';
const answer = [%q, fs.readFileSync('shared.txt', 'utf8'), process.env.TOLD].join(' ');
const server = http.createServer((req, res) => res.end(answer));
server.listen(process.env.PORT);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`, text)
}

// What Docker Compose's tests of several watched services ask for: W34 to W36.
func TestOneSaveForSeveralServices(t *testing.T) {
	network := slug(t.Name()) + "-outside"
	if out, err := exec.CommandContext(t.Context(), "docker", "network", "create", network).CombinedOutput(); err != nil {
		t.Fatalf("make a network: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "network", "rm", network).Run() }) // after the scenario's own end
	w := newWorld(t)
	names := []string{"back", "front", "jobs"}
	urls, model := apps{}, "name: "+w.name+"\nservices:\n"
	for _, name := range names {
		port := freePort(t)
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d", port)
		model += fmt.Sprintf("  %s:\n    {node: 26.10.0, package-manager: npm@11.21.2, port: %d, dev: node %s.mjs, watch: {paths: [%[1]s.mjs, shared.txt]}", name, port, name)
		if name == "front" {
			model += `, needs: [back], compose: {environment: {TOLD: "${TOLD:-nothing}"}, networks: {default: {}, outside: {}}}`
		}
		model += "}\n"
		w.write(name+".mjs", tells(name))
	}
	w.write("devbox.yaml", model+"compose:\n  networks: {outside: {external: true, name: "+network+"}}\nlock: {dev: update}\n")
	w.write("package.json", `{"name": "several", "private": true}`)
	w.write("shared.txt", "one")
	w.ok("up", "--detach") // an install may take a while
	up := w.start("up", "--json")
	up.has(len(names), "ready")

	w.step("a file that all of them use reaches all of them")
	w.write("shared.txt", "two")
	for _, name := range names {
		w.answers(urls[name], name+" two")
	}
	up.has(len(names), "restarted")

	w.step("what one of them uses alone restarts it, and not the one that it needs")
	w.write("front.mjs", tells("FRONT"))
	w.answers(urls["front"], "FRONT two nothing")
	w.write("jobs.mjs", tells("JOBS"))
	w.answers(urls["jobs"], "JOBS two")
	list := up.has(len(names)+2, "restarted")[len(names):]
	if len(list) != 2 || list[0].Service != "front" || list[1].Service != "jobs" {
		t.Errorf("restarted: %+v", list)
	}

	w.step("a new value in .env makes the container anew that has it, once, in its network outside")
	before := map[string]string{}
	for _, name := range names {
		before[name] = w.container(w.name, name).ID
	}
	w.write(".env", "TOLD=something\n")
	w.answers(urls["front"], "FRONT two something")
	made := w.container(w.name, "front").ID
	w.write("jobs.mjs", tells("jobs"))
	w.answers(urls["jobs"], "jobs two")
	front := w.container(w.name, "front")
	if front.ID == before["front"] || front.ID != made {
		t.Errorf("containers of front: %s, %s, %s", before["front"], made, front.ID)
	}
	if _, there := front.NetworkSettings.Networks[network]; !there {
		t.Errorf("the new container is in %v", front.NetworkSettings.Networks)
	}
	for _, name := range []string{"back", "jobs"} {
		if w.container(w.name, name).ID != before[name] {
			t.Errorf("%s has a new container as well", name)
		}
	}
	up.interrupt()
	up.wait(30 * time.Second)
}

// A source tree with things in it that are no good source is watched like any other,
// and what they do not stand for is not lost.
func TestASourceTreeWithOddThings(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.uid = 1000 // root reads everything
	if err := os.Chown(w.dir, w.uid, w.uid); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"devbox.yaml", "package.json", "package-lock.json"} {
		if err := os.Chown(w.path(name), w.uid, w.uid); err != nil {
			t.Fatal(err)
		}
	}
	lists := func(text string) string {
		return "import fs from 'node:fs';\n" + strings.Replace(server(text), "res.end(", "res.end(fs.existsSync('src/part.js') + ' ' + fs.readdirSync('.', {encoding: 'latin1'}).length + ' ' + ", 1)
	}
	w.write("index.js", lists("zero"))
	w.write("closed/inner/f.js", "1")
	if err := os.Chmod(w.path("closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(w.path("closed"), 0o755) })
	for name, target := range map[string]string{"loop": "..", "self": ".", "ring": "ring", "nowhere": "missing", "etc": "/etc"} {
		if err := os.Symlink(target, w.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	up := w.start("up", "--json")
	up.has(1, "ready")
	if e := up.has(1, "warning")[0]; !strings.Contains(e.Text, "closed: permission denied") {
		t.Errorf("warning: %+v", e)
	}
	restarts := 0
	restarted := func(file string) {
		t.Helper()
		restarts++
		list := up.has(restarts, "restarted")
		if e := list[restarts-1]; len(list) != restarts || len(e.Files) == 0 || e.Files[0] != file {
			t.Errorf("%d restarts, want %d and the last for %q: %+v", len(list), restarts, file, e)
		}
	}
	edit := func(text string) {
		t.Helper()
		w.write("index.js", lists(text))
		w.answers(url, text)
		restarted("index.js")
	}
	edit("one")

	w.step("names that are no good text")
	w.write("two\nlines.js", "1")
	restarted("two\nlines.js")
	w.write("not \xff utf-8.js", "1")
	restarted("not � utf-8.js")
	edit("two")

	w.step("a source folder that is removed and made again")
	w.write("src/part.js", "1")
	restarted("src/part.js")
	w.answers(url, "true")
	if err := os.RemoveAll(w.path("src")); err != nil {
		t.Fatal(err)
	}
	restarted("src/part.js")
	w.answers(url, "false")
	w.write("src/part.js", "2")
	restarted("src/part.js")
	w.answers(url, "true")
	w.write("src/part.js", "3")
	restarted("src/part.js")
	edit("three")
	up.interrupt()
	up.wait(15 * time.Second)
}

// An app that does not listen, or elsewhere than said, is said to, and an edit mends it.
func TestAnAppThatDoesNotListenWhereItShould(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", "setInterval(() => {}, 1000);\n")
	r := w.fails(9, "does not listen on port 3000 within 2s", "up", "--detach", "--timeout", "2s")
	t.Logf("said after %s", r.took.Round(time.Millisecond))
	up := w.start("up", "--json")
	up.has(1, "watching")
	w.write("index.js", strings.Replace(server("elsewhere"), "process.env.PORT || 3000", "4000", 1))
	warned := func(words string) {
		t.Helper()
		w.eventually("the user is told", 30*time.Second, func() error {
			for _, e := range up.events("warning") {
				if strings.Contains(e.Text, words) {
					return nil
				}
			}
			return fmt.Errorf("so far:\n%s", up.out.String())
		})
	}
	warned("listens on port 4000, but devbox.yaml says 3000")
	w.write("index.js", strings.Replace(server("inside"), "process.env.PORT || 3000", "3000, '127.0.0.1'", 1))
	warned("listens on 127.0.0.1 inside its container")
	w.write("index.js", server("mended"))
	w.answers(url, "mended")
	_ = up.cmd.Process.Signal(syscall.SIGTERM)
	if code := up.wait(15 * time.Second); code != 143 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
}
