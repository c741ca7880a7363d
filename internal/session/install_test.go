package session

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// installs are what was installed or copied into volumes, in order.
func (s *scene) installs() []string {
	var list []string
	for _, did := range s.fake.Did() {
		if strings.HasPrefix(did, "install packages") || strings.HasPrefix(did, "fill volume") || strings.HasPrefix(did, "empty volume") {
			list = append(list, did)
		}
	}
	return list
}

func (s *scene) converge(o PlanOptions) (Desired, error) {
	env := s.env()
	return env.Converge(s.t.Context(), project.Dev, o)
}

// otherLock is in step with package.json too.
var otherLock = strings.Replace(lock, "5.1.0", "5.1.1", 1)

func TestANewLockStartsFromTheNearestTree(t *testing.T) {
	s := newScene(t)
	first, err := s.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.write("package-lock.json", otherLock)
	if _, err := s.converge(PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	tasks := s.fake.Tasks()
	last := tasks[len(tasks)-1]
	donor := slices.ContainsFunc(last.Mounts, func(m engine.Mount) bool { return m.Volume == first.Volumes[0].Name && m.ReadOnly })
	if !donor || !slices.ContainsFunc(last.Command, func(w string) bool { return strings.HasPrefix(w, "npm install") }) {
		t.Errorf("the last install was %+v, want one that goes on from %s", last, first.Volumes[0].Name)
	}
}

func TestAnInstallThatCannotGoOnStartsFromNothing(t *testing.T) {
	s := newScene(t)
	if _, err := s.converge(PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	s.write("package-lock.json", otherLock)
	s.fake.OnTask = func(t engine.Task) error {
		if strings.HasPrefix(t.Name, "install") && len(t.Mounts) > 2 { // with a donor
			return &engine.Error{Kind: engine.ErrBuild, Op: t.Name}
		}
		return nil
	}
	d, err := s.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	list := s.installs()
	if n := len(list); n < 2 || !strings.HasPrefix(list[n-2], "empty volume") || !strings.HasPrefix(list[n-1], "install packages") {
		t.Errorf("it did %q, want it to empty the volume and install once more", list)
	}
	done, err := s.complete(d)
	if err != nil || !done {
		t.Errorf("the volume is complete: %v, %v", done, err)
	}
}

func (s *scene) complete(d Desired) (bool, error) {
	env := s.env()
	return env.isComplete(s.t.Context(), d, d.Volumes[0], d.Volumes[0].Name)
}

func TestALockThatDisagreesStopsUpButNotAOneOff(t *testing.T) {
	s := newScene(t)
	if _, err := s.converge(PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	before := len(s.installs())
	s.write("package.json", `{"name":"chat","dependencies":{"express":"^5.0.0","ms":"2.1.3"}}`)
	_, err := s.converge(PlanOptions{Start: true})
	if err == nil || !strings.Contains(err.Error(), "ms: package.json asks for 2.1.3") {
		t.Errorf("error %v, want one that names ms", err)
	}
	if n := len(s.installs()); n != before {
		t.Errorf("%d more installs", n-before)
	}
	d, err := s.converge(PlanOptions{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	list := s.installs()
	if len(list) != before+1 || !strings.HasPrefix(list[before], "fill volume") {
		t.Errorf("it did %q, want a copy of the nearest tree", list[before:])
	}
	if done, err := s.complete(d); err != nil || done {
		t.Errorf("what makes do counts as complete: %v, %v", done, err)
	}
}

func TestOfTwoInstallsOneWaits(t *testing.T) {
	s := newScene(t)
	d, err := s.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := d.Volumes[0].Name
	if err := s.fake.RemoveVolume(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	tries := 0
	s.fake.OnTask = func(engine.Task) error {
		if tries++; tries == 1 {
			// Meanwhile the other one ends.
			s.fake.PutFile(name, volumes.Marker, volumes.MarkerContent(nil))
			return &engine.Error{Kind: engine.ErrConflict, Op: "create container"}
		}
		return errors.New("installed twice")
	}
	if _, err := s.converge(PlanOptions{}); err != nil {
		t.Error(err)
	}
}

func TestThePolicyUpdateWritesTheLock(t *testing.T) {
	s := newScene(t)
	s.write("devbox.yaml", model+"lock: {dev: update}\n")
	s.write("package.json", `{"name":"chat","dependencies":{"express":"^5.0.0","ms":"2.1.3"}}`)
	inStep := strings.Replace(strings.Replace(lock, `"^5.0.0"`, `"^5.0.0","ms":"2.1.3"`, 1), `"node_modules/express"`, `"node_modules/ms":{"version":"2.1.3"},"node_modules/express"`, 1)
	s.fake.Collected = map[string][]byte{"/app/package-lock.json": []byte(inStep)}
	d, err := s.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.Project.Main().Dependencies.Lock); got != inStep {
		t.Errorf("the lock is %s", got)
	}
	if !slices.Contains(d.Written, "package-lock.json") {
		t.Errorf("written are %q", d.Written)
	}
	if e := s.has(1, LockChanged)[0]; !strings.Contains(e.Text, "+ ms 2.1.3") {
		t.Errorf("it says %q", e.Text)
	}
}
