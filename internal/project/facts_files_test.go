package project

import (
	"fmt"
	"testing"
)

func TestInstallsThatNeedTheWholeFolder(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  bool
	}{
		{"no package.json", nil, false},
		{"dependencies from the registry", map[string]string{"package.json": `{"dependencies":{"a":"^1","b":"github:x/y"},"scripts":{"start":"x","pretest":"x"}}`}, false},
		{"a script that an install runs", scripts(`"prepare": "husky"`), true},
		{"a dependency in a folder", map[string]string{"package.json": `{"optionalDependencies":{"a":"file:./a"}}`}, true},
		{"a dependency that is named by its path", map[string]string{"package.json": `{"devDependencies":{"a":"../a"}}`}, true},
		{"workspaces", map[string]string{"package.json": `{"workspaces":{"packages":["a"]}}`}, true},
		{"empty workspaces", map[string]string{"package.json": `{"workspaces":[]}`}, false},
		{"workspaces of pnpm", map[string]string{"package.json": `{}`, "pnpm-workspace.yaml": "packages: [a]"}, true},
		{"patches", map[string]string{"package.json": `{"pnpm":{"patchedDependencies":{"a":"a.patch"}}}`}, true},
		{"a native module", map[string]string{"package.json": `{}`, "binding.gyp": "{}"}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, err := Detect(folder(c.files))
			if err != nil || f.RenderFacts().WholeFolder != c.want {
				t.Errorf("got %v, %v; want %v", f.RenderFacts().WholeFolder, err, c.want)
			}
		})
	}
}

func TestDependenciesAreWhatAnInstallReads(t *testing.T) {
	read := func(files map[string]string) Dependencies {
		t.Helper()
		f, err := Detect(folder(files))
		if err != nil {
			t.Fatal(err)
		}
		d, err := readDependencies(folder(files), f)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := read(map[string]string{
		"package.json":      `{"name": "x", "scripts": {"start": "x", "postinstall": "y"}, "overrides": {"b": "2"}, "dependencies": {"b": "1", "a": "1"}}`,
		"package-lock.json": "lock", ".npmrc": "rc", "bunfig.toml": "bun",
	})
	for what, got := range map[string][2]string{
		"the lock":     {string(d.Lock), "lock"},
		"the manifest": {string(d.Manifest), `{"dependencies":{"a":"1","b":"1"},"overrides":{"b":"2"}}`},
		"the scripts":  {string(d.Scripts), `{"postinstall":"y"}`},
		"the settings": {fmt.Sprintf("%s", d.Settings), "[{bunfig.toml bun} {.npmrc rc}]"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %q, want %q", what, got[0], got[1])
		}
	}
	if d := read(nil); d.Lock != nil || d.Manifest != nil || d.Scripts != nil || d.Settings != nil {
		t.Errorf("an empty folder has %+v", d)
	}
}
