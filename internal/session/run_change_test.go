package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
)

// edit changes devbox.yaml: old becomes new, once.
func (s *scene) editModel(old, new string) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "devbox.yaml"))
	if err != nil || !strings.Contains(string(text), old) {
		s.t.Fatalf("devbox.yaml has no %q: %v", old, err)
	}
	s.write("devbox.yaml", strings.Replace(string(text), old, new, 1))
}

func (s *scene) mkdir(name string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Join(s.dir, name), 0o700); err != nil {
		s.t.Fatal(err)
	}
}

func TestAToolThatTakesInEditsIsLeftAloneAndSaidOnce(t *testing.T) {
	s := newScene(t)
	s.write("package.json", `{"scripts":{"dev":"nodemon index.js"}}`)
	s.editModel("dev: node index.js", "dev: npm run dev")
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.write("index.js", "// two")
	if e := s.has(1, Changed)[0]; e.Service != "web" || e.Text != "nodemon takes in edits by itself" {
		t.Errorf("changed: %+v", e)
	}
	s.write("index.js", "// three")
	s.write("README.md", "# what is answered shows that the edit before was seen")
	s.has(2, Changed)
	s.write("package-lock.json", `{"lockfileVersion":3,"packages":{}}`)
	s.has(1, Restarted)
	if list := s.has(2, Changed); len(list) != 2 || !slices.Equal(list[1].Files, []string{"README.md"}) {
		t.Errorf("changed: %+v", list)
	}
	if list := s.has(0, Restarting); len(list) != 0 {
		t.Errorf("the app was restarted: %+v", list)
	}
}

func TestRulesOfOneServiceHideNothingFromAnother(t *testing.T) {
	s := newScene(t)
	s.editModel("    prod: node index.js\n", `    prod: node index.js
    watch: {ignore: [jobs/]}
  worker:
    node: 26.10.0
    package-manager: npm@11.21.2
    dev: node jobs/index.js
    watch: {paths: [jobs/, shared/]}
`)
	for _, dir := range []string{"jobs", "shared", "src"} {
		s.mkdir(dir)
	}
	s.start(RunOptions{})
	s.has(2, Ready)
	s.has(1, WatchedMode)
	for i, edit := range []struct{ file, restarted string }{
		{"jobs/a.js", "worker"}, {"src/a.js", "web"}, {"shared/a.js", "web worker"}, {"jobs/a.js", "worker"},
	} {
		before := len(s.has(0, Restarted))
		s.write(edit.file, fmt.Sprint("// ", i))
		want := strings.Fields(edit.restarted)
		var got []string
		for _, e := range s.has(before+len(want), Restarted)[before:] {
			got = append(got, e.Service)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s restarted %q, want %q", edit.file, got, want)
		}
	}
}

// New rules in devbox.yaml hold while the session goes on.
func TestNewRulesHoldAtOnce(t *testing.T) {
	s := newScene(t)
	s.mkdir("data")
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.write("data/a.txt", "one")
	if e := s.has(1, Restarted)[0]; !slices.Equal(e.Files, []string{"data/a.txt"}) {
		t.Fatalf("restarted: %+v", e)
	}
	s.editModel("    prod: node index.js\n", "    prod: node index.js\n    watch: {ignore: [data/]}\n")
	// The rules hold some time after the save: until then both files are seen.
	const rounds = 200
	for i := range rounds {
		before := len(s.has(0, Restarted))
		s.write("data/a.txt", fmt.Sprint("round ", i))
		s.write("index.js", fmt.Sprint("// round ", i))
		seen := false
		for deadline := time.Now().Add(20 * time.Second); !seen && time.Now().Before(deadline); {
			list := s.has(before+1, Restarted)[before:]
			seen = slices.ContainsFunc(list, func(e Event) bool { return slices.Contains(e.Files, "index.js") })
			before += len(list)
			if seen && !slices.ContainsFunc(list, func(e Event) bool { return slices.Contains(e.Files, "data/a.txt") }) {
				return
			}
		}
	}
	t.Errorf("after %d edits data/ is still watched", rounds)
}

