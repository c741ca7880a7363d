package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// rule recognises one failure in an error's text. The engine passes on what
// its drivers, the kernel and registries say, so text is all there is for them.
type rule struct {
	text   *regexp.Regexp
	kind   engine.Kind
	remedy string
}

const imageRemedy = "check the image's name and tag, and that the registry can be reached; an image that is on this machine already is used without a registry"

var rules = []rule{
	{
		regexp.MustCompile(`(?i)port is already allocated|address already in use|ports are not available`),
		engine.ErrPortTaken, "stop what holds the port, or set `port:` in devbox.yaml or DEVBOX_<SERVICE>_PORT to another one",
	},
	{
		regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`),
		engine.ErrDiskFull, "free space where Docker keeps its data: `docker system df` shows what uses it",
	},
	{
		regexp.MustCompile(`(?i)client version [\d.]+ is too (new|old)|minimum supported API version`),
		engine.ErrTooOld, "unset DOCKER_API_VERSION, or update the Docker engine (devbox needs 20.10 or newer)",
	},
	{
		regexp.MustCompile(`(?i)pull access denied|no such image|manifest (for .* )?(unknown|not found)|failed to resolve (source metadata|reference)|failed to resolve image|repository does not exist`),
		engine.ErrImageNotFound, imageRemedy,
	},
	{
		regexp.MustCompile(`(?i)Get "https?://[^"]*/v2/.*(dial tcp|Client\.Timeout|TLS handshake|connection refused)`),
		engine.ErrImageNotFound, imageRemedy,
	},
}

// translate turns a library's error into one of devbox's, once, here. Errors
// of ours and of contexts pass through.
func translate(op string, err error) error {
	var own *engine.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return notResponding(op, 0, err)
	case client.IsErrConnectionFailed(err), errors.Is(err, syscall.ECONNREFUSED):
		return noEngine(op, "", err)
	}
	text := oneLine(err.Error())
	for _, r := range rules {
		if r.text.MatchString(text) {
			return &engine.Error{Kind: r.kind, Op: op, Note: note(r.kind, text), Remedy: r.remedy, Err: err}
		}
	}
	switch {
	case errdefs.IsNotFound(err):
		return &engine.Error{Kind: engine.ErrNotFound, Op: op, Note: text, Err: err}
	case errdefs.IsConflict(err):
		return &engine.Error{Kind: engine.ErrConflict, Op: op, Note: text, Err: err}
	}
	return fmt.Errorf("%s: %w", op, err)
}

// unreachable says why a first ping failed: nothing there, no permission, or
// no answer.
func unreachable(ctx context.Context, host string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return notResponding("connect to "+host, answerTime, err)
	case errors.Is(err, fs.ErrPermission), strings.Contains(err.Error(), "permission denied"):
		return &engine.Error{
			Kind: engine.ErrNoPermission, Note: host, Err: err,
			Remedy: "add yourself to the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine",
		}
	}
	for _, r := range rules {
		if r.text.MatchString(err.Error()) {
			return &engine.Error{Kind: r.kind, Note: oneLine(err.Error()), Remedy: r.remedy, Err: err}
		}
	}
	return noEngine("", host, err)
}

func noEngine(op, host string, err error) error {
	remedy := "install Docker (https://docs.docker.com/engine/install/) or start it: `sudo systemctl start docker`, or Docker Desktop"
	if os.Getenv(client.EnvOverrideHost) != "" {
		remedy = "DOCKER_HOST is " + strconv.Quote(os.Getenv(client.EnvOverrideHost)) + ": start the engine there, or unset it to use the default one"
	}
	if path, ok := strings.CutPrefix(host, "unix://"); ok {
		if _, statErr := os.Stat(path); statErr == nil {
			host += " is there, but nothing listens on it"
		} else {
			host += " is not there"
		}
	}
	return &engine.Error{Kind: engine.ErrNoEngine, Op: op, Note: host, Remedy: remedy, Err: err}
}

func notResponding(op string, after time.Duration, err error) error {
	text := ""
	if after > 0 {
		text = fmt.Sprintf("no answer in %s", after)
	}
	return &engine.Error{
		Kind: engine.ErrNotResponding, Op: op, Note: text, Err: err,
		Remedy: "see whether `docker version` answers; restart the Docker engine if it does not",
	}
}

var portText = regexp.MustCompile(`(?:Bind for |listen tcp4? |exposing port TCP )?((?:\d+\.\d+\.\d+\.\d+)?:\d+)`)

// note is what of the library's text is worth showing.
func note(kind engine.Kind, text string) string {
	if kind == engine.ErrPortTaken {
		if m := portText.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return text
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// olderAPI compares API versions such as 1.41.
func olderAPI(have, want string) bool {
	if have == "" {
		return false
	}
	h1, h2 := splitAPI(have)
	w1, w2 := splitAPI(want)
	return h1 < w1 || h1 == w1 && h2 < w2
}

func splitAPI(v string) (major, minor int) {
	a, b, _ := strings.Cut(v, ".")
	major, _ = strconv.Atoi(a)
	minor, _ = strconv.Atoi(b)
	return major, minor
}
