package session

import (
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestSetsOfVolumesAreListedAsOne(t *testing.T) {
	volume := func(name, set string) engine.Volume {
		return engine.Volume{Name: name, Labels: map[string]string{engine.LabelKey: "k", engine.LabelSet: set}}
	}
	names, members := setsOf([]engine.Volume{
		volume("one_a", "one"), volume("one", ""), volume("one_b", "one"), volume("gone_a", "gone"), {Name: "cache", Labels: map[string]string{engine.LabelCache: "npm"}},
	})
	if !slices.Equal(names, []string{"one", "gone_a"}) || !slices.Equal(members["one"], []string{"one_a", "one_b"}) || len(members) != 1 {
		t.Errorf("%q with %q", names, members)
	}
}
