//go:build e2e

package docker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		{"an engine that is frozen", "unix://" + silent, engine.ErrNotResponding, "no answer in 5s"},
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
	ctx := t.Context()
	const name = "devbox-test-volume"
	t.Cleanup(func() { _ = c.RemoveVolume(context.WithoutCancel(ctx), name) })
	if err := c.CreateVolume(ctx, name, map[string]string{engine.LabelProject: "devbox-test"}); err != nil {
		t.Fatal(err)
	}
	if has, err := c.VolumeHas(ctx, name, baseImage, "marker"); err != nil || has {
		t.Fatalf("empty volume has the marker: %v, %v", has, err)
	}
	var out bytes.Buffer
	code, err := c.RunTask(ctx, engine.Task{
		Name: "test task", Image: baseImage, Command: []string{"/bin/sh", "-c", "echo hi; touch /v/marker; exit 3"},
		User: "0:0", Mounts: []engine.Mount{{Volume: name, Target: "/v"}},
	}, &out)
	if err != nil || code != 3 || out.String() != "hi\n" {
		t.Fatalf("task: code %d, out %q, %v", code, out.String(), err)
	}
	start := time.Now()
	has, err := c.VolumeHas(ctx, name, baseImage, "marker")
	if err != nil || !has {
		t.Fatalf("marker not seen: %v, %v", has, err)
	}
	t.Logf("looked into the volume in %s", time.Since(start))
}
