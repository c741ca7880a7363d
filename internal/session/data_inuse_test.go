package session

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

func (s *scene) wantsVersion(what, model, has string) {
	s.t.Helper()
	s.write("devbox.yaml", model)
	_, err := s.startBacked()
	other := new(DataVersionError)
	switch {
	case has == "" && err != nil:
		s.t.Fatalf("%s: %v", what, err)
	case has != "" && (!errors.As(err, &other) || other.Has != has):
		s.t.Fatalf("%s: %v", what, err)
	}
}

func TestDataOfAnotherVersionInComposesWords(t *testing.T) {
	s := newWordyScene(t)
	newer := strings.Replace(wordyModel, "postgres:15", "postgres:16", 1)
	s.fake.PutFile("chat_pg", "PG_VERSION", []byte("15\n"))
	s.wantsVersion("before any start", newer, "15")
	s.wantsVersion("its own version", wordyModel, "")
	s.fake.Fail("VolumeFiles", errors.New("it looks into the data although the version is noted"))
	s.wantsVersion("again", wordyModel, "")
	s.wantsVersion("after a start", newer, "15")
}

// A kind that takes over older data of its own takes none of another kind's.
func TestDataOfAnotherKind(t *testing.T) {
	s := newBackedScene(t, 0)
	err := s.fake.CreateVolume(t.Context(), "chat_db_data", map[string]string{
		project.LabelBacking: "db", project.LabelKind: "rabbitmq", project.LabelMajor: "4.0", engine.LabelComposeProject: "chat", labelComposeVolume: "db_data",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wantsVersion("another kind", strings.Replace(backedModel, "postgres@15", "redis@7", 1), "4.0")

	words := newWordyScene(t)
	words.fake.PutFile("chat_pg", "mysql_upgrade_info", []byte("8.0.36"))
	maria := strings.NewReplacer("postgres:15-bookworm", "mariadb:11.8.8", "/var/lib/postgresql/data", "/var/lib/mysql").Replace(wordyModel)
	words.wantsVersion("MySQL's for MariaDB", maria, "8.0")
	words.fake.PutFile("chat_pg", "mysql_upgrade_info", []byte("10.11.9-MariaDB"))
	words.wantsVersion("MariaDB's", maria, "")
}

func TestDataThatANewerVersionHasTakenOver(t *testing.T) {
	s := newBackedScene(t, 0)
	older := strings.Replace(backedModel, "postgres@15", "redis@7", 1)
	newer := strings.Replace(backedModel, "postgres@15", "redis@8", 1)
	err := s.fake.CreateVolume(t.Context(), "chat_db_data", map[string]string{
		project.LabelBacking: "db", project.LabelKind: "redis", project.LabelMajor: "7", engine.LabelComposeProject: "chat", labelComposeVolume: "db_data",
	})
	if err != nil {
		t.Fatal(err)
	}
	env := s.env()
	s.wantsVersion("the older", older, "")
	if _, err := env.TakeSnapshot(t.Context(), "seven", time.Now()); err != nil {
		t.Fatal(err)
	}
	s.wantsVersion("the newer", newer, "")
	s.wantsVersion("back", older, "8")
	s.wantsVersion("the newer again", newer, "")
	taken, err := env.TakeSnapshot(t.Context(), "eight", time.Now())
	if err != nil || taken.Data[0].Version != "8" {
		t.Errorf("the snapshot is %+v, %v", taken.Data, err)
	}
	for _, name := range []string{"seven", "eight"} {
		if _, err := env.RestoreSnapshot(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.wantsVersion("back after a restore", older, "8")
}
