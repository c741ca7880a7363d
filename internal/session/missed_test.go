package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/watch"
)

// detach brings the environment up and leaves it with nobody watching.
func (s *scene) detach() {
	s.t.Helper()
	if err := Run(s.t.Context(), s.env(), RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}, s.listen); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
		s.t.Fatal(err)
	}
}

// restarts are those that came since the last n, once all of a session has been heard.
func (s *scene) restarts(from int) []Event { return s.has(0, Restarted)[from:] }

// What is edited while nobody watches is in what answers after the next up; and
// when nothing is, that has nothing to do.
func TestWhatIsEditedUnseenRestartsTheAppAtTheNextUp(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(s *scene)
		files []string
	}{
		{"nothing", func(*scene) {}, nil},
		{"a save", func(s *scene) { s.write("index.js", "// two") }, []string{"index.js"}},
		{"a file that is gone", func(s *scene) { s.remove("old.js") }, []string{"old.js"}},
		{"a document", func(s *scene) { s.write("README.md", "# hello") }, nil},
		{"what is ignored", func(s *scene) { s.mkdir(".git"); s.write(".git/HEAD", "x") }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.write("old.js", "// old")
			s.detach()
			s.detach()
			if list := s.restarts(0); len(list) > 0 {
				t.Fatalf("an up with nothing to do restarted: %+v", list)
			}
			tt.edit(s)
			s.detach()
			list := s.restarts(0)
			switch {
			case tt.files == nil && len(list) > 0:
				t.Errorf("restarted: %+v", list)
			case tt.files != nil && (len(list) != 1 || !slices.Equal(list[0].Files, tt.files) || list[0].Text != editedUnseen):
				t.Errorf("restarted: %+v, want it for %q", list, tt.files)
			}
			s.detach()
			if more := s.restarts(len(list)); len(more) > 0 {
				t.Errorf("the next up restarted again: %+v", more)
			}
		})
	}
}

// What a session has restarted the apps for is no news to the next one, and
// neither is what was saved as it was.
func TestWhatWasSeenIsNotMissed(t *testing.T) {
	s := newScene(t)
	intents := make(chan Intent, 1)
	stop := s.start(RunOptions{Intents: intents})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	s.write("lib.js", "// new")
	s.has(1, Restarted)
	s.write("index.js", "// one")
	s.write("README.md", "# once this is seen, so is what came before")
	s.has(1, Changed)
	leave(t, intents)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	s.detach()
	if list := s.restarts(1); len(list) > 0 {
		t.Errorf("restarted: %+v", list)
	}
}

// An app that starts finds the source as it is.
func TestAnAppThatIsStartedAnewIsNotRestarted(t *testing.T) {
	s := newScene(t)
	stop := s.start(RunOptions{})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	s.write("index.js", "// two")
	s.detach()
	if list := s.has(0, Restarting); len(list) > 0 {
		t.Errorf("restarting: %+v", list)
	}
	s.detach()
	if list := s.has(0, Restarting); len(list) > 0 {
		t.Errorf("the next up restarts: %+v", list)
	}
}

// Where nobody knows, the apps are restarted once.
func TestWithoutARecordAppsAreRestartedOnce(t *testing.T) {
	for name, spoil := range map[string]func(s *scene){
		"deleted":  func(s *scene) { s.remove(".devbox") },
		"of other": func(s *scene) { s.write(memoryFile, "hello") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.detach()
			spoil(s)
			s.detach()
			if list := s.restarts(0); len(list) != 1 || list[0].Text != nobodyKnows {
				t.Fatalf("restarted: %+v", list)
			}
			s.detach()
			if list := s.restarts(1); len(list) > 0 {
				t.Errorf("and again: %+v", list)
			}
		})
	}
}

// A watcher in the background takes in what was edited before it watched, also
// where that asks for more than a restart.
func TestAWatcherThatTakesOverSeesWhatItHasMissed(t *testing.T) {
	s := newScene(t)
	s.detach()
	s.write("index.js", "// two")
	stop := s.start(RunOptions{Adopt: true})
	if e := s.has(1, Restarted)[0]; !slices.Equal(e.Files, []string{"index.js"}) {
		t.Errorf("restarted: %+v", e)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	installed := len(s.has(0, Installed))
	s.write("package-lock.json", strings.Replace(lock, "5.1.0", "5.1.1", 1))
	s.start(RunOptions{Adopt: true})
	s.has(installed+1, Installed)
}

// What the apps could not be told of, or have not answered to, is found by the
// next session.
func TestAnEditThatDidNotArriveIsNotForgotten(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		shown Kind
	}{{"no answer", nil, Restarting}, {"no way to tell it", errors.New("no way"), Failed}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			intents := make(chan Intent, 1)
			answer := s.fake.OnWord
			s.fake.OnWord = nil
			s.fake.Fail("Input", tt.err)
			s.fake.Fail("Signal", tt.err)
			stop := s.start(RunOptions{Intents: intents})
			s.has(1, Ready)
			s.has(1, WatchedMode)
			s.write("index.js", "// two")
			s.has(1, tt.shown)
			leave(t, intents)
			_ = stop()
			s.fake.Fail("Input", nil)
			s.fake.Fail("Signal", nil)
			s.fake.OnWord = answer
			s.detach()
			if list := s.has(0, Restarted); len(list) != 1 || !slices.Equal(list[0].Files, []string{"index.js"}) {
				t.Errorf("restarted: %+v", list)
			}
		})
	}
}

func TestARecordThatWasCutOffLacksNoMoreThanItsEnd(t *testing.T) {
	tree := watch.Tree{"a.js": 17, "odd\nname \xff": 18}
	data := append([]byte(memoryHeader), encodeTree(tree)...)
	data = append(data, encodeTree(watch.Tree{"a.js": 19, "odd\nname \xff": watch.Gone})...)
	got, long, err := decodeMemory(data)
	if err != nil || long || len(got) != 1 || got["a.js"] != 19 {
		t.Errorf("read %v, long %v (%v)", got, long, err)
	}
	got, long, err = decodeMemory(append(data, "14 b.j"...))
	if err != nil || !long || len(got) != 1 {
		t.Errorf("cut off: read %v, long %v (%v)", got, long, err)
	}
	if _, _, err = decodeMemory([]byte("devbox source 2\n")); !errors.Is(err, errNoMemory) {
		t.Errorf("of another form: %v", err)
	}
}

// An app without a supervisor has nobody to hear a word: its container is
// restarted, once that is known.
func TestAnAppWithoutASupervisorGetsWhatWasMissed(t *testing.T) {
	s := newScene(t)
	s.fake.OnStart = func(_ *enginetest.Fake, id string) {
		s.fake.Print(id, "\x1e"+`{"devbox":"unsupported","id":""}`)
	}
	s.fake.OnWord = nil
	s.detach()
	s.write("index.js", "// two")
	s.detach()
	if list := s.has(1, Restarted); len(list) != 1 || !slices.Equal(list[0].Files, []string{"index.js"}) {
		t.Errorf("restarted: %+v", list)
	}
	if did := s.fake.Did(); !slices.ContainsFunc(did, func(d string) bool { return strings.HasPrefix(d, "restart ") }) {
		t.Errorf("the engine did %q", did)
	}
}
