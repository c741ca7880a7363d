package lockfile

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func folder(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

func TestReadManifestsFindsTheMembers(t *testing.T) {
	members := []string{
		"packages/a/package.json", `{}`, "packages/b/package.json", `{}`, "packages/b/deep/package.json", `{}`, "packages/no/README.md", ``,
		"packages/b/node_modules/x/package.json", `{}`, "apps/web/package.json", `{}`, "tools/package.json", `{}`, "packages/.hidden/package.json", `{}`,
	}
	for _, test := range []struct{ name, root, workspace, want string }{
		{"none", `{}`, "", "."},
		{"one level", `{"workspaces": ["packages/*"]}`, "", ". packages/a packages/b"},
		{"any level", `{"workspaces": ["packages/**"]}`, "", ". packages/a packages/b packages/b/deep"},
		{"a folder by its name, in yarn's other form", `{"workspaces": {"packages": ["./tools/", "apps/*"]}}`, "", ". apps/web tools"},
		{"less one", `{"workspaces": ["packages/*", "!packages/b"]}`, "", ". packages/a"},
		{"outside of the project", `{"workspaces": ["../*", "/etc"]}`, "", "."},
		{"one that is not there", `{"workspaces": ["gone/*"]}`, "", "."},
		{"pnpm's file", `{}`, "packages:\n  - 'packages/*'\n  - '!**/b'\n", ". packages/a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := folder(append([]string{"package.json", test.root}, members...)...)
			if test.workspace != "" {
				fsys["pnpm-workspace.yaml"] = &fstest.MapFile{Data: []byte(test.workspace)}
			}
			manifests, err := ReadManifests(fsys)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range manifests {
				got = append(got, m.Path)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("read %v, want %s", got, test.want)
			}
		})
	}
}

func TestReadManifestsTellsWhatIsWrong(t *testing.T) {
	if _, err := ReadManifests(folder()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without package.json: %v", err)
	}
	_, err := ReadManifests(folder("package.json", `{"workspaces": ["lib"]}`, "lib/package.json", "{\n"))
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), "lib/package.json:2:1: not JSON") || e.Hint() != "mend lib/package.json first" {
		t.Errorf("a broken member: %v, hint %q", err, e.Hint())
	}
}

func TestCheckNamesThePackagesAndTheRemedy(t *testing.T) {
	fsys := folder("package.json", `{"dependencies": {"a": "^9", "b": "^2.0.0", "c": "*"}}`, "package-lock.json", starter)
	lock, err := Parse("package-lock.json", []byte(starter))
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := ReadManifests(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var out *OutOfStep
	if err := lock.Check(manifests); !errors.As(err, &out) {
		t.Fatalf("the lock passes: %v", err)
	}
	want := "package-lock.json and package.json disagree: a: package.json asks for ^9, the lock has 1.2.0; c: package.json asks for *, the lock does not have it"
	if out.Error() != want || !strings.Contains(out.Hint(), "`devbox run npm install`") || !out.ProjectInvalid() {
		t.Errorf("%q, hint %q, want %q", out.Error(), out.Hint(), want)
	}
}

func TestMendHintNamesTheInstallOfEachPackageManager(t *testing.T) {
	for file, want := range map[string]string{
		"# yarn lockfile v1\n": "`devbox run yarn install` brings",
		"__metadata:\n  version: 8\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n": "`devbox run yarn install --mode=update-lockfile` brings",
	} {
		err := mustParse(t, "yarn.lock", file).Check([]*Manifest{mustManifest(t, ".", `{"name": "app", "dependencies": {"a": "^1.0.0"}}`)})
		var out *OutOfStep
		if !errors.As(err, &out) || !strings.HasPrefix(out.Hint(), want) {
			t.Errorf("%v, want a hint with %q", err, want)
		}
	}
	if got, want := MendHint("pnpm-lock.yaml", PNPM), "`devbox run pnpm install --lockfile-only` brings"; !strings.HasPrefix(got, want) {
		t.Errorf("for pnpm it is %q, want %q", got, want)
	}
}

func TestCompleteTellsDirectAndDevelopmentPackages(t *testing.T) {
	lock := mustParse(t, "yarn.lock", "# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n\nb@*:\n  version \"2.0.0\"\n")
	lock.Complete([]*Manifest{mustManifest(t, ".", `{"name": "app", "dependencies": {"a": "^1.0.0"}, "devDependencies": {"b": "*"}}`)})
	if got := Diff(nil, lock).String(); got != "yarn.lock: 2 added\n  + a 1.0.0 (direct)\n  + b 2.0.0 (direct, dev)\n" {
		t.Errorf("got %s", got)
	}
}
