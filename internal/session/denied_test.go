package session

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

func TestWhatAnAppWasKeptFromIsFound(t *testing.T) {
	for line, want := range map[string]denied{
		"Error: EACCES: permission denied, mkdir '/app/.next'":                          {".next", true},
		"error TS5033: Could not write file '/app/x.tsbuildinfo': EACCES: …":            {"x.tsbuildinfo", false},
		"[1] [Error: EPERM: operation not permitted, open '/app/apps/web/dist/x.js'] {": {"apps/web/dist/x.js", false},
		"Failed to write to output file: open /app/dist/x.js: permission denied":        {"dist/x.js", false},
		"Error: EACCES: permission denied, rename '/app/a/b.tmp' -> '/app/a/b'":         {"a/b.tmp", false},
		"mkdir: cannot create directory '/app': Permission denied":                      {".", true},
	} {
		if got, ok := deniedIn([]string{"first", line, "    at node:internal"}); !ok || got != want {
			t.Errorf("%s: %+v, %v, want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{
		"EACCES: permission denied, open '/etc/passwd'", "listen EACCES: permission denied 0.0.0.0:80", "open '/app/x'", "EACCES on /application/x",
		"EACCES: permission denied, open '/app-data/x'", "EACCES: permission denied, open '/app/../etc/passwd'",
	} {
		if got, ok := deniedIn([]string{line}); ok {
			t.Errorf("%s is taken for %+v", line, got)
		}
	}
}

func TestAVolumeHidesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"src/index.js", "dist/x.js", "lib/x.js"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		what denied
		want string
	}{
		{denied{"dist/a/b.js", false}, "dist"},
		{denied{".next", true}, ".next"},
		{denied{"data/app.db", false}, "data"},
		{denied{"src/generated/client/x.js", false}, "src/generated"},
		{denied{"src/routes.gen.ts", false}, ""},
		{denied{"lib/x.js", false}, ""},
		{denied{"x.tsbuildinfo", false}, ""},
		{denied{".", true}, ""},
	} {
		if got := volumeFor(dir, tt.what); got != tt.want {
			t.Errorf("%+v gets a volume on %q, want %q", tt.what, got, tt.want)
		}
	}
}

func TestWhatHelpsAgainstADenial(t *testing.T) {
	const toUser = "have the project owned by a user: `sudo chown -R USER .`"
	for name, tt := range map[string]struct {
		place      deniedPlace
		text, hint string
	}{
		"in a volume of its own": {
			deniedPlace{denied: denied{name: "dist/x"}, inVolume: true},
			"dist/x, which is in a volume of its own that holds files of somebody else", "end devbox and start it again, which gives them to the app",
		},
		"root's, where a volume can be": {
			deniedPlace{denied: denied{name: "data/app.db"}, have: ".", folder: "data"},
			"data/app.db: root owns the project's folder", "`writes: [data]` of web in devbox.yaml gives it a volume of its own; or " + toUser,
		},
		"root's, at the top": {
			deniedPlace{denied: denied{name: "next-env.d.ts"}, have: ".", top: true},
			"next-env.d.ts: root owns the project's folder", toUser,
		},
		"root's, among the sources": {
			deniedPlace{denied: denied{name: "src/routes.gen.ts"}, have: "src"},
			"src/routes.gen.ts: root owns src", toUser + "; or write to a folder that `writes` in devbox.yaml gives a volume",
		},
		"another user's": {
			deniedPlace{denied: denied{name: "data/app.db"}, have: "data", owner: 7},
			"data/app.db: user 7 owns data", "`sudo chown -R 1000 data`",
		},
		"the app's, with a mode that forbids it": {
			deniedPlace{denied: denied{name: "data/app.db"}, have: "data", owner: -1},
			"data/app.db", "look at the modes of data: `ls -ld data`",
		},
		// What is to be pasted into a shell names a path that an app has printed.
		"with an operator of the shell in its name": {
			deniedPlace{denied: denied{name: "a&&b/x"}, have: "a&&b", owner: -1},
			"a&&b/x", "look at the modes of a&&b: `ls -ld 'a&&b'`",
		},
		"like an option": {
			deniedPlace{denied: denied{name: "-rf/x"}, have: "-rf", owner: 7},
			"-rf/x: user 7 owns -rf", "`sudo chown -R 1000 ./-rf`",
		},
	} {
		tt.place.service, tt.place.user = "web", "1000"
		want := denial{"the app, which runs as user 1000, may not write " + tt.text, tt.hint}
		if got := tt.place.explain(); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// denying is a scene whose app ends because it may not write a folder.
func denying(t *testing.T, place string, code int) *scene {
	t.Helper()
	s := newScene(t)
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		f.Print(id, "\x1e"+`{"devbox":"started","id":"","pid":7}`)
		f.Print(id, "Error: EACCES: permission denied, mkdir '"+place+"'")
		f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":`+strconv.Itoa(code)+`}`)
	}
	return s
}

func TestAnAppThatMayNotWriteIsToldWhatHelps(t *testing.T) {
	for name, code := range map[string]int{"that crashes": 1, "that ends with code 0": 0} {
		t.Run(name, func(t *testing.T) {
			s := denying(t, "/app/dist", code)
			s.start(RunOptions{})
			e := s.has(1, Warned)[0]
			d := s.desire(project.Dev)
			user, _, _ := strings.Cut(d.User, ":")
			if !strings.HasPrefix(e.Text, "the app, which runs as user "+user+", may not write dist") || e.Service != "web" {
				t.Errorf("warned: %+v", e)
			}
			if project.IsRootOwned(s.dir) && (!strings.Contains(e.Text, "root owns the project's folder") || !strings.HasPrefix(e.Hint, "`writes: [dist]` of web in devbox.yaml")) {
				t.Errorf("in a folder of root's: %+v", e)
			}
		})
	}
}

func TestHowADeniedPlaceIsOnTheHost(t *testing.T) {
	s := newScene(t)
	p, err := project.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	owner, known := project.OwnerOf(s.dir)
	if !known {
		t.Skip("no owners here")
	}
	d := Desired{Project: p, User: strconv.Itoa(owner+1) + ":1"}
	for name, want := range map[string]deniedPlace{
		"next-env.d.ts": {have: ".", top: true},
		"data/app.db":   {have: ".", folder: "data"},
		"index.js":      {have: "index.js", top: true},
	} {
		want.denied, want.service, want.user, want.owner = denied{name: name}, "web", strconv.Itoa(owner+1), owner
		if got := lookAtDenied(d, "web", want.denied); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	d.Info.Desktop = true // there, owners say nothing
	if got := lookAtDenied(d, "web", denied{name: "data/app.db"}); got.owner != -1 {
		t.Errorf("on Docker Desktop user %d owns it", got.owner)
	}
}

func TestDetachSaysWhatTheAppMayNotWrite(t *testing.T) {
	s := denying(t, "/app/dist", 1)
	err := Run(t.Context(), s.env(), RunOptions{Detach: true, ReadyTime: 20 * time.Second, Now: time.Now}, s.listen)
	var notReady *NotReadyError
	if !errors.As(err, &notReady) || !strings.Contains(err.Error(), "crashed; the app, which runs as user") || notReady.Hint() == "" {
		t.Errorf("error %v", err)
	}
	if n := len(s.has(0, Warned)); n != 0 {
		t.Errorf("it is said twice, %d warnings", n)
	}
}
