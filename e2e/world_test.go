//go:build e2e

// Package e2e proves devbox's promises on a real engine with real Node and npm,
// from outside: it runs the program and looks at what the engine and the folder
// show. A scenario is one intent; its steps are sentences. Nothing is left
// behind: what is, is a failure. When a scenario fails, its artifacts (transcript,
// containers, logs) are kept in the folder that E2E_ARTIFACTS names.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// world is one scenario: a folder, a user, and the program.
type world struct {
	t   *testing.T
	bin string
	// dir is the project folder.
	dir string
	// name is the project's name, made from the test's.
	name string
	// uid runs the program when it is not 0, with the engine's group.
	uid int
	api *client.Client
	env []string

	mu         sync.Mutex
	transcript strings.Builder
}

// result is how a run of the program ended.
type result struct {
	stdout, stderr string
	code           int
	took           time.Duration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	bin := os.Getenv("DEVBOX_BIN")
	if bin == "" {
		bin = filepath.Join("..", "bin", "devbox")
	}
	bin, err := filepath.Abs(bin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("no program to test: %v (make build, or set DEVBOX_BIN)", err)
	}
	api, err := client.New(client.FromEnv)
	if err != nil {
		t.Fatal(err)
	}
	name := slug(t.Name())
	w := &world{t: t, bin: bin, api: api, name: name, dir: filepath.Join(tempDir(t), name)}
	t.Cleanup(w.finish)
	return w
}

// slug makes a project name of a test name.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	const longest = 40
	s := "e2e" + strings.TrimPrefix(b.String(), "test")
	if len(s) > longest {
		s = s[:longest]
	}
	return s
}

// tempDir is a folder that other users may enter, unlike t.TempDir's parents.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devbox-e2e-") //nolint:usetesting // t.TempDir is closed to the other users that scenarios run as
	if err != nil {
		t.Fatal(err)
	}
	const open = 0o755
	if err := os.Chmod(dir, open); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// step names what follows, in the transcript and in failures.
func (w *world) step(sentence string) {
	w.t.Helper()
	w.note("\n# " + sentence)
}

func (w *world) note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.transcript.WriteString(text + "\n")
}

// command prepares a run of the program in the project folder, as the
// scenario's user.
func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.bin, args...)
	cmd.Dir = w.dir
	if _, err := os.Stat(w.dir); err != nil {
		cmd.Dir = filepath.Dir(w.dir)
	}
	cmd.Env = append(os.Environ(), w.env...)
	cmd.Env = append(cmd.Env, "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if w.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(w.uid), Gid: uint32(w.uid), Groups: []uint32{socketGroup(w.t)}}
		cmd.Env = append(cmd.Env, "HOME="+filepath.Dir(w.dir))
	}
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// socketGroup is the group that owns the engine's socket.
func socketGroup(t *testing.T) uint32 {
	t.Helper()
	path := "/var/run/docker.sock"
	if host, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
		path = host
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Gid
}

// runTime is how long a command may take at most.
const runTime = 5 * time.Minute

// run runs the program to its end, whatever its exit code.
func (w *world) run(args ...string) result {
	w.t.Helper()
	return w.runInput("", args...)
}

func (w *world) runInput(input string, args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), runTime)
	defer cancel()
	cmd := w.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	r := result{stdout.String(), stderr.String(), exitCode(err), time.Since(began)}
	w.note(fmt.Sprintf("$ devbox %s\n%s%s-> %d in %s", strings.Join(args, " "), r.stdout, r.stderr, r.code, r.took.Round(time.Millisecond)))
	return r
}

func exitCode(err error) int {
	var e *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.ExitCode()
	}
	return -1
}

// ok runs the program and fails the scenario unless it succeeds.
func (w *world) ok(args ...string) result {
	w.t.Helper()
	r := w.run(args...)
	if r.code != 0 {
		w.t.Fatalf("devbox %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r
}

// fails runs the program and wants an exit code and words on stderr. Only a
// finding (3, 10) and a state (5) may come with a result on stdout.
func (w *world) fails(code int, words string, args ...string) result {
	w.t.Helper()
	r := w.run(args...)
	if r.code != code || !strings.Contains(r.stderr, words) {
		w.t.Fatalf("devbox %s: exit code %d, want %d with %q:\n%s", strings.Join(args, " "), r.code, code, words, r.stderr)
	}
	if r.stdout != "" && code != 3 && code != 5 && code != 10 {
		w.t.Fatalf("devbox %s: an error with results on stdout:\n%s", strings.Join(args, " "), r.stdout)
	}
	if strings.Contains(r.stderr, "goroutine ") || strings.Contains(r.stderr, "panic:") {
		w.t.Fatalf("a stack trace reached the user:\n%s", r.stderr)
	}
	return r
}

// eventually polls until a check passes.
func (w *world) eventually(what string, limit time.Duration, check func() error) {
	w.t.Helper()
	const interval = 10 * time.Millisecond
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %s: %s: %v", limit, what, err)
		}
		time.Sleep(interval)
	}
}

// get asks a URL and gives the body; "" with an error where nothing answers.
func get(url string) (string, error) {
	c := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// answers waits until a URL's body has the words.
func (w *world) answers(url, words string) {
	w.t.Helper()
	w.eventually(url+" answers "+words, 30*time.Second, func() error {
		body, err := get(url)
		if err != nil {
			return err
		}
		if !strings.Contains(body, words) {
			return fmt.Errorf("it answers %q", body)
		}
		return nil
	})
}

func (w *world) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *world) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// write writes a file of the project as its owner would.
func (w *world) write(name, content string) {
	w.t.Helper()
	path := w.path(name)
	const open = 0o755
	if err := os.MkdirAll(filepath.Dir(path), open); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if w.uid != 0 {
		if err := os.Chown(path, w.uid, w.uid); err != nil {
			w.t.Fatal(err)
		}
		_ = os.Chown(filepath.Dir(path), w.uid, w.uid)
	}
}

func (w *world) rename(from, to string) {
	w.t.Helper()
	if err := os.Rename(w.path(from), w.path(to)); err != nil {
		w.t.Fatal(err)
	}
}

// replace edits a file: old becomes new, once, by an atomic save.
func (w *world) replace(name, old, new string) {
	w.t.Helper()
	text := w.read(name)
	if !strings.Contains(text, old) {
		w.t.Fatalf("%s has no %q to replace", name, old)
	}
	w.write(name+".tmp~", strings.Replace(text, old, new, 1))
	if err := os.Rename(w.path(name+".tmp~"), w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

// ownPort is the port on the host that the app gets in this scenario, in development
// and in production.
func (w *world) ownPort() int {
	w.t.Helper()
	port := freePort(w.t)
	w.env = append(w.env, fmt.Sprintf("DEVBOX_WEB_PORT=%d", port), fmt.Sprintf("DEVBOX_WEB_PROD_PORT=%d", port))
	return port
}

// freePort is a port that nobody has. It is none of those that the kernel gives to
// connections (net.ipv4.ip_local_port_range begins at 32768): one of them would hold
// it in the moment in which an app restarts.
func freePort(t *testing.T) int {
	t.Helper()
	const first, past, tries = 20000, 32768, 100
	for range tries {
		port := first + rand.IntN(past-first)
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
