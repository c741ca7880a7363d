package session

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// backed is a scene whose services with data have been started.
func backed(t *testing.T) *scene {
	t.Helper()
	s := newBackedScene(t, 0)
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	s.makeData("chat_db_data", "db_data", "chat")
	return s
}

// makeData makes a volume as Compose does.
func (s *scene) makeData(name, key, project string) {
	s.t.Helper()
	labels := map[string]string{engine.LabelComposeProject: project, labelComposeVolume: key}
	if err := s.fake.CreateVolume(s.t.Context(), name, labels); err != nil {
		s.t.Fatal(err)
	}
}

func TestSnapshotsDoNotOverwriteEachOther(t *testing.T) {
	s := backed(t)
	env := s.env()
	for _, name := range []string{"a", "a_data", "A.data"} {
		if _, err := env.TakeSnapshot(t.Context(), name, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "A", "a.data"} {
		_, err := env.TakeSnapshot(t.Context(), name, time.Now())
		if taken := new(SnapshotNameError); !errors.As(err, &taken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := env.Snapshots(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	var volumes []string
	for _, snapshot := range list {
		volumes = append(volumes, snapshot.head, snapshot.content)
	}
	slices.Sort(volumes)
	if got := len(slices.Compact(volumes)); got != 6 {
		t.Errorf("three snapshots have %d volumes: %q", got, volumes)
	}
}

// A volume that devbox did not make is neither taken nor removed, whatever its name.
func TestVolumesOfOthersAreLeftAlone(t *testing.T) {
	s := newBackedScene(t, 0)
	content, seeded := ownVolume(dataContent, "chat", "b"), ownVolume("seeded", "chat", "web")
	theirs := []string{"chat_db_password", "chat_web_seeded", "chat_restore", "chat_restore_commit", content}
	give := func(name string) {
		t.Helper()
		if err := s.fake.CreateVolume(t.Context(), name, map[string]string{"of": "others"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range theirs {
		give(name)
	}
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	s.makeData("chat_db_data", "db_data", "chat")
	env, taken := s.env(), new(TakenVolumeError)
	if _, err := env.TakeSnapshot(t.Context(), "b", time.Now()); !errors.As(err, &taken) || taken.Volume != content {
		t.Errorf("took a volume of others: %v", err)
	}
	if _, err := env.TakeSnapshot(t.Context(), "c", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := env.RestoreSnapshot(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	if err := s.fake.RemoveVolume(t.Context(), seeded); err != nil {
		t.Fatal(err)
	}
	give(seeded)
	if _, err := s.startBacked(); !errors.As(err, &taken) || taken.Volume != seeded {
		t.Errorf("took a volume of others: %v", err)
	}
	did := s.fake.Did()
	for _, name := range theirs {
		if slices.Contains(did, "remove volume "+name) {
			t.Errorf("%s is gone", name)
		}
	}
}
