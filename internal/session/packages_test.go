package session

import (
	"errors"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
)

// What the package managers print, as they were seen to.
func TestWhyPackagesCannotBeChanged(t *testing.T) {
	tests := []struct {
		name, output string
		note         string
		kind         engine.Kind
	}{
		{"npm, no such package", "npm error code E404\nnpm error 404 Not Found - GET https://registry.example/nope", "no such package", engine.ErrBuild},
		{"yarn, no such package", "error Couldn't find package \"nope\" on the \"npm\" registry.", "no such package", engine.ErrBuild},
		{"yarn 4, no such package", "➤ YN0027: nope@unknown can't be resolved\n➤ YN0035: Package not found", "no such package", engine.ErrBuild},
		{"pnpm, no such package", " ERR_PNPM_FETCH_404  GET https://registry.example/nope: Not Found - 404", "no such package", engine.ErrBuild},
		{"bun, no such package", "error: GET https://registry.example/nope - 404", "no such package", engine.ErrBuild},
		{"npm, no such version", "npm error code ETARGET\nnpm error notarget No matching version found for ms@99.", "no such version", engine.ErrBuild},
		{"yarn, no such version", "error Couldn't find any versions for \"ms\" that matches \"99\"", "no such version", engine.ErrBuild},
		{"yarn 4, no such version", "➤ YN0082: │ ms@npm:99: No candidates found", "no such version", engine.ErrBuild},
		{"pnpm, no such version", " ERR_PNPM_NO_MATCHING_VERSION  No matching version found for ms@99", "no such version", engine.ErrBuild},
		{"bun, no such version", "error: No version matching \"99\" found for specifier \"ms\" (but package exists)", "no such version", engine.ErrBuild},
		{"npm, no network", "npm error code ECONNREFUSED\nnpm error syscall connect", causeNetwork, engine.ErrBuild},
		{"bun, no network", "error: ConnectionRefused downloading package manifest ms", causeNetwork, engine.ErrBuild},
		{"pnpm, no network", " ERR_PNPM_META_FETCH_FAIL  GET http://127.0.0.1:9/ms: request failed, reason: connect ECONNREFUSED", causeNetwork, engine.ErrBuild},
		{"yarn 4, no network", "➤ YN0001: Error [ERR_SOCKET_CLOSED_BEFORE_CONNECTION]: Socket closed", causeNetwork, engine.ErrBuild},
		{"npm, nothing in the cache", "npm error code ENOTCACHED", causeNetwork, engine.ErrBuild},
		{"npm, peers", "npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree", "different versions", engine.ErrBuild},
		{"npm, no git", "npm error code ENOENT\nnpm error syscall spawn git", "no git", engine.ErrBuild},
		{"npm, integrity", "npm error code EINTEGRITY", "not what the lock says", engine.ErrBuild},
		{"npm, a full disk", "npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write", "disk is full", engine.ErrDiskFull},
		{"npm, a login", "npm error code E401\nnpm error Incorrect or missing password.", "login", engine.ErrBuild},
		{"anything else", "npm error Invalid package name", "status 7", engine.ErrBuild},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := packagesFailed("add nope", 7, tt.output, project.PackageChange{Verb: project.AddPackages, Packages: []string{"nope"}})
			var failed *PackagesError
			if !errors.As(err, &failed) || !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.note) {
				t.Fatalf("%v, want %q of kind %q", err, tt.note, tt.kind)
			}
			if !strings.HasPrefix(err.Error(), "add nope: ") || !strings.HasSuffix(err.Error(), "; nothing was changed") || len(failed.Details()) == 0 {
				t.Errorf("%v\n%q", err, failed.Details())
			}
			if (failed.Hint() == "") != (tt.name == "anything else") {
				t.Errorf("the hint is %q", failed.Hint())
			}
		})
	}
}

