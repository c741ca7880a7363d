package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// The texts are what engines from 20.10 to 29, their drivers and registries say.
func TestTranslateKnowsWhatEnginesSay(t *testing.T) {
	tests := []struct {
		name, text string
		kind       engine.Kind
		note       string // empty means the text itself
		hint       string
	}{
		{
			name: "a port that another container publishes",
			text: "Error response from daemon: driver failed programming external connectivity on endpoint chat-web-1 (3f1c9d2b7a5e): Bind for 0.0.0.0:3000 failed: port is already allocated",
			kind: engine.ErrPortTaken, note: "0.0.0.0:3000", hint: "devbox.yaml",
		},
		{
			name: "a port that another container publishes on IPv6",
			text: "Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint chat-web-1 (3f1c9d2b7a5e): Bind for :::3000 failed: port is already allocated",
			kind: engine.ErrPortTaken, note: ":3000", hint: "devbox.yaml",
		},
		{
			name: "a port that a program on the host holds",
			text: "Error response from daemon: driver failed programming external connectivity on endpoint chat-web-1 (3f1c9d2b7a5e): Error starting userland proxy: listen tcp4 127.0.0.1:3000: bind: address already in use",
			kind: engine.ErrPortTaken, note: "127.0.0.1:3000", hint: "DEVBOX_<SERVICE>_PORT",
		},
		{
			name: "a port that a program on the host holds, on any IPv6 address",
			text: "Error response from daemon: driver failed programming external connectivity on endpoint chat-web-1 (3f1c9d2b7a5e): Error starting userland proxy: listen tcp6 [::]:3000: bind: address already in use",
			kind: engine.ErrPortTaken, note: ":3000", hint: "devbox.yaml",
		},
		{
			name: "a port that a program on the host holds, as Docker 28 says it",
			text: "Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint chat-web-1 (3f1c9d2b7a5e): failed to bind host port for 127.0.0.1:3000:172.18.0.2:3000/tcp: address already in use",
			kind: engine.ErrPortTaken, note: "127.0.0.1:3000", hint: "devbox.yaml",
		},
		{
			name: "a port that Docker Desktop cannot get",
			text: "Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:3000 -> 127.0.0.1:0: listen tcp 0.0.0.0:3000: bind: address already in use",
			kind: engine.ErrPortTaken, note: "0.0.0.0:3000", hint: "devbox.yaml",
		},
		{
			name: "a port whose number the text lacks",
			text: "Error response from daemon: port is already allocated",
			kind: engine.ErrPortTaken, hint: "devbox.yaml",
		},
		{
			name: "a full disk while a layer is unpacked",
			text: "failed to register layer: write /usr/local/bin/node: no space left on device",
			kind: engine.ErrDiskFull, hint: "docker system df",
		},
		{
			name: "a full disk while a container is made",
			text: "Error response from daemon: mkdir /var/lib/docker/overlay2/8c1d-init: no space left on device",
			kind: engine.ErrDiskFull, hint: "docker system df",
		},
		{
			name: "a used up quota",
			text: "Error response from daemon: write /home/ada/.local/share/docker/volumes/metadata.db: disk quota exceeded",
			kind: engine.ErrDiskFull, hint: "docker system df",
		},
		{
			name: "an engine that is older than the API version asked for",
			text: "Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.41",
			kind: engine.ErrTooOld, hint: "DOCKER_API_VERSION",
		},
		{
			name: "an engine that dropped the API version asked for",
			text: "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
			kind: engine.ErrTooOld, hint: "DOCKER_API_VERSION",
		},
		{
			name: "a repository that does not exist or is private",
			text: "Error response from daemon: pull access denied for acme/secret, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
			kind: engine.ErrImageNotFound, hint: "name and tag",
		},
		{
			name: "a registry that cannot be reached",
			text: `Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.1:53: no such host`,
			kind: engine.ErrImageNotFound, hint: "registry can be reached",
		},
		{
			name: "an image that is not on this machine",
			text: "Error response from daemon: No such image: chat-web:dev",
			kind: engine.ErrImageNotFound, hint: "name and tag",
		},
		{
			name: "a tag that does not exist",
			text: "Error response from daemon: manifest for node:99 not found: manifest unknown: manifest unknown",
			kind: engine.ErrImageNotFound, hint: "name and tag",
		},
		{
			name: "a tag that does not exist, in a FROM line",
			text: "failed to solve: node:99: failed to resolve source metadata for docker.io/library/node:99: docker.io/library/node:99: not found",
			kind: engine.ErrImageNotFound, hint: "name and tag",
		},
		{
			name: "a registry that cannot be reached, in a FROM line",
			text: `failed to solve: node:26: failed to resolve source metadata for docker.io/library/node:26: failed to do request: Head "https://registry.example/v2/library/node/manifests/26": dial tcp: lookup registry.example: no such host`,
			kind: engine.ErrImageNotFound, hint: "registry can be reached",
		},
		{
			name: "a registry that cannot be reached, with the containerd image store",
			text: `Error response from daemon: failed to resolve reference "docker.io/library/node:26": failed to do request: Head "https://registry.example/v2/library/node/manifests/26": dial tcp: lookup registry.example: no such host`,
			kind: engine.ErrImageNotFound, hint: "registry can be reached",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cause := errors.New(tt.text)
			err := translate("start the environment", cause)
			own := wantKind(t, err, tt.kind)
			if !errors.Is(err, cause) {
				t.Error("the cause is lost")
			}
			note := tt.note
			if note == "" {
				note = tt.text
			}
			if want := "start the environment: " + string(tt.kind) + ": " + note; err.Error() != want {
				t.Errorf("message\n got %s\nwant %s", err, want)
			}
			if !strings.Contains(own.Hint(), tt.hint) {
				t.Errorf("hint %q lacks %q", own.Hint(), tt.hint)
			}
		})
	}
}

