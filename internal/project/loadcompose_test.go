package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// renderedFolder is a folder with the rendered files of a model, and others.
func renderedFolder(t *testing.T, m *Model, facts RenderFacts, others map[string]string) string {
	t.Helper()
	root := folderWith(t, others)
	files, err := Render(m, facts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PlanWrite(nil, files).Apply(root); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(root.Name())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadComposeForDevelopment(t *testing.T) {
	dir := renderedFolder(t, expressModel(), npmLocked, nil)
	c, err := LoadCompose(t.Context(), dir, Dev, map[string]string{
		VarUID: "1234", VarGID: "567", VolumeVar("web"): "chat_web_node_modules_abc", PortVar("web"): "4000",
	})
	if err != nil {
		t.Fatal(err)
	}
	s := c.Services["web"]
	got := []string{
		c.Name, c.WorkingDir, s.Build.Context, s.Build.Target, s.Image, s.User, s.Volumes[0].Source, s.Volumes[1].Source,
		c.Volumes["web_node_modules"].Name, s.Ports[0].HostIP, s.Ports[0].Published, strings.Join(s.Command, " "),
	}
	want := []string{
		"chat", dir, dir, "dev", "chat-web:dev", "1234:567", dir, "web_node_modules",
		"chat_web_node_modules_abc", "127.0.0.1", "4000", "node index.js",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	labels := map[string]string{
		"com.docker.compose.project": "chat", "com.docker.compose.service": "web", "com.docker.compose.oneoff": "False",
		"com.docker.compose.project.working_dir":  dir,
		"com.docker.compose.project.config_files": filepath.Join(dir, ComposeFile),
	}
	if diff := cmp.Diff(labels, map[string]string(s.CustomLabels)); diff != "" {
		t.Error(diff)
	}
}

func TestLoadComposeForProduction(t *testing.T) {
	m := withWeb(func(s *Service) { s.Health = "/health" })
	dir := renderedFolder(t, m, npmLocked, map[string]string{"compose.override.yaml": "services: {web: {image: evil}}"})
	c, err := LoadCompose(t.Context(), dir, Prod, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Services["web"]
	if c.Name != "chat-prod" || s.Image != "chat-web:prod" || !s.ReadOnly || len(s.Volumes) > 0 || s.Restart != "unless-stopped" {
		t.Errorf("got %s with %+v", c.Name, s)
	}
	if check := s.HealthCheck.Test; check[0] != "CMD" || check[len(check)-1] != "/health" {
		t.Errorf("the health check is %q", check)
	}
}

func TestLoadComposeFillsInVariables(t *testing.T) {
	for _, test := range []struct {
		name   string
		dotEnv string
		env    map[string]string
		want   string // the published port
	}{
		{"the default", "", nil, "3000"},
		{"from .env", "DEVBOX_WEB_PORT=4000\n", nil, "4000"},
		{"the environment is over .env", "DEVBOX_WEB_PORT=4000\n", map[string]string{"DEVBOX_WEB_PORT": "5000"}, "5000"},
		{".env may build on the environment", "DEVBOX_WEB_PORT=${BASE}00\n", map[string]string{"BASE": "60"}, "6000"},
		{".env can be turned off", "DEVBOX_WEB_PORT=4000\n", map[string]string{"COMPOSE_DISABLE_ENV_FILE": "1"}, "3000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := renderedFolder(t, expressModel(), npmLocked, map[string]string{".env": test.dotEnv})
			c, err := LoadCompose(t.Context(), dir, Dev, test.env)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Services["web"].Ports[0].Published; got != test.want {
				t.Errorf("got port %s, want %s", got, test.want)
			}
		})
	}
}

// TestLoadComposeDoesNotReadThisProcess: the environment is a parameter.
func TestLoadComposeDoesNotReadThisProcess(t *testing.T) {
	t.Setenv("DEVBOX_WEB_PORT", "4000")
	t.Setenv("COMPOSE_FILE", "/nowhere.yaml")
	t.Setenv("COMPOSE_PROJECT_NAME", "evil")
	env := map[string]string{}
	c, err := LoadCompose(t.Context(), renderedFolder(t, expressModel(), npmLocked, nil), Dev, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "chat" || c.Services["web"].Ports[0].Published != "3000" || len(env) > 0 {
		t.Errorf("got %s, port %s, environment %v", c.Name, c.Services["web"].Ports[0].Published, env)
	}
}

func TestLoadComposeMergesTheOverride(t *testing.T) {
	dir := renderedFolder(t, expressModel(), npmLocked, map[string]string{
		"compose.override.yaml": "services:\n  web:\n    environment: {EXTRA: \"1\"}\n    volumes: [\"./more:/more\"]\n  db:\n    image: postgres:15\n",
	})
	c, err := LoadCompose(t.Context(), dir, Dev, nil)
	if err != nil {
		t.Fatal(err)
	}
	web := c.Services["web"]
	if len(c.Services) != 2 || len(web.Volumes) != 3 || web.Environment["EXTRA"] == nil || web.Environment["PORT"] == nil {
		t.Errorf("got %v", c.Services)
	}
	want := []string{filepath.Join(dir, ComposeFile), filepath.Join(dir, "compose.override.yaml")}
	if !slices.Equal(c.ComposeFiles, want) || web.CustomLabels["com.docker.compose.project.config_files"] != strings.Join(want, ",") {
		t.Errorf("the files are %v", c.ComposeFiles)
	}
}

func TestLoadComposeReportsWhatIsWrong(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	const exceeded = "exceeded max depth of 100"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no file", nil, `read Compose file "compose.yaml": no such file or directory`},
		{"broken YAML", map[string]string{ComposeFile: "a: [\n"}, `read Compose file "compose.yaml": `},
		{"an unknown word", map[string]string{ComposeFile: "name: a\nservices: {web: {image: a, prots: []}}\n"}, "load compose.yaml: "},
		{"no name", map[string]string{ComposeFile: "services: {web: {image: a}}\n"}, ""},
		{"nested deep", map[string]string{ComposeFile: "x: " + deep}, exceeded},
		{"nested deep behind quotes", map[string]string{ComposeFile: "x: " + strings.Repeat(`[ "]",`, 9000)}, exceeded},
		{"an override nested deep", map[string]string{ComposeFile: "name: a\nservices: {web: {image: a}}\n", "compose.override.yml": "x: " + deep}, `read Compose file "compose.override.yml": `},
		{"an included file nested deep", map[string]string{ComposeFile: "name: a\ninclude: [other.yaml]\n", "other.yaml": "x: " + deep}, `read Compose file "other.yaml": `},
		{"an extended file nested deep", map[string]string{ComposeFile: "name: a\nservices: {web: {extends: {file: other.yaml, service: web}}}\n", "other.yaml": "x: " + deep}, `read Compose file "other.yaml": `},
		{"too large", map[string]string{ComposeFile: "x: " + strings.Repeat("x", maxYAMLSize)}, "it is too large"},
		{"a .env that is too large", map[string]string{ComposeFile: "name: a\nservices: {web: {image: a}}\n", ".env": "X=" + strings.Repeat("x", maxYAMLSize)}, "read .env: "},
		{"a .env that is broken", map[string]string{ComposeFile: "name: a\nservices: {web: {image: a}}\n", ".env": "A\x00=\n"}, ".env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := folderWith(t, test.files).Name()
			started := time.Now()
			_, err := LoadCompose(t.Context(), dir, Dev, nil)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			// The walk through 9,000 levels would take more than half a minute.
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestPublishedPorts(t *testing.T) {
	m := withWeb(func(s *Service) { s.ComposeDev = map[string]any{"ports": []any{"9229", "0.0.0.0:81:80"}} })
	c, err := LoadCompose(t.Context(), renderedFolder(t, m, npmLocked, nil), Dev, map[string]string{PortVar("web"): "4000"})
	if err != nil {
		t.Fatal(err)
	}
	want := []PublishedPort{
		{Service: "web", HostIP: "127.0.0.1", Host: 4000, Container: 3000},
		{Service: "web", HostIP: "0.0.0.0", Host: 81, Container: 80},
	}
	if diff := cmp.Diff(want, Published(c, "web")); diff != "" {
		t.Error(diff)
	}
}

func TestComposeTakesBackWhatIsRendered(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join("testdata", "TestRender"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		for _, mode := range []Mode{Dev, Prod} {
			dir := filepath.Join("testdata", "TestRender", d.Name())
			if _, err := os.Stat(filepath.Join(dir, StandardFiles.Compose(mode))); err != nil {
				continue
			}
			if _, err := LoadCompose(t.Context(), dir, mode, nil); err != nil {
				t.Errorf("%s for %s: %v", d.Name(), mode, err)
			}
		}
	}
}