// An app that runs from build output restarts for that, not for what it is
// built from.
func TestBuildOutputIsWatchedWhereTheAppRunsFromIt(t *testing.T) {
	s := newScene(t)
	s.mkdir("dist")
	s.mkdir("src")
	s.editModel("dev: node index.js", "dev: node dist/index.js")
	s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.write("src/index.ts", "export {}")
	if e := s.has(1, Changed)[0]; !strings.Contains(e.Text, "runs from dist") {
		t.Errorf("changed: %+v", e)
	}
	s.write("dist/index.js", "// built")
	if e := s.has(1, Restarted)[0]; !slices.Equal(e.Files, []string{"dist/index.js"}) {
		t.Errorf("restarted: %+v", e)
	}
}

// After a plan was made anew, an app restarts only for files that it uses.
func TestAConvergeRestartsOnlyWhoUsesTheFiles(t *testing.T) {
	s := newScene(t)
	s.editModel("    prod: node index.js\n", `    prod: node index.js
    watch: {ignore: [jobs/, .nvmrc]}
  worker:
    node: 26.10.0
    package-manager: npm@11.21.2
    dev: node jobs/index.js
    watch: {paths: [jobs/]}
`)
	s.mkdir("jobs")
	s.start(RunOptions{})
	s.has(2, Ready)
	s.has(1, WatchedMode)
	s.write(".nvmrc", "26.10.0\n")
	s.has(1, Restarted)
	s.write("index.js", "// two")
	s.has(2, Restarted)
	var got []string
	for _, e := range s.has(2, Restarting) {
		got = append(got, e.Service+" "+strings.Join(e.Files, " "))
	}
	if want := []string{"worker .nvmrc", "web index.js"}; !slices.Equal(got, want) {
		t.Errorf("restarted %q, want %q", got, want)
	}
}

// touch gives a file another time and leaves its content.
func (s *scene) touch(name string, at time.Time) {
	s.t.Helper()
	if err := os.Chtimes(filepath.Join(s.dir, name), at, at); err != nil {
		s.t.Fatal(err)
	}
}

// An app that has crashed is tried again at the next save of a file that it
// uses, whatever that changes; one that runs is not disturbed.
func TestASaveWithoutAChangeRestartsOnlyACrashedApp(t *testing.T) {
	for name, save := range map[string]func(s *scene){
		"a touch of its source":              func(s *scene) { s.touch("index.js", time.Now()) },
		"a touch of package.json":            func(s *scene) { s.touch("package.json", time.Now()) },
		"an edit that is left to its tool":   func(s *scene) { s.write("tool/a.js", "// two") },
		"a plan made anew that changes none": func(s *scene) { s.write("devbox.yaml", s.read("devbox.yaml")+"# two\n") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.editModel("    prod: node index.js\n", `    prod: node index.js
    watch: {ignore: [tool/]}
  tool:
    node: 26.10.0
    package-manager: npm@11.21.2
    dev: nodemon tool/index.js
`)
			s.mkdir("tool")
			var tool string
			s.fake.OnStart = func(f *enginetest.Fake, id string) {
				if list, err := f.Containers(t.Context(), "chat"); err == nil {
					for _, c := range list {
						if c.ID == id && c.Service == "tool" {
							tool = id
						}
					}
				}
				s.supervisorSays(id, "")
			}
			s.start(RunOptions{})
			s.has(2, Ready)
			s.has(1, WatchedMode)
			s.touch("package.json", time.Now().Add(-time.Hour))
			s.write("index.js", "// two")
			s.has(1, Restarted)
			s.fake.Print(tool, "\x1e"+`{"devbox":"exited","id":"","code":1}`)
			s.has(1, Crashed)
			save(s)
			s.has(2, Restarted)
			s.write("index.js", "// three")
			s.has(3, Restarted)
			var got []string
			for _, e := range s.has(3, Restarting) {
				got = append(got, e.Service)
			}
			if want := []string{"web", "tool", "web"}; !slices.Equal(got, want) {
				t.Errorf("restarted %q, want %q", got, want)
			}
		})
	}
}

func (s *scene) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
