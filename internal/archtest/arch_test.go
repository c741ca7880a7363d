// Package archtest holds the arrows between the packages of this module: who
// imports whom, and which libraries are spelled where. It reads the imports of
// every Go file, whatever its build tags.
package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/devbox-node/devbox"

// anything in a package's list stands for every package of the module.
const anything = "*"

// arrows are the packages of the module, each with those of the module that it
// may import. A package without a row is reported: it needs a place here first.
var arrows = map[string][]string{
	"cmd/devbox":                 {anything},
	"internal/ui":                {"internal/session", "internal/engine", "internal/project", "internal/term", "internal/ui/logs", "internal/ui/plain"},
	"internal/ui/uitest":         {},
	"internal/ui/plain":          {"internal/session", "internal/engine", "internal/project", "internal/term"},
	"internal/ui/logs":           {"internal/session", "internal/term"},
	"internal/checkout":          {"internal/project"},
	"internal/session":           {"internal/checkout", "internal/project", "internal/lockfile", "internal/volumes", "internal/watch", "internal/engine", "internal/term"},
	"internal/volumes":           {"internal/project", "internal/lockfile", "internal/engine", "templates"},
	"internal/project":           {"internal/lockfile", "templates"},
	"internal/engine":            {},
	"internal/engine/docker":     {"internal/engine"},
	"internal/engine/enginetest": {"internal/engine"},
	"internal/lockfile":          {"internal/semver"},
	"internal/gitrev":            {},
	"internal/semver":            {},
	"internal/term":              {},
	"internal/watch":             {},
	"internal/watch/watchtest":   {},
	"internal/archtest":          {},
	"templates":                  {},
	// These look at the program and at the engine from outside.
	"e2e":   {},
	"bench": {"internal/watch", "internal/session", "internal/engine", "internal/term", "internal/ui", "internal/ui/logs", "internal/ui/uitest"},
}

// library is a family of libraries that only some packages may import.
type library struct {
	prefix string
	owners []string
}

// libraries are asked in this order; the first that fits decides.
var libraries = []library{
	// The languages of .dockerignore and of Dockerfiles have nothing of the engine in them.
	{"github.com/moby/patternmatcher", []string{"internal/watch", "internal/project", "internal/engine/docker"}},
	{"github.com/moby/buildkit/frontend/dockerfile", []string{"internal/project", "internal/engine/docker"}},
	{"github.com/moby", []string{"internal/engine/docker", "e2e", "bench"}},
	{"github.com/docker/go-units", []string{"cmd/devbox", "internal/ui"}}, // sizes and times as people say them
	{"github.com/docker", []string{"internal/engine/docker"}},
	{"github.com/containerd", []string{"internal/engine/docker"}},
	{"github.com/tonistiigi", []string{"internal/engine/docker"}},
	{"github.com/compose-spec", []string{"internal/project", "internal/engine/docker", "internal/engine/enginetest"}},
	{"github.com/fsnotify", []string{"internal/watch"}},
	{"charm.land", []string{"internal/ui"}},
	{"github.com/charmbracelet", []string{"internal/ui", "internal/ui/uitest"}},
	{"github.com/spf13", []string{"cmd/devbox"}},
}

// source is one Go file: its path from the module's root and what it imports.
type source struct {
	name    string
	imports []string
}

func (s source) pkg() string  { return path.Dir(s.name) }
func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") || isTestPackage(s.pkg()) }

// isTestPackage tells whether a package is there for tests, such as enginetest.
func isTestPackage(pkg string) bool { return strings.HasSuffix(pkg, "test") }

// violations are the imports of a file that no arrow allows, as sentences.
func violations(s source) []string {
	allowed, known := arrows[s.pkg()]
	if !known {
		return []string{s.name + ": the package " + s.pkg() + " has no row in the table of arrows"}
	}
	var found []string
	for _, imported := range s.imports {
		if why := refusal(s, imported, allowed); why != "" {
			found = append(found, fmt.Sprintf("%s imports %s: %s", s.name, imported, why))
		}
	}
	return found
}

// refusal says why a file may not import a package; it is empty when it may.
func refusal(s source, imported string, allowed []string) string {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		return refusalOfOwn(s, own, allowed)
	}
	if under(imported, "testing") && !s.isTest() {
		return "production code does not import testing"
	}
	for _, l := range libraries {
		if !under(imported, l.prefix) {
			continue
		}
		if !slices.Contains(l.owners, s.pkg()) {
			return "only " + strings.Join(l.owners, ", ") + " may"
		}
		return ""
	}
	return ""
}

func refusalOfOwn(s source, own string, allowed []string) string {
	switch {
	case own == s.pkg(): // a test in package x_test
		return ""
	case isTestPackage(own) && !s.isTest() && !slices.Contains(allowed, own):
		return "it is for tests"
	case isTestPackage(own), slices.Contains(allowed, own), slices.Contains(allowed, anything):
		return ""
	case len(allowed) == 0:
		return s.pkg() + " imports no package of the module"
	}
	return s.pkg() + " may import only " + strings.Join(allowed, ", ")
}

