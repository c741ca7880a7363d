package lockfile

import (
	"testing"
)

// starter is the lock of an app with one dependency that has one of its own,
// once hoisted and once below it.
const starter = `{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "app", "version": "1.0.0", "dependencies": {"a": "^1.0.0", "b": "^2.0.0"}},
    "node_modules/a": {"version": "1.2.0", "integrity": "sha512-YQ==", "dependencies": {"b": "^1.0.0"}},
    "node_modules/a/node_modules/b": {"version": "1.0.1", "integrity": "sha512-YjE="},
    "node_modules/b": {"version": "2.0.0", "integrity": "sha512-YjI="}
  }
}`

func mustParse(t *testing.T, name, text string) *Lock {
	t.Helper()
	lock, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	return lock
}

func mustManifest(t *testing.T, folder, text string) *Manifest {
	t.Helper()
	m, err := ParseManifest(folder, []byte(text))
	if err != nil {
		t.Fatalf("parse package.json in %s: %v", folder, err)
	}
	return m
}

func TestADependencyResolvesAsInNodeModules(t *testing.T) {
	lock := mustParse(t, "package-lock.json", starter)
	for _, test := range []struct{ from, name, want string }{
		{".", "b", "node_modules/b"},
		{"node_modules/a", "b", "node_modules/a/node_modules/b"},
		{"node_modules/a/node_modules/b", "b", "node_modules/a/node_modules/b"},
		{"node_modules/a/node_modules/b", "a", "node_modules/a"},
		{"node_modules/b", "b", "node_modules/b"},
		{".", "c", ""},
	} {
		got := ""
		if p := lock.Resolve(test.from, Dependency{Name: test.name}); p != nil {
			got = p.ID
		}
		if got != test.want {
			t.Errorf("%s from %s is %q, want %q", test.name, test.from, got, test.want)
		}
	}
}
