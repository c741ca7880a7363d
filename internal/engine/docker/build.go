package docker

import (
	"context"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"

	"github.com/docker/cli/cli/config"
	bk "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/moby/client"
	"github.com/tonistiigi/fsutil"
	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
)

// Build builds an image with the BuildKit that is inside the engine (20.10 has
// one too), over the engine's own connection. Without the buildx plugin Compose
// would fall back to the classic builder, which has no cache mounts. A step
// that fails gives ErrBuild with the last lines that it printed.
func (c *Client) Build(ctx context.Context, spec engine.BuildSpec, progress func(engine.Progress)) error {
	op := fmt.Sprintf("build image %q", spec.Image)
	return c.watched(ctx, op, func(ctx context.Context) error {
		b, err := c.buildkit(ctx)
		if err != nil {
			return err
		}
		defer b.Close()
		opt, err := c.solveOpt(spec)
		if err != nil {
			return err
		}
		follow := newBuildFollower(spec.Image, progress)
		statuses := make(chan *bk.SolveStatus)
		var g errgroup.Group
		g.Go(func() error {
			for s := range statuses {
				follow.on(s)
			}
			return nil
		})
		_, err = b.Solve(ctx, nil, opt, statuses)
		_ = g.Wait()
		return follow.explain(op, err)
	})
}

func (c *Client) buildkit(ctx context.Context) (*bk.Client, error) {
	return bk.New(ctx, "",
		bk.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return c.api.DialHijack(ctx, "/grpc", "h2c", nil)
		}),
		bk.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return c.api.DialHijack(ctx, "/session", proto, meta)
		}),
	)
}

func (c *Client) solveOpt(spec engine.BuildSpec) (bk.SolveOpt, error) {
	whole, err := fsutil.NewFS(spec.Dir)
	if err != nil {
		return bk.SolveOpt{}, fmt.Errorf("read build context: %w", err)
	}
	dir, err := fsutil.NewFilterFS(whole, &fsutil.FilterOpt{ExcludePatterns: spec.Exclude})
	if err != nil {
		return bk.SolveOpt{}, fmt.Errorf("read build context: %w", err)
	}
	// A Dockerfile may lie outside of the folder that it is built from.
	file, fileDir := spec.Dockerfile, dir
	if filepath.IsAbs(file) || !filepath.IsLocal(orDockerfile(file)) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(spec.Dir, file)
		}
		if fileDir, err = fsutil.NewFS(filepath.Dir(file)); err != nil {
			return bk.SolveOpt{}, fmt.Errorf("read folder of the Dockerfile: %w", err)
		}
		spec.Dockerfile = filepath.Base(file)
	}
	attached, err := c.attachables(spec)
	if err != nil {
		return bk.SolveOpt{}, err
	}
	return bk.SolveOpt{
		Frontend:      "dockerfile.v0",
		FrontendAttrs: frontendAttrs(spec),
		LocalMounts:   map[string]fsutil.FS{"context": dir, "dockerfile": fileDir},
		SharedKey:     spec.Dir,
		Exports:       []bk.ExportEntry{{Type: "moby", Attrs: map[string]string{"name": spec.Image}}},
		Session:       attached,
	}, nil
}

func orDockerfile(file string) string {
	if file == "" {
		return "Dockerfile"
	}
	return file
}

func frontendAttrs(spec engine.BuildSpec) map[string]string {
	attrs := map[string]string{"filename": filepath.ToSlash(orDockerfile(spec.Dockerfile))}
	if spec.Target != "" {
		attrs["target"] = spec.Target
	}
	if spec.NoCache {
		attrs["no-cache"] = ""
	}
	for k, v := range spec.Args {
		attrs["build-arg:"+k] = v
	}
	for k, v := range spec.Labels {
		attrs["label:"+k] = v
	}
	return attrs
}

func (c *Client) attachables(spec engine.BuildSpec) ([]session.Attachable, error) {
	cfg := c.cli.ConfigFile()
	if cfg == nil {
		cfg = config.LoadDefaultConfigFile(c.errOut)
	}
	list := []session.Attachable{authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{
		AuthConfigProvider: authprovider.LoadAuthConfig(cfg),
	})}
	if len(spec.Secrets) == 0 {
		return list, nil
	}
	var sources []secretsprovider.Source
	for _, id := range slices.Sorted(maps.Keys(spec.Secrets)) {
		sources = append(sources, secretsprovider.Source{ID: id, FilePath: spec.Secrets[id]})
	}
	store, err := secretsprovider.NewStore(sources)
	if err != nil {
		return nil, fmt.Errorf("read build secrets: %w", err)
	}
	return append(list, secretsprovider.NewSecretProvider(store)), nil
}

// ImageLabels gives an image's labels, and false where there is no such image.
func (c *Client) ImageLabels(ctx context.Context, image string) (map[string]string, bool, error) {
	r, err := guard(ctx, "inspect image", func(ctx context.Context) (client.ImageInspectResult, error) {
		return c.api.ImageInspect(ctx, image)
	})
	if err != nil {
		return nil, false, ignoreMissing(err)
	}
	if r.Config == nil {
		return nil, true, nil
	}
	return r.Config.Labels, true, nil
}
