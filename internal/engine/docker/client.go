// Package docker is the one place that talks to Docker: docker/cli finds the
// engine (contexts, DOCKER_HOST, TLS), the Compose SDK converges projects, the
// BuildKit client builds images, and the API client does the rest. What comes
// out is spelled in the plain types and error kinds of package engine. No
// docker, compose or buildx binary is ever run.
package docker

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/flags"
	"github.com/moby/moby/client"
	"github.com/sirupsen/logrus"

	"github.com/devbox-node/devbox/internal/engine"
)

// MinAPIVersion is the oldest API that devbox supports: Docker 20.10's.
const MinAPIVersion = "1.41"

// Options are what a connection needs from outside.
type Options struct {
	// Host and Context override DOCKER_HOST and the current docker context.
	Host, Context string
	In            io.ReadCloser
	Out, Err      io.Writer
	// Owner marks the containers of tasks, so that those of a process that was
	// killed can be told: the value of LabelOwner.
	Owner string
	// Slow is told once, from a goroutine of its own, that the engine has not given one
	// of its first answers for two seconds, and how long it is waited for at most. It
	// may be nil.
	Slow func(most time.Duration)
}

// Client is a connection to one engine.
type Client struct {
	cli    *command.DockerCli
	api    client.APIClient
	errOut io.Writer
	owner  string
	info   engine.Info
	first  *patience
}

// Open connects to the engine that the docker context or DOCKER_HOST names and
// waits for its first answer, for at most twenty seconds. Errors are of the kinds
// ErrNoEngine, ErrNoPermission, ErrNotResponding, ErrTooOld and ErrBadHost.
func Open(ctx context.Context, o Options) (*Client, error) {
	// Compose and docker/cli talk through logrus's global logger, past every
	// stream that they are given. What matters of it comes back as an error.
	logrus.SetOutput(io.Discard)
	cli, err := command.NewDockerCli(
		command.WithBaseContext(ctx),
		command.WithInputStream(o.In),
		command.WithOutputStream(o.Out),
		command.WithErrorStream(o.Err),
		command.WithUserAgent("devbox"),
	)
	if err != nil {
		return nil, translate("set up the connection", err)
	}
	opts := flags.NewClientOptions()
	opts.Context = o.Context
	if o.Host != "" {
		opts.Hosts = []string{o.Host}
	}
	first := &patience{slow: o.Slow}
	api, host, err := dial(ctx, cli, opts, first)
	if err != nil {
		return nil, err
	}
	c := &Client{cli: cli, api: api, errOut: o.Err, owner: o.Owner, first: first}
	c.info.Host = host
	c.info.Local = isLocal(host)
	return c, c.greet(ctx)
}

// dial makes the API client that docker/cli would make, but looks first
// whether anything answers: docker/cli itself hides why its first ping failed.
func dial(ctx context.Context, cli *command.DockerCli, opts *flags.ClientOptions, first *patience) (client.APIClient, string, error) {
	host := os.Getenv(client.EnvOverrideHost)
	if len(opts.Hosts) > 0 {
		host = opts.Hosts[0]
	}
	flag := opts.Context
	api, err := newAPIClient(cli, opts)
	if errdefs.IsNotFound(err) {
		return nil, host, noContext(cli, flag, err)
	}
	if err != nil {
		return nil, host, &engine.Error{
			Kind: engine.ErrBadHost, Note: oneLine(err.Error()), Err: err,
			Remedy: "check DOCKER_HOST and `docker context ls`; unset DOCKER_HOST to use the default engine",
		}
	}
	host = api.DaemonHost()
	pingCtx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	first.during(func() { _, err = api.Ping(pingCtx, client.PingOptions{NegotiateAPIVersion: true}) })
	if err != nil {
		return nil, host, unreachable(ctx, host, err)
	}
	// docker/cli connects lazily and would ping once more: give it this client.
	err = cli.Initialize(opts, command.WithInitializeClient(func(*command.DockerCli) (client.APIClient, error) { return api, nil }))
	return api, host, err
}

