package session

import (
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

const twinsModel = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node index.js
  worker:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node worker.js
`

// The one-off is of the service whose image the other one runs, too.
func TestAOneOffLeavesTheOtherServicesAsTheyAre(t *testing.T) {
	s := newScene(t)
	s.write("devbox.yaml", twinsModel)
	env := s.env()
	d, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
	if err != nil {
		t.Fatal(err)
	}
	before := containerIDs(t, s)
	if len(before) != 2 {
		t.Fatalf("containers: %v", before)
	}
	if _, err := env.OneOff(t.Context(), d, OneOffOptions{Service: "web", Command: []string{"npm", "test"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); err != nil {
		t.Fatal(err)
	}
	if after := containerIDs(t, s); !slices.Equal(before, after) {
		t.Errorf("containers were %v and are %v", before, after)
	}
}

func containerIDs(t *testing.T, s *scene) []string {
	t.Helper()
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range list {
		if c.State == engine.Running {
			ids = append(ids, c.Service+" "+c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// What somebody installs by hand comes from the cache and goes into it.
func TestAOneOffHasTheCacheOfThePackageManager(t *testing.T) {
	s := newScene(t)
	env := s.env()
	d, err := env.Converge(t.Context(), project.Dev, PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := env.oneOffCache(t.Context(), d, "web", "1234:1234")
	if err != nil || cache != "chat_npm_cache_1234" {
		t.Fatalf("the cache is %q, %v", cache, err)
	}
	tasks := s.fake.Tasks()
	if last := tasks[len(tasks)-1]; last.User != "1234:1234" || len(last.Mounts) != 1 || last.Mounts[0].Volume != cache {
		t.Errorf("a new one is not given to its user: %+v", last)
	}
	if _, err := env.oneOffCache(t.Context(), d, "web", "1234:1234"); err != nil || len(s.fake.Tasks()) != len(tasks) {
		t.Errorf("it was made twice: %v", err)
	}
	if got := cacheVariables(d, "web"); !slices.Equal(got, []string{"npm_config_cache=/cache"}) {
		t.Errorf("variables %q", got)
	}
	c := project.ForOneOff(d.Compose, "web", nil, cache)
	mounts := c.Services["web"].Volumes
	if m := mounts[len(mounts)-1]; m.Target != project.CacheDir || c.Volumes[m.Source].Name != cache || !bool(c.Volumes[m.Source].External) {
		t.Errorf("the mount is %+v", m)
	}
}
