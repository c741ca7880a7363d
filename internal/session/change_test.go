package session

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestReact prints what changed files mean in projects of several kinds. The
// golden file is the table that the documentation speaks of.
func TestReact(t *testing.T) {
	below := func(folders ...string) func(string) bool {
		return func(file string) bool {
			for _, f := range folders {
				if strings.HasPrefix(file, f+"/") {
					return true
				}
			}
			return false
		}
	}
	members := []string{"packages/api", "packages/shared", "packages/ui", "packages/web"}
	layouts := []struct {
		name    string
		layout  Layout
		batches []string
	}{
		{"one service", Layout{Uses: []Use{{Service: "web"}}}, []string{
			"src/a.js", "src/a.ts", "src/b.js src/a.js", "views/index.ejs", "config/default.json", "data/seed.sql", "content/post.md",
			"test/a.test.js", "fixtures/package.json", "two\nlines.js",
			"package.json", "package-lock.json", "pnpm-lock.yaml", ".npmrc", ".nvmrc",
			".env", ".env.local", ".env.example", "config/.env",
			"Dockerfile", ".dockerignore", "docker/Dockerfile", "devbox.yaml", "compose.yaml", "compose.override.yaml", "compose.prod.yaml",
			"README.md", "docs/README.md", "LICENSE", "CHANGELOG.md", ".gitignore", ".github/workflows/ci.yml", "eslint.config.js", ".prettierrc.json",
			"readme.js", "src/license.js",
			"src/a.js package-lock.json", "src/a.js devbox.yaml", "README.md src/a.js", "turbo.json", "nx.json", "tsconfig.json", "package.json .env Dockerfile src/a.js README.md",
		}},
		{"vite", Layout{Uses: []Use{{Service: "web", Reloads: "vite"}}}, []string{
			"src/a.jsx", "index.html", "package.json", ".env", ".env.local", "devbox.yaml", "src/a.jsx package-lock.json", "README.md",
		}},
		{"vite with a local package that its command builds", Layout{Uses: []Use{{Service: "web", Folder: "web", Shared: []string{"ui"}, Reloads: "vite", Builds: true}}}, []string{
			"web/a.jsx", "ui/a.js", "ui/a.js web/a.jsx", "other/a.js",
		}},
		{"an app that runs from build output", Layout{Uses: []Use{{Service: "web", Output: "dist"}}}, []string{
			"src/a.ts", "dist/a.js", "dist/a.js dist/b.js src/a.ts", "views/index.ejs", "tsconfig.json", "package.json",
		}},
		{"an app that runs from build output, with paths of its own", Layout{Uses: []Use{{Service: "web", Output: "dist", Names: below("src")}}}, []string{
			"src/a.ts", "src/a.json", "dist/a.js", "lib/a.js",
		}},
		{"services with paths and rules of their own", Layout{Uses: []Use{
			{Service: "api", Names: below("api", "shared")},
			{Service: "web", Names: below("web", "shared"), Reloads: "vite"},
			{Service: "worker", Names: below("api", "jobs"), Ignores: below("api/http")},
		}}, []string{
			"api/a.js", "web/a.jsx", "shared/a.js", "jobs/a.js", "api/http/a.js", "api/a.js web/a.jsx", "scripts/a.js",
			"package-lock.json", ".env", "devbox.yaml", "api/a.js jobs/b.js", "README.md", "web/a.jsx devbox.yaml",
		}},
		{"packages with folders and shared code", Layout{Uses: []Use{
			{Service: "api", Folder: "packages/api", Shared: []string{"packages/shared"}, Members: members},
			{Service: "web", Folder: "packages/web", Shared: []string{"packages/shared", "packages/ui"}, Members: members},
		}}, []string{
			"packages/api/a.js", "packages/web/a.js", "packages/shared/a.js", "packages/ui/a.js", "packages/apis/a.js", "tools/a.js",
			"packages/api/package.json", "packages/shared/package.json", "package-lock.json", "packages/api/.env", "packages/.env", "packages/web/.nvmrc",
			"packages/api/a.js packages/web/b.js", "tsconfig.base.json", "turbo.json", "packages/.eslintrc.js", "tools/package.json",
		}},
		{"shared packages that are built", Layout{Uses: []Use{
			{Service: "api", Folder: "packages/api", Shared: []string{"packages/shared", "packages/ui"}, Members: members, Output: "packages/api/dist", SharedOutputs: map[string]SharedOutput{
				"packages/shared": {Folders: []string{"packages/shared/dist"}, Whole: true},
				"packages/ui":     {Folders: []string{"packages/ui/dist"}},
			}},
			{Service: "web", Folder: "packages/web", Members: members},
		}}, []string{
			"packages/shared/dist/a.js", "packages/shared/src/a.ts", "packages/shared/a.json", "packages/shared/dist/a.d.ts",
			"packages/ui/src/a.ts", "packages/ui/dist/a.js", "packages/api/src/a.ts", "tsconfig.base.json",
		}},
		{"packages with installs of their own", Layout{Uses: []Use{
			{Service: "api", Folder: "api", Package: "api"}, {Service: "web", Folder: "web", Package: "web"},
		}}, []string{"api/a.js", "web/package-lock.json", "package.json", "api/.npmrc", ".env", "tsconfig.json"}},
		{"files under names of the user's", Layout{
			Uses: []Use{{Service: "web"}}, Dockerfiles: []string{"docker/dev.Dockerfile"}, Inputs: []string{"config/web.env", ".npmrc"},
		}, []string{"docker/dev.Dockerfile", "config/web.env", ".npmrc", "config/other.env"}},
		{"an install that reads patches", Layout{Uses: []Use{{Service: "web", Installs: func(file string) bool { return strings.HasPrefix(file, "patches/") }}}}, []string{
			"patches/ms+2.1.3.patch", "src/patches/a.js",
		}},
		{"no service", Layout{}, []string{"src/a.js"}},
	}
	var b strings.Builder
	for _, l := range layouts {
		fmt.Fprintf(&b, "# %s\n\n", l.name)
		for _, batch := range l.batches {
			r := l.layout.React(strings.Split(batch, " "))
			fmt.Fprintf(&b, "%q\n    %s\n", batch, strings.ReplaceAll(fmt.Sprintf("%q", r.String()), `\n`, "\"\n    \""))
		}
		b.WriteString("\n")
	}
	file := filepath.Join("testdata", "TestReact", "table.txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table is not %s (-update writes it):\n%s", file, b.String())
	}
}