func under(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

func TestImportsFollowTheArrows(t *testing.T) {
	sources := readSources(t, filepath.Join("..", ".."))
	for _, s := range sources {
		for _, v := range violations(s) {
			t.Error(v)
		}
	}
	// A walk in the wrong place would find nothing and be content.
	const self = "internal/archtest/arch_test.go"
	if !slices.ContainsFunc(sources, func(s source) bool { return s.name == self }) {
		t.Errorf("%d files were read and %s is not among them", len(sources), self)
	}
}

func TestForbiddenImportsAreReported(t *testing.T) {
	for _, test := range []struct {
		name, file, imported string
		want                 string // part of the sentence; empty: no objection
	}{
		{"an arrow of the table", "internal/session/run.go", module + "/internal/watch", ""},
		{"an arrow backwards", "internal/watch/watch.go", module + "/internal/session", "imports no package of the module"},
		{"an arrow past its layer", "internal/ui/plain/print.go", module + "/internal/watch", "may import only"},
		{"the session reaches for Docker", "internal/session/up.go", module + "/internal/engine/docker", "may import only"},
		{"cmd wires it in", "cmd/devbox/root.go", module + "/internal/engine/docker", ""},
		{"a scenario looks inside", "e2e/up_test.go", module + "/internal/session", "imports no package of the module"},
		{"a fake in a test", "internal/session/run_test.go", module + "/internal/engine/enginetest", ""},
		{"a fake in production code", "cmd/devbox/up.go", module + "/internal/engine/enginetest", "it is for tests"},
		{"a test in a package of its own", "internal/watch/watch_test.go", module + "/internal/watch", ""},
		{"the API client at its place", "internal/engine/docker/client.go", "github.com/moby/moby/client", ""},
		{"the API client elsewhere", "internal/session/run.go", "github.com/moby/moby/client", "only internal/engine/docker"},
		{"moby's matcher of names", "internal/watch/ignore.go", "github.com/moby/patternmatcher", ""},
		{"the Compose SDK elsewhere", "internal/project/load.go", "github.com/docker/compose/v5/pkg/api", "only internal/engine/docker may"},
		{"the Compose model in the model", "internal/project/load.go", "github.com/compose-spec/compose-go/v2/types", ""},
		{"the Compose model in the dashboard", "internal/ui/model.go", "github.com/compose-spec/compose-go/v2/types", "only internal/project"},
		{"file events elsewhere", "internal/session/run.go", "github.com/fsnotify/fsnotify", "only internal/watch may"},
		{"the terminal library elsewhere", "internal/ui/plain/print.go", "charm.land/bubbletea/v2", "only internal/ui may"},
		{"the command line library elsewhere", "internal/session/run.go", "github.com/spf13/cobra", "only cmd/devbox may"},
		{"testing in production code", "internal/watch/watch.go", "testing", "does not import testing"},
		{"testing/fstest in production code", "internal/watch/watch.go", "testing/fstest", "does not import testing"},
		{"testing in a package for tests", "internal/engine/enginetest/fake.go", "testing", ""},
		{"any other library", "internal/watch/watch.go", "golang.org/x/sys/unix", ""},
		{"a name that only begins alike", "internal/watch/watch.go", "github.com/mobydick/whale", ""},
		{"a package that the table does not know", "internal/brandnew/new.go", "fmt", "has no row"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(violations(source{test.file, []string{test.imported}}), "\n")
			if (got != "") != (test.want != "") || !strings.Contains(got, test.want) {
				t.Errorf("%s imports %s: reported %q, want %q", test.file, test.imported, got, test.want)
			}
		})
	}
}

// TestTheArrowsMakeNoCircle goes from each package along its arrows and must
// not come back.
func TestEveryPackageIsDescribed(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range arrows {
		if !strings.Contains(string(text), "`"+pkg+"`") {
			t.Errorf("%s is not in CONTRIBUTING.md", pkg)
		}
	}
}

func TestTheArrowsMakeNoCircle(t *testing.T) {
	for start := range arrows {
		seen := map[string]bool{}
		next := slices.Clone(arrows[start])
		for len(next) > 0 {
			pkg := next[0]
			next = next[1:]
			if pkg == start {
				t.Errorf("%s imports itself, by way of others", start)
			}
			if _, known := arrows[pkg]; !known && pkg != anything {
				t.Errorf("%s may import %s, which has no row", start, pkg)
			}
			if !seen[pkg] {
				seen[pkg] = true
				next = append(next, arrows[pkg]...)
			}
		}
	}
}

// readSources reads the imports of the module's Go files.
func readSources(t *testing.T, root string) []source {
	t.Helper()
	var sources []source
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		if entry.IsDir() && notOurs(name) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".go" {
			return nil
		}
		imports, err := readImports(file)
		sources = append(sources, source{filepath.ToSlash(name), imports})
		return err
	})
	if err != nil {
		t.Fatalf("read the module's sources: %v", err)
	}
	return sources
}

// notOurs tells whether a folder holds no code of this module: tools is a
// module of its own, and the go command passes over the others as well.
func notOurs(dir string) bool {
	base := filepath.Base(dir)
	return dir == "tools" || base == "testdata" || base == "node_modules" || len(base) > 1 && (base[0] == '.' || base[0] == '_') && base != ".."
}

func readImports(file string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, imported)
	}
	return imports, nil
}
