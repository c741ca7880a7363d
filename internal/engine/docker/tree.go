package docker

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// ReadTree gives all that is below a folder of a volume or an image, in the
// order in which the engine stores it; a folder that is not there is
// ErrNotFound. Nothing runs for that: the engine itself reads, through a
// container that is never started, so what is in the tree cannot lie about it.
func (c *Client) ReadTree(ctx context.Context, s engine.TreeSource, each func(engine.TreeEntry, io.Reader) error) error {
	t, folder, what := engine.Task{Image: s.Image, Command: []string{"/none"}}, s.Path, "image "+quote(s.Image)
	if s.Volume != "" {
		const at = "/volume"
		t.Mounts = []engine.Mount{{Volume: s.Volume, Target: at, ReadOnly: true}}
		folder, what = path.Join(at, s.Path), "volume "+quote(s.Volume)
	}
	return c.watched(ctx, "read "+what, func(ctx context.Context) error {
		id, remove, err := c.createTask(ctx, taskConfig(t, c.owner, nil))
		if err != nil {
			return err
		}
		defer remove()
		r, err := c.api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: folder + "/."})
		if err != nil {
			return err
		}
		defer r.Content.Close()
		return readTar(tar.NewReader(r.Content), each)
	})
}

// readTar gives what is below the first entry, which is the folder itself.
func readTar(t *tar.Reader, each func(engine.TreeEntry, io.Reader) error) error {
	first, err := t.Next()
	if err != nil {
		return err
	}
	below := func(name string) string {
		return strings.TrimPrefix(path.Clean("/"+strings.TrimPrefix(path.Clean(name), path.Clean(first.Name)+"/")), "/")
	}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e := engine.TreeEntry{Path: below(h.Name), Mode: h.FileInfo().Mode()}
		switch h.Typeflag {
		case tar.TypeSymlink:
			e.Mode, e.Link = e.Mode.Perm()|fs.ModeSymlink, h.Linkname
		case tar.TypeLink:
			e.Mode, e.Same = e.Mode.Perm(), below(h.Linkname)
		}
		if err := each(e, t); err != nil {
			return err
		}
	}
}
