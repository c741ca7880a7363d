//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An engine that cannot be used is one message, exit code 4, and soon.
func TestEnginesThatCannotBeUsed(t *testing.T) {
	w := newWorld(t)
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)
	dir := filepath.Dir(w.dir)
	silent := filepath.Join(dir, "silent.sock")
	l, err := net.Listen("unix", silent)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	private := filepath.Join(dir, "private.sock")
	p, err := net.Listen("unix", private)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := os.Chmod(private, 0); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, host, words string
		uid               int
		frozen            bool
	}{
		{"nothing at the path", "unix://" + dir + "/none.sock", "no Docker engine answers", 0, false},
		{"a host that makes no sense", "hullo", "hullo", 0, false},
		{"an engine that is frozen", "unix://" + silent, "does not respond", 0, true},
		{"no permission on the socket", "unix://" + private, "no permission", 1000, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, args := range [][]string{{"up", "--detach"}, {"status"}, {"down"}, {"shell"}, {"run", "true"}, {"logs"}, {"restart"}, {"rebuild"}, {"prod", "up"}} {
				t.Run(strings.Join(args, " "), func(t *testing.T) {
					t.Parallel() // each waits for as long as an engine may be slow
					cmd := w.command(t.Context(), args...)
					cmd.Env = append(cmd.Env, "DOCKER_HOST="+tt.host)
					if tt.uid != 0 {
						cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(tt.uid), Gid: uint32(tt.uid)}
					}
					var stderr bytes.Buffer
					cmd.Stderr = &stderr
					began := time.Now()
					code := exitCode(cmd.Run())
					if took := time.Since(began); took > 40*time.Second {
						t.Errorf("it took %s", took)
					}
					if code != 4 || !strings.Contains(stderr.String(), tt.words) || strings.Contains(stderr.String(), "goroutine") {
						t.Errorf("exit code %d\n%s", code, stderr.String())
					}
					if slow := strings.Contains(stderr.String(), "Docker is slow to answer"); slow != tt.frozen {
						t.Errorf("it says that Docker is slow: %v\n%s", slow, stderr.String())
					}
				})
			}
		})
	}
	// The scenario's own clean-up needs the engine; nothing was made there.
}

// A port that is taken is named together with who holds it; nothing half made
// is left.
func TestTakenPortNamesItsHolder(t *testing.T) {
	w, _ := newApp(t, "minimal")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	w.env = []string{fmt.Sprintf("DEVBOX_WEB_PORT=%d", port)}
	r := w.fails(7, fmt.Sprint(port), "up", "--detach")
	if !strings.Contains(r.stderr, "e2e.test") && !strings.Contains(r.stderr, fmt.Sprint(os.Getpid())) {
		t.Errorf("the holder is not named:\n%s", r.stderr)
	}
	if !strings.Contains(r.stderr, "DEVBOX_WEB_PORT=") {
		t.Errorf("no remedy:\n%s", r.stderr)
	}
	if list := w.containers(w.name); len(list) != 0 {
		t.Errorf("half-made containers: %v", list)
	}
}

// Files that are wrong give one message that says where, and exit code 3.
func TestWrongFiles(t *testing.T) {
	tests := []struct {
		name, file, content, words string
	}{
		{"an unknown key", "devbox.yaml", "services:\n  web:\n    nodee: 26.10.0\n", "devbox.yaml:3:5"},
		{"a wrong type", "devbox.yaml", "services: [a]\n", "devbox.yaml:1"},
		{"broken YAML", "devbox.yaml", "services: {\n", "devbox.yaml"},
		{"ten thousand levels", "devbox.yaml", strings.Repeat("[", 10000), "devbox.yaml"},
		{"a hundred megabytes", "devbox.yaml", strings.Repeat("a: b\n", 20<<20), "devbox.yaml"},
		{"broken JSON", "package.json", "{\n  \"name\": \"x\",\n  oops\n}\n", "package.json:3"},
		{"merge markers", "package.json", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n", "package.json"},
		{"scripts of a wrong type", "package.json", "{\"scripts\": 3}\n", "package.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)
			good := w.read(tt.file)
			w.write(tt.file, tt.content)
			for _, args := range [][]string{{"render"}, {"config"}, {"up", "--detach"}, {"run", "true"}} {
				began := time.Now()
				w.fails(3, tt.words, args...)
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("devbox %v took %s", args, took)
				}
			}
			w.write(tt.file, good)
		})
	}
}

// Nothing of the user's is overwritten, and nothing is written outside.
func TestUsersFilesAreKept(t *testing.T) {
	prepare := map[string]func(w *world){
		"a Dockerfile of the user's": func(w *world) { w.write("Dockerfile", "FROM scratch\n") },
		"a compose.yaml of the user's": func(w *world) {
			w.write("compose.yaml", "services:\n  cache: {image: redis:7-bookworm}\n")
		},
		"a symlink of that name": func(w *world) {
			w.write("../outside.txt", "precious")
			if err := os.Symlink("../outside.txt", w.path("Dockerfile")); err != nil {
				w.t.Fatal(err)
			}
		},
		"a folder of that name": func(w *world) {
			if err := os.MkdirAll(w.path("Dockerfile"), 0o755); err != nil {
				w.t.Fatal(err)
			}
		},
	}
	for name, set := range prepare {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("package.json", `{"name":"mine","scripts":{"start":"node index.js"}}`)
			w.write("index.js", server("mine"))
			set(w)
			before := listing(t, w.dir)
			w.ok("init", "--yes", w.dir)
			for _, made := range []string{"devbox.yaml", "devbox.Dockerfile", "devbox.Dockerfile.dockerignore", "devbox.compose.yaml", "devbox.compose.prod.yaml", "node_modules"} {
				if err := os.RemoveAll(w.path(made)); err != nil {
					t.Fatal(err)
				}
			}
			if after := listing(t, w.dir); after != before {
				t.Errorf("files changed:\n%s\nwere:\n%s", after, before)
			}
			if outside := filepath.Join(filepath.Dir(w.dir), "outside.txt"); name == "a symlink of that name" {
				if data, _ := os.ReadFile(outside); string(data) != "precious" {
					t.Errorf("a file outside changed to %q", data)
				}
			}
		})
	}
}

