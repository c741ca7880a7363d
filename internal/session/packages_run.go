package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/volumes"
)

// resolve runs the package manager on copies of package.json and the lock.
// Where the registry cannot be reached, it tries with what is in the cache.
func (e *Environment) resolve(ctx context.Context, p *packages) error {
	err := e.runManager(ctx, p, p.opts.Change)
	var failed *PackagesError
	if !errors.As(err, &failed) || failed.cause != causeNetwork {
		return err
	}
	offline := p.opts.Change
	offline.Offline = true
	if e.runManager(ctx, p, offline) != nil {
		return err
	}
	e.Emit(Event{Kind: Warned, Text: "the registry cannot be reached, so this is from the cache and may not be the newest there is"})
	return nil
}

// runManager runs the package manager once, for package.json and the lock alone.
func (e *Environment) runManager(ctx context.Context, p *packages, c project.PackageChange) error {
	t, err := e.managerTask(ctx, p, c)
	if err != nil {
		return err
	}
	t.Collect = []string{path.Join(project.AppDir, p.manifest.Name)}
	if p.lock.Name != "" {
		t.Collect = append(t.Collect, path.Join(project.AppDir, p.lock.Name))
	}
	t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
		p.resolved = map[string][]byte{}
		for name, data := range collected {
			p.resolved[strings.TrimPrefix(name, project.AppDir+"/")] = data
		}
		return nil, nil
	}
	return e.runPackagesTask(ctx, p, t)
}

// managerTask is a call of the package manager in a container that has copies
// of what it needs, and nothing of the host.
func (e *Environment) managerTask(ctx context.Context, p *packages, c project.PackageChange) (engine.Task, error) {
	call, err := p.service.PackageManager.PackageCommand(c)
	if err != nil {
		return engine.Task{}, err
	}
	files, err := p.taskFiles()
	if err != nil {
		return engine.Task{}, err
	}
	cache := volumes.CacheName(p.desired.Project.Model.Name, p.service.PackageManager.Name, p.desired.User)
	if err := e.createCache(ctx, p.desired, cache, p.service.PackageManager.Name); err != nil {
		return engine.Task{}, err
	}
	return engine.Task{
		Name: p.call(), Image: p.wanted.Image, Command: call.Args, Dir: call.Dir, User: p.desired.User, Network: true, Files: files,
		Env:    append(call.Env, e.installVars(p.desired, p.service.Name, p.install)...),
		Mounts: []engine.Mount{{Volume: cache, Target: project.CacheDir}},
	}, nil
}

// runPackagesTask runs a task, shows what it prints as progress, and says in one
// message why it failed.
func (e *Environment) runPackagesTask(ctx context.Context, p *packages, t engine.Task) error {
	var out bytes.Buffer
	lines := term.NewSplitter(func(_ term.Kind, line string) {
		e.Emit(Event{Kind: Installing, Service: p.service.Name, Text: line, Output: true})
	})
	code, err := e.Engine.RunTask(ctx, t, io.MultiWriter(&out, lines))
	lines.Flush()
	switch {
	case err != nil:
		return err
	case code != 0:
		return packagesFailed(p.call(), code, out.String(), p.opts.Change)
	}
	return lockTooNew(p.call(), out.String())
}
