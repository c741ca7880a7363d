//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// lockStatus is what `lock status --json` says.
type lockStatus struct {
	File        string `json:"file"`
	Packages    int    `json:"packages"`
	InStep      bool   `json:"in_step"`
	Engine      string `json:"engine"`
	Differences []struct {
		Name string `json:"name"`
		Text string `json:"text"`
	} `json:"differences"`
	Trees []struct {
		Running bool   `json:"running"`
		State   string `json:"state"`
	} `json:"trees"`
}

// says runs a command with --json and reads what it prints.
func says[T any](w *world, code int, args ...string) T {
	w.t.Helper()
	r := w.run(append(args, "--json")...)
	var v T
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil || r.code != code {
		w.t.Fatalf("devbox %s --json: exit code %d, want %d: %v\n%s%s", strings.Join(args, " "), r.code, code, err, r.stdout, r.stderr)
	}
	return v
}

func TestLockStatus(t *testing.T) {
	w, url := newApp(t, "express")
	w.step("in step, before anything is installed and without an engine")
	if st := says[lockStatus](w, 0, "lock"); st.File != "package-lock.json" || !st.InStep || st.Packages == 0 || len(st.Trees) != 1 || st.Trees[0].State != "absent" {
		t.Errorf("status %+v", st)
	}
	env := w.env
	w.env = append(slices.Clone(env), "DOCKER_HOST=unix:///none.sock")
	if st := says[lockStatus](w, 0, "lock", "status"); !st.InStep || st.Engine == "" || len(st.Trees) != 0 {
		t.Errorf("status without an engine %+v", st)
	}
	if r := w.ok("lock", "status"); !strings.Contains(r.stderr, "no Docker engine answers") || !strings.Contains(r.stdout, "in step: yes") {
		t.Errorf("status without an engine says\n%s%s", r.stdout, r.stderr)
	}
	w.env = env

	w.step("while the app runs, and after somebody installed something beside the lock")
	w.ok("up", "--detach")
	w.eventually(url+" answers", 30*time.Second, func() error { _, err := get(url); return err })
	if st := says[lockStatus](w, 0, "lock"); len(st.Trees) != 1 || !st.Trees[0].Running || st.Trees[0].State != "complete" {
		t.Errorf("status of what runs %+v", st)
	}
	w.ok("run", "npm", "install", "--no-save", "--no-package-lock", "ms@2.0.0")
	if st := says[lockStatus](w, 0, "lock"); len(st.Trees) != 1 || st.Trees[0].State != "changed" {
		t.Errorf("status of a changed tree %+v", st)
	}
	w.step("and after a command has brought back the tree of the lock")
	w.ok("run", "npm", "ci")
	if st := says[lockStatus](w, 0, "lock"); len(st.Trees) != 1 || st.Trees[0].State != "complete" {
		t.Errorf("status of the lock's tree by npm itself %+v", st)
	}
	w.ok("down")

	w.step("out of step, and locks that cannot be read")
	manifest, lock := w.read("package.json"), w.read("package-lock.json")
	w.write("package.json", strings.Replace(manifest, `"express"`, `"left-pad": "^1.0.0", "express"`, 1))
	if st := says[lockStatus](w, 10, "lock", "status"); st.InStep || len(st.Differences) != 1 || st.Differences[0].Name != "left-pad" {
		t.Errorf("status out of step %+v", st)
	}
	w.fails(10, "disagree", "lock")
	w.fails(10, "left-pad", "lock", "verify")
	w.write("package.json", manifest)
	w.write("package-lock.json", "{\n<<<<<<< HEAD\n"+lock[2:])
	for _, args := range [][]string{{"lock"}, {"lock", "verify"}, {"lock", "shrinkwrap"}} {
		w.fails(3, "package-lock.json:2:1", args...)
	}
	w.write("package-lock.json", "")
	w.fails(3, "empty", "lock")
	if err := os.Remove(w.path("package-lock.json")); err != nil {
		t.Fatal(err)
	}
	w.fails(10, "no lock governs", "lock")
	w.fails(3, "no lock file", "lock", "verify")
	w.fails(2, "unknown command", "lock", "nonsense")
}