// listing is every path below a folder with its content.
func listing(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", "cd \"$1\" && find . -exec ls -ld --time-style=+ {} + | sort -k7; find . -type f -exec cksum {} + | sort -k3", "sh", dir).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A rendered file that was edited by hand is kept and shown, until --force.
func TestHandEditedFilesAreKept(t *testing.T) {
	w := newWorld(t)
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)
	w.ok("render", "--check")
	edited := w.read("Dockerfile") + "# mine\n"
	w.write("Dockerfile", edited)
	w.fails(3, "", "render", "--check")
	if r := w.ok("render", "--diff"); !strings.Contains(r.stdout, "# mine") {
		t.Errorf("diff:\n%s", r.stdout)
	}
	w.ok("render")
	if w.read("Dockerfile") != edited {
		t.Error("render overwrote an edited file")
	}
	w.ok("render", "--force")
	if strings.Contains(w.read("Dockerfile"), "# mine") {
		t.Error("--force kept the edit")
	}
	backups, _ := filepath.Glob(w.path("Dockerfile.*"))
	if len(backups) != 1 {
		t.Errorf("backups: %v", backups)
	}
}

// init asks for what it cannot know, and where nobody can answer says so.
func TestInitWithoutATerminal(t *testing.T) {
	w := newWorld(t)
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r := w.fails(2, "--template", "init", w.dir)
	for _, name := range []string{"minimal", "express", "chat"} {
		if !strings.Contains(r.stderr, name) {
			t.Errorf("%q is not offered:\n%s", name, r.stderr)
		}
	}
	if entries, _ := os.ReadDir(w.dir); len(entries) != 0 {
		t.Errorf("init left %v", entries)
	}
	w.fails(2, "nope", "init", "--template", "nope", w.dir)
	w.fails(3, "devbox.yaml", "up", "--detach")
}

// Names and scripts of a package.json cannot break out of what is rendered.
func TestHostilePackageJSON(t *testing.T) {
	w := newWorld(t)
	w.write("package.json", `{"name":"x\"\n  privileged: true\nRUN id","scripts":{"start":"node index.js --greet='$(id) ${HOME}'"},"engines":{"node":"$(id)"}}`)
	w.write("index.js", server("calm"))
	w.ok("init", "--yes", "--name", w.name, w.dir)
	for _, file := range []string{"Dockerfile", "compose.yaml", "compose.prod.yaml"} {
		for line := range strings.Lines(w.read(file)) {
			if strings.HasPrefix(strings.TrimSpace(line), "privileged") || strings.HasPrefix(line, "RUN id") {
				t.Errorf("%s has the line %q", file, line)
			}
		}
	}
	port := w.ownPort()
	w.ok("up", "--detach")
	w.answers(fmt.Sprintf("http://127.0.0.1:%d", port), "calm")
}

// A folder that cannot be written gives a message before anything is made.
func TestUnwritableFolder(t *testing.T) {
	w := newWorld(t)
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w.uid = 1000
	w.fails(1, "permission denied", "init", "--template", "minimal", "--yes", w.dir)
	w.uid = 0
	if entries, _ := os.ReadDir(w.dir); len(entries) != 0 {
		t.Errorf("init left %v", entries)
	}
}

// Two folders with one name are two projects: the second gets a name of its own,
// does not touch what runs in the first, and may not have its name.
func TestTwoFoldersWithOneNameDoNotTouchEachOther(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.write("index.js", server("first"))
	w.ok("up", "--detach")
	other := w.beside("other")
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", other.dir)
	other.ok("up", "--detach")
	other.ok("down", "--volumes")
	other.fails(5, "not running", "restart")
	other.env = []string{"DEVBOX_PROJECT=" + w.name}
	for _, args := range [][]string{{"up", "--detach"}, {"down", "--volumes"}, {"restart"}} {
		other.fails(3, w.dir, args...)
	}
	other.env = nil
	w.answers(url, "first")
}

// Commands at the same time set a project up once; a devbox that was killed
// while it did leaves nothing in the way.
func TestSettingUpIsDoneOnceAndSurvivesAKill(t *testing.T) {
	w, _ := newApp(t, "express")
	doomed := w.start("run", "true")
	doomed.says("installing", 0)
	doomed.kill()
	var running []*process
	for range 4 {
		running = append(running, w.start("run", "true"))
	}
	installs := 0
	for _, p := range running {
		if code := p.wait(runTime); code != 0 {
			t.Errorf("exit code %d:\n%s", code, p.out.String())
		}
		installs += strings.Count(p.out.String(), "installed node_modules")
	}
	if installs > 1 {
		t.Errorf("%d commands installed, want at most 1", installs)
	}
}
