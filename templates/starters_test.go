package templates_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/templates"
)

func TestStartersHaveTheirFiles(t *testing.T) {
	common := []string{".gitignore", "README.md", "app.js", "index.js", "package-lock.json", "package.json"}
	want := map[string][]string{
		"minimal": append(slices.Clone(common), "test/app.test.js"),
		"express": append(slices.Clone(common), "test/app.test.js"),
		"chat":    append(slices.Clone(common), "public/chat.css", "public/chat.js", "public/index.html", "test/app.test.js"),
		"api-postgres": {
			".gitignore", "README.md", "app.js", "data.js", "index.js", "migrations/0001_notes.sql", "package-lock.json", "package.json",
			"seed.js", "test/app.test.js",
		},
	}
	for _, starter := range templates.Starters() {
		if starter.Title == "" {
			t.Errorf("%s has no title", starter.Name)
		}
		if found, ok := templates.FindStarter(starter.Name); !ok || found != starter {
			t.Errorf("find %q: got %v, %t", starter.Name, found, ok)
		}
		files, err := templates.StarterFiles(starter.Name, "demo")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Path)
			if f.Mode != 0o644 || len(f.Data) == 0 {
				t.Errorf("%s of %s: mode %v, %d bytes", f.Path, starter.Name, f.Mode, len(f.Data))
			}
		}
		if !slices.Equal(got, want[starter.Name]) {
			t.Errorf("%s:\n got %q\nwant %q", starter.Name, got, want[starter.Name])
		}
	}
	if len(want) != len(templates.Starters()) {
		t.Errorf("got %d starters, want %d", len(templates.Starters()), len(want))
	}
}

func TestStarterThatIsNotThere(t *testing.T) {
	for _, name := range []string{"", "none", "../starters/chat", "chat/public"} {
		if _, ok := templates.FindStarter(name); ok {
			t.Errorf("found %q", name)
		}
		_, err := templates.StarterFiles(name, "demo")
		if err == nil || !strings.Contains(err.Error(), "find starter") {
			t.Errorf("files of %q: got error %v", name, err)
		}
	}
}

type manifest struct {
	Name            string            `json:"name"`
	Private         bool              `json:"private"`
	Scripts         map[string]string `json:"scripts"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
}

type lock struct {
	Name     string `json:"name"`
	Version  int    `json:"lockfileVersion"`
	Packages map[string]struct {
		Name            string            `json:"name"`
		Resolved        string            `json:"resolved"`
		Integrity       string            `json:"integrity"`
		Dependencies    map[string]string `json:"dependencies"`
		DevDependencies map[string]string `json:"devDependencies"`
	} `json:"packages"`
}

func TestStarterTakesTheProjectsName(t *testing.T) {
	names := []string{"chat", "My App", `a"b\c`, "a\nb", "${HOME}", "$(id)", "Zoë", "..", "", "node_modules", strings.Repeat("x", 1000)}
	for _, starter := range templates.Starters() {
		for _, name := range names {
			m, l := read(t, starter.Name, name)
			want := templates.PackageName(name)
			if m.Name != want || l.Name != want || l.Packages[""].Name != want {
				t.Errorf("%s for %q: got %q, %q and %q, want %q", starter.Name, name, m.Name, l.Name, l.Packages[""].Name, want)
			}
		}
	}
}

func TestPackageName(t *testing.T) {
	tests := []struct{ in, want string }{
		{"chat", "chat"},
		{"my_app-2.0", "my_app-2.0"},
		{"My App", "my-app"},
		{`a"b\c`, "a-b-c"},
		{"..", "app"},
		{"", "app"},
		{"日本", "app"},
		{"_private", "private"},
		{"node_modules", "node_modules-app"},
		{strings.Repeat("x", 1000), strings.Repeat("x", 200)},
	}
	for _, test := range tests {
		if got := templates.PackageName(test.in); got != test.want {
			t.Errorf("name of %q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestStartersAreInStepWithTheirLocks(t *testing.T) {
	for _, starter := range templates.Starters() {
		m, l := read(t, starter.Name, "demo")
		if !m.Private || m.Scripts["start"] == "" || m.Scripts["dev"] == "" || m.Scripts["test"] == "" {
			t.Errorf("%s: package.json lacks something: %+v", starter.Name, m)
		}
		root := l.Packages[""]
		if l.Version != 3 || !maps.Equal(root.Dependencies, m.Dependencies) || !maps.Equal(root.DevDependencies, m.DevDependencies) {
			t.Errorf("%s: lock %+v is not that of %+v", starter.Name, root, m)
		}
		for path, p := range l.Packages {
			if path != "" && (p.Resolved != "" || p.Integrity == "") {
				t.Errorf("%s: %s names a registry or has no integrity: %+v", starter.Name, path, p)
			}
		}
	}
}

// A lock names the hosts of its packages' funding pages and nothing else.
func TestStartersNameNoRegistry(t *testing.T) {
	host := regexp.MustCompile(`(?i)registry|verdaccio|artifactory|\.tgz`)
	for _, starter := range templates.Starters() {
		files, err := templates.StarterFiles(starter.Name, "demo")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if found := host.Find(f.Data); found != nil {
				t.Errorf("%s of %s: %q", f.Path, starter.Name, found)
			}
		}
	}
}

func read(t *testing.T, starter, name string) (m manifest, l lock) {
	t.Helper()
	files, err := templates.StarterFiles(starter, name)
	if err != nil {
		t.Fatal(err)
	}
	into := map[string]any{"package.json": &m, "package-lock.json": &l}
	for _, f := range files {
		if v := into[f.Path]; v != nil {
			if err := json.Unmarshal(f.Data, v); err != nil {
				t.Fatalf("%s of %s for %q: %v", f.Path, starter, name, err)
			}
		}
	}
	return m, l
}
