package project

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryTestdataFolderBelongsToATest by its name, so that none is left over.
func TestEveryTestdataFolderBelongsToATest(t *testing.T) {
	tests := map[string]bool{"fuzz": true} // where `go test -fuzz` puts what it finds
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			tests[m[1]] = true
		}
	}
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !tests[f.Name()] {
			t.Errorf("testdata/%s belongs to no test", f.Name())
		}
	}
}