func TestALockOfANewerPackageManagerIsNotThrownAway(t *testing.T) {
	npm := "npm warn read-shrinkwrap This version of npm is compatible with lockfileVersion@3, but package-lock.json was generated for lockfileVersion@9. I'll try to do my best with it!"
	for output, stops := range map[string]bool{npm: true, "WARN  Ignoring not compatible lockfile at /app/pnpm-lock.yaml": true, "up to date in 300ms": false} {
		err := lockTooNew("add ms", output)
		if (err != nil) != stops {
			t.Errorf("%q: %v", output, err)
		}
		if stops && !strings.Contains(err.Error(), "newer package manager") {
			t.Error(err)
		}
	}
}

func TestAnInstallScriptThatFailsIsNamed(t *testing.T) {
	for output, name := range map[string]string{
		"npm error code 3\nnpm error path /app/node_modules/@scope/bad\nnpm error command failed": "@scope/bad",
		"error /app/node_modules/bad: Command failed.\nExit code: 3":                              "bad",
		"➤ YN0009: │ bad@npm:1.0.0 couldn't be built successfully (exit code 3)":                  "bad",
		"error: install script from \"bad\" exited with 3":                                        "bad",
		".../node_modules/bad install: Failed\n ELIFECYCLE  Command failed":                       "bad",
		".../.pnpm/bad@1.0.0/node_modules/bad install: Failed":                                    "bad",
	} {
		err := installFailed("add bad", &engine.Error{Kind: engine.ErrBuild, Detail: strings.Split(output, "\n")})
		if !strings.Contains(err.Error(), "the install script of "+name+" failed; nothing was changed") || !errors.Is(err, engine.ErrBuild) {
			t.Errorf("%q: %v", output, err)
		}
	}
	full := &engine.Error{Kind: engine.ErrDiskFull}
	if err := installFailed("add bad", full); !errors.Is(err, engine.ErrDiskFull) || err.Error() != full.Error() {
		t.Errorf("a full disk becomes %v", err)
	}
}

func TestNoiseIsLeftOut(t *testing.T) {
	got := tellingLines("npm notice x\nnpm error code E404\nnpm error\nnpm error     at Foo.bar (x.js:1)\nnpm error   errno: 'X',\nnpm error }\n\nnpm error 404 Not Found\nnpm error A complete log of this run can be found in: /cache/x")
	if want := "npm error code E404|npm error 404 Not Found"; strings.Join(got, "|") != want {
		t.Errorf("left are %q", got)
	}
}

// resolvedPackages is a change of packages whose package manager has ended.
func resolvedPackages(c project.PackageChange, manifest, lock string) *packages {
	return &packages{
		opts:     PackagesOptions{Change: c},
		service:  project.Service{PackageManager: project.PackageManager{Name: "npm", Version: "11.21.2"}},
		manifest: project.File{Name: "package.json", Data: []byte(`{"dependencies": {"a": "1"}}`)},
		lock:     project.File{Name: "package-lock.json", Data: []byte(npmLock(`"a": "1"`, `"node_modules/a": {"version": "1.0.0"}`))},
		resolved: map[string][]byte{"package.json": []byte(manifest), "package-lock.json": []byte(lock)},
	}
}

func npmLock(deps, packages string) string {
	return `{"name": "x", "lockfileVersion": 3, "packages": {"": {"name": "x", "dependencies": {` + deps + `}}, ` + packages + `}}`
}

func TestResultTellsWhatIsToBeWritten(t *testing.T) {
	add := project.PackageChange{Verb: project.AddPackages, Packages: []string{"b"}}
	p := resolvedPackages(add, `{"dependencies": {"a": "1", "b": "^2.0.0"}}`,
		npmLock(`"a": "1", "b": "^2.0.0"`, `"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "2.0.1", "hasInstallScript": true}`))
	r, err := p.result()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Dependencies) != 1 || r.Dependencies[0].Name != "b" || len(r.Lock.Packages) != 1 || strings.Join(r.Scripts, " ") != "b@2.0.1" || len(p.changes) != 2 {
		t.Errorf("the result is %+v, changes %d", r, len(p.changes))
	}
	if got := string(p.changes[0].New); got != `{"dependencies": {"a": "1", "b": "^2.0.0"}}` {
		t.Errorf("package.json becomes %s", got)
	}
	if text := r.String(); !strings.HasPrefix(text, "+ b ^2.0.0 in dependencies of package.json\npackage-lock.json: 1 added\n") {
		t.Errorf("it says\n%s", text)
	}
}

