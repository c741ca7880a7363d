package docker

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Containers lists the containers of a Compose project, one-offs and stopped
// ones included, sorted as the engine gives them: newest first.
func (c *Client) Containers(ctx context.Context, project string) ([]engine.Container, error) {
	return guard(ctx, "list containers", func(ctx context.Context) ([]engine.Container, error) {
		return c.list(ctx, api.ProjectLabel+"="+project)
	})
}

// OneOffs lists every one-off container that a devbox made, of any project.
func (c *Client) OneOffs(ctx context.Context) ([]engine.Container, error) {
	return guard(ctx, "list one-off containers", func(ctx context.Context) ([]engine.Container, error) {
		return c.list(ctx, engine.LabelOwner)
	})
}

// Publishers lists the running containers, of any project, that publish a port
// of the host.
func (c *Client) Publishers(ctx context.Context, port int) ([]engine.Container, error) {
	return guard(ctx, "list containers", func(ctx context.Context) ([]engine.Container, error) {
		r, err := c.api.ContainerList(ctx, client.ContainerListOptions{Filters: make(client.Filters).Add("publish", strconv.Itoa(port))})
		if err != nil {
			return nil, err
		}
		var list []engine.Container
		for _, s := range r.Items {
			list = append(list, summary(s))
		}
		return list, nil
	})
}

func (c *Client) list(ctx context.Context, label string) ([]engine.Container, error) {
	r, err := c.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", label)})
	if err != nil {
		return nil, err
	}
	list := make([]engine.Container, len(r.Items))
	for i, s := range r.Items {
		list[i] = summary(s)
	}
	return list, nil
}

func summary(s container.Summary) engine.Container {
	out := engine.Container{
		ID: s.ID, Image: s.ImageID, Labels: s.Labels, State: engine.State(s.State),
		Project: s.Labels[api.ProjectLabel], Service: s.Labels[api.ServiceLabel],
		OneOff: strings.EqualFold(s.Labels[api.OneoffLabel], "true"), Volumes: map[string]string{},
	}
	if len(s.Names) > 0 {
		out.Name = strings.TrimPrefix(s.Names[0], "/")
	}
	for _, p := range s.Ports {
		if p.PublicPort != 0 {
			out.Ports = append(out.Ports, engine.Port{HostIP: p.IP.String(), Host: int(p.PublicPort), Container: int(p.PrivatePort)})
		}
	}
	for _, m := range s.Mounts {
		if m.Type == "volume" {
			out.Volumes[m.Destination] = m.Name
		}
	}
	return out
}

// Inspect adds to what a list shows: exit code, health, start time.
func (c *Client) Inspect(ctx context.Context, id string) (engine.Container, error) {
	return guard(ctx, "inspect container", func(ctx context.Context) (engine.Container, error) {
		r, err := c.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return engine.Container{}, err
		}
		return inspected(r.Container), nil
	})
}

func inspected(r container.InspectResponse) engine.Container {
	out := engine.Container{ID: r.ID, Name: strings.TrimPrefix(r.Name, "/"), Image: r.Image, Volumes: map[string]string{}}
	if r.Config != nil {
		out.Labels, out.TTY, out.Env, out.StopSignal = r.Config.Labels, r.Config.Tty, r.Config.Env, r.Config.StopSignal
		out.Project, out.Service = out.Labels[api.ProjectLabel], out.Labels[api.ServiceLabel]
		out.OneOff = strings.EqualFold(out.Labels[api.OneoffLabel], "true")
	}
	for _, m := range r.Mounts {
		if m.Type == "volume" {
			out.Volumes[m.Destination] = m.Name
		}
	}
	if s := r.State; s != nil {
		out.State, out.ExitCode, out.OOMKilled = engine.State(s.Status), s.ExitCode, s.OOMKilled
		out.StartedAt, _ = time.Parse(time.RFC3339Nano, s.StartedAt)
		if s.Health != nil && s.Health.Status != container.NoHealthcheck {
			out.Health = string(s.Health.Status)
		}
	}
	if r.NetworkSettings != nil {
		for port, bindings := range r.NetworkSettings.Ports {
			for _, b := range bindings {
				out.Ports = append(out.Ports, engine.Port{HostIP: b.HostIP.String(), Host: atoi(b.HostPort), Container: int(port.Num())})
			}
		}
	}
	return out
}

// Remove removes a container, running or not, with its anonymous volumes. A
// container that is gone already is no error.
func (c *Client) Remove(ctx context.Context, id string) error {
	_, err := guard(ctx, "remove container", func(ctx context.Context) (struct{}, error) {
		_, err := c.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if errdefs.IsConflict(err) && strings.Contains(err.Error(), "already in progress") {
			err = nil // somebody else is removing it
		}
		return struct{}{}, err
	})
	return ignoreNotFound(err)
}

// Signal sends a signal, such as HUP, to a container's first process.
func (c *Client) Signal(ctx context.Context, id, signal string) error {
	_, err := guard(ctx, "signal container", func(ctx context.Context) (struct{}, error) {
		_, err := c.api.ContainerKill(ctx, id, client.ContainerKillOptions{Signal: signal})
		return struct{}{}, err
	})
	return err
}

// ReadFile reads a small file (up to 64 KiB) out of a container, running or
// not. It does not see into volumes mounted over the path, nor tmpfs mounts.
func (c *Client) ReadFile(ctx context.Context, id, path string) (engine.File, error) {
	return guard(ctx, "read "+path+" from container", func(ctx context.Context) (engine.File, error) {
		const limit = 64 << 10
		return c.copyOut(ctx, id, path, limit)
	})
}

// copyOut reads a file out of a container, up to a limit in bytes.
func (c *Client) copyOut(ctx context.Context, id, path string, limit int64) (engine.File, error) {
	r, err := c.api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: path})
	if err != nil {
		return engine.File{}, err
	}
	defer r.Content.Close()
	t := tar.NewReader(r.Content)
	if _, err := t.Next(); err != nil {
		return engine.File{}, err
	}
	data, err := io.ReadAll(io.LimitReader(t, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return engine.File{Data: data, Modified: r.Stat.Mtime}, err
}
