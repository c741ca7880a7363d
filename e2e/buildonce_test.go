//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// builds are how often the shared package was built, each line with what it made.
func (w *world) builds() []string {
	data, err := os.ReadFile(w.path("builds.log"))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	return strings.Fields(string(data))
}

// A local package that two apps build before they start is built once for each
// state of it: by whoever comes first, never by two at the same time, and not at
// all by a restart that has nothing to do with it.
func TestALocalPackageIsBuiltOnceForEachState(t *testing.T) {
	w := newWorld(t)
	w.uid = 1000
	if err := os.Chown(filepath.Dir(w.dir), w.uid, w.uid); err != nil {
		t.Fatal(err)
	}
	w.write(".gitignore", "dist\nbuilds.log\n")
	urls := apps{}
	model := "name: " + w.name + "\nservices:\n"
	for name, folder := range workspaceApps {
		port := freePort(t)
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d", port)
		model += fmt.Sprintf("  %s: {dir: %s, node: 26.10.0, package-manager: npm@11.21.2, port: %d, dev: npm run build --prefix ../../packages/shared && node index.js}\n", name, folder, port)
		w.write(folder+"/package.json", `{"name": "`+name+`", "version": "1.0.0", "dependencies": {"@x/shared": "*"}}`)
		w.write(folder+"/index.js", `const text = require("@x/shared");
require("node:http").createServer((req, res) => res.end("APP " + text)).listen(process.env.PORT);
process.on("SIGTERM", () => process.exit(0));
`)
	}
	w.write("devbox.yaml", model+"lock: {dev: update}\n")
	w.write("package.json", `{"name": "root", "private": true, "workspaces": ["apps/*", "packages/*"]}`)
	w.write("packages/shared/package.json", `{"name": "@x/shared", "version": "1.0.0", "main": "dist/index.js", "scripts": {"build": "node build.js"}}`)
	w.write("packages/shared/src/index.js", "module.exports = 'one';\n")
	w.write("packages/shared/build.js", `const fs = require("node:fs");
const source = fs.readFileSync("src/index.js", "utf8");
fs.mkdirSync("busy"); // fails where another build is at work
fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/index.js", source);
fs.rmdirSync("busy");
fs.appendFileSync("/app/builds.log", source.match(/'(.*)'/)[1] + "\n");
`)

	w.ok("up", "--detach")
	up := w.start("up", "--json")
	up.has(2, "ready")
	both := func(words string) {
		t.Helper()
		for _, name := range []string{"api", "web"} {
			w.answers(urls[name], words)
		}
	}
	both("APP one")
	built := func(why string, want ...string) {
		t.Helper()
		if got := w.builds(); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: built were %q, want %q", why, got, want)
		}
	}
	built("two apps have started", "one")

	w.step("an edit of an app builds nothing")
	w.replace("apps/api/index.js", "APP", "NEW")
	w.answers(urls["api"], "NEW one")
	built("an app was edited", "one")

	w.step("an edit of the package restarts both, and one of them builds it")
	w.replace("packages/shared/src/index.js", "one", "two")
	w.answers(urls["api"], "NEW two")
	w.answers(urls["web"], "APP two")
	built("the package was edited", "one", "two")

	w.step("containers that are made anew find it built")
	up.interrupt()
	up.wait(30 * time.Second)
	w.ok("down")
	w.ok("up", "--detach")
	w.answers(urls["web"], "APP two")
	built("down and up", "one", "two")
}
