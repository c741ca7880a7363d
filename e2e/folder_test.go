//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// remake makes a folder of the project anew under its path, as a removal and a
// checkout do it.
func (w *world) remake(dir string) {
	w.t.Helper()
	aside := w.dir + "-aside"
	if out, err := exec.Command("cp", "-a", dir, aside).CombinedOutput(); err != nil {
		w.t.Fatalf("cp: %v\n%s", err, out)
	}
	if err := os.RemoveAll(dir); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(aside, dir); err != nil {
		w.t.Fatal(err)
	}
}

// A container keeps the folder that it has mounted. Where that was removed and cloned
// anew, the next up makes the container anew, too.
func TestAProjectThatWasClonedAnewIsStartedAnew(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("one"))
	w.ok("up", "--detach")
	w.answers(url, "one")
	w.remake(w.dir)
	if err := os.RemoveAll(w.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	w.write("index.js", server("two"))
	w.ok("up", "--detach")
	w.answersNow(url, "two")
	w.write("index.js", server("three"))
	w.answers(url, "three")
	before := w.containers(w.name)[0].ID
	w.ok("up", "--detach")
	if after := w.containers(w.name)[0].ID; after != before {
		t.Error("a folder that is the same makes another container")
	}
}

// An app whose own folder was made anew starts in the new one.
func TestAnAppWhoseFolderWasMadeAnewStartsThere(t *testing.T) {
	w, urls := newApps(t, "npm@11.21.2", map[string]string{"api": "apps/api"})
	w.write("apps/api/package.json", `{"name":"api","type":"module"}`)
	w.write("apps/api/index.js", server("one"))
	up := w.start("up", "--json")
	up.has(1, "ready")
	w.answers(urls["api"], "one")
	for _, text := range []string{"two", "three"} {
		w.remake(w.path("apps/api"))
		w.write("apps/api/index.js", server(text))
		w.answers(urls["api"], text)
	}
	up.interrupt()
	up.wait(30 * time.Second)
}

// A standby that began while the app's folder was gone is the app of the new one.
func TestAStandbyOutlivesItsFolder(t *testing.T) {
	w, _ := newApp(t, "minimal")
	standby, err := os.ReadFile("../templates/standby.cjs")
	if err != nil {
		t.Fatal(err)
	}
	const script = `printf %s "$1" >/tmp/standby.cjs
mkdir /tmp/app && cd /tmp/app && rmdir /tmp/app
{ sleep 1; mkdir /tmp/app; echo 'console.log("runs in", process.cwd())' >/tmp/app/index.js; echo 1; } |
	DEVBOX_STANDBY="1 mark" node --require /tmp/standby.cjs index.js 3<&0`
	if out := w.ok("run", "--", "sh", "-c", script, "sh", string(standby)); !strings.Contains(out.stdout, "runs in /tmp/app") {
		t.Errorf("it says %q and %q", out.stdout, out.stderr)
	}
}
