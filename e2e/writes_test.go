//go:build e2e

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// builds is an app whose dev command has Vite fill its cache among the packages and
// compiles the app into dist, again at each edit.
var builds = map[string]string{
	"package.json": `{
  "name": "x", "private": true, "type": "module",
  "scripts": {"dev": "vite optimize && tsc && concurrently -k \"tsc --watch --preserveWatchOutput\" \"node dist/index.js\"", "build": "tsc", "start": "node dist/index.js"},
  "dependencies": {"ms": "2.1.3"},
  "devDependencies": {"concurrently": "9.2.0", "typescript": "5.9.2", "vite": "7.1.5"}
}
`,
	"tsconfig.json": `{"compilerOptions": {"outDir": "dist", "rootDir": "src", "module": "nodenext", "target": "es2022", "types": [], "lib": ["es5"], "noCheck": true}, "include": ["src"]}`,
	"src/index.ts":  "import http from 'node:http';\nconst word: string = 'first';\nhttp.createServer((_request, response) => response.end(word)).listen(Number(process.env.PORT ?? 3000));\n",
	"index.html":    `<script type="module" src="/main.js"></script>`,
	"main.js":       "import ms from 'ms';\ndocument.title = ms(1000);\n",
	".gitignore":    "node_modules\ndist\n",
}

// Tools write what they make, whoever owns the folder; nothing of it is root's on
// the host of a user, and nothing is left when the environment goes.
func TestToolsWriteWhoeverOwnsTheFolder(t *testing.T) {
	for name, uid := range map[string]int{"root": 0, "user": 1000} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.uid = uid
			if err := os.Chown(filepath.Dir(w.dir), uid, uid); err != nil {
				t.Fatal(err)
			}
			for file, text := range builds {
				w.write(file, text)
			}
			if err := os.Chown(w.dir, uid, uid); err != nil {
				t.Fatal(err)
			}
			port := w.ownPort()
			w.ok("init", "--name", w.name, "--yes", w.dir)
			if got, want := strings.Contains(w.read("devbox.yaml"), "writes: [dist]"), uid == 0; got != want {
				t.Errorf("devbox.yaml names dist: %v, want %v\n%s", got, want, w.read("devbox.yaml"))
			}
			w.ok("up", "--detach")
			at := fmt.Sprintf("http://127.0.0.1:%d", port)
			answers := func(words string) { // a compiler takes its time
				t.Helper()
				w.eventually(at+" answers "+words, 2*time.Minute, func() error {
					body, err := get(at)
					if err == nil && body != words {
						err = fmt.Errorf("it answers %q", body)
					}
					return err
				})
			}
			answers("first")

			w.step("the cache is written, and an edit is compiled")
			w.ok("run", "sh", "-c", "ls node_modules/.vite/deps/_metadata.json dist/index.js")
			w.replace("src/index.ts", "first", "second")
			answers("second")

			w.step("what a one-off writes is the app's afterwards")
			w.ok("run", "sh", "-c", "echo '// by hand' >>dist/index.js && touch dist/other.js node_modules/.vite/other")
			w.replace("src/index.ts", "second", "third")
			answers("third")

			w.step("nothing on the host is somebody else's")
			w.ownedBy(uid)
			if got := strings.Join(w.labelled("com.docker.compose.project="+w.name), " "); !strings.Contains(got, "node_modules_.vite") || strings.Contains(got, "writes-dist") != (uid == 0) {
				t.Errorf("the volumes are %s", got)
			}
			w.ok("down", "--volumes")
			if left := w.labelled("com.docker.compose.project=" + w.name); len(left) > 0 {
				t.Errorf("volumes are left: %v", left)
			}
		})
	}
}

// ownedBy makes sure that all of the project's folder belongs to somebody.
func (w *world) ownedBy(uid int) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && int(info.Sys().(*syscall.Stat_t).Uid) != uid {
			w.t.Errorf("%s belongs to %d, want %d", path, info.Sys().(*syscall.Stat_t).Uid, uid)
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}
