package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Usage is what a running container has used so far. It is one look, without
// the second that the engine takes to compute a rate.
func (c *Client) Usage(ctx context.Context, id string) (engine.Usage, error) {
	return guard(ctx, "read what a container uses", func(ctx context.Context) (engine.Usage, error) {
		r, err := c.api.ContainerStats(ctx, id, client.ContainerStatsOptions{Stream: false, IncludePreviousSample: false})
		if err != nil {
			return engine.Usage{}, err
		}
		defer r.Body.Close()
		var s container.StatsResponse
		if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
			return engine.Usage{}, fmt.Errorf("read the engine's answer: %w", err)
		}
		return usage(s), nil
	})
}

func usage(s container.StatsResponse) engine.Usage {
	return engine.Usage{
		Time: s.Read, CPU: time.Duration(s.CPUStats.CPUUsage.TotalUsage), // nanoseconds: enough for 292 years
		Memory: inUse(s.MemoryStats), Limit: s.MemoryStats.Limit,
	}
}

// inUse leaves out the pages that the kernel takes back when it needs them, as
// `docker stats` does. Control groups v1 and v2 have another name for them.
func inUse(m container.MemoryStats) uint64 {
	for _, name := range []string{"total_inactive_file", "inactive_file"} {
		if cache, ok := m.Stats[name]; ok && cache < m.Usage {
			return m.Usage - cache
		}
	}
	return m.Usage
}