func TestResultRefusesWhatWasNotAskedFor(t *testing.T) {
	add := project.PackageChange{Verb: project.AddPackages, Packages: []string{"b"}}
	tests := []struct{ name, manifest, lock, words string }{
		{"another package changed", `{"dependencies": {"a": "2", "b": "1"}}`, "", "more of package.json than it was asked for"},
		{"a lock that is out of step", `{"dependencies": {"a": "1", "b": "1"}}`, npmLock(`"a": "1"`, `"node_modules/a": {"version": "1.0.0"}`), "out of step"},
		{"no package.json", ``, "", "read what npm@11.21.2 wrote"},
		{"half a lock", `{"dependencies": {"a": "1", "b": "1"}}`, `{"lockfileVersion": 3, "packages`, "read what npm@11.21.2 wrote"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := resolvedPackages(add, tt.manifest, tt.lock)
			if r, err := p.result(); err == nil || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("%+v, %v; want an error with %q", r, err, tt.words)
			}
		})
	}
}

func TestResultWithoutAChangeWritesNothing(t *testing.T) {
	p := resolvedPackages(project.PackageChange{Verb: project.UpdatePackages}, `{"dependencies":{"a":"1"}}`, npmLock(`"a":   "1"`, `"node_modules/a": {"version": "1.0.0"}`))
	if r, err := p.result(); err != nil || len(p.changes) != 0 || r.String() != "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNamesAreLookedUpBeforeThePackageManagerRuns(t *testing.T) {
	manifest := []byte(`{"dependencies": {"a": "1"}, "peerDependencies": {"p": "1"}}`)
	lock, err := lockfile.Parse("package-lock.json", []byte(npmLock(`"a": "1"`, `"node_modules/a": {"version": "1.0.0"}, "node_modules/deep": {"version": "1.0.0"}`)))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		verb    project.PackageVerb
		name    string
		lock    *lockfile.Lock
		refused string
		hint    string
	}{
		{project.RemovePackages, "a", lock, "", ""},
		{project.RemovePackages, "p", lock, "", ""},
		{project.RemovePackages, "deep", lock, "deep is not among the dependencies in package.json", "it names a, p"},
		{project.UpdatePackages, "a", lock, "", ""},
		{project.UpdatePackages, "deep", lock, "", ""}, // only others ask for it
		{project.UpdatePackages, "nope", lock, "nope is not among the dependencies in package.json, nor in the lock", "it names a, p"},
		{project.UpdatePackages, "@types/*", lock, "", ""},
		{project.UpdatePackages, "nope", nil, "", ""},
		{project.AddPackages, "a@2", lock, "", ""},
		{project.AddPackages, "A@2", lock, "A and a, which is in package.json, differ in nothing but case", "`devbox add a` or `devbox update a` is about the one that is there"},
		{project.AddPackages, "Other", lock, "", ""},
	}
	for _, tt := range tests {
		err := checkNames(project.PackageChange{Verb: tt.verb, Packages: []string{tt.name}}, manifest, tt.lock)
		if tt.refused == "" {
			if err != nil {
				t.Errorf("%s %s: %v", tt.verb, tt.name, err)
			}
			continue
		}
		var hint interface{ Hint() string }
		if err == nil || err.Error() != tt.refused || !errors.As(err, &hint) || hint.Hint() != tt.hint {
			t.Errorf("%s %s: %v, want %q with %q", tt.verb, tt.name, err, tt.refused, tt.hint)
		}
	}
}

func TestANameWithCapitalsIsSaidToBeTheReason(t *testing.T) {
	for args, want := range map[string]string{"Lodash": "lower case: `devbox add lodash`", "nope": "check the name"} {
		err := packagesFailed("add "+args, 1, "npm error code E404", project.PackageChange{Verb: project.AddPackages, Packages: []string{args}})
		var failed *PackagesError
		if !errors.As(err, &failed) || !strings.Contains(failed.Hint(), want) {
			t.Errorf("%s: %v, hint %q", args, err, failed.Hint())
		}
	}
}
