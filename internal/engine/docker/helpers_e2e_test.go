//go:build e2e

package docker

import (
	"context"
	"net"
	"testing"

	"github.com/moby/moby/client"
)

// listenSilently accepts connections and never answers, like an engine that is
// stopped by a signal.
func listenSilently(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
}

func removeImage(t *testing.T, c *Client, image string) {
	t.Helper()
	_, err := c.api.ImageRemove(context.WithoutCancel(t.Context()), image, client.ImageRemoveOptions{Force: true})
	if err != nil {
		t.Log(err)
	}
}