// git runs git in the folder above the project, as a user without settings.
func (w *world) git(args ...string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir = filepath.Dir(w.dir)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// editLock changes the packages of package-lock.json.
func (w *world) editLock(change func(packages map[string]map[string]any)) {
	w.t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(w.read("package-lock.json")), &all); err != nil {
		w.t.Fatal(err)
	}
	packages := map[string]map[string]any{}
	for location, p := range all["packages"].(map[string]any) {
		packages[location] = p.(map[string]any)
	}
	change(packages)
	all["packages"] = packages
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("package-lock.json", string(data)+"\n")
}

func TestLockDiff(t *testing.T) {
	w, _ := newApp(t, "express")
	dir := filepath.Dir(w.dir)
	w.env = append(w.env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	w.fails(1, "not in a git repository", "lock", "diff")
	w.git("init", "-q")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "first")
	w.git("tag", "first")
	if r := w.ok("lock", "diff", "--exit-code"); r.stdout != "package-lock.json: no package changed\n" {
		t.Errorf("without a change: %s", r.stdout)
	}

	w.step("a bump, an addition, and a version whose content changed")
	w.editLock(func(packages map[string]map[string]any) {
		packages["node_modules/ms"]["version"] = "99.0.0"
		packages["node_modules/ms"]["resolved"] = "https://registry.example/ms/-/ms-99.0.0.tgz"
		packages["node_modules/new-one"] = map[string]any{
			"version": "1.0.0", "resolved": "https://registry.example/new-one/-/new-one-1.0.0.tgz", "integrity": "sha512-YQ==", "hasInstallScript": true,
		}
		packages["node_modules/qs"]["integrity"] = "sha512-Yg=="
	})
	r := w.ok("lock", "diff")
	for _, words := range []string{"^ ms ", "-> 99.0.0", "! + new-one 1.0.0: runs a script when it is installed", "! = qs ", "its integrity changed"} {
		if !strings.Contains(r.stdout, words) {
			t.Errorf("no %q in\n%s", words, r.stdout)
		}
	}
	if lines := strings.Split(r.stdout, "\n"); !strings.Contains(lines[1], "!") || !strings.Contains(lines[2], "!") {
		t.Errorf("what is alarming does not come first:\n%s", r.stdout)
	}
	type changes struct {
		From struct {
			Rev    string `json:"rev"`
			Commit string `json:"commit"`
			File   string `json:"file"`
		} `json:"from"`
		Packages []struct {
			Kind, Name       string
			IntegrityChanged bool
		} `json:"packages"`
	}
	c := says[changes](w, 10, "lock", "diff", "HEAD", "--exit-code")
	if c.From.Rev != "HEAD" || len(c.From.Commit) < 40 || c.From.File != "package-lock.json" || len(c.Packages) != 3 {
		t.Errorf("as JSON: %+v", c)
	}

	w.step("between two revisions, with a lock that was renamed")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "second")
	if err := os.Rename(w.path("package-lock.json"), w.path("npm-shrinkwrap.json")); err != nil {
		t.Fatal(err)
	}
	if r := w.ok("lock", "diff", "first", "HEAD"); !strings.Contains(r.stdout, "new-one") {
		t.Errorf("between revisions: %s", r.stdout)
	}
	if r := w.ok("lock", "diff"); !strings.Contains(r.stdout, "no package changed") || !strings.Contains(r.stderr, "was package-lock.json and is npm-shrinkwrap.json") {
		t.Errorf("a renamed lock: %s%s", r.stdout, r.stderr)
	}

	w.step("words that git does not know, or could take for options")
	w.fails(2, "nope", "lock", "diff", "nope")
	w.fails(2, "no revision", "lock", "diff", "--", "--output="+w.path("made"))
	if _, err := os.Stat(w.path("made")); err == nil {
		t.Error("a revision became an option of git")
	}
	w.env = append(w.env, "PATH="+w.path("nothing"))
	w.fails(1, "git is not installed", "lock", "diff")
}

