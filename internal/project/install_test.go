package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// projectOf writes files into a folder and opens it.
func projectOf(t *testing.T, files map[string]string) *Project {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const installModel = "name: shop\nservices:\n  web: {node: 26.10.0, package-manager: npm@11.21.2, dev: node index.js}\n"

func TestInstallFollowsThePolicyAndTheFolder(t *testing.T) {
	const lock = `{"lockfileVersion": 3, "packages": {"": {}}}`
	tests := []struct {
		name            string
		model           string
		files           map[string]string
		command, onward string
		takes           []string
	}{
		{
			"a lock", installModel,
			map[string]string{"package.json": "{}", "package-lock.json": lock},
			"npm ci", "npm install",
			[]string{"package-lock.json", "package.json"},
		},
		{
			"no lock", installModel,
			map[string]string{"package.json": "{}"},
			"npm install --no-package-lock", "",
			[]string{"package.json"},
		},
		{
			"a lock that is ignored", installModel + "lock: {dev: ignore}\n",
			map[string]string{"package.json": "{}", "package-lock.json": lock},
			"npm install --no-package-lock", "",
			[]string{"package.json"},
		},
		{
			"settings", installModel,
			map[string]string{"package.json": "{}", "package-lock.json": lock, ".npmrc": "x=y"},
			"npm ci", "npm install",
			[]string{".npmrc", "package-lock.json", "package.json"},
		},
		{
			"scripts of its own", installModel,
			map[string]string{"package.json": `{"scripts": {"postinstall": "x"}}`, "package-lock.json": lock},
			"npm ci", "",
			[]string{"package-lock.json", "package.json"},
		},
		{"no package.json", installModel, nil, "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{ModelFile: tt.model}
			for k, v := range tt.files {
				files[k] = v
			}
			p := projectOf(t, files)
			in, err := p.Main().Install(p.Model.Services[0])
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(in.Command, tt.command) || (in.Command == "") != (tt.command == "") {
				t.Errorf("command %q, want %q", in.Command, tt.command)
			}
			if !strings.HasPrefix(in.Onward, tt.onward) || (in.Onward == "") != (tt.onward == "") {
				t.Errorf("onward %q, want %q", in.Onward, tt.onward)
			}
			var names []string
			for _, f := range in.Files {
				names = append(names, f.Name)
			}
			slices.Sort(names)
			if !slices.Equal(names, tt.takes) {
				t.Errorf("it takes %q, want %q", names, tt.takes)
			}
		})
	}
}

func TestInstallNamesTheVariablesOfItsSettings(t *testing.T) {
	p := projectOf(t, map[string]string{
		ModelFile: installModel, "package.json": "{}",
		".npmrc":      "//r.example/:_authToken=${NPM_TOKEN}\ncache=${HOME}/x\n",
		".yarnrc.yml": "npmAuthToken: \"${YARN_TOKEN:-none}\"\n",
	})
	in, err := p.Main().Install(p.Model.Services[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"HOME", "NPM_TOKEN", "YARN_TOKEN"}; !slices.Equal(in.Variables, want) {
		t.Errorf("variables %q, want %q", in.Variables, want)
	}
}

func TestInstallTreeIsWhatAnImageWouldGetToo(t *testing.T) {
	p := projectOf(t, map[string]string{
		ModelFile: installModel, "package.json": "{}", "lib/a.js": "a", "lib/node_modules/x/i.js": "x", "node_modules/y/i.js": "y",
		".git/HEAD": "ref", ".env": "SECRET=1", ".env.example": "SECRET=", ".devbox/lock": "", "app.log": "line",
	})
	if err := os.Symlink("lib/a.js", filepath.Join(p.Dir, "link.js")); err != nil {
		t.Fatal(err)
	}
	tree, err := p.Main().InstallTree()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range tree {
		name := f.Name
		if f.Link != "" {
			name += " -> " + f.Link
		}
		names = append(names, name)
	}
	if want := []string{".env.example", "lib", "lib/a.js", "link.js -> lib/a.js", "package.json"}; !slices.Equal(names, want) {
		t.Errorf("the tree is %q, want %q", names, want)
	}
}

func TestNearbyFollowsWhatAnInstallReads(t *testing.T) {
	files := func(change, content string) map[string]string {
		all := map[string]string{
			ModelFile: installModel, "package.json": `{"scripts": {"postinstall": "x"}, "dependencies": {"l": "file:./lib"}}`,
			"patches/ms.patch": "one", "lib/package.json": `{"name": "l"}`, "lib/index.js": "1", "index.js": "1",
		}
		if change != "" {
			all[change] = content
		}
		return all
	}
	digest := func(p *Project) string {
		d := p.Main().Dependencies
		return d.Nearby + string(d.Members)
	}
	before := digest(projectOf(t, files("", "")))
	tests := []struct {
		file    string
		differs bool
	}{
		{"patches/ms.patch", true},
		{"patches/new.patch", true},
		{"lib/package.json", true},
		{"prisma/schema.prisma", true},
		{"lib/index.js", false},
		{"index.js", false},
	}
	for _, tt := range tests {
		p := projectOf(t, files(tt.file, `{"name": "changed"}`))
		if got := digest(p) != before; got != tt.differs {
			t.Errorf("%s: another digest = %v, want %v", tt.file, got, tt.differs)
		}
		if got := p.Main().InstallReads(tt.file); got != tt.differs {
			t.Errorf("%s: an install reads it = %v, want %v", tt.file, got, tt.differs)
		}
	}
}

func TestOpenStagedSeesOtherContents(t *testing.T) {
	p := projectOf(t, map[string]string{ModelFile: installModel, "package.json": `{"dependencies": {"a": "1"}}`})
	staged, err := OpenStaged(p.Dir, []File{
		{"package.json", []byte(`{"dependencies": {"b": "2"}}`)}, {"package-lock.json", []byte(`{"lockfileVersion": 3}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(staged.Main().Dependencies.Manifest); got != `{"dependencies":{"b":"2"}}` {
		t.Errorf("manifest %s", got)
	}
	if staged.Main().Dependencies.LockFile != "package-lock.json" {
		t.Errorf("lock %q", staged.Main().Dependencies.LockFile)
	}
	again, err := Open(p.Dir)
	if err != nil || again.Main().Dependencies.LockFile != "" {
		t.Errorf("the folder itself has lock %q, %v", again.Main().Dependencies.LockFile, err)
	}
}
