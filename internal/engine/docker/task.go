package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// RunTask runs a task to its end, writes what it prints to out, removes its
// container and returns its exit status. When ctx ends, the task is killed.
func (c *Client) RunTask(ctx context.Context, t engine.Task, out io.Writer) (int, error) {
	code := 0
	err := c.watched(ctx, t.Name, func(ctx context.Context) error {
		id, remove, err := c.createTask(ctx, taskConfig(t, c.owner, c.proxies()))
		if err != nil {
			return err
		}
		defer remove()
		if err := c.copyIn(ctx, id, t.Files); err != nil {
			return err
		}
		if code, err = c.runTask(ctx, id, out); err != nil || code != 0 || t.Finish == nil {
			return err
		}
		return c.finishTask(ctx, id, t)
	})
	return code, err
}

// createTask makes a container, and gives what removes it. When ctx ends, the
// call goes on for a while: an engine that is making a container makes it whether
// somebody waits for it or not, and then nobody would know its ID.
func (c *Client) createTask(ctx context.Context, conf client.ContainerCreateOptions) (id string, remove func(), err error) {
	createCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, engine.ErrNotResponding) || errors.Is(cause, context.DeadlineExceeded) {
			cancel() // there is no hope for an answer
			return
		}
		select {
		case <-createCtx.Done():
		case <-time.After(stopTime):
			cancel()
		}
	})
	defer stop()
	made, err := c.api.ContainerCreate(createCtx, conf)
	if err != nil {
		return "", nil, err
	}
	return made.ID, func() {
		if errors.Is(context.Cause(ctx), engine.ErrNotResponding) {
			return // the next command removes it by its label
		}
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		_ = c.Remove(cleanup, made.ID)
	}, nil
}

func (c *Client) finishTask(ctx context.Context, id string, t engine.Task) error {
	collected := map[string][]byte{}
	for _, path := range t.Collect {
		file, err := c.copyOut(ctx, id, path, engine.CollectLimit)
		if errdefs.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		collected[path] = file.Data
	}
	files, err := t.Finish(collected)
	if err != nil {
		return err
	}
	return c.copyIn(ctx, id, files)
}

// copyIn copies files into a container, running or not.
func (c *Client) copyIn(ctx context.Context, id string, files []engine.TaskFile) error {
	if len(files) == 0 {
		return nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeTar(w, files)) }()
	_, err := c.api.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: "/", Content: r})
	// The writer must not wait for a reader that has given up.
	_ = r.CloseWithError(io.ErrClosedPipe)
	return err
}

func writeTar(w io.Writer, files []engine.TaskFile) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		if err := writeTarFile(t, f); err != nil {
			return fmt.Errorf("copy %s: %w", f.Path, err)
		}
	}
	return t.Close()
}

func writeTarFile(t *tar.Writer, f engine.TaskFile) error {
	h := &tar.Header{Name: strings.TrimPrefix(f.Path, "/"), Mode: int64(f.Mode.Perm()), Uid: f.UID, Gid: f.GID, Typeflag: tar.TypeReg, Size: int64(len(f.Data)), ModTime: f.ModTime}
	if h.ModTime.IsZero() {
		h.ModTime = time.Now()
	}
	switch {
	case f.Mode.IsDir():
		h.Typeflag, h.Size = tar.TypeDir, 0
	case f.Mode&fs.ModeSymlink != 0:
		h.Typeflag, h.Size, h.Linkname = tar.TypeSymlink, 0, string(f.Data)
	case f.Source != "":
		return writeTarSource(t, h, f.Source)
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	_, err := t.Write(f.Data)
	return err
}

// writeTarSource copies a file of the host as long as it is when it is opened:
// one that grows meanwhile is cut, one that shrinks is an error.
func writeTarSource(t *tar.Writer, h *tar.Header, source string) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	h.Size = info.Size()
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.CopyN(t, file, h.Size)
	return err
}

func (c *Client) runTask(ctx context.Context, id string, out io.Writer) (int, error) {
	at, err := c.api.ContainerAttach(ctx, id, client.ContainerAttachOptions{Stream: true, Stdout: true, Stderr: true})
	if err != nil {
		return 0, err
	}
	defer at.Close()
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		// What could not be copied is missing in the output; the status counts.
		_, _ = stdcopy.StdCopy(out, out, at.Reader)
	}()
	wait := c.api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
	if _, err := c.api.ContainerStart(ctx, id, client.ContainerStartOptions{}); err != nil {
		return 0, err
	}
	select {
	case err := <-wait.Error:
		return 0, err
	case r := <-wait.Result:
		<-copied
		return int(r.StatusCode), nil
	}
}

func taskConfig(t engine.Task, owner string, proxies []string) client.ContainerCreateOptions {
	host := &container.HostConfig{
		CapDrop:     []string{"ALL"},
		CapAdd:      t.Capabilities,
		SecurityOpt: []string{"no-new-privileges:true"},
		Init:        ptr(true),
		Mounts:      taskMounts(t.Mounts),
	}
	env := t.Env
	if t.Network {
		env = slices.Concat(proxies, t.Env)
	} else {
		host.NetworkMode = "none"
	}
	labels := map[string]string{engine.LabelOwner: owner}
	maps.Copy(labels, t.Labels)
	return client.ContainerCreateOptions{
		Name: t.Container,
		Config: &container.Config{
			Image: t.Image, Entrypoint: t.Command[:1], Cmd: t.Command[1:], User: t.User,
			WorkingDir: t.Dir, Env: env, Labels: labels, AttachStdout: true, AttachStderr: true,
		},
		HostConfig: host,
	}
}

func taskMounts(mounts []engine.Mount) []mount.Mount {
	var list []mount.Mount
	for _, m := range mounts {
		out := mount.Mount{Type: mount.TypeVolume, Source: m.Volume, Target: m.Target, ReadOnly: m.ReadOnly}
		if m.Volume == "" {
			out.Type, out.Source = mount.TypeBind, m.Bind
		} else {
			// The task fills the volume itself; the engine's copy-up is many times slower.
			out.VolumeOptions = &mount.VolumeOptions{NoCopy: true}
		}
		list = append(list, out)
	}
	return list
}

// proxies are the proxy settings of docker's configuration file, as docker
// itself gives them to containers.
func (c *Client) proxies() []string {
	var env []string
	for name, value := range c.cli.ConfigFile().ParseProxyConfig(c.info.Host, nil) {
		if value != nil {
			env = append(env, name+"="+*value)
		}
	}
	slices.Sort(env)
	return env
}
