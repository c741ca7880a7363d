//go:build e2e

package docker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/compose/v5/pkg/api"

	"github.com/devbox-node/devbox/internal/engine"
)

const baseImage = "node:26.10.0-bookworm-slim"

func open(t *testing.T) *Client {
	t.Helper()
	c, err := Open(t.Context(), Options{In: io.NopCloser(strings.NewReader("")), Out: io.Discard, Err: os.Stderr})
	if err != nil {
		t.Fatalf("no engine: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	silent := filepath.Join(dir, "silent.sock")
	listenSilently(t, silent)
	tests := []struct {
		name, host string
		kind       engine.Kind
		words      string
	}{
		{"no socket", "unix://" + filepath.Join(dir, "nope.sock"), engine.ErrNoEngine, "is not there"},
		{"a host that makes no sense", "bogus://x", engine.ErrBadHost, "bogus"},
		{"nothing on the port", "tcp://127.0.0.1:1", engine.ErrNoEngine, ""},
		{"an engine that is frozen", "unix://" + silent, engine.ErrNotResponding, "no answer in 20s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), Options{Host: tt.host, In: io.NopCloser(strings.NewReader("")), Out: io.Discard, Err: io.Discard})
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.words) {
				t.Fatalf("error %v, want kind %q with %q", err, tt.kind, tt.words)
			}
			var e *engine.Error
			if !errors.As(err, &e) || e.Hint() == "" {
				t.Errorf("error %v has no hint", err)
			}
		})
	}
}

func TestBuildShowsProgressAndTheStepThatFails(t *testing.T) {
	c := open(t)
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spec := engine.BuildSpec{Image: "devbox-test-build:1", Dir: dir, Labels: map[string]string{engine.LabelInputs: "abc"}}
	t.Cleanup(func() { removeImage(t, c, spec.Image) })
	write("FROM " + baseImage + "\nRUN echo built-$((40+2))\n")
	var lines []string
	collect := func(p engine.Progress) { lines = append(lines, p.Text) }
	spec.NoCache = true
	if err := c.Build(t.Context(), spec, collect); err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "RUN echo") || !strings.Contains(text, "built-42") {
		t.Errorf("progress does not show the step and its output:\n%s", text)
	}
	labels, ok, err := c.ImageLabels(t.Context(), spec.Image)
	if err != nil || !ok || labels[engine.LabelInputs] != "abc" {
		t.Errorf("labels %v, %v, %v", labels, ok, err)
	}
	write("FROM " + baseImage + "\nRUN echo why-it-fails && exit 7\n")
	err = c.Build(t.Context(), spec, nil)
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.ErrBuild || !strings.Contains(err.Error(), "exit code: 7") {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(strings.Join(e.Detail, "\n"), "why-it-fails") {
		t.Errorf("detail %q lacks the step's output", e.Detail)
	}
	write("FROM devbox-no-such-image:1\n")
	if err := c.Build(t.Context(), spec, nil); !errors.Is(err, engine.ErrImageNotFound) {
		t.Errorf("missing base image: %v", err)
	}
}

func TestTaskFillsAVolumeThatCanBeSeenWithoutStartingAnything(t *testing.T) {
	c := open(t)
	name := newVolume(t, c)
	look := func() map[string][]byte {
		t.Helper()
		start := time.Now()
		found, err := c.VolumeFiles(t.Context(), name, baseImage, "marker", "missing")
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("looked into the volume in %s", time.Since(start))
		return found
	}
	if found := look(); len(found) != 0 {
		t.Fatalf("empty volume holds %q", found)
	}
	var out bytes.Buffer
	code, err := c.RunTask(t.Context(), engine.Task{
		Name: "test task", Image: baseImage, Command: []string{"/bin/sh", "-c", "echo hi; echo it >/v/marker; exit 3"},
		User: "0:0", Mounts: []engine.Mount{{Volume: name, Target: "/v"}},
		Finish: func(map[string][]byte) ([]engine.TaskFile, error) {
			t.Error("a task that failed was finished")
			return nil, nil
		},
	}, &out)
	if err != nil || code != 3 || out.String() != "hi\n" {
		t.Fatalf("task: code %d, out %q, %v", code, out.String(), err)
	}
	if found := look(); len(found) != 1 || string(found["marker"]) != "it\n" {
		t.Fatalf("volume holds %q, want the marker", found)
	}
}

