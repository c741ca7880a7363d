package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/session"
)

func TestScriptsOfEachService(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"devbox.yaml":      "name: two\nservices:\n  api: {dir: api, node: 26.10.0, package-manager: npm@11.21.2, dev: node index.js}\n  web: {dir: web, node: 26.10.0, package-manager: yarn@1.22.22, dev: node index.js}\n",
		"api/package.json": `{"scripts": {"migrate": "node migrate.js"}}`,
		"web/package.json": `{"scripts": {"build": "vite build", "a": "b"}}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for service, want := range map[string][][]string{
		"api": {{"npm", "run", "migrate"}},
		"web": {{"yarn", "run", "a"}, {"yarn", "run", "build"}},
	} {
		list, err := scripts(dir, service)
		if err != nil {
			t.Fatal(err)
		}
		var runs [][]string
		for _, s := range list {
			runs = append(runs, s.Run)
		}
		if !slices.EqualFunc(runs, want, slices.Equal) {
			t.Errorf("%s has %q, want %q", service, runs, want)
		}
	}
	if _, err := scripts(dir, "db"); err == nil {
		t.Error("a service that only the Compose files have has scripts")
	}
}

func TestTheLastCrashIsKept(t *testing.T) {
	dir := t.TempDir()
	for _, said := range []string{"panic: one", "", "panic: two", "", ""} {
		f := openCrashLog(dir)
		if f == nil {
			t.Fatal("there is no place for what the runtime says")
		}
		if _, err := f.WriteString(said); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	kept, err := os.ReadFile(filepath.Join(dir, ".devbox", lastCrashLog))
	if err != nil || string(kept) != "panic: two" {
		t.Errorf("kept %q, %v; want the last thing that was said", kept, err)
	}
}

func TestTheLockIsTakenAgainWhereNobodyElseWatches(t *testing.T) {
	dir := t.TempDir()
	failed := errors.New("it did not start")
	own := &ownership{dir: dir, start: func() error {
		if _, held := session.CurrentHolder(dir); held {
			t.Error("the one that starts cannot have the lock")
		}
		return failed
	}}
	if err := own.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := own.handOver(t.Context()); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if h, held := session.CurrentHolder(dir); !held || h.PID != os.Getpid() {
		t.Errorf("the lock has %+v, %t", h, held)
	}
	own.release(t.Context())
	if h, held := session.CurrentHolder(dir); held {
		t.Errorf("the lock has %+v still", h)
	}
}
