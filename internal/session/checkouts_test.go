package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/volumes"
)

func TestDownInOneCheckoutLeavesWhatOthersUse(t *testing.T) {
	s := newScene(t)
	tree := s.up().Volumes[0].Name
	other := s.another("feature")
	other.up()
	env, otherEnv := s.env(), other.env()
	if err := env.TakeDown(t.Context(), "chat", true); err != nil {
		t.Fatal(err)
	}
	if st, _ := s.fake.Containers(t.Context(), "chat-feature"); len(st) != 1 {
		t.Errorf("the other one has %d containers", len(st))
	}
	if !s.hasVolume(tree) || s.hasVolume(claimVolume("chat")) {
		t.Error("the shared volume is gone, or the name is still claimed")
	}
	// Not even one that is down loses what it would start with.
	if err := otherEnv.TakeDown(t.Context(), "chat-feature", false); err != nil {
		t.Fatal(err)
	}
	s.up()
	if err := env.TakeDown(t.Context(), "chat", true); err != nil {
		t.Fatal(err)
	}
	if !s.hasVolume(tree) {
		t.Error("what the other one keeps is gone")
	}
	if err := otherEnv.TakeDown(t.Context(), "chat-feature", true); err != nil {
		t.Fatal(err)
	}
	if list, _ := s.fake.Volumes(t.Context(), engine.LabelProject+"=chat"); len(list) != 0 {
		t.Errorf("the last one leaves %+v", list)
	}
}

func (s *scene) hasVolume(name string) bool {
	list, err := s.fake.Volumes(s.t.Context(), engine.LabelProject)
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.ContainsFunc(list, func(v engine.Volume) bool { return v.Name == name })
}

func TestPruneLeavesWhatAnotherCheckoutKeeps(t *testing.T) {
	s := newScene(t)
	first := s.up().Volumes[0].Name
	other := s.another("feature")
	other.write("package-lock.json", otherLock)
	theirs := other.up().Volumes[0].Name
	env, otherEnv := s.env(), other.env()
	if err := otherEnv.TakeDown(t.Context(), "chat-feature", false); err != nil {
		t.Fatal(err)
	}
	if err := s.fake.CreateVolume(t.Context(), "chat_node_modules_old", map[string]string{engine.LabelProject: "chat", engine.LabelKey: "old"}); err != nil {
		t.Fatal(err)
	}
	removed, err := env.PruneTrees(t.Context(), 0, false)
	if err != nil || !slices.Equal(removed, []string{"chat_node_modules_old"}) {
		t.Errorf("removed %q, %v", removed, err)
	}
	// One whose notes are lost may want anything that this one does not know.
	if err := os.Remove(filepath.Join(other.dir, usesFile)); err != nil {
		t.Fatal(err)
	}
	if removed, err := env.PruneTrees(t.Context(), 0, false); err != nil || len(removed) != 0 {
		t.Errorf("removed %q, %v", removed, err)
	}
	if err := os.RemoveAll(other.dir); err != nil {
		t.Fatal(err)
	}
	if removed, err := env.PruneTrees(t.Context(), 0, false); err != nil || !slices.Equal(removed, []string{theirs}) || !s.hasVolume(first) {
		t.Errorf("removed %q, %v", removed, err)
	}
}

// A tree that was changed by hand is not emptied under somebody who runs with it.
func TestNoCheckoutEmptiesAVolumeThatAnotherRunsWith(t *testing.T) {
	s := newScene(t)
	tree := s.up().Volumes[0].Name
	s.fake.PutFile(tree, volumes.Marker, []byte("of another tree"))
	other := s.another("feature")
	did := len(s.fake.Did())
	other.up()
	for _, what := range s.fake.Did()[did:] {
		if strings.HasPrefix(what, "remove volume "+tree) || strings.HasPrefix(what, "empty volume") || strings.HasPrefix(what, "install") {
			t.Errorf("it did %q", what)
		}
	}
	if said := other.has(1, Warned)[0]; !strings.Contains(said.Text, "changed by hand in chat") || said.Volume != tree {
		t.Errorf("it says %+v", said)
	}
}

func TestCheckoutsThatAreGoneCanBeSeenAndRemoved(t *testing.T) {
	s := newScene(t)
	s.up()
	other := s.another("feature")
	other.up()
	if err := s.fake.CreateVolume(t.Context(), "chat-feature_data", map[string]string{engine.LabelComposeProject: "chat-feature"}); err != nil {
		t.Fatal(err)
	}
	env := other.env()
	for _, kind := range []string{dataHead, dataContent} {
		record := snapshotRecord{Snapshot{Name: "old"}, ownVolume(dataContent, "chat-feature", "old"), nil}
		if err := env.createData(t.Context(), "chat-feature", ownVolume(kind, "chat-feature", "old"), kind, record); err != nil {
			t.Fatal(err)
		}
	}
	above := filepath.Dir(other.dir)
	if err := os.Rename(above, above+"-unmounted"); err != nil {
		t.Fatal(err)
	}
	if list, err := PruneCheckouts(t.Context(), s.fake, "chat", true, nil); err != nil || len(list) != 0 {
		t.Errorf("pruned one on a disk that is not mounted: %+v, %v", list, err)
	}
	if err := os.Mkdir(above, 0o700); err != nil {
		t.Fatal(err)
	}
	list, err := Checkouts(t.Context(), s.fake, "chat")
	if err != nil || len(list) != 2 || list[0].Gone || !list[1].Gone || list[1].Running != 1 || !slices.Equal(list[1].Data, []string{"chat-feature_data"}) || !slices.Equal(list[1].Snapshots, []string{"old"}) {
		t.Errorf("checkouts: %+v, %v", list, err)
	}
	for _, data := range []bool{false, true} {
		pruned, err := PruneCheckouts(t.Context(), s.fake, "chat", data, nil)
		if err != nil || len(pruned) != 1 || pruned[0].Name != "chat-feature" {
			t.Errorf("pruned %+v, %v", pruned, err)
		}
		if s.hasVolume(claimVolume("chat-feature")) == data {
			t.Errorf("it is known afterwards: %v", !data)
		}
	}
	if list, _ := env.Snapshots(t.Context(), "chat-feature"); len(list) != 0 {
		t.Errorf("snapshots are left: %+v", list)
	}
	if list, _ := s.fake.Containers(t.Context(), "chat"); len(list) != 1 {
		t.Error("the one that is there was taken down")
	}
}
