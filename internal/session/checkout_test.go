package session

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// another is a second folder of the scene's repository, on the same engine.
func (s *scene) another(name string) *scene {
	s.t.Helper()
	other := newScene(s.t)
	other.fake = s.fake
	dir := filepath.Join(other.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	for _, file := range []string{"devbox.yaml", "package.json", "package-lock.json", "index.js"} {
		if err := os.Rename(filepath.Join(other.dir, file), filepath.Join(dir, file)); err != nil {
			s.t.Fatal(err)
		}
	}
	other.dir = dir
	return other
}

func (s *scene) up() Desired {
	s.t.Helper()
	d, err := s.converge(PlanOptions{Start: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func TestASecondFolderHasItsOwnNameAndPortsAndTheSamePackages(t *testing.T) {
	s := newScene(t)
	first := s.up()
	if first.Project.Name != "chat" || len(first.Project.Ports) != 0 {
		t.Errorf("the first is %s with %v", first.Project.Name, first.Project.Ports)
	}
	installs := len(s.installs())
	other := s.another("feature")
	second := other.up()
	port := second.Project.Ports["DEVBOX_WEB_PORT"]
	if second.Project.Name != "chat-feature" || second.Compose.Name != "chat-feature" || port == 0 {
		t.Errorf("the second is %s (%s) with %v", second.Project.Name, second.Compose.Name, second.Project.Ports)
	}
	if got := project.Published(second.Compose, "web")[0].Host; got != port {
		t.Errorf("it publishes %d, want %d", got, port)
	}
	if first.Volumes[0].Name != second.Volumes[0].Name || len(s.installs()) != installs {
		t.Errorf("volumes %s and %s, installs %q", first.Volumes[0].Name, second.Volumes[0].Name, s.installs())
	}
	if again := other.up(); again.Project.Name != "chat-feature" || again.Project.Ports["DEVBOX_WEB_PORT"] != port {
		t.Errorf("again it is %s with %v", again.Project.Name, again.Project.Ports)
	}
	if err := os.RemoveAll(filepath.Join(other.dir, project.StateDir)); err != nil {
		t.Fatal(err)
	}
	if again := other.up(); again.Project.Name != "chat-feature" || again.Project.Ports["DEVBOX_WEB_PORT"] != port {
		t.Errorf("without its state folder it is %s with %v", again.Project.Name, again.Project.Ports)
	}
}

func TestANameThatIsAskedForAndTakenIsRefused(t *testing.T) {
	s := newScene(t)
	s.up()
	other := s.another("feature")
	env := other.env()
	env.Vars[project.VarProject] = "chat"
	_, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
	var namesake *NamesakeError
	if !errors.As(err, &namesake) || namesake.Dir != s.dir {
		t.Errorf("error %v", err)
	}
	env.Vars[project.VarProject] = "No Name"
	if _, err := env.Open(t.Context()); err == nil || !strings.Contains(err.Error(), `"No Name"`) {
		t.Errorf("error %v", err)
	}
}

// An environment from before names were claimed has only its containers.
func TestAnEarlierEnvironmentIsFoundAgain(t *testing.T) {
	s := newScene(t)
	s.up()
	if err := s.fake.RemoveVolume(t.Context(), claimVolume("chat")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, project.StateDir)); err != nil {
		t.Fatal(err)
	}
	other := s.another("feature")
	if d := other.up(); d.Project.Name != "chat-feature" {
		t.Errorf("another folder is %s", d.Project.Name)
	}
	before := len(s.fake.Did())
	if d := s.up(); d.Project.Name != "chat" {
		t.Errorf("the folder is %s", d.Project.Name)
	}
	if did := s.fake.Did()[before:]; !slices.Equal(did, []string{"create volume " + claimVolume("chat")}) {
		t.Errorf("the engine did %q", did)
	}
}

// What is left of one is a volume that names its folder.
func TestAnEarlierEnvironmentThatIsDownKeepsItsName(t *testing.T) {
	s := newScene(t)
	err := s.fake.CreateVolume(t.Context(), "chat_node_modules_x", map[string]string{engine.LabelProject: "chat", engine.LabelKey: "x", engine.LabelDir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	other := s.another("feature")
	if d := other.up(); d.Project.Name != "chat-feature" {
		t.Errorf("another folder is %s", d.Project.Name)
	}
	if d := s.up(); d.Project.Name != "chat" {
		t.Errorf("the folder is %s", d.Project.Name)
	}
}

func TestADerivedPortThatIsTakenMovesAndSaysSo(t *testing.T) {
	s := newScene(t)
	s.up()
	other := s.another("feature")
	d, err := other.converge(PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	port := d.Project.Ports["DEVBOX_WEB_PORT"]
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	moved := other.up().Project.Ports["DEVBOX_WEB_PORT"]
	if moved == port || moved == 0 {
		t.Errorf("the port is %d", moved)
	}
	said := other.has(1, Warned)[0]
	if !strings.Contains(said.Text, fmt.Sprint(port)) || !strings.Contains(said.Text, fmt.Sprintf("pid %d", os.Getpid())) || said.Port != moved {
		t.Errorf("it says %+v", said)
	}
	if kept := checkout.Kept(other.dir).Ports["DEVBOX_WEB_PORT"]; kept != moved {
		t.Errorf("kept is %d", kept)
	}
	env := other.env()
	if claims, err := env.claims(t.Context(), "chat-feature"); err != nil || len(claims) != 1 || claims[0].Ports["DEVBOX_WEB_PORT"] != moved {
		t.Errorf("the engine has %+v, %v", claims, err)
	}
}

func TestThePlainCheckoutsPortDoesNotMove(t *testing.T) {
	s := newScene(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	env := s.env()
	env.Vars["DEVBOX_WEB_PORT"] = fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	if _, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); !errors.Is(err, engine.ErrPortTaken) {
		t.Errorf("error %v", err)
	}
	// Nor does one that somebody has set, in another checkout.
	other := s.another("feature").env()
	other.Vars = env.Vars
	if _, err := other.Converge(t.Context(), project.Dev, PlanOptions{Start: true}); !errors.Is(err, engine.ErrPortTaken) {
		t.Errorf("error %v", err)
	}
}

func TestARenamedProjectLeavesNothingRunningUnderItsOldName(t *testing.T) {
	s := newScene(t)
	s.up()
	data, err := os.ReadFile(filepath.Join(s.dir, "devbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("devbox.yaml", strings.Replace(string(data), "name: chat", "name: talk", 1))
	if d := s.up(); d.Project.Name != "talk" {
		t.Errorf("it is called %s", d.Project.Name)
	}
	if list, _ := s.fake.Containers(t.Context(), "chat"); len(list) != 0 {
		t.Errorf("there are %d containers of the old name", len(list))
	}
	if s.hasVolume(claimVolume("chat")) {
		t.Error("the old name is still claimed, and has no data")
	}
	if said := s.has(1, Warned)[0]; !strings.Contains(said.Text, "was called chat") {
		t.Errorf("it says %+v", said)
	}
}

func TestBackingServicesOfASecondFolderHavePortsOfTheirOwn(t *testing.T) {
	const backed = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 0
    dev: node index.js
  db:
    use: postgres@15
    publish: 35432
  queue:
    compose:
      image: nats:2.11
      ports: ["34222:4222", "38222:8222"]
`
	s := newScene(t)
	s.write("devbox.yaml", backed)
	first := s.up()
	other := s.another("feature")
	other.write("devbox.yaml", backed)
	second := other.up()
	for _, service := range []string{"db", "queue"} {
		plain, linked := project.Published(first.Compose, service), project.Published(second.Compose, service)
		for i, port := range plain {
			if want := map[string][]int{"db": {35432}, "queue": {34222, 38222}}[service][i]; port.Host != want {
				t.Errorf("the first folder's %s has port %d, want %d", service, port.Host, want)
			}
			name, given := second.Project.PortVarOf(service, linked[i].Host, project.Dev)
			if linked[i].Host == port.Host || !given {
				t.Errorf("the second folder's %s has port %d by %s", service, linked[i].Host, name)
			}
		}
	}
	if n := len(second.Project.Ports); n != 3 {
		t.Errorf("the second folder has the ports %v", second.Project.Ports)
	}
}
