package session

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/devbox-node/devbox/internal/project"
)

// The build output of a shared package is what its users run, although git, and so
// the watcher, is kept from it.
func TestBuildOutputOfSharedPackagesIsWatched(t *testing.T) {
	s := newScene(t)
	for name, content := range map[string]string{
		".gitignore":   "dist/\nlib/\n",
		"devbox.yaml":  "name: chat\nservices:\n  api:\n    node: 26.10.0\n    package-manager: npm@11.21.2\n    port: 0\n    dir: packages/api\n    dev: node index.js\n",
		"package.json": `{"name":"chat","private":true,"workspaces":["packages/*"]}`,
		"package-lock.json": `{"name":"chat","lockfileVersion":3,"packages":{"":{"workspaces":["packages/*"]},"node_modules/api":{"resolved":"packages/api","link":true},` +
			`"packages/api":{"dependencies":{"both":"*","built":"*","plain":"*"}},"packages/built":{},"packages/both":{},"packages/plain":{}}}`,
		"packages/api/package.json":   `{"name":"api","dependencies":{"both":"*","built":"*","plain":"*"}}`,
		"packages/built/package.json": `{"name":"built","main":"./dist/index.js","exports":{".":{"types":"./src/index.ts","default":"./dist/index.js"},"./*":"./lib/*.js"}}`,
		"packages/both/package.json":  `{"name":"both","exports":{"development":"./src/index.ts","default":"./dist/index.js"}}`,
		"packages/plain/package.json": `{"name":"plain","main":"index.js"}`,
	} {
		if err := os.MkdirAll(filepath.Join(s.dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		s.write(name, content)
	}
	d := s.desire(project.Dev)
	l, ignores, err := layoutOf(s.dir, d)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]SharedOutput{
		"packages/built": {Folders: []string{"packages/built/dist", "packages/built/lib"}, Whole: true},
		"packages/both":  {Folders: []string{"packages/both/dist"}},
	}
	if got := l.Uses[0].SharedOutputs; !reflect.DeepEqual(got, want) {
		t.Errorf("build output is %+v, want %+v", got, want)
	}
	for folder, ignored := range map[string]bool{"packages/built/dist": false, "packages/built/lib": false, "packages/both/dist": false, "packages/plain/dist": true} {
		if got := ignores.Ignored(folder, true); got != ignored {
			t.Errorf("%s: ignored is %v", folder, got)
		}
	}
}
