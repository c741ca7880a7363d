package session

import (
	"slices"
	"strings"
	"testing"
)

// The registry may lack a platform's part of a package, and npm goes on without.
func TestAPackageThatCannotBeHadIsNamed(t *testing.T) {
	s := lackingScene(t)
	d, err := s.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if list := s.installs(); len(list) != 1 {
		t.Errorf("it did %q, want one install", list)
	}
	e := s.has(1, Warned)[0]
	if want := "@esbuild/linux-x64 1.0.0 of the lock could not be installed"; !strings.Contains(e.Text, want) || !strings.Contains(e.Hint, "docker volume rm "+d.Volumes[0].Name) {
		t.Errorf("warned: %+v", e)
	}
}

func TestAnInstallThatIgnoresTheLockLacksNothingOfIt(t *testing.T) {
	s := lackingScene(t)
	s.write("devbox.yaml", model+"lock: {dev: ignore}\n")
	if _, err := s.converge(PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	if list := s.installs(); len(list) != 1 {
		t.Errorf("it did %q, want one install", list)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind == Warned }) {
		t.Errorf("it warned: %+v", s.events)
	}
}

// lackingScene has installs end without a package that is in the lock.
func lackingScene(t *testing.T) *scene {
	t.Helper()
	const part = `,"node_modules/@esbuild/linux-x64":{"version":"1.0.0","optional":true,"os":["linux"],"cpu":["x64"]}`
	s := newScene(t)
	s.write("package-lock.json", strings.Replace(lock, "\n}}", part+"\n}}", 1))
	s.fake.Collected = map[string][]byte{"/app/node_modules/.package-lock.json": []byte(lock)}
	return s
}
