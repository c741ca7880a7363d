package session

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// changes are those to the engine that cost time, or that somebody could notice.
func (s *scene) changes() []string {
	var list []string
	for _, did := range s.fake.Did() {
		if !strings.HasPrefix(did, "create volume devbox.") {
			list = append(list, did)
		}
	}
	return list
}

// appPort is the port of the scene's app on this machine.
func (s *scene) appPort() int {
	s.t.Helper()
	p, err := project.Open(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Model.Services[0].Port
}

// hold listens on a port until the test ends.
func hold(t *testing.T, port int) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestATakenPortIsSaidBeforeAnythingIsBuilt(t *testing.T) {
	for _, mode := range []project.Mode{project.Dev, project.Prod} {
		t.Run(string(mode), func(t *testing.T) {
			s := newScene(t)
			hold(t, s.appPort())
			env := s.env()
			_, err := env.Converge(t.Context(), mode, PlanOptions{Start: true})
			if !errors.Is(err, engine.ErrPortTaken) || !strings.Contains(err.Error(), "(pid "+strconv.Itoa(os.Getpid())+")") {
				t.Errorf("error %v", err)
			}
			if did := s.changes(); len(did) > 0 {
				t.Errorf("the engine did %q", did)
			}
		})
	}
}

// A devbox that is killed leaves the engine at work for a moment, in which it holds
// the port for a container that is not said to run.
func TestAPortThatTheEngineHoldsForThisProjectIsWaitedFor(t *testing.T) {
	for name, finish := range map[string]func(s *scene, id string, held net.Listener, ports []engine.Port){
		"and comes free": func(_ *scene, _ string, held net.Listener, _ []engine.Port) { _ = held.Close() },
		"and is its own": func(s *scene, id string, _ net.Listener, ports []engine.Port) {
			s.fake.SetState(id, func(c *engine.Container) { c.State, c.Ports = engine.Running, ports })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			env := s.env()
			env.Procfs = t.TempDir() // nobody's processes are seen, as without root
			if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); err != nil {
				t.Fatal(err)
			}
			list, err := s.fake.Containers(t.Context(), "chat")
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			web := list[0]
			s.fake.SetState(web.ID, func(c *engine.Container) { c.State, c.Ports = engine.Created, nil })
			held := hold(t, s.appPort())
			time.AfterFunc(200*time.Millisecond, func() { finish(s, web.ID, held, web.Ports) })
			if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheOtherSideOfTheProjectIsNamedAsTheHolder(t *testing.T) {
	for _, tt := range []struct {
		first, then  project.Mode
		says, remedy string
	}{
		{project.Dev, project.Prod, "this project's development environment, container chat-web-1", "`devbox down`; or run both: set DEVBOX_WEB_PROD_PORT="},
		{project.Prod, project.Dev, "this project's production, container chat-prod-web-1", "`devbox prod down`; or run both: set DEVBOX_WEB_PORT="},
	} {
		t.Run(string(tt.first), func(t *testing.T) {
			s := newScene(t)
			env := s.env()
			if _, err := env.Converge(t.Context(), tt.first, PlanOptions{Start: true}); err != nil {
				t.Fatal(err)
			}
			hold(t, s.appPort()) // as the engine does
			before := len(s.changes())
			_, err := env.Converge(t.Context(), tt.then, PlanOptions{Start: true})
			var taken *engine.Error
			if !errors.As(err, &taken) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(taken.Hint(), tt.remedy) {
				t.Errorf("error %v\nhint %v", err, taken.Hint())
			}
			if did := s.changes()[before:]; len(did) > 0 {
				t.Errorf("the engine did %q", did)
			}
			if _, err := env.Converge(t.Context(), tt.first, PlanOptions{Start: true}); err != nil {
				t.Errorf("its own port is in its way: %v", err)
			}
		})
	}
}

func TestAnImageThatCannotBeHadIsSaidBeforeAnythingIsBuilt(t *testing.T) {
	missing := &engine.Error{Kind: engine.ErrImageNotFound, Op: "pull image", Remedy: "look"}
	t.Run("a base image", func(t *testing.T) {
		s := newScene(t)
		s.fake.Fail("Pull", missing)
		env := s.env()
		for _, mode := range []project.Mode{project.Dev, project.Prod} {
			_, err := env.Converge(t.Context(), mode, PlanOptions{Start: true})
			if !errors.Is(err, engine.ErrImageNotFound) || !strings.HasPrefix(err.Error(), `base image of service "web": `) {
				t.Errorf("%s: error %v", mode, err)
			}
		}
		if did := s.changes(); len(did) > 0 {
			t.Errorf("the engine did %q", did)
		}
	})
	t.Run("an image of a service", func(t *testing.T) {
		s := newBackedScene(t, 0)
		s.fake.AddImage("node:26.10.0-bookworm-slim")
		s.fake.Fail("Pull", missing)
		_, err := s.startBacked()
		if !errors.Is(err, engine.ErrImageNotFound) || !strings.HasPrefix(err.Error(), `service "db": `) {
			t.Errorf("error %v", err)
		}
		if did := s.changes(); len(did) > 0 {
			t.Errorf("the engine did %q", did)
		}
	})
}

func TestDataOfAnotherVersionAreSaidBeforeTheImageIsLookedFor(t *testing.T) {
	s := newBackedScene(t, 0)
	labels := map[string]string{project.LabelBacking: "db", project.LabelKind: "postgres", project.LabelMajor: "14", engine.LabelComposeProject: "chat"}
	if err := s.fake.CreateVolume(t.Context(), "chat_db_data", labels); err != nil {
		t.Fatal(err)
	}
	s.fake.AddImage("node:26.10.0-bookworm-slim")
	s.fake.Fail("Pull", &engine.Error{Kind: engine.ErrImageNotFound})
	env := s.env()
	env.Vars["DEVBOX_DB_PASSWORD"] = "abc"
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); !errors.Is(err, ErrDataUnusable) {
		t.Errorf("error %v", err)
	}
}

// What runs as it should is not asked about, nor pulled.
func TestAnUnchangedStartLooksForNoImage(t *testing.T) {
	s := newBackedScene(t, 0)
	if _, err := s.startBacked(); err != nil {
		t.Fatal(err)
	}
	asked := &askedImages{Engine: s.fake}
	env := s.env()
	env.Engine = asked
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); err != nil {
		t.Fatal(err)
	}
	if want := "chat-web:dev-base"; strings.Join(asked.images, " ") != want {
		t.Errorf("it asked for %q, want %q", asked.images, want)
	}
}

// askedImages notes the images that are asked for.
type askedImages struct {
	Engine
	images []string
}

func (a *askedImages) ImageLabels(ctx context.Context, image string) (map[string]string, bool, error) {
	a.images = append(a.images, image)
	return a.Engine.ImageLabels(ctx, image)
}

func TestImagesOfServices(t *testing.T) {
	s := newScene(t)
	d := s.desire(project.Prod)
	build, none := d.Compose.Services["web"].Build, 0
	c := &project.Compose{Services: map[string]project.ComposeService{
		"db":     {Name: "db", Image: "postgres:15"},
		"orders": {Name: "orders", Image: "postgres:15"},
		"web":    {Name: "web", Image: "chat-web:prod", Build: build},
		"worker": {Name: "worker", Image: "chat-web:prod"},
		"local":  {Name: "local", Image: "made-by-hand", PullPolicy: "never"},
		"off":    {Name: "off", Image: "redis:7", Scale: &none},
		"fs":     {Name: "fs", Build: build},
	}}
	var got []string
	for _, img := range serviceImages(c) {
		got = append(got, img.role+" "+img.name)
	}
	if want := `service "db" postgres:15`; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBaseImages(t *testing.T) {
	s := newScene(t)
	d := s.desire(project.Prod)
	own := d.Images[0]
	own.Dir = filepath.Join(s.dir, "db")
	list := baseImages(d, []Image{d.Images[0], d.Images[0], own})
	if len(list) != 1 || list[0].name != "node:26.10.0-bookworm-slim" {
		t.Errorf("got %+v", list)
	}
}
