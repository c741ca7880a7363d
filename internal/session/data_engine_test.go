package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
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

const wordyModel = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node index.js
    needs: [db]
    seed: node seed.js
  backup:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node backup.js
    compose: {volumes: ["pg:/pg:ro"]}
  db:
    compose:
      image: postgres:15-bookworm
      volumes: ["pg:/var/lib/postgresql/data", "shared:/shared", "fixed:/fixed"]
compose:
  volumes:
    pg: {}
    shared: {external: true, name: theirs}
    fixed: {name: everybodys}
`

// newWordyScene is a scene with a database in Compose's own words.
func newWordyScene(t *testing.T) *scene {
	t.Helper()
	s := newBackedScene(t, 0)
	s.write("devbox.yaml", wordyModel)
	s.makeData("theirs", "x", "other")
	s.makeData("everybodys", "fixed", "other")
	s.makeData("chat_pg", "pg", "chat")
	return s
}

func TestAResetRemovesOnlyWhatIsTheProjects(t *testing.T) {
	s := newWordyScene(t)
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	env, before := s.env(), len(s.fake.Did())
	if _, err := env.ResetData(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	did := s.fake.Did()[before:]
	if !slices.Contains(did, "remove volume chat_pg") || slices.Contains(did, "remove volume theirs") || slices.Contains(did, "remove volume everybodys") {
		t.Errorf("it did %q", did)
	}
	stopsAll := func(line string) bool {
		words := strings.Fields(line)
		slices.Sort(words)
		return slices.Equal(words, []string{"backup", "db", "stop", "web"})
	}
	if i := slices.IndexFunc(did, stopsAll); i < 0 || i > slices.Index(did, "remove volume chat_pg") {
		t.Errorf("it did not stop first what mounts the data: %q", did)
	}
}

func TestDataThatOthersUseAreLeftAlone(t *testing.T) {
	s := newWordyScene(t)
	d, err := s.startBacked()
	if err != nil {
		t.Fatal(err)
	}
	other := *d.Compose
	other.Name, other.Services = "other", map[string]project.ComposeService{"db": d.Compose.Services["db"]}
	if err := s.fake.Up(t.Context(), &other, nil); err != nil {
		t.Fatal(err)
	}
	env, before := s.env(), len(s.fake.Did())
	_, err = env.TakeSnapshot(t.Context(), "a", time.Now())
	if held := new(VolumeHeldError); !errors.As(err, &held) || held.Container != "other-db-1" {
		t.Errorf("got %v", err)
	}
	if did := s.fake.Did()[before:]; len(did) != 0 {
		t.Errorf("it did %q", did)
	}
}

func TestSeedsRunAgainOnNewDataInComposesWords(t *testing.T) {
	s := newWordyScene(t)
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	if got := s.kinds(Seeded); len(got) != 1 {
		t.Fatalf("first: %v", got)
	}
	env := s.env()
	if _, err := env.ResetData(t.Context(), []string{"db"}); err != nil {
		t.Fatal(err)
	}
	s.makeData("chat_pg", "pg", "chat")
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	if got := s.kinds(Seeded); len(got) == 0 {
		t.Error("no seed for new data")
	}
}

// An interrupted migration is stopped; one that a killed devbox has left is waited
// for, unless it is another one by now.
func TestAnInterruptedStep(t *testing.T) {
	s := newBackedScene(t, 0)
	ends := s.fake.OnStart
	begun := make(chan string, 1)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		if c, _ := f.Inspect(t.Context(), id); c.Service == "web-migrate" {
			begun <- id
			return
		}
		ends(f, id)
	}
	start := func(ctx context.Context) chan error {
		done := make(chan error, 1)
		go func() {
			env := s.env()
			_, err := env.Converge(ctx, project.Dev, PlanOptions{Start: true})
			done <- err
		}()
		return done
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := start(ctx)
	id := <-begun
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c, err := s.fake.Inspect(t.Context(), id); err != nil || c.State != engine.Exited {
		t.Errorf("the migration is %s, %v", c.State, err)
	}

	s.fake.SetState(id, func(c *engine.Container) { c.State = engine.Running })
	s.kinds()
	done = start(t.Context())
	s.has(1, Migrating)
	s.fake.SetState(id, func(c *engine.Container) { c.State = engine.Exited })
	if err := <-done; err != nil {
		t.Error(err)
	}
	if did := s.fake.Did(); slices.Contains(did, "remove "+id) {
		t.Errorf("it was begun again: %q", did)
	}

	s.fake.SetState(id, func(c *engine.Container) { c.State = engine.Running })
	s.write("migrate.js", "// another")
	s.fake.OnStart = ends
	before := len(s.fake.Did())
	if err := <-start(t.Context()); err != nil {
		t.Error(err)
	}
	did := s.fake.Did()[before:]
	if stop := slices.Index(did, "stop web-migrate"); stop < 0 || stop > slices.Index(did, "remove "+id) {
		t.Errorf("another one was not stopped first: %q", did)
	}
}

// A snapshot carries the password of its data: where nobody knows that of the data
// in use any more, they can still be replaced, and snapshots listed and removed.
func TestASnapshotReplacesDataWhosePasswordIsLost(t *testing.T) {
	s := newBackedScene(t, 0)
	first, err := s.startBacked()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{
		project.LabelBacking: "db", project.LabelKind: "postgres", project.LabelMajor: "15", engine.LabelComposeProject: "chat",
	}
	if err := s.fake.CreateVolume(t.Context(), "chat_db_data", labels); err != nil {
		t.Fatal(err)
	}
	env := s.env()
	for _, name := range []string{"a", "b"} {
		if _, err := env.TakeSnapshot(t.Context(), name, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.fake.Down(t.Context(), "chat", nil, false, nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{s.fake.RemoveVolume(t.Context(), passwordVolume("chat", "db")), os.RemoveAll(filepath.Join(s.dir, project.StateDir))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	away := errors.New("the engine is away")
	s.fake.Fail("Containers", away)
	if _, err := s.startBacked(); !errors.Is(err, away) {
		t.Errorf("without the engine's word: %v", err)
	}
	s.fake.Fail("Containers", nil)
	if _, err := s.startBacked(); !errors.As(err, new(*PasswordLostError)) {
		t.Fatalf("the password is not lost: %v", err)
	}
	if err := env.RemoveSnapshot(t.Context(), "chat", "b"); err != nil {
		t.Error(err)
	}
	if _, err := env.RestoreSnapshot(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	again, err := s.startBacked()
	if name := "DEVBOX_DB_PASSWORD"; err != nil || again.Passwords[name] != first.Passwords[name] {
		t.Errorf("the data have another password: %v", err)
	}
}
