package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/devbox-node/devbox/internal/engine/docker"
)

// A misspelled service is no reason to build an image first.
func TestAOneOffOfNoServiceAsksNoEngine(t *testing.T) {
	dir := t.TempDir()
	model := "name: chat\nservices:\n  web: {node: 26.10.0, package-manager: npm@11.21.2, port: 3000, dev: node index.js}\n"
	if err := os.WriteFile(filepath.Join(dir, "devbox.yaml"), []byte(model), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &deps{dir: dir, vars: map[string]string{}, open: func(context.Context, docker.Options) (*docker.Client, error) {
		t.Error("the engine was asked")
		return nil, errors.New("no engine")
	}}
	err := runOneOff(t.Context(), d, oneOffOptions{service: "wbe", command: []string{"true"}})
	if code := codeOf(err); code != exitUsage {
		t.Errorf("code %d, error %v", code, err)
	}
}
