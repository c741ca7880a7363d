package session

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// registry is an engine in which npm adds ms, as far as the registry answers.
type registry struct {
	*enginetest.Fake
	// down says that it does not answer; cached that the cache has ms.
	down, cached bool
	// asked are npm's calls.
	asked [][]string
}

func (r *registry) RunTask(ctx context.Context, t engine.Task, out io.Writer) (int, error) {
	if t.Command[0] != "npm" {
		return r.Fake.RunTask(ctx, t, out)
	}
	r.asked = append(r.asked, t.Command)
	if r.down && (!r.cached || !slices.Contains(t.Command, "--offline")) {
		fmt.Fprintln(out, "npm error code ECONNREFUSED")
		return 1, nil
	}
	_, err := t.Finish(map[string][]byte{
		"/app/package.json":      []byte(`{"name":"chat","dependencies":{"express":"^5.0.0","ms":"^2.0.0"}}`),
		"/app/package-lock.json": []byte(npmLock(`"express": "^5.0.0", "ms": "^2.0.0"`, `"node_modules/express": {"version": "5.0.0"}, "node_modules/ms": {"version": "2.1.3"}`)),
	})
	return 0, err
}

func TestAddFallsBackToTheCache(t *testing.T) {
	add := PackagesOptions{Service: "web", Change: project.PackageChange{Verb: project.AddPackages, Packages: []string{"ms"}}, ReadyTime: time.Minute, Now: time.Now}
	tests := []struct {
		name         string
		down, cached bool
		calls        int
		added, warns bool
	}{
		{"the registry answers", false, false, 1, true, false},
		{"the cache has it", true, true, 2, true, true},
		{"nobody has it", true, false, 2, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.write("package-lock.json", npmLock(`"express": "^5.0.0"`, `"node_modules/express": {"version": "5.0.0"}`))
			npm := &registry{Fake: s.fake, down: tt.down, cached: tt.cached}
			env := s.env()
			env.Engine = npm
			r, err := env.ChangePackages(t.Context(), add)
			data, readErr := os.ReadFile(filepath.Join(s.dir, "package.json"))
			if readErr != nil {
				t.Fatal(readErr)
			}
			if strings.Contains(string(data), `"ms":"^2.0.0"`) != tt.added || (len(r.Files) == 2) != tt.added || len(npm.asked) != tt.calls {
				t.Errorf("%v; package.json is %s; npm was called with %q; the result is %+v", err, data, npm.asked, r)
			}
			var failed *PackagesError
			if (err == nil) != tt.added || err != nil && !errors.As(err, &failed) {
				t.Errorf("it ends with %v", err)
			}
			warned := slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind == Warned && strings.Contains(e.Text, "from the cache") })
			if warned != tt.warns {
				t.Errorf("it warns: %v", warned)
			}
		})
	}
}

// A package manager that cannot read the lock makes another one.
func TestALockThatCannotBeReadIsNotReplaced(t *testing.T) {
	s := newScene(t)
	s.write("package-lock.json", lock[:40])
	env := s.env()
	_, err := env.ChangePackages(t.Context(), PackagesOptions{Service: "web", Change: project.PackageChange{}, Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "package-lock.json:") {
		t.Errorf("error %v, want one that names the place", err)
	}
	if len(s.fake.Tasks()) != 0 {
		t.Error("a package manager was run")
	}
}