func TestEveryRuleHasARemedy(t *testing.T) {
	for _, r := range rules {
		if r.remedy == "" {
			t.Errorf("the rule for %q (%s) has none", r.kind, r.text)
		}
	}
}

func TestTranslateKeepsWhatIsClearAlready(t *testing.T) {
	own := &engine.Error{Kind: engine.ErrBuild, Op: "build image \"web\"", Note: "no space left on device"}
	tests := []struct {
		name string
		err  error
	}{
		{"no error", nil},
		{"an error of ours", own},
		{"an error of ours that was wrapped", fmt.Errorf("prepare: %w", own)},
		{"a call that was ended", context.Canceled},
		{"a call that was ended, wrapped", fmt.Errorf("Post \"http://docker/start\": %w", context.Canceled)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := translate("start", tt.err); got != tt.err { //nolint:errorlint // the very same error has to come back
				t.Errorf("got %v, want %v untouched", got, tt.err)
			}
		})
	}
}

func TestTranslateTellsErrorsByTheirType(t *testing.T) {
	t.Setenv(client.EnvOverrideHost, "")
	refused := &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	tests := []struct {
		name string
		err  error
		kind engine.Kind
		want string
		hint string
	}{
		{
			"a missing container is not found", fmt.Errorf("No such container: chat-web-1 (%w)", errdefs.ErrNotFound),
			engine.ErrNotFound, "stop: not found: No such container: chat-web-1 (not found)", "",
		},
		{
			"a name in use is a conflict", fmt.Errorf("volume is in use\n\tby 3f1c9d2b7a5e (%w)", errdefs.ErrConflict),
			engine.ErrConflict, "stop: conflict: volume is in use by 3f1c9d2b7a5e (conflict)", "",
		},
		{
			"text counts before type, so a missing image is an image", fmt.Errorf("No such image: node:99 (%w)", errdefs.ErrNotFound),
			engine.ErrImageNotFound, "stop: image not found: No such image: node:99 (not found)", "name and tag",
		},
		{
			"a deadline means that the engine hangs", fmt.Errorf("Get \"http://docker/info\": %w", context.DeadlineExceeded),
			engine.ErrNotResponding, "stop: the Docker engine does not respond", "docker version",
		},
		{
			"a refused connection means that no engine runs", fmt.Errorf("start: %w", refused),
			engine.ErrNoEngine, "stop: no Docker engine answers", "systemctl start docker",
		},
		{
			"so does the client's own word for it", connectionFailed(t),
			engine.ErrNoEngine, "stop: no Docker engine answers", "systemctl start docker",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := translate("stop", tt.err)
			wantError(t, err, tt.err, tt.kind, tt.want, tt.hint)
		})
	}
}

func TestTranslateNamesTheOperationOfAnUnknownError(t *testing.T) {
	cause := errors.New("unable to find user ada: no matching entries in passwd file")
	err := translate("start container", cause)
	if want := "start container: " + cause.Error(); err.Error() != want {
		t.Errorf("message %q, want %q", err, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	var own *engine.Error
	if errors.As(err, &own) {
		t.Errorf("kind %q was made up", own.Kind)
	}
}

func TestNoteShortensOnlyTextsAboutPorts(t *testing.T) {
	tests := []struct {
		name       string
		kind       engine.Kind
		text, want string
	}{
		{"a port with its address", engine.ErrPortTaken, "Bind for 127.0.0.1:5173 failed: port is already allocated", "127.0.0.1:5173"},
		{"a port without an address", engine.ErrPortTaken, "listen tcp :5173: bind: address already in use", ":5173"},
		{"the first of two ports, which is the host's", engine.ErrPortTaken, "exposing port TCP 0.0.0.0:80 -> 127.0.0.1:0: listen tcp 0.0.0.0:80", "0.0.0.0:80"},
		{"no port at all", engine.ErrPortTaken, "port is already allocated", "port is already allocated"},
		{"a port in a text about something else", engine.ErrImageNotFound, "No such image: localhost:5000/web", "No such image: localhost:5000/web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := note(tt.kind, tt.text); got != tt.want {
				t.Errorf("note %q, want %q", got, tt.want)
			}
		})
	}
}

// wantKind checks an error's kind and gives it as devbox's own.
// wantError checks an error that was made of a cause: its kind, message and hint.
func wantError(t *testing.T, err, cause error, kind engine.Kind, message, hint string) {
	t.Helper()
	own := wantKind(t, err, kind)
	if err.Error() != message {
		t.Errorf("message\n got %s\nwant %s", err, message)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if !strings.Contains(own.Hint(), hint) {
		t.Errorf("hint %q lacks %q", own.Hint(), hint)
	}
}

func wantKind(t *testing.T, err error, kind engine.Kind) *engine.Error {
	t.Helper()
	var own *engine.Error
	if !errors.As(err, &own) || !errors.Is(err, kind) {
		t.Fatalf("got %v (%T), want kind %q", err, err, kind)
	}
	return own
}
