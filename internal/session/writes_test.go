package session

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// written is a scene whose app writes a folder of its own.
func written(t *testing.T) *scene {
	t.Helper()
	s := newScene(t)
	s.write("devbox.yaml", "name: chat\nservices:\n  web:\n    node: 26.10.0\n    package-manager: npm@11.21.2\n    port: 0\n    dev: node index.js\n    writes: [dist, data]\n")
	return s
}

func (s *scene) gave() int {
	n := 0
	for _, done := range s.fake.Did() {
		if done == "make volumes writable" {
			n++
		}
	}
	return n
}

// mountsVolume tells whether a volume of the Compose project is there.
func (s *scene) mountsVolume(name string) bool {
	list, err := s.fake.Volumes(s.t.Context(), engine.LabelComposeProject+"=chat")
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.ContainsFunc(list, func(v engine.Volume) bool { return v.Name == name })
}

func TestFoldersThatAnAppWritesAreItsUsersOnce(t *testing.T) {
	s := written(t)
	d := s.up()
	if s.gave() != 1 || !s.mountsVolume("chat_writes-dist") || !s.mountsVolume("chat_writes-data") {
		t.Fatalf("the volumes are not there, or not the user's: %q", s.fake.Did())
	}
	for _, dir := range []string{"dist", "data"} {
		if info, err := os.Stat(filepath.Join(s.dir, dir)); err != nil || !info.IsDir() {
			t.Errorf("the engine would make the mount point %s, as root: %v", dir, err)
		}
	}
	s.up()
	if n := s.gave(); n != 1 {
		t.Errorf("a second start gives them away %d times in all", n)
	}
	if err := os.Remove(filepath.Join(s.dir, givenFile)); err != nil {
		t.Fatal(err)
	}
	s.up()
	if n := s.gave(); n != 2 {
		t.Errorf("without the note they are given away %d times in all, want 2", n)
	}
	env := s.env()
	back := env.lendWrites(t.Context(), d)
	if notes := readGiven(s.dir); len(notes) != 0 {
		t.Errorf("while somebody else writes, the notes say %v", notes)
	}
	if err := back(); err != nil {
		t.Fatal(err)
	}
	if n := s.gave(); n != 3 || len(readGiven(s.dir)) != 2 {
		t.Errorf("given back %d times in all, want 3; notes %v", n, readGiven(s.dir))
	}
}

func TestPlanGivesVolumesThatAreNotTheUsers(t *testing.T) {
	s := written(t)
	d := s.desire(project.Dev)
	dist, data := engine.Volume{Name: "chat_writes-dist", Created: time.Unix(1, 0)}, engine.Volume{Name: "chat_writes-data", Created: time.Unix(2, 0)}
	both := map[string]engine.Volume{dist.Name: dist, data.Name: data}
	mine := map[string]given{dist.Name: {d.User, identityOf(dist)}, data.Name: {d.User, identityOf(data)}}
	anew := dist
	anew.Created = time.Unix(3, 0)
	for name, tt := range map[string]struct {
		o    Observed
		want []string
	}{
		"new ones":         {Observed{}, []string{data.Name, dist.Name}},
		"theirs already":   {Observed{Writes: both, Given: mine}, nil},
		"one made anew":    {Observed{Writes: map[string]engine.Volume{dist.Name: anew, data.Name: data}, Given: mine}, []string{dist.Name}},
		"somebody else's":  {Observed{Writes: both, Given: map[string]given{dist.Name: {"7:7", identityOf(dist)}, data.Name: mine[data.Name]}}, []string{dist.Name}},
		"one that is gone": {Observed{Writes: map[string]engine.Volume{dist.Name: dist}, Given: mine}, []string{data.Name}},
	} {
		var got []string
		for _, step := range planWrites(d, tt.o) {
			got = append(got, step.Volume)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: given are %q, want %q", name, got, tt.want)
		}
	}
}

func TestWhatAnAppWritesIsNotWatched(t *testing.T) {
	s := written(t)
	d := s.desire(project.Dev)
	_, ignores, err := layoutOf(s.dir, d)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"data": true, "dist": true, "src": false} {
		if got := ignores.Ignored(name, true); got != want {
			t.Errorf("%s: ignored is %v", name, got)
		}
	}
}

// Checkouts share packages by the lock, and not what tools keep beside these.
func TestCheckoutsShareNoCache(t *testing.T) {
	model := "name: chat\nservices:\n  web: {node: 26.10.0, package-manager: npm@11.21.2, port: 0, dev: node index.js, writes: [node_modules/.vite]}\n"
	s := newScene(t)
	s.write("devbox.yaml", model)
	one := s.up()
	other := s.another("other")
	other.write("devbox.yaml", model)
	two := other.up()
	if one.Volumes[0].Name != two.Volumes[0].Name {
		t.Errorf("packages are in %s and %s", one.Volumes[0].Name, two.Volumes[0].Name)
	}
	first, second := writesVolumes(one), writesVolumes(two)
	if len(first) != 1 || len(second) != 1 || first[0].Volume == second[0].Volume {
		t.Errorf("caches are in %v and %v", first, second)
	}
}

// What is built is no data: nobody has to be asked before it goes.
func TestOutputIsNoData(t *testing.T) {
	s := written(t)
	s.up()
	list, err := Checkouts(t.Context(), s.fake, "chat")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if want := []string{"chat_writes-data"}; !slices.Equal(list[0].Data, want) {
		t.Errorf("data are %q, want %q", list[0].Data, want)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, err := PruneCheckouts(t.Context(), s.fake, "chat", false, nil); err != nil {
		t.Fatal(err)
	}
	if s.mountsVolume("chat_writes-dist") || !s.mountsVolume("chat_writes-data") {
		t.Errorf("prune without data leaves dist %v, data %v", s.mountsVolume("chat_writes-dist"), s.mountsVolume("chat_writes-data"))
	}
}
