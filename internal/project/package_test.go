package project

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// serviceIn is a devbox.yaml with one service in a folder.
func serviceIn(dir string) string {
	return "name: shop\nservices:\n  web: {dir: " + dir + ", node: 26.10.0, package-manager: npm@11.21.2, dev: node index.js}\n"
}

func TestTheNearestLockOrWorkspaceIsAServicesPackage(t *testing.T) {
	const lock = `{"lockfileVersion": 3, "packages": {"": {}}}`
	workspace := map[string]string{
		"package.json": `{"workspaces": ["apps/*", "!apps/old"]}`, "package-lock.json": lock,
		"apps/web/package.json": `{"name": "web"}`, "apps/old/package.json": `{"name": "old"}`, "tools/package.json": `{"name": "tools"}`,
		"apps/own/package.json": `{"name": "own"}`, "apps/own/pnpm-lock.yaml": "", "apps/web/src/index.js": "",
		"apps/left/package.json": `{"name": "left"}`, "apps/left/package-lock.json": lock,
	}
	members := []string{"apps/left", "apps/own", "apps/web"}
	tests := []struct {
		name, dir string
		files     map[string]string
		want      string
		members   []string
	}{
		{"the top", ".", workspace, "", members},
		{"a member", "apps/web", workspace, "", members},
		{"a folder in a member", "apps/web/src", workspace, "", members},
		{"a member with another package manager's lock", "apps/own", workspace, "apps/own", nil},
		{"a member with a lock that its package manager passes over", "apps/left", workspace, "", members},
		{"a project of yarn's in another", "apps/web", map[string]string{
			"package.json": `{"workspaces": ["apps/*"]}`, "yarn.lock": "", "apps/web/package.json": `{"name": "web"}`, "apps/web/yarn.lock": "",
		}, "apps/web", nil},
		{"a member with the only lock", "apps/web", map[string]string{
			"package.json": `{"workspaces": ["apps/*"]}`, "apps/web/package.json": `{"name": "web"}`, "apps/web/package-lock.json": lock,
		}, "apps/web", nil},
		{"a folder that the workspaces leave out", "apps/old", workspace, "apps/old", nil},
		{"a package beside the workspaces", "tools", workspace, "tools", nil},
		{"a folder of the top's package", "src", map[string]string{"package.json": "{}", "src/index.js": ""}, "", nil},
		{"nothing to install anywhere", "src", map[string]string{"src/index.js": ""}, "src", nil},
		{"a workspace below the top", "js/apps/web", map[string]string{
			"package.json": "{}", "package-lock.json": lock, "js/package.json": "{}", "js/pnpm-workspace.yaml": "packages: ['apps/{web,api}']",
			"js/apps/web/package.json": "{}", "js/apps/api/package.json": "{}",
		}, "js", []string{"js/apps/api", "js/apps/web"}},
		{"folders that dependencies name", "api", map[string]string{
			"api/package.json": `{"dependencies": {"shared": "file:../shared"}}`, "shared/package.json": `{"dependencies": {"base": "link:../base"}}`, "base/package.json": "{}",
		}, "api", []string{"base", "shared"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{ModelFile: serviceIn(tt.dir)}
			for name, content := range tt.files {
				files[name] = content
			}
			p := projectOf(t, files)
			k := p.PackageOf(p.Model.Services[0])
			if k.Dir != tt.want || !slices.Equal(k.MemberDirs(), tt.members) {
				t.Errorf("package %q with members %q, want %q with %q", k.Dir, k.MemberDirs(), tt.want, tt.members)
			}
		})
	}
}

func TestLocalPackagesAreFoundThroughOthers(t *testing.T) {
	p := projectOf(t, map[string]string{
		ModelFile:               serviceIn("apps/web"),
		"package.json":          `{"workspaces": {"packages": ["apps/*", "packages/*"]}}`,
		"apps/web/package.json": `{"name": "web", "dependencies": {"@x/ui": "workspace:*"}}`, "apps/api/package.json": `{"name": "api", "dependencies": {"@x/db": "*"}}`,
		"packages/ui/package.json": `{"name": "@x/ui", "peerDependencies": {"@x/base": "^1.0.0"}}`, "packages/db/package.json": `{"name": "@x/db", "devDependencies": {"@x/base": "*"}}`,
		"packages/base/package.json": `{"name": "@x/base", "dependencies": {"@x/ui": "*"}}`,
	})
	k := p.Main()
	for dir, want := range map[string][]string{
		"apps/web": {"packages/base", "packages/ui"}, "apps/api": {"packages/base", "packages/db", "packages/ui"}, "packages/base": {"packages/ui"},
	} {
		if got := k.Locals(dir); !slices.Equal(got, want) {
			t.Errorf("%s depends on %q, want %q", dir, got, want)
		}
	}
}