// verification is what `lock verify --json` says.
type verification struct {
	Same  bool `json:"same"`
	Trees []struct {
		Kind        string `json:"kind"`
		Same        bool   `json:"same"`
		Skipped     string `json:"skipped"`
		Files       int    `json:"files"`
		Differences []struct {
			Path    string `json:"path"`
			Change  string `json:"change"`
			Package string `json:"package"`
		} `json:"differences"`
	} `json:"trees"`
}

func TestLockVerify(t *testing.T) {
	w, url := newApp(t, "express")
	w.ok("up", "--detach")
	w.eventually(url+" answers", 30*time.Second, func() error { _, err := get(url); return err })
	v := says[verification](w, 0, "lock", "verify")
	if !v.Same || len(v.Trees) != 2 || v.Trees[0].Kind != "running" || v.Trees[1].Kind != "image" || v.Trees[0].Files == 0 || v.Trees[1].Skipped != "" {
		t.Fatalf("a project as it should be: %+v", v)
	}

	w.step("a file of the running volume is tampered with, and caches are not")
	w.ok("run", "sh", "-c", "echo '// x' >> node_modules/express/index.js; mkdir -p node_modules/.cache; echo y > node_modules/.cache/y")
	v = says[verification](w, 10, "lock", "verify", "--no-prod")
	if len(v.Trees) != 1 || len(v.Trees[0].Differences) != 1 {
		t.Fatalf("after tampering: %+v", v)
	}
	if d := v.Trees[0].Differences[0]; d.Path != "express/index.js" || d.Change != "content" || !strings.HasPrefix(d.Package, "express@") {
		t.Errorf("the difference is %+v", d)
	}
	r := w.fails(10, "not those of package-lock.json", "lock", "verify")
	if !strings.Contains(r.stdout, "express/index.js has another content (express@") || !strings.Contains(r.stdout, "image "+w.name+"-web:prod agrees") {
		t.Errorf("it says\n%s", r.stdout)
	}

	w.step("the production image is of another lock")
	w.ok("down")
	w.ok("run", "npm", "install", "--package-lock-only", "express@4.21.2")
	v = says[verification](w, 10, "lock", "verify")
	if len(v.Trees) != 2 || v.Trees[0].Skipped == "" || v.Trees[1].Same {
		t.Fatalf("with another lock: %+v", v)
	}
	found := map[string]bool{}
	for _, d := range v.Trees[1].Differences {
		found[d.Change+" "+d.Package] = true
	}
	if !found["missing express@4.21.2"] {
		t.Errorf("express is not among the differences: %v", found)
	}
	w.ok("prod", "build")
	if v := says[verification](w, 0, "lock", "verify"); !v.Same {
		t.Errorf("after a build: %+v", v)
	}
}

// Production has no development dependencies; one that has them is not right.
func TestLockVerifyKnowsWhatProductionNeeds(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "npm", "install", "--package-lock-only", "--save-dev", "wrappy", "is-number@7.0.0")
	v := says[verification](w, 0, "lock", "verify")
	if len(v.Trees) != 2 || !v.Trees[1].Same {
		t.Errorf("with a development dependency: %+v", v)
	}
}

func TestAnInterruptedVerifyLeavesNothing(t *testing.T) {
	w, _ := newApp(t, "express")
	w.ok("run", "true")
	p := w.start("lock", "verify", "--no-prod")
	p.says("in a clean container", 0)
	p.interrupt()
	if code := p.wait(time.Minute); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.out.String())
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	list, err := w.api.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("label", "dev.devbox.project="+w.name)})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Items {
		if strings.Contains(v.Name, "_verify_") {
			t.Errorf("the volume %s is left", v.Name)
		}
	}
	if left := w.containers(w.name); len(left) != 0 {
		t.Errorf("containers are left: %v", left)
	}
}

