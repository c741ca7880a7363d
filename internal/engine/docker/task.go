package docker

import (
	"context"
	"errors"
	"io"

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
		made, err := c.api.ContainerCreate(ctx, taskConfig(t, c.owner))
		if err != nil {
			return err
		}
		defer func() {
			if errors.Is(context.Cause(ctx), engine.ErrNotResponding) {
				return // the next command removes it by its label
			}
			cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
			defer cancel()
			_ = c.Remove(cleanup, made.ID)
		}()
		code, err = c.runTask(ctx, made.ID, out)
		return err
	})
	return code, err
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

func taskConfig(t engine.Task, owner string) client.ContainerCreateOptions {
	host := &container.HostConfig{
		CapDrop:     []string{"ALL"},
		CapAdd:      t.Capabilities,
		SecurityOpt: []string{"no-new-privileges:true"},
		Init:        ptr(true),
	}
	for _, m := range t.Mounts {
		out := mount.Mount{Type: mount.TypeVolume, Source: m.Volume, Target: m.Target, ReadOnly: m.ReadOnly}
		if m.Volume == "" {
			out.Type, out.Source = mount.TypeBind, m.Bind
		} else {
			// The task fills the volume itself; the engine's copy-up is many times slower.
			out.VolumeOptions = &mount.VolumeOptions{NoCopy: true}
		}
		host.Mounts = append(host.Mounts, out)
	}
	if !t.Network {
		host.NetworkMode = "none"
	}
	return client.ContainerCreateOptions{
		Config: &container.Config{
			Image: t.Image, Entrypoint: t.Command[:1], Cmd: t.Command[1:], User: t.User,
			WorkingDir: t.Dir, Env: t.Env, Labels: map[string]string{engine.LabelOwner: owner}, AttachStdout: true, AttachStderr: true,
		},
		HostConfig: host,
	}
}
