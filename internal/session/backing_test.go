package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/project"
)

const backedModel = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node index.js
    needs: [db]
    migrate: node migrate.js
    seed: node seed.js
  db:
    use: postgres@15
`

// newBackedScene is a scene with a database that gets healthy at once, and steps
// that end with the given status.
func newBackedScene(t *testing.T, status int) *scene {
	t.Helper()
	s := newScene(t)
	s.write("devbox.yaml", backedModel)
	s.write("migrate.js", "// one")
	s.fake.OnStart = func(f *enginetest.Fake, id string) {
		c, err := f.Inspect(context.Background(), id)
		if err != nil {
			t.Error(err)
		}
		f.SetState(id, func(c *engine.Container) { c.Health = "healthy" })
		if !strings.Contains(c.Service, "-") {
			f.Record(id, `{"devbox":"started","pid":7}`)
		}
		if strings.HasPrefix(c.Service, "web-") {
			f.Print(id, c.Service+" says hello")
			f.SetState(id, func(c *engine.Container) { c.State, c.ExitCode = engine.Exited, status })
		}
	}
	return s
}

func (s *scene) startBacked() (Desired, error) {
	env := s.env()
	return env.Converge(s.t.Context(), project.Dev, PlanOptions{Start: true})
}

func (s *scene) kinds(wanted ...Kind) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, e := range s.events {
		if slices.Contains(wanted, e.Kind) {
			list = append(list, string(e.Kind))
		}
	}
	s.events = nil
	return list
}

func TestStepsRunOnceForWhatTheyDependOn(t *testing.T) {
	s := newBackedScene(t, 0)
	steps := []Kind{Migrating, Migrated, Seeding, Seeded}
	expect := func(what string, want ...string) {
		t.Helper()
		if _, err := s.startBacked(); err != nil {
			t.Fatal(err)
		}
		if got := s.kinds(steps...); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	expect("the first time", "migrating", "migrated", "seeding", "seeded")
	expect("unchanged")
	s.write("index.js", "// source is none of a migration's business")
	expect("another source")
	s.write("migrate.js", "// two")
	expect("another migration", "migrating", "migrated")
	if err := s.fake.Down(t.Context(), "chat", nil, false, nil); err != nil {
		t.Fatal(err)
	}
	expect("without containers", "migrating", "migrated")
}

func TestAStepThatFails(t *testing.T) {
	s := newBackedScene(t, 3)
	_, err := s.startBacked()
	var notReady *NotReadyError
	if !errors.As(err, &notReady) || !notReady.Step || notReady.Service != "web" || !strings.Contains(err.Error(), "exit status 3") {
		t.Fatalf("got %v", err)
	}
	if !slices.Contains(notReady.Last, "web-migrate says hello") {
		t.Errorf("its output is %q", notReady.Last)
	}
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Service == "web" {
			t.Error("the app was started")
		}
	}
}

func TestPasswordsOutliveTheStateFolder(t *testing.T) {
	s := newBackedScene(t, 0)
	first, err := s.startBacked()
	if err != nil {
		t.Fatal(err)
	}
	password := first.Passwords["DEVBOX_DB_PASSWORD"]
	const shortest = 20
	if len(password) < shortest {
		t.Fatalf("the password has %d letters", len(password))
	}
	for _, name := range []string{"compose.yaml", "devbox.yaml"} {
		data, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil || strings.Contains(string(data), password) {
			t.Errorf("%s has the password (%v)", name, err)
		}
	}
	if got := first.hidden("postgresql://app:" + password + "@db"); got != "postgresql://app:***@db" {
		t.Errorf("hidden, it is %s", got)
	}

	if err := os.RemoveAll(filepath.Join(s.dir, project.StateDir)); err != nil {
		t.Fatal(err)
	}
	if again, err := s.startBacked(); err != nil || again.Passwords["DEVBOX_DB_PASSWORD"] != password {
		t.Errorf("without the state folder it is another one (%v)", err)
	}
	if err := s.fake.RemoveVolume(t.Context(), passwordVolume("chat", "db")); err != nil {
		t.Fatal(err)
	}
	if again, err := s.startBacked(); err != nil || again.Passwords["DEVBOX_DB_PASSWORD"] != password {
		t.Errorf("without its volume it is another one (%v)", err)
	}
}

func TestDataThatCannotBeUsed(t *testing.T) {
	labels := func(major string) map[string]string {
		return map[string]string{
			project.LabelBacking: "db", project.LabelKind: "postgres", project.LabelMajor: major, engine.LabelComposeProject: "chat",
		}
	}
	for _, test := range []struct {
		name   string
		labels map[string]string
		given  string
		want   string
	}{
		{"of another version", labels("14"), "abc", "was made by postgres 14"},
		{"with a password that nobody knows", labels("15"), "", "is not known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newBackedScene(t, 0)
			if err := s.fake.CreateVolume(t.Context(), "chat_db_data", test.labels); err != nil {
				t.Fatal(err)
			}
			env := s.env()
			if test.given != "" {
				env.Vars["DEVBOX_DB_PASSWORD"] = test.given
			}
			_, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
			if !errors.Is(err, ErrDataUnusable) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if list, _ := s.fake.Containers(t.Context(), "chat"); len(list) != 0 {
				t.Errorf("%d containers were made", len(list))
			}
		})
	}
}

func TestAPasswordThatCannotBeUsedIsNotShown(t *testing.T) {
	s := newBackedScene(t, 0)
	env := s.env()
	env.Vars["DEVBOX_DB_PASSWORD"] = "s3cr@t"
	_, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
	if err == nil || strings.Contains(err.Error(), "s3cr@t") || !strings.Contains(err.Error(), "DEVBOX_DB_PASSWORD") {
		t.Errorf("got %v", err)
	}
}

func TestSick(t *testing.T) {
	for _, test := range []struct {
		container engine.Container
		sick      bool
	}{
		{engine.Container{State: engine.Running, Health: "starting"}, false},
		{engine.Container{State: engine.Running, Health: "healthy"}, false},
		{engine.Container{State: engine.Created}, false},
		{engine.Container{State: engine.Running, Health: "unhealthy"}, true},
		{engine.Container{State: engine.Exited, ExitCode: 1}, true},
		{engine.Container{State: engine.Restarting}, true},
	} {
		if why := sick(test.container); (why != "") != test.sick {
			t.Errorf("%s %s: %q", test.container.State, test.container.Health, why)
		}
	}
}

func TestQuickChecks(t *testing.T) {
	for api, quick := range map[string]bool{"1.51": true, "1.44": true, "1.43": false, "1.41": false, "2.0": true, "": false, "x.y": false} {
		if quickChecks(api) != quick {
			t.Errorf("API %q: %v", api, !quick)
		}
	}
}

func TestAnUnchangedStartAsksComposeOnce(t *testing.T) {
	s := newBackedScene(t, 0)
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	before := s.fake.Ups()
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	if n := s.fake.Ups() - before; n != 1 {
		t.Errorf("Compose was asked %d times to bring up what runs", n)
	}
	list, err := s.fake.Containers(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Service == "db" {
			s.fake.SetState(c.ID, func(c *engine.Container) { c.State = engine.Exited })
		}
	}
	before = s.fake.Ups()
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	if n := s.fake.Ups() - before; n != 2 {
		t.Errorf("with the database down, Compose was asked %d times, want once for it and once for all", n)
	}
}

func TestALostPasswordOfPostgreSQLHasAWayOutThatKeepsTheData(t *testing.T) {
	s := newBackedScene(t, 0)
	if err := s.fake.CreateVolume(t.Context(), "chat_db_data", map[string]string{
		project.LabelBacking: "db", project.LabelKind: "postgres", project.LabelMajor: "15", engine.LabelComposeProject: "chat",
	}); err != nil {
		t.Fatal(err)
	}
	_, err := s.startBacked()
	var lost *PasswordLostError
	if !errors.As(err, &lost) || !errors.Is(err, ErrDataUnusable) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"DEVBOX_DB_PASSWORD=NEW in .env", `docker exec chat-db-1 psql -U app -c "ALTER ROLE app PASSWORD 'NEW'"`, "devbox db reset db"} {
		if !strings.Contains(lost.Hint(), want) {
			t.Errorf("no %q in %q", want, lost.Hint())
		}
	}
	s.write(".env", "DEVBOX_DB_PASSWORD=chosen\n")
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	s.write(".env", "")
	if again, err := s.startBacked(); err != nil || again.Passwords["DEVBOX_DB_PASSWORD"] != "chosen" {
		t.Errorf("without .env it is not the new one (%v)", err)
	}
}

func TestProductionSaysWhatIsForDevelopmentOnly(t *testing.T) {
	const model = `name: chat
services:
  web: {node: 26.10.0, package-manager: npm@11.21.2, port: 0, dev: node index.js, env-file: {prod: [.env.production]}, needs: [mail]}
  mail: {use: mailpit}
`
	for _, test := range []struct {
		env  string
		says bool
	}{
		{"OTHER=1\n", true},
		{"SMTP_URL=smtp://smtp.example.com\n", false},
	} {
		s := newScene(t)
		s.write("devbox.yaml", model)
		s.write(".env.production", test.env)
		env := s.env()
		for _, mode := range []project.Mode{project.Dev, project.Prod} {
			d, err := env.Desire(t.Context(), mode)
			if err != nil {
				t.Fatal(err)
			}
			s.events = nil
			env.leftOut(d)
			if says := len(s.events) == 1; says != (test.says && mode == project.Prod) {
				t.Errorf("%s with %q it says %+v", mode, test.env, s.events)
			}
		}
	}
}
