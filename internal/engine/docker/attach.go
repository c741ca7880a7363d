package docker

import (
	"context"
	"io"

	"github.com/moby/moby/client"
)

// Input connects to a container's standard input. A line written there arrives
// in well under a millisecond, where a signal through the API takes ten. The
// connection ends with Close; the container's input stays open.
func (c *Client) Input(ctx context.Context, id string) (io.WriteCloser, error) {
	r, err := guard(ctx, "attach to container", func(ctx context.Context) (client.ContainerAttachResult, error) {
		return c.api.ContainerAttach(ctx, id, client.ContainerAttachOptions{Stream: true, Stdin: true})
	})
	if err != nil {
		return nil, err
	}
	return r.Conn, nil
}
