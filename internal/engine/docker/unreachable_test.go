package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestUnreachableSaysWhy(t *testing.T) {
	t.Setenv(client.EnvOverrideHost, "")
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead.sock")
	if err := os.WriteFile(dead, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.sock")
	const system = "unix:///var/run/docker.sock"
	tests := []struct {
		name, host string
		err        error
		kind       engine.Kind
		want, hint string
	}{
		{
			"no answer in time", system, fmt.Errorf("ping: %w", context.DeadlineExceeded),
			engine.ErrNotResponding, "connect to " + system + ": the Docker engine does not respond: no answer in 20s", "docker version",
		},
		{
			"a socket of another group", system, &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.EACCES)},
			engine.ErrNoPermission, "no permission to use the Docker engine: " + system, "usermod -aG docker",
		},
		{
			"a file that may not be read", system, fs.ErrPermission,
			engine.ErrNoPermission, "no permission to use the Docker engine: " + system, "rootless",
		},
		{
			"no permission, told by text alone", system, errors.New("permission denied while trying to connect to the docker API at " + system),
			engine.ErrNoPermission, "no permission to use the Docker engine: " + system, "log in again",
		},
		{
			"an engine too old for the API version that is set", system, errors.New("Error response from daemon:\nclient version 1.52 is too new. Maximum supported API version is 1.41"),
			engine.ErrTooOld, "the Docker engine is too old: Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.41", "DOCKER_API_VERSION",
		},
		{
			"no socket", "unix://" + missing, syscall.ENOENT,
			engine.ErrNoEngine, "no Docker engine answers: unix://" + missing + " is not there", "install Docker",
		},
		{
			"a socket that nothing listens on", "unix://" + dead, syscall.ECONNREFUSED,
			engine.ErrNoEngine, "no Docker engine answers: unix://" + dead + " is there, but nothing listens on it", "systemctl start docker",
		},
		{
			"a remote engine that is down", "tcp://10.0.0.7:2376", syscall.ECONNREFUSED,
			engine.ErrNoEngine, "no Docker engine answers: tcp://10.0.0.7:2376", "start it",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := unreachable(t.Context(), tt.host, tt.err)
			wantError(t, err, tt.err, tt.kind, tt.want, tt.hint)
		})
	}
}

func TestUnreachableBlamesNoEngineWhenTheCallerGaveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := unreachable(ctx, "unix:///var/run/docker.sock", syscall.ECONNREFUSED)
	if !errors.Is(err, context.Canceled) || errors.Is(err, engine.ErrNoEngine) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestNoEngineNamesTheVariableThatChoseTheHost(t *testing.T) {
	t.Setenv(client.EnvOverrideHost, "tcp://build.example:2376")
	own := wantKind(t, noEngine("", "tcp://build.example:2376", syscall.ECONNREFUSED), engine.ErrNoEngine)
	if want := `DOCKER_HOST is "tcp://build.example:2376": start the engine there, or unset it to use the default one`; own.Hint() != want {
		t.Errorf("hint\n got %s\nwant %s", own.Hint(), want)
	}
}

func TestNotRespondingTellsHowLongItWaited(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"a known time is told", 10 * time.Second, "list containers: the Docker engine does not respond: no answer in 10s"},
		{"an unknown time is left out", 0, "list containers: the Docker engine does not respond"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := notResponding("list containers", tt.after, context.DeadlineExceeded)
			own := wantKind(t, err, engine.ErrNotResponding)
			if err.Error() != tt.want {
				t.Errorf("message %q, want %q", err, tt.want)
			}
			if own.Hint() == "" {
				t.Error("no hint")
			}
		})
	}
}

func TestOlderAPIComparesNumbersNotText(t *testing.T) {
	tests := []struct {
		name, have, want string
		older            bool
	}{
		{"one minor version older", "1.40", "1.41", true},
		{"the same version", "1.41", "1.41", false},
		{"one minor version newer", "1.42", "1.41", false},
		{"fewer digits are older", "1.9", "1.41", true},
		{"more digits are newer", "1.100", "1.41", false},
		{"a newer major version with a smaller minor one", "2.0", "1.41", false},
		{"an older major version with a greater minor one", "0.99", "1.41", true},
		{"an engine that does not tell", "", "1.41", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := olderAPI(tt.have, tt.want); got != tt.older {
				t.Errorf("olderAPI(%q, %q) = %v, want %v", tt.have, tt.want, got, tt.older)
			}
		})
	}
}

// connectionFailed is what the API client says where there is no socket.
func connectionFailed(t *testing.T) error {
	t.Helper()
	api, err := client.New(client.WithHost("unix://" + filepath.Join(t.TempDir(), "missing.sock")))
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	_, err = api.Info(t.Context(), client.InfoOptions{})
	if !client.IsErrConnectionFailed(err) {
		t.Fatalf("the client says %v", err)
	}
	return err
}
