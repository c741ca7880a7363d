package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

const gapLock = `{"lockfileVersion":3,"packages":{"":{"dependencies":{"esbuild":"1.0.0"}},
	"node_modules/esbuild":{"version":"1.0.0","hasInstallScript":true,"optionalDependencies":{"@esbuild/linux-x64":"1.0.0"}}%s}}`

// gapProject has a lock that lacks what esbuild needs on Linux, or not.
func gapProject(t *testing.T, entry string) (Desired, *project.Package) {
	t.Helper()
	s := newScene(t)
	s.write("package.json", `{"dependencies":{"esbuild":"1.0.0"}}`)
	s.write("package-lock.json", fmt.Sprintf(gapLock, entry))
	p, err := project.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	return Desired{Project: p, Info: engine.Info{Platform: "linux/amd64"}}, p.Packages[0]
}

const gapWhole = `,"node_modules/@esbuild/linux-x64":{"version":"1.0.0","optional":true}`

func TestAnInstallScriptThatFailsForWantOfALockEntry(t *testing.T) {
	failed := func(path string) error {
		return &engine.Error{Kind: engine.ErrBuild, Op: "install", Note: "exit status 1", Remedy: "something", Detail: []string{
			"npm error code 1", "npm error path " + path, "npm error command failed", "npm error command sh -c node install.js",
		}}
	}
	d, k := gapProject(t, "")
	err := withLockGap(failed("/app/node_modules/esbuild"), k, d.Info.Platform)
	var e *engine.Error
	const want = "the install script of esbuild failed, and package-lock.json is incomplete: esbuild asks for @esbuild/linux-x64, which is not in it"
	if !errors.As(err, &e) || e.Note != want || !strings.Contains(e.Remedy, "`devbox update`") {
		t.Errorf("error %v, hint %q", err, e.Remedy)
	}
	if added := installFailed("add x", err); !strings.Contains(added.Error(), want) {
		t.Errorf("add says %v", added)
	}
	for name, test := range map[string]struct{ path, entry string }{
		"of another package": {"/app/node_modules/other", ""}, "with a whole lock": {"/app/node_modules/esbuild", gapWhole},
	} {
		d, k := gapProject(t, test.entry)
		err := withLockGap(failed(test.path), k, d.Info.Platform)
		if !errors.As(err, &e) || e.Note != "exit status 1" || e.Remedy != "something" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := withLockGap(nil, k, d.Info.Platform); err != nil {
		t.Errorf("of no error: %v", err)
	}
}

func TestAnAppThatLacksWhatItsLockLacks(t *testing.T) {
	for _, line := range []string{
		"Error: Cannot find module '@esbuild/linux-x64'", "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@esbuild/linux-x64' imported from /app/x.js",
		`Error: The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.`,
	} {
		d, _ := gapProject(t, "")
		why, ok := lostModule(d, "web", []string{"first", line, "    at x"})
		if !ok || !strings.Contains(why.text, "esbuild asks for @esbuild/linux-x64") || !strings.Contains(why.hint, "`devbox update`") {
			t.Errorf("%s: %+v", line, why)
		}
		if d, _ = gapProject(t, gapWhole); d.Project != nil {
			if why, ok := lostModule(d, "web", []string{line}); ok {
				t.Errorf("%s, with a whole lock: %+v", line, why)
			}
		}
	}
	d, _ := gapProject(t, "")
	if why, ok := lostModule(d, "web", []string{"Error: Cannot find module './x'", "Cannot find package 'left-pad'"}); ok {
		t.Errorf("of what no lock has: %+v", why)
	}
}
