package docker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Events reports what has happened to a project's containers since then, and
// what happens until ctx ends or the stream breaks. It is a hint to look again, never the truth: an engine that
// was away tells nothing of what happened meanwhile.
func (c *Client) Events(ctx context.Context, project string, since time.Time, each func(engine.Event)) error {
	r := c.api.Events(ctx, client.EventsListOptions{
		Since:   engineTime(since),
		Filters: make(client.Filters).Add("type", "container").Add("label", api.ProjectLabel+"="+project),
	})
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-r.Err:
			return quiet(ctx, translate("follow the engine's events", err))
		case m := <-r.Messages:
			a := m.Actor.Attributes
			action, health, _ := strings.Cut(string(m.Action), ": ")
			each(engine.Event{
				Time: time.Unix(0, m.TimeNano), Action: action, Health: health, Container: m.Actor.ID,
				Service: a[api.ServiceLabel], OneOff: strings.EqualFold(a[api.OneoffLabel], "true"), ExitCode: atoi(a["exitCode"]),
			})
		}
	}
}

// engineTime is a moment in the form that the engine's API takes.
func engineTime(t time.Time) string {
	return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond())
}