func TestLockShrinkwrap(t *testing.T) {
	w, _ := newApp(t, "express")
	w.uid = 0
	before := w.read("package-lock.json")
	step := func(name string) string { return fmt.Sprintf(`"%s": "node step.js %s"`, name, name) }
	w.replace("package.json", `"scripts": {`, `"scripts": {`+step("preshrinkwrap")+","+step("shrinkwrap")+","+step("postshrinkwrap")+","+step("prepostshrinkwrap")+",")
	w.write("step.js", `const fs = require('fs');
const made = fs.existsSync('npm-shrinkwrap.json');
fs.appendFileSync('steps', process.argv[2] + ' ' + made + ' ' + process.env.npm_lifecycle_event + '\n');
if (process.argv[2] === 'postshrinkwrap') {
  const lock = JSON.parse(fs.readFileSync('npm-shrinkwrap.json'));
  lock.steps = fs.readFileSync('steps', 'utf8').split('\n');
  fs.writeFileSync('npm-shrinkwrap.json', JSON.stringify(lock, null, 2) + '\n');
}
`)
	manifest := w.read("package.json")
	if strings.Contains(manifest, `"type": "module"`) {
		w.write("step.js", "import fs from 'fs';\n"+strings.Replace(w.read("step.js"), "const fs = require('fs');\n", "", 1))
	}
	w.ok("lock", "shrinkwrap")
	if _, err := os.Stat(w.path("package-lock.json")); err == nil {
		t.Error("package-lock.json is still there")
	}
	if _, err := os.Stat(w.path("steps")); err == nil {
		t.Error("a script has written into the folder")
	}
	var got struct{ Steps []string }
	if err := json.Unmarshal([]byte(w.read("npm-shrinkwrap.json")), &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"preshrinkwrap false preshrinkwrap", "shrinkwrap false shrinkwrap", "postshrinkwrap true postshrinkwrap", ""}
	if !slices.Equal(got.Steps, want) {
		t.Errorf("steps %q, want %q", got.Steps, want)
	}
	if w.read("package.json") != manifest {
		t.Error("package.json has changed")
	}
	if !strings.Contains(w.read("Dockerfile"), "npm-shrinkwrap.json") {
		t.Error("the Dockerfile does not know the shrinkwrap")
	}

	w.step("once more, and with both files")
	w.fails(3, "already", "lock", "shrinkwrap")
	w.write("package-lock.json", before)
	w.fails(3, "already", "lock", "shrinkwrap")
	if r := w.ok("lock"); !strings.Contains(r.stdout, "npm-shrinkwrap.json and package-lock.json are both there") {
		t.Errorf("status says\n%s", r.stdout)
	}
	w.write("package-lock.json", w.read("npm-shrinkwrap.json"))
	w.ok("lock", "shrinkwrap")
	if _, err := os.Stat(w.path("package-lock.json")); err == nil {
		t.Error("a shrinkwrap that was cut off is not finished")
	}

	w.step("what is not npm's has no shrinkwrap")
	if err := os.Remove(w.path("npm-shrinkwrap.json")); err != nil {
		t.Fatal(err)
	}
	w.fails(3, "no lock file", "lock", "shrinkwrap")
}

// Trees of other package managers are compared in the same way, and what is
// only for development is not missed in production.
func TestLockVerifyWithOtherManagers(t *testing.T) {
	for _, m := range walkManagers[1:] {
		t.Run(m.name, func(t *testing.T) {
			w, _ := newApp(t, "minimal")
			w.write("package.json", fmt.Sprintf(`{"name":%q,"private":true,"packageManager":%q,
"dependencies":{"ms":"2.1.3"},"devDependencies":{"is-odd":"3.0.1"}}`, w.name, m.pin))
			if err := os.RemoveAll(w.path("package-lock.json")); err != nil {
				t.Fatal(err)
			}
			w.replace("devbox.yaml", "npm@11.21.2", m.pin)
			w.ok(append([]string{"run"}, m.install...)...)
			w.ok("run", "true")
			v := says[verification](w, 0, "lock", "verify")
			if len(v.Trees) != 2 || v.Trees[0].Skipped+v.Trees[1].Skipped != "" || v.Trees[0].Files == 0 {
				t.Fatalf("as it should be: %+v", v)
			}
			w.ok("run", "sh", "-c", "echo '// x' >> node_modules/ms/index.js")
			r := w.fails(10, m.lockFile, "lock", "verify", "--no-prod")
			if !strings.Contains(r.stdout, "ms/index.js has another content (ms@2.1.3)") {
				t.Errorf("after tampering it says\n%s", r.stdout)
			}
			w.fails(3, "npm's", "lock", "shrinkwrap")
		})
	}
}
