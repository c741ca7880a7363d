package templates_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/templates"
)

// localPackage is a local package with a build that counts how often it ran.
type localPackage struct {
	t                  *testing.T
	shell              []string
	top, records, runs string
	// first is what the line begins with, during what happens while a build runs.
	first, during string
}

func newLocalPackage(t *testing.T, shell []string) *localPackage {
	p := &localPackage{t: t, shell: shell, top: t.TempDir()}
	p.records, p.runs = filepath.Join(p.top, "records"), filepath.Join(p.top, "runs")
	p.write("pkg/src/index.ts", "one")
	p.write("pkg/package.json", "{}")
	p.write("dep/index.js", "")
	p.write("tsconfig.json", "{}")
	p.write("notes.md", "")
	return p
}

func (p *localPackage) write(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.top, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// line is a line that builds the package and then prints what was built.
func (p *localPackage) line(build string) *exec.Cmd {
	script := p.first + templates.BuildOnce() + `dbx_once "$1" lock what "$2/pkg $2/dep" "$2" sh -c "$3" && cat "$2/pkg/dist/index.js"`
	return exec.Command(p.shell[0], append(p.shell[1:], "-c", script, "line", p.records, p.top, build)...)
}

// start runs the line; it gives what was printed and how many builds there were
// until now.
func (p *localPackage) start() (out string, builds int) {
	p.t.Helper()
	text, err := p.line("echo x >>" + p.runs + "; mkdir -p " + p.top + "/pkg/dist && cat " + p.top + "/pkg/src/index.ts >" + p.top + "/pkg/dist/index.js; " + p.during).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%v: %s", err, text)
	}
	return string(text), p.builds()
}

func (p *localPackage) builds() int {
	data, err := os.ReadFile(p.runs)
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return strings.Count(string(data), "x")
}

func (p *localPackage) want(why, text string, builds int) {
	p.t.Helper()
	if out, n := p.start(); out != text || n != builds {
		p.t.Errorf("%s: %q after %d builds, want %q after %d", why, out, n, text, builds)
	}
}

func TestALocalPackageIsBuiltWhereItChangedOnly(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		p := newLocalPackage(t, shell)
		p.want("the first start", "one", 1)
		p.want("nothing changed", "one", 1)
		p.write("pkg/src/index.ts", "one")
		p.write("notes.md", "new")
		p.write("pkg/node_modules/x/index.js", "new")
		p.want("what the build does not read", "one", 1)
		p.write("pkg/src/index.ts", "two")
		p.want("an edit", "two", 2)
		p.write("pkg/src/index.ts", "one")
		p.want("the edit taken back, the output not", "one", 3)
		p.write("tsconfig.json", "{} ")
		p.want("settings above", "one", 4)
		p.write("dep/index.js", "new")
		p.want("a package that it loads", "one", 5)
		if err := os.RemoveAll(filepath.Join(p.top, "pkg/dist")); err != nil {
			t.Fatal(err)
		}
		p.want("the output is gone", "one", 6)
		p.want("and nothing since", "one", 6)
	})
}

func TestAnEditDuringABuildIsBuiltByTheNextStart(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		p := newLocalPackage(t, shell)
		p.during = "printf two >" + p.top + "/pkg/src/index.ts"
		p.want("an edit after the build has read it", "one", 1)
		p.during = ""
		p.want("the next start", "two", 2)
		p.want("and the one after", "two", 2)
	})
}

func TestABuildThatFailsIsTriedAgain(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		p := newLocalPackage(t, shell)
		for range 2 {
			out, err := p.line("echo x >>" + p.runs + "; exit 3").CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 3 {
				t.Fatalf("%v: %s", err, out)
			}
		}
		if n := p.builds(); n != 2 {
			t.Errorf("%d builds, want 2", n)
		}
		p.want("the one that is mended", "one", 3)
	})
}

func TestNoTwoBuildsOfAPackageAtTheSameTime(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		p := newLocalPackage(t, shell)
		// Whoever meets another one at work says so.
		p.during = "mkdir " + p.top + "/busy || echo overlap; sleep 0.1; rmdir " + p.top + "/busy"
		type result struct {
			out    string
			builds int
		}
		results := make(chan result)
		for range 4 {
			go func() {
				out, n := p.start()
				results <- result{out, n}
			}()
		}
		for range 4 {
			if r := <-results; r.out != "one" {
				t.Errorf("it printed %q", r.out)
			}
		}
		if n := p.builds(); n != 1 {
			t.Errorf("%d builds, want 1", n)
		}
	})
}

func TestWithoutAPlaceForRecordsABuildJustRuns(t *testing.T) {
	for name, spoil := range map[string]func(*localPackage){
		"no folder can be made": func(p *localPackage) {
			p.write("file", "")
			p.records = filepath.Join(p.top, "file", "records")
		},
		"nothing can be written to it": func(p *localPackage) { p.write("records/lock/a-folder", "") },
	} {
		t.Run(name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				p := newLocalPackage(t, shell)
				spoil(p)
				p.want("the first start", "one", 1)
				p.want("the second", "one", 2)
			})
		})
	}
}

// A digest over less than all files would say that nothing changed, or take one
// script for another.
func TestWhereAFileCannotBeReadABuildRuns(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		p := newLocalPackage(t, shell)
		p.first = `xargs() { command xargs "$@"; return 1; }` + "\n" // as where one of its commands fails
		p.want("the first start", "one", 1)
		p.want("the second", "one", 2)
	})
}