func newAPIClient(cli *command.DockerCli, opts *flags.ClientOptions) (client.APIClient, error) {
	if err := cli.Initialize(opts); err != nil {
		return nil, err
	}
	if opts.Context == "" && len(opts.Hosts) == 0 && cli.CurrentContext() != command.DefaultContextName {
		opts.Context = cli.CurrentContext()
	}
	return command.NewAPIClientFromFlags(opts, cli.ConfigFile())
}

// greet learns what the engine is.
func (c *Client) greet(ctx context.Context) error {
	v, err := firstAnswer(ctx, c, "ask the engine for its version", func(ctx context.Context) (client.ServerVersionResult, error) {
		return c.api.ServerVersion(ctx, client.ServerVersionOptions{})
	})
	if err != nil {
		return err
	}
	c.info.Version, c.info.APIVersion = v.Version, c.api.ClientVersion()
	c.info.Platform = v.Os + "/" + v.Arch
	if olderAPI(v.APIVersion, MinAPIVersion) {
		return &engine.Error{
			Kind: engine.ErrTooOld, Note: "it is Docker " + v.Version + " (API " + v.APIVersion + "), devbox needs Docker 20.10 (API " + MinAPIVersion + ") or newer",
			Remedy: "update the Docker engine",
		}
	}
	return nil
}

// Details asks for what only the slower info call knows: rootless, Desktop, OS.
func (c *Client) Details(ctx context.Context) (engine.Info, error) {
	r, err := firstAnswer(ctx, c, "ask the engine what it is", func(ctx context.Context) (client.SystemInfoResult, error) {
		return c.api.Info(ctx, client.InfoOptions{})
	})
	if err != nil {
		return c.info, err
	}
	info := c.info
	info.OS = r.Info.OperatingSystem
	info.Desktop = strings.Contains(info.OS, "Docker Desktop")
	for _, o := range r.Info.SecurityOptions {
		info.Rootless = info.Rootless || strings.Contains(o, "name=rootless")
	}
	return info, nil
}

// Info is what is known of the engine since the connection was made.
func (c *Client) Info() engine.Info { return c.info }

// Ping waits for an answer until ctx ends.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.api.Ping(ctx, client.PingOptions{})
	if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = context.DeadlineExceeded // whatever the context called its end
	}
	return translate("reach the engine", err)
}

// Close ends the connection.
func (c *Client) Close() error { return c.api.Close() }

// isLocal tells whether bind mounts of this machine's folders can work.
func isLocal(host string) bool {
	u, err := url.Parse(host)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "unix", "npipe", "":
		return true
	case "tcp", "http", "https":
		h := u.Hostname()
		return h == "localhost" || h == "127.0.0.1" || h == "::1"
	}
	return false
}

// unaryTime is how long a call may take that the engine answers at once, volumeTime
// one about volumes. While the engine deletes the files of one volume it keeps the
// calls about all others waiting, and a node_modules on a busy disk takes it longer
// than ten seconds.
const (
	unaryTime  = 10 * time.Second
	volumeTime = time.Minute
)

// guard runs a unary call that must not wait for ever on a frozen engine.
func guard[T any](ctx context.Context, op string, call func(context.Context) (T, error)) (T, error) {
	return guardFor(ctx, unaryTime, op, call)
}

// firstAnswer is guard for what is asked before anything is known of the engine.
func firstAnswer[T any](ctx context.Context, c *Client, op string, call func(context.Context) (T, error)) (v T, err error) {
	c.first.during(func() { v, err = guardFor(ctx, answerTime, op, call) })
	return v, err
}

func guardFor[T any](ctx context.Context, patience time.Duration, op string, call func(context.Context) (T, error)) (T, error) {
	callCtx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v, err := call(callCtx)
	if err != nil && ctx.Err() == nil && errors.Is(callCtx.Err(), context.DeadlineExceeded) {
		return v, notResponding(op, patience, err)
	}
	return v, translate(op, err)
}
