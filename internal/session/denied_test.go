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

// What is to be pasted into a shell names a path that an app has printed.
func TestWhatHelpsIsSafeInAShell(t *testing.T) {
	s := newScene(t)
	for _, name := range []string{"a&&b", "-rf"} {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	d := Desired{Project: p, User: "1:1"}
	d.Info.Desktop = true // so that it is not about owners
	for name, want := range map[string]string{"a&&b/x": "`ls -ld 'a&&b'`", "-rf/x": "`ls -ld ./-rf`"} {
		if why := explainDenial(d, "web", denied{name: name}); !strings.HasSuffix(why.hint, want) {
			t.Errorf("%s: hint %s, want %s", name, why.hint, want)
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
			d, err := (&Environment{Dir: s.dir, Engine: s.fake, Vars: map[string]string{}, Emit: func(Event) {}}).Desire(t.Context(), project.Dev)
			if err != nil {
				t.Fatal(err)
			}
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

// A volume cannot take a file at the top of an app's folder.
func TestAFileAtTheTopNeedsAnotherOwner(t *testing.T) {
	s := newScene(t)
	if !project.IsRootOwned(s.dir) {
		t.Skip("only root's folders are about this")
	}
	p, err := project.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"vite.config.ts.timestamp-1700000000000-5d1b0f.mjs": "have the project owned by a user: `sudo chown -R USER .`",
		"next-env.d.ts": "have the project owned by a user: `sudo chown -R USER .`",
		"data/app.db":   "`writes: [data]` of web in devbox.yaml gives it a volume of its own; or have the project owned by a user: `sudo chown -R USER .`",
	} {
		if why := explainDenial(Desired{Project: p, User: "1:1"}, "web", denied{name: name}); why.hint != want {
			t.Errorf("%s: hint %s, want %s", name, why.hint, want)
		}
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
