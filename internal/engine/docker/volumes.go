package docker

import (
	"context"
	"path"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Volumes lists the volumes that carry a label, given as key or key=value.
func (c *Client) Volumes(ctx context.Context, label string) ([]engine.Volume, error) {
	return guardFor(ctx, volumeTime, "list volumes", func(ctx context.Context) ([]engine.Volume, error) {
		r, err := c.api.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("label", label)})
		if err != nil {
			return nil, err
		}
		list := make([]engine.Volume, len(r.Items))
		for i, v := range r.Items {
			created, _ := time.Parse(time.RFC3339, v.CreatedAt)
			list[i] = engine.Volume{Name: v.Name, Labels: v.Labels, Created: created}
		}
		return list, nil
	})
}

// VolumeUsers lists the containers, of any project and whether they run or not,
// that have one of the volumes.
func (c *Client) VolumeUsers(ctx context.Context, names ...string) ([]engine.Container, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return guard(ctx, "list containers", func(ctx context.Context) ([]engine.Container, error) {
		r, err := c.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("volume", names...)})
		if err != nil {
			return nil, err
		}
		list := make([]engine.Container, len(r.Items))
		for i, s := range r.Items {
			list[i] = summary(s)
		}
		return list, nil
	})
}

// VolumeSizes tells how much the volumes hold, in bytes. The engine walks through
// all of them, which can take seconds.
func (c *Client) VolumeSizes(ctx context.Context) (map[string]int64, error) {
	sizes := map[string]int64{}
	err := c.watched(ctx, "measure volumes", func(ctx context.Context) error {
		r, err := c.api.DiskUsage(ctx, client.DiskUsageOptions{Volumes: true, Verbose: true})
		if err != nil {
			return err
		}
		for _, v := range r.Volumes.Items {
			if v.UsageData != nil {
				sizes[v.Name] = v.UsageData.Size
			}
		}
		return nil
	})
	return sizes, err
}

// CreateVolume makes a volume; one of that name that is there is left as it is.
func (c *Client) CreateVolume(ctx context.Context, name string, labels map[string]string) error {
	_, err := guardFor(ctx, volumeTime, "create volume "+quote(name), func(ctx context.Context) (client.VolumeCreateResult, error) {
		return c.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: labels})
	})
	return err
}

// RemoveVolume removes a volume. ErrConflict says that a container uses it; a
// volume that is gone already is no error.
func (c *Client) RemoveVolume(ctx context.Context, name string) error {
	_, err := guardFor(ctx, volumeTime, "remove volume "+quote(name), func(ctx context.Context) (client.VolumeRemoveResult, error) {
		return c.api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
	})
	return ignoreNotFound(err)
}

// VolumeFiles reads files of a volume, given by their paths in it; those that
// are not there are left out. The engine looks itself, through a container that
// is made for it and never started, which takes a fifth of starting one. image
// can be any that is there.
func (c *Client) VolumeFiles(ctx context.Context, name, image string, files ...string) (map[string][]byte, error) {
	return guard(ctx, "look into volume "+quote(name), func(ctx context.Context) (map[string][]byte, error) {
		const at = "/volume"
		conf := taskConfig(engine.Task{Image: image, Command: []string{"/none"}, Mounts: []engine.Mount{{Volume: name, Target: at, ReadOnly: true}}}, c.owner, nil)
		id, remove, err := c.createTask(ctx, conf)
		if err != nil {
			return nil, err
		}
		defer remove()
		found := map[string][]byte{}
		for _, file := range files {
			f, err := c.copyOut(ctx, id, path.Join(at, file), engine.CollectLimit)
			if errdefs.IsNotFound(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found[file] = f.Data
		}
		return found, nil
	})
}
