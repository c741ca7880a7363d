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

// ahead is an app that answers with what its dependency says, and whether that
// was loaded long before the app itself; then with whether it was noted what this
// run uses: that is two seconds after its start, by a timer older than its own.
const ahead = `const began = performance.now();
const dep = require('dep');
let noted = false;
setTimeout(() => { noted = true; }, 2000);
require('http').createServer((q, r) => r.end(['MARK', dep.says, began - dep.began > 100, noted].join(' '))).listen(process.env.PORT);
`

// With standby: on a dependency is loaded ahead, and never served once its file has changed.
func TestDependenciesLoadedAheadAreNotStale(t *testing.T) {
	w, url := newApp(t, "minimal")
	model, err := os.ReadFile(filepath.Join(w.dir, "devbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("devbox.yaml", strings.Replace(string(model), "dev: node index.js", "standby: on\n    dev: node index.cjs", 1))
	dep := func(says string) {
		w.ok("run", "--", "sh", "-c", `mkdir -p node_modules/dep && cd node_modules/dep && echo '"`+says+`"' > words.json &&
			echo "exports.says = JSON.parse(require('fs').readFileSync(__dirname + '/words.json')); exports.began = performance.now();" > new.js &&
			{ cmp -s new.js index.js || mv new.js index.js; }`)
	}
	edit := func(mark string) { w.write("index.cjs", strings.Replace(ahead, "MARK", mark, 1)) }
	edit("first")
	dep("one")
	w.start("up", "--json")
	w.answers(url, "first one false")

	w.step("the runs after it have it loaded")
	var last string
	i := 0
	w.eventually("a dependency loaded ahead", 60*time.Second, func() error {
		i++
		mark := fmt.Sprint("edit", i)
		edit(mark)
		w.eventually("the answer", 20*time.Second, func() error {
			var err error
			if last, err = get(url); err == nil && !strings.HasPrefix(last, mark+" one ") {
				err = fmt.Errorf("got %q", last)
			}
			return err
		})
		if !strings.HasPrefix(last, mark+" one true ") {
			w.answers(url, mark+" one false true")
			return fmt.Errorf("got %q", last)
		}
		return nil
	})

	w.step("a file that changed meanwhile, which the module reads when it is loaded, is read anew")
	w.eventually("a standby", 20*time.Second, func() error {
		if n := w.processesOf("index.cjs"); n != 2 {
			return fmt.Errorf("%d processes", n)
		}
		return nil
	})
	dep("two")
	edit("last")
	w.answers(url, "last two false")
}

// What is loaded ahead and changes meanwhile is undone by process.execve: where Node has none, nothing is.
func TestNothingIsLoadedAheadWhereItCannotBeUndone(t *testing.T) {
	w, _ := newApp(t, "minimal")
	const gone = "delete require.cache[__filename];" // the standby is used to being the first
	w.write("old.cjs", gone+"delete process.execve;")
	w.write("new.cjs", gone)
	w.write("app.cjs", "console.log('ahead:', require.resolve('dep') in require.cache);")
	standby, err := os.ReadFile(filepath.Join("..", "templates", "standby.cjs"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("standby.cjs", string(standby))
	const script = `mkdir -p node_modules/dep && echo 'exports.says = 1;' > node_modules/dep/index.js
		echo '{"use":["'$PWD'/node_modules/dep/index.js"],"refuse":[]}' > standby.cjs.json
		export DEVBOX_STANDBY='7 mark ahead'
		for node in old new; do
			echo 7 | node --require ./$node.cjs --require ./standby.cjs app.cjs 3<&0
		done`
	if r := w.ok("run", "--", "sh", "-c", script); r.stdout != "ahead: false\nahead: true\n" {
		t.Errorf("Node without execve, then with it, says:\n%s", r.stdout)
	}
}
