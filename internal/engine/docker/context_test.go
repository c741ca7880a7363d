package docker

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/context/store"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestAContextThatIsNotThere(t *testing.T) {
	before := config.Dir()
	config.SetDir(t.TempDir())
	t.Cleanup(func() { config.SetDir(before) })
	contexts := store.New(config.ContextStoreDir(), command.DefaultContextStoreConfig())
	for _, name := range []string{"vm", "cloud"} {
		if err := contexts.CreateOrUpdate(store.Metadata{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("DOCKER_HOST", "")
	const known = "known are default, cloud, vm: "
	for _, tt := range []struct {
		name, flag, variable, settings string
		text, hint                     string
	}{
		{"named by the flag", "nope", "", "{}", `there is no docker context "nope" (--context)`, known + "name another one"},
		{"named by the variable", "", "nope", "{}", `there is no docker context "nope" (DOCKER_CONTEXT)`, known + "unset it, or name another one"},
		{"named by the settings", "", "", `{"currentContext": "nope"}`, `there is no docker context "nope" (the current one of Docker's settings)`, known + "choose another one with `docker context use`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("DOCKER_CONTEXT", tt.variable)
			file := filepath.Join(config.Dir(), config.ConfigFileName)
			if err := os.WriteFile(file, []byte(tt.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(t.Context(), Options{Context: tt.flag, In: os.Stdin, Out: io.Discard, Err: io.Discard})
			var e *engine.Error
			if !errors.As(err, &e) || !errors.Is(err, engine.ErrBadHost) || !strings.HasSuffix(err.Error(), tt.text) || e.Hint() != tt.hint {
				t.Errorf("error %v\nhint %v", err, e.Hint())
			}
		})
	}
}