func TestTaskTakesFilesInAndOut(t *testing.T) {
	c := open(t)
	name := newVolume(t, c)
	source := filepath.Join(t.TempDir(), "source")
	if err := os.WriteFile(source, []byte("from the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var got map[string][]byte
	code, err := c.RunTask(t.Context(), engine.Task{
		Name: "test task", Image: baseImage, User: "1234:1235", Network: true,
		Command: []string{"/bin/sh", "-c", "stat -c '%n %a %u:%g' /in/a /in/b; cat /in/a /in/b /in/link; echo result >/tmp/result"},
		Mounts:  []engine.Mount{{Volume: name, Target: "/v"}},
		Files: []engine.TaskFile{
			{Path: "/in", Mode: fs.ModeDir | 0o755, UID: 1234, GID: 1235},
			{Path: "/in/a", Mode: 0o600, UID: 1234, GID: 1235, Data: []byte("from memory\n")},
			{Path: "/in/b", Mode: 0o640, UID: 0, GID: 1235, Source: source},
			{Path: "/in/link", Mode: fs.ModeSymlink, Data: []byte("a")},
		},
		Collect: []string{"/tmp/result", "/tmp/missing"},
		Finish: func(collected map[string][]byte) ([]engine.TaskFile, error) {
			got = collected
			return []engine.TaskFile{{Path: "/v/done", Mode: 0o644, Data: []byte("yes")}}, nil
		},
	}, &out)
	want := "/in/a 600 1234:1235\n/in/b 640 0:1235\nfrom memory\nfrom the hostfrom memory\n"
	if err != nil || code != 0 || out.String() != want {
		t.Fatalf("task: code %d, %v, out %q, want %q", code, err, out.String(), want)
	}
	if len(got) != 1 || string(got["/tmp/result"]) != "result\n" {
		t.Errorf("collected %q", got)
	}
	found, err := c.VolumeFiles(t.Context(), name, baseImage, "done")
	if err != nil || string(found["done"]) != "yes" {
		t.Errorf("what was copied in at the end: %q, %v", found, err)
	}
}

func TestTwoTasksOfOneNameExcludeEachOther(t *testing.T) {
	c := open(t)
	task := engine.Task{Name: "test task", Container: "devbox-test-once", Image: baseImage, Command: []string{"/bin/sh", "-c", "echo up; sleep 60"}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = c.RunTask(ctx, task, writerFunc(func() { close(started) }))
	}()
	<-started
	if _, err := c.RunTask(t.Context(), task, io.Discard); !errors.Is(err, engine.ErrConflict) {
		t.Errorf("the second of two tasks ended with %v, want a conflict", err)
	}
	cancel()
	<-ended
}

// writerFunc is called on the first write.
type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

func newVolume(t *testing.T, c *Client) string {
	t.Helper()
	name := "devbox-test-" + strings.ToLower(t.Name())
	t.Cleanup(func() { _ = c.RemoveVolume(context.WithoutCancel(t.Context()), name) })
	if err := c.CreateVolume(t.Context(), name, map[string]string{engine.LabelProject: "devbox-test"}); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestEventsTellOfWhatHappenedBeforeTheyBegan(t *testing.T) {
	c := open(t)
	name := newVolume(t, c) // one that nobody else has
	before := time.Now()
	task := engine.Task{Name: "test task", Image: baseImage, Command: []string{"true"}, Labels: map[string]string{api.ProjectLabel: name}}
	if code, err := c.RunTask(t.Context(), task, io.Discard); err != nil || code != 0 {
		t.Fatalf("task: code %d, %v", code, err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var actions []string
	if err := c.Events(ctx, name, before, func(e engine.Event) {
		if actions = append(actions, e.Action); e.Action == "destroy" {
			stop()
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(actions, "create") || !slices.Contains(actions, "destroy") {
		t.Errorf("told of %q, want the whole life of the container", actions)
	}
}
