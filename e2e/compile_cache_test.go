//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// cached is an app that answers with what its own file and its dependency say,
// and once its compile cache is written (two seconds after its start, by a timer
// that is older than its own), with that.
const cached = `let written = '';
setTimeout(() => { written = ' written'; }, 2000);
const lib = require('./lib.cjs');
let odd;
try {
  odd = require('is-odd')(1.5);
} catch (error) {
  odd = error.message;
}
require('http').createServer((q, r) => r.end(lib() + ': ' + odd + written)).listen(process.env.PORT);
`

// Whatever way a file becomes another one, the code that runs is the new one's
// and not what the compile cache holds of the old one. The cache is in the
// project's folder here, where new containers find it too.
func TestTheCompileCacheIsNeverStale(t *testing.T) {
	const two, three = "is-odd expects an integer.", "expected an integer"
	w, url := newApp(t, "minimal")
	w.write("cache/.gitignore", "*\n")
	if err := os.Chmod(w.path("cache"), 0o777); err != nil { // for whoever the app runs as
		t.Fatal(err)
	}
	w.replace("devbox.yaml", "dev: node index.js", "environment: {NODE_COMPILE_CACHE: cache}\n    watch: {ignore: [cache/]}\n    dev: node index.cjs")
	lib := func(says string) string { return "module.exports = () => '" + says + "';\n" }
	w.write("lib.cjs", lib("zero"))
	w.write("index.cjs", cached)
	w.ok("add", "--exact", "is-odd@2.0.0")
	up := w.start("up", "--json")
	runs := func(says string) {
		t.Helper()
		w.answers(url, says+" written")
	}
	w.answers(url, "zero: "+two)
	w.eventually("a standby, whose app writes the cache", 20*time.Second, func() error {
		if n := w.processesOf("index.cjs"); n != 2 {
			return fmt.Errorf("%d processes", n)
		}
		return nil
	})
	w.write("lib.cjs", lib("one"))
	runs("one: " + two)
	const modules = 4 // index.cjs, lib.cjs, is-odd and what that needs
	if files, err := filepath.Glob(w.path("cache/*/*")); err != nil || len(files) < modules {
		t.Fatalf("the cache has %q, %v, want a file for each of %d modules", files, err, modules)
	}

	w.step("a file of the same name, size and time")
	was, err := os.Stat(w.path("lib.cjs"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("lib.cjs.tmp~", lib("two"))
	if err := os.Chtimes(w.path("lib.cjs.tmp~"), time.Time{}, was.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(w.path("lib.cjs.tmp~"), w.path("lib.cjs")); err != nil {
		t.Fatal(err)
	}
	runs("two: " + two)
	if is, err := os.Stat(w.path("lib.cjs")); err != nil || is.Size() != was.Size() || !is.ModTime().Equal(was.ModTime()) {
		t.Errorf("the file is not like the one before: %v, %v", is, err)
	}

	w.step("another branch, and back")
	w.git("init", "--quiet", "--initial-branch=main")
	w.git("add", "--all")
	w.git("commit", "--quiet", "--message=two")
	w.git("checkout", "--quiet", "-b", "other")
	w.write("lib.cjs", lib("six"))
	w.git("commit", "--quiet", "--all", "--message=six")
	runs("six: " + two)
	w.git("checkout", "--quiet", "main")
	runs("two: " + two)
	w.git("checkout", "--quiet", "other")
	runs("six: " + two)

	w.step("another node_modules volume, and back")
	w.ok("add", "--exact", "is-odd@3.0.0")
	runs("six: " + three)
	w.ok("add", "--exact", "is-odd@2.0.0")
	runs("six: " + two)
	up.interrupt()
	up.wait(15 * time.Second)
}