// What a batch asks for is done for its strongest file without forgetting the
// others.
func TestReactionFiles(t *testing.T) {
	l := Layout{Uses: []Use{{Service: "api"}, {Service: "web", Reloads: "vite"}}}
	r := l.React([]string{"web/a.jsx", "devbox.yaml", "README.md"})
	if got := fmt.Sprint(r.Converges(), r.Files()); got != "true [devbox.yaml web/a.jsx]" {
		t.Error(got)
	}
	r = l.React([]string{"web/a.jsx"})
	if got := fmt.Sprint(r.Converges(), r.Files(), r.Restarts()); got != "false [web/a.jsx] map[api:[web/a.jsx]]" {
		t.Error(got)
	}
	if r = l.React(nil); len(r) != 0 || r.Converges() || r.String() != "" {
		t.Errorf("no files ask for %v", r)
	}
}

// An app restarts for the files that it uses, not for what only its environment
// or another service's is made of.
func TestUsers(t *testing.T) {
	jobs := func(file string) bool { return strings.HasPrefix(file, "jobs/") }
	l := Layout{
		Dockerfiles: []string{"Dockerfile", "jobs/dev.Dockerfile"},
		Inputs:      []string{"config/jobs.conf", "jobs/web.conf"},
		Uses: []Use{
			{Service: "web", Reloads: "vite", Inputs: []string{"jobs/web.conf"}, Names: func(file string) bool { return !jobs(file) }},
			{Service: "jobs", Inputs: []string{"config/jobs.conf"}, Names: jobs},
		},
	}
	for files, want := range map[string]string{
		"package-lock.json":                            "map[jobs:[package-lock.json] web:[package-lock.json]]",
		"package.json jobs/a.js src/a.js":              "map[jobs:[package.json jobs/a.js] web:[package.json]]",
		".env":                                         "map[jobs:[.env] web:[.env]]",
		"devbox.yaml compose.yaml jobs/a.js":           "map[jobs:[jobs/a.js]]",
		"Dockerfile jobs/dev.Dockerfile .dockerignore": "map[]",
		"config/jobs.conf":                             "map[jobs:[config/jobs.conf]]",
		"README.md src/a.js":                           "map[]",
	} {
		if got := fmt.Sprint(l.Users(strings.Fields(files))); got != want {
			t.Errorf("%s: %s, want %s", files, got, want)
		}
	}
}
