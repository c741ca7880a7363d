package lockfile

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// registries are addresses that a package manager writes into a lock; what is
// committed here shall not depend on any.
var registries = regexp.MustCompile(`https?://[^\\s"]*/-/`)

// TestTestdata checks that every folder belongs to a test by its name, and that
// no fixture names a registry.
func TestTestdata(t *testing.T) {
	declared := map[string]bool{"fuzz": true} // where `go test -fuzz` puts what it finds
	sources, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			declared[m[1]] = true
		}
	}
	err = filepath.WalkDir("testdata", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if folder, _, inFolder := strings.Cut(strings.TrimPrefix(name, "testdata/"), "/"); inFolder && !declared[folder] {
			t.Errorf("%s belongs to no test", name)
		}
		data, err := os.ReadFile(name)
		if found := registries.Find(data); found != nil {
			t.Errorf("%s names %s", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
