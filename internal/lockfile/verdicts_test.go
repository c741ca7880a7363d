package lockfile

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// doubted are the cases in which a package manager refuses what counts as in
// step here, each with the reason. The other way round there is none.
var doubted = map[string]string{
	"npm: an override of what others ask for that is not met": "nested overrides are not followed",
	"npm-11-1: one peer dependency more":                      "a lock of version 1 has no peers, whoever installed them",
	"pnpm: an override":                                       "of its two files pnpm 12 reads another one than pnpm 10",
	"pnpm: one optional dependency more":                      "pnpm 12 takes it, and writes the same lockfileVersion",
}

// TestInStepAgreesWithThePackageManagers compares with what real package
// managers said of the same files; testdata/verdicts.mjs asked them.
func TestInStepAgreesWithThePackageManagers(t *testing.T) {
	files, err := filepath.Glob("testdata/TestInStepAgreesWithThePackageManagers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no verdicts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			manager, _, _ := strings.Cut(name, "-")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(archive.Comment)) {
				verdict, title, found := strings.Cut(strings.TrimSpace(line), ": ")
				if !found || verdict != "accepted" && verdict != "refused" {
					continue
				}
				t.Run(title, func(t *testing.T) {
					checkVerdict(t, caseFiles(archive, title), verdict, doubted[manager+": "+title]+doubted[name+": "+title] != "")
				})
			}
		})
	}
}

// caseFiles are the files of a case: those of the base with those that it
// changed. An empty one was removed.
func caseFiles(archive *txtar.Archive, title string) map[string][]byte {
	files := map[string][]byte{}
	for _, prefix := range []string{"base/", title + "/"} {
		for _, f := range archive.Files {
			if name, found := strings.CutPrefix(f.Name, prefix); found {
				files[name] = f.Data
			}
		}
	}
	for name, data := range files {
		if len(data) == 0 {
			delete(files, name)
		}
	}
	return files
}

func checkVerdict(t *testing.T, files map[string][]byte, verdict string, doubted bool) {
	var lock *Lock
	var manifests []*Manifest
	for name, data := range files {
		switch base := filepath.Base(name); {
		case base == "package.json":
			manifests = append(manifests, mustManifest(t, filepath.Dir(name), string(data)))
		case Manager(base) != "":
			lock = mustParse(t, base, string(data))
		}
	}
	slices.SortFunc(manifests, func(a, b *Manifest) int { return strings.Compare(a.Path, b.Path) })
	all := lock.InStep(manifests)
	err := lock.Check(manifests)
	got := "accepted"
	if err != nil {
		got = "refused"
	}
	if got != verdict && (!doubted || got == "refused") {
		t.Errorf("%s here, %s by the package manager: %v", got, verdict, all)
	}
}
