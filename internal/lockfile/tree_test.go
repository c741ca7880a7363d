package lockfile

import (
	"os"
	"path/filepath"
	"testing"
)

// readFixture reads a file of the running test.
func readFixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", t.Name(), name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTreeIsWhatNPMInstalls compares with the hidden lockfiles that npm 11
// wrote after `npm ci` of one lock: 79 places with workspaces, a linked folder,
// an alias, a tarball that bundles a package, and packages for one platform.
func TestTreeIsWhatNPMInstalls(t *testing.T) {
	lock := mustParse(t, "package-lock.json", string(readFixture(t, "package-lock.json")))
	installed := map[string][]Installed{}
	for _, name := range []string{"dev.json", "prod.json", "musl.json", "nooptional.json"} {
		var err error
		if installed[name], err = ParseInstalled(readFixture(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	linux := Platform{OS: "linux", CPU: "x64", Libc: "glibc", Node: "20.20.2"}
	for _, test := range []struct {
		name, file string
		on         Platform
	}{
		{"npm ci", "dev.json", linux},
		{"npm ci --omit=dev", "prod.json", Platform{OS: "linux", CPU: "x64", Libc: "glibc", Node: "20.20.2", Omit: []Kind{Dev}}},
		{"npm ci --omit=optional", "nooptional.json", Platform{OS: "linux", CPU: "x64", Libc: "glibc", Node: "20.20.2", Omit: []Kind{Optional}}},
		{"npm ci --cpu=arm64 --libc=musl", "musl.json", Platform{OS: "linux", CPU: "arm64", Libc: "musl", Node: "20.20.2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, d := range CompareTree(lock.Tree(test.on), installed[test.file]) {
				t.Error(d)
			}
		})
	}
	if len(CompareTree(lock.Tree(linux), installed["musl.json"])) == 0 || len(CompareTree(lock.Tree(linux), installed["prod.json"])) == 0 {
		t.Error("the tree of another platform, or of production, passes as the tree of development")
	}
}
