//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// surroundings is an app that answers with all that it can see of how it was started.
const surroundings = `
const seen = () => JSON.stringify({
  argv: process.argv, execArgv: process.execArgv, title: process.title, cwd: process.cwd(), env: Object.entries(process.env).sort(),
  main: typeof require === 'undefined' ? null : require.main === module, mainFile: process.mainModule?.filename,
  cache: typeof require === 'undefined' ? null : Object.keys(require.cache), order: globalThis.order,
  listeners: process.eventNames().map(String), globals: Reflect.ownKeys(globalThis).map(String),
  stdin: require('fs').readFileSync(0, 'utf8'), stopped: require('fs').readFileSync('/proc/self/status', 'utf8').match(/Sig(Ign|Blk).*/g),
  leads: require('fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ').slice(2, 4).every((id) => id == process.pid),
  young: process.uptime() < 1.5, uptime: [process.uptime.name, process.uptime.length], handles: process.getActiveResourcesInfo(),
  child: require('child_process').execFileSync(process.execPath, [...process.execArgv, '-p', 'JSON.stringify([process.execArgv, process.env.NODE_OPTIONS, process.env.DEVBOX_APP !== undefined, Object.keys(process.env).filter((k) => k.startsWith("DEVBOX_S"))])'], { encoding: 'utf8' }),
});
const text = seen();
require('http').createServer((q, r) => r.end(TEXT + ' ' + text)).listen(process.env.PORT);
`

// processesOf counts the Node processes in the containers whose command names a file.
func (w *world) processesOf(file string) int {
	n := 0
	for _, c := range w.containers(w.name) {
		r, err := w.api.ContainerTop(w.t.Context(), c.ID, client.ContainerTopOptions{Arguments: []string{"-eo", "pid,args"}})
		if err != nil {
			continue
		}
		for _, p := range r.Processes {
			if line := strings.Join(p[1:], " "); strings.HasPrefix(line, "node ") && strings.Contains(line, " "+file) {
				n++
			}
		}
	}
	return n
}

// Whatever an app can see is the same in a start from the standby.
func TestStandbyIsLikeAColdStart(t *testing.T) {
	const esm = "import { createRequire } from 'node:module';\nconst require2 = createRequire(import.meta.url);\n"
	tests := []struct{ name, dev, file, source string }{
		{"CommonJS", "node --require ./first.cjs --import ./second.mjs index.cjs an --argument", "index.cjs", surroundings},
		{"an ES module", "node --import ./second.mjs --require ./first.cjs main.mjs", "main.mjs", esm + strings.ReplaceAll(strings.ReplaceAll(surroundings, "require(", "require2("), "typeof require2(", "typeof require(")},
	}
	for _, mode := range []string{"auto", "on"} {
		for _, test := range tests {
			t.Run(test.name+" "+mode, func(t *testing.T) {
				w, url := newApp(t, "minimal")
				w.write("first.cjs", "globalThis.order = ['first'];")
				w.write("second.mjs", "globalThis.order.push('second');")
				w.write("text.txt", "zero")
				source := strings.ReplaceAll(test.source, "TEXT", "'zero'")
				w.write(test.file, source)
				model, err := os.ReadFile(filepath.Join(w.dir, "devbox.yaml"))
				if err != nil {
					t.Fatal(err)
				}
				w.write("devbox.yaml", strings.Replace(string(model), "dev: node index.js", "standby: "+mode+"\n    dev: "+test.dev, 1))
				up := w.start("up", "--json")
				answer := func(mark string) string {
					var got string
					w.eventually("the answer "+mark, 20*time.Second, func() error {
						var err error
						if got, err = get(url); err == nil && !strings.HasPrefix(got, mark+" ") {
							err = fmt.Errorf("got %q", got)
						}
						return err
					})
					return strings.TrimPrefix(got, mark+" ")
				}
				cold := answer("zero")
				for i := range 3 {
					w.eventually("a standby", 20*time.Second, func() error {
						if n := w.processesOf(test.file); n != 2 {
							return fmt.Errorf("%d processes of the app, want it and its standby", n)
						}
						return nil
					})
					mark := fmt.Sprint("edit-", i)
					w.write(test.file, strings.ReplaceAll(test.source, "TEXT", "'"+mark+"'"))
					if warm := answer(mark); warm != cold {
						t.Errorf("cold: %s\nwarm: %s", cold, warm)
					}
				}
				up.interrupt()
				up.wait(15 * time.Second)
			})
		}
	}
}
