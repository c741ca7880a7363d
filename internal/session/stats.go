package session

import (
	"context"
	"sync"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// Sample is how much a service uses at one time.
type Sample struct {
	Time    time.Time
	Service string
	// CPU is in percent of one core, so it may be above 100.
	CPU float64
	// Memory and Limit are in bytes; Limit is 0 where there is none.
	Memory, Limit uint64
}

// sampleEvery is how often the engine is asked. Each question costs it a read
// of a few files of the container's control group.
const sampleEvery = 2 * time.Second

// sampler asks what running containers use, while somebody wants to know.
type sampler struct {
	engine Engine
	now    func() time.Time
	tell   func([]Sample)

	mu      sync.Mutex
	running []engine.Container
	// before is what each container had used when it was asked last.
	before map[string]engine.Usage
}

// watch says which containers there are.
func (s *sampler) watch(list []engine.Container) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = list
}

func (s *sampler) run(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		if samples := s.sample(ctx); len(samples) > 0 {
			s.tell(samples)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *sampler) sample(ctx context.Context) []Sample {
	s.mu.Lock()
	list := s.running
	s.mu.Unlock()
	now := map[string]engine.Usage{}
	var samples []Sample
	for _, c := range list {
		u, err := s.engine.Usage(ctx, c.ID)
		if err != nil {
			continue
		}
		now[c.ID] = u
		samples = append(samples, Sample{
			Time: u.Time, Service: c.Service, CPU: cpuPercent(s.before[c.ID], u), Memory: u.Memory, Limit: u.Limit,
		})
	}
	s.before = now
	return samples
}

// cpuPercent is the share of one core between two looks; 0 where it cannot be
// told: at the first look, and when a container was started again.
func cpuPercent(before, now engine.Usage) float64 {
	wall := now.Time.Sub(before.Time)
	if before.Time.IsZero() || wall <= 0 || now.CPU < before.CPU {
		return 0
	}
	const percent = 100
	return percent * float64(now.CPU-before.CPU) / float64(wall)
}