func TestAnInstallOfAWorkspaceReadsNoSource(t *testing.T) {
	files := map[string]string{
		ModelFile: serviceIn("apps/web"), "package.json": `{"workspaces": ["apps/*"]}`, "package-lock.json": `{"lockfileVersion": 3, "packages": {"": {}}}`,
		"apps/web/package.json": `{"name": "web", "bin": {"web": "./bin/web.js", "gone": "dist/gone.js"}}`, "apps/web/bin/web.js": "", "apps/web/index.js": "",
	}
	p := projectOf(t, files)
	in, err := p.Main().Install(p.Model.Services[0])
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range in.Files {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if want := []string{"apps/web/bin/web.js", "apps/web/dist/gone.js", "apps/web/package.json", "package-lock.json", "package.json"}; !slices.Equal(names, want) || in.WholeFolder {
		t.Errorf("it takes %q (the whole folder: %v), want %q", names, in.WholeFolder, want)
	}
	files["apps/web/package.json"] = `{"name": "web", "scripts": {"prepare": "tsc"}}`
	p = projectOf(t, files)
	if in, err = p.Main().Install(p.Model.Services[0]); err != nil || !in.WholeFolder {
		t.Errorf("a member's own install script: the whole folder: %v, %v", in.WholeFolder, err)
	}
}

func TestAPackageThatMakesNoSenseIsAnError(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		links map[string]string
		want  []string
	}{
		{"a folder that is not there", map[string]string{ModelFile: serviceIn("api")}, nil, []string{"devbox.yaml:3:", `"api"`, "no such folder"}},
		{"a file", map[string]string{ModelFile: serviceIn("api"), "api": ""}, nil, []string{"devbox.yaml:3:", "is no folder"}},
		{"a symlink out of the folder", map[string]string{ModelFile: serviceIn("api/web")}, map[string]string{"api": "/etc"}, []string{"devbox.yaml:3:", `"api" is a symlink`}},
		{"a folder outside", map[string]string{ModelFile: serviceIn("../api")}, nil, []string{"devbox.yaml:3:", "inside of the project"}},
		{"a folder that cannot be mounted", map[string]string{ModelFile: serviceIn("'my app'"), "my app/index.js": ""}, nil, []string{"devbox.yaml:3:", "my app"}},
		{
			"workspaces that match nothing",
			map[string]string{ModelFile: serviceIn("."), "package.json": `{"workspaces": ["apps/*", "libs/*"]}`},
			nil,
			[]string{"package.json", "apps/*, libs/*", "no folder"},
		},
		{
			"a workspace outside",
			map[string]string{ModelFile: serviceIn("."), "package.json": "{}", "pnpm-workspace.yaml": "packages: ['../*', a]", "a/package.json": "{}"},
			nil,
			[]string{"pnpm-workspace.yaml", `"../*"`, "leads out of the folder"},
		},
		{
			"two packages of one name", map[string]string{
				ModelFile: serviceIn("."), "package.json": `{"workspaces": ["a", "b"]}`, "a/package.json": `{"name": "x"}`, "b/package.json": `{"name": "x"}`,
			}, nil, []string{"b/package.json", `"x"`, "a/package.json"},
		},
		{
			"a member that cannot be read",
			map[string]string{ModelFile: serviceIn("."), "package.json": `{"workspaces": ["a"]}`, "a/package.json": `{"name": `},
			nil,
			[]string{"a/package.json"},
		},
		{
			"services that need each other",
			map[string]string{ModelFile: "name: shop\nservices:\n" +
				"  a: {node: 26.10.0, dev: node a.js, needs: [b]}\n  b: {node: 26.10.0, dev: node b.js, needs: [c]}\n  c: {node: 26.10.0, dev: node c.js, needs: [b]}\n"},
			nil,
			[]string{"devbox.yaml:4:", "in a circle: b -> c -> b"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range tt.files {
				file := filepath.Join(dir, filepath.FromSlash(name))
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			for name, to := range tt.links {
				if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Open(dir)
			if err == nil {
				t.Fatal("it is taken")
			}
			var invalid interface{ ProjectInvalid() bool }
			if !errors.As(err, &invalid) || !invalid.ProjectInvalid() {
				t.Errorf("%T is not about the project", err)
			}
			for _, words := range tt.want {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("error %q does not say %q", err, words)
				}
			}
		})
	}
}

func TestVolumesOfMembersHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, dir := range []string{"apps/api", "apps_api", "apps/@x/api", "apps/x/api", "apps/a+b", "apps/a-b"} {
		name := MemberVolume("set", dir)
		if other, twice := seen[name]; twice {
			t.Errorf("%s and %s share %s", dir, other, name)
		}
		seen[name] = dir
	}
	if got := MemberVolume("set", "apps/api"); got != "set_apps_api" {
		t.Errorf("apps/api is %s", got)
	}
}
