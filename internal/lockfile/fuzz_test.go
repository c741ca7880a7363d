package lockfile

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// seeds are the locks of real package managers and short ones of rare forms.
func seeds(f *testing.F, file string, short ...string) {
	f.Helper()
	archives, err := filepath.Glob("testdata/TestInStepAgreesWithThePackageManagers/*.txtar")
	if err != nil || len(archives) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if part.Name == "base/"+file {
				f.Add(part.Data)
			}
		}
	}
	for _, text := range short {
		f.Add([]byte(text))
	}
}

// holds checks what is true of every text: it is a lock, or an *Error says why
// not, with a place within the text; and a lock agrees with itself.
func holds(t *testing.T, file string, data []byte) {
	lock, err := Parse(file, data)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Text == "" || e.Kind == nil {
			t.Fatalf("%v is no whole *Error", err)
		}
		if lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1; e.Line > lines+1 {
			t.Fatalf("%v points behind the %d lines", err, lines)
		}
		return
	}
	if changes := Diff(lock, lock); !changes.Empty() {
		t.Fatalf("a lock differs from itself: %s", changes)
	}
	again, err := Parse(file, data)
	if err != nil || again.Digest() != lock.Digest() {
		t.Fatalf("read again it is another lock: %v", err)
	}
	root := &Manifest{Path: "."}
	if i := lock.Importer("."); i == nil {
		t.Fatal("the root is missing")
	} else if i.Recorded {
		root.Name, root.Dependencies = i.Name, i.Dependencies
	}
	lock.InStep([]*Manifest{root})
	tree := lock.Tree(Platform{OS: "linux", CPU: "x64", Libc: "glibc", Node: "24.0.0", Omit: []Kind{Dev}})
	if different := CompareTree(tree, tree); len(different) > 0 {
		t.Fatalf("a tree differs from itself: %v", different)
	}
	_ = Diff(nil, lock).String() + Diff(lock, nil).String()
	_ = lock.CheckManager("1.0.0")
	lock.Unsupported(Platform{OS: "linux"})
}

func FuzzNPM(f *testing.F) {
	seeds(f, "package-lock.json", starter,
		`{"lockfileVersion": 1, "dependencies": {"a": {"version": "npm:b@1", "requires": {"c": "1"}, "dependencies": {"c": {"version": "file:c"}}}}}`,
		`{"lockfileVersion": 3, "packages": {"": {"workspaces": ["*"]}, "a": {}, "node_modules/a": {"link": true, "resolved": "a"}, "../b": {}, "node_modules/b": {"link": true, "resolved": "../b"}}}`,
		`{"lockfileVersion": 3, "packages": {"node_modules/o": {"optional": true, "os": ["!linux"], "dependencies": {"p": "1"}}, "node_modules/p": {"optional": true}}}`)
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "package-lock.json", data) })
}

func FuzzYarn(f *testing.F) {
	seeds(f, "yarn.lock", "a@1, \"b@npm:c@^1\":\n  version \"1\"\n  dependencies:\n    \"@s/d\" \"*\"\n", "__metadata:\n  version: 6\n\"p@patch:p@npm%3A1#x\":\n  version: 1\n  resolution: \"p@patch:p@npm%3A1#x::v=1\"\n")
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "yarn.lock", data) })
}

func FuzzPNPM(f *testing.F) {
	seeds(f, "pnpm-lock.yaml", "lockfileVersion: 5.4\nspecifiers: {a: ^1}\ndependencies: {a: 1.0.0_b@2.0.0}\npackages:\n  /a/1.0.0_b@2.0.0: {dev: false}\n", "---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\nsnapshots: {a@1(b@2): {}}\n")
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "pnpm-lock.yaml", data) })
}

func FuzzBun(f *testing.F) {
	seeds(f, "bun.lock", `{"lockfileVersion": 0, /* c */ "packages": {"a/@s/b": ["@s/b@1", "", {"peerDependencies": {"c": "*"}, "optionalPeers": ["c"]}, "sha512-x"],},}`)
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "bun.lock", data) })
}

func FuzzManifest(f *testing.F) {
	seeds(f, "package.json", `{"workspaces": {"packages": ["a"]}, "overrides": {"a": {".": "1", "b@2": "$c"}}, "resolutions": {"**/a/@s/b@npm:^1": "1", "@s/a/b": "2", "/": "3"}}`)
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := ParseManifest("lib", data); (m == nil) == (err == nil) {
			t.Fatalf("%v and %v", m, err)
		}
	})
}
