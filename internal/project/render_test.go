package project

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// expressModel is the smallest model that does something.
func expressModel() *Model {
	return &Model{Name: "chat", Services: []Service{expressService("web", 3000)}, Lock: LockPolicies{Dev: Frozen, Prod: Frozen}}
}

func expressService(name string, port int) Service {
	return Service{
		Name: name, Node: "26.10.0", PackageManager: PackageManager{Name: "npm", Version: "11.21.2"}, Port: port,
		Dev: Command{"node", "index.js"}, Prod: Command{"node", "index.js"},
	}
}

// withWeb is the express model with its only service changed.
func withWeb(change func(*Service)) *Model {
	m := expressModel()
	change(&m.Services[0])
	return m
}

// withTwoServices is a model whose services need the same image.
func withTwoServices(change func(web, worker *Service)) *Model {
	m := expressModel()
	m.Services = append(m.Services, expressService("worker", 0))
	m.Services[1].Dev, m.Services[1].Prod = Command{"node", "worker.js"}, Command{"node", "worker.js"}
	change(&m.Services[0], &m.Services[1])
	return m
}

func withManager(name, version string) *Model {
	return withWeb(func(s *Service) { s.PackageManager = PackageManager{Name: name, Version: version} })
}

var npmLocked = RenderFacts{PackageJSON: true, Lock: "package-lock.json"}

func TestRender(t *testing.T) {
	twoNodes := expressModel()
	twoNodes.Services = append(twoNodes.Services, expressService("old", 3001))
	twoNodes.Services[1].Node = "24.21.0"
	unlocked := expressModel()
	unlocked.Lock = LockPolicies{Dev: Ignore, Prod: Frozen}
	updating := expressModel()
	updating.Lock = LockPolicies{Dev: Update, Prod: Frozen}

	members := []Member{
		{Dir: "apps/web", Files: []File{{Name: "package.json"}}},
		{Dir: "apps/worker", Files: []File{{Name: "package.json"}}},
		{Dir: "packages/cli", Files: []File{{Name: "package.json"}, {Name: "index.js"}}, Bins: []string{"bin/cli.js", "dist/build.js"}},
	}

	for _, test := range []struct {
		name  string
		model *Model
		facts RenderFacts
	}{
		{"express with a lock", expressModel(), npmLocked},
		{"express with native packages", withWeb(func(s *Service) {
			s.Build = Command{"npm", "run", "build"}
			s.BuildPackages, s.SystemPackages = []string{"g++", "make", "python3"}, []string{"openssl"}
		}), npmLocked},
		{"express without a lock", expressModel(), RenderFacts{PackageJSON: true}},
		{"a shrinkwrap and an npmrc", expressModel(), RenderFacts{PackageJSON: true, Lock: "npm-shrinkwrap.json", Npmrc: true}},
		{"no package json", expressModel(), RenderFacts{}},
		{"a lock that development ignores", unlocked, npmLocked},
		{"a lock that development may change", updating, npmLocked},
		{"install scripts of its own", expressModel(), RenderFacts{PackageJSON: true, Lock: "package-lock.json", WholeFolder: true}},
		{"a build", withWeb(func(s *Service) {
			s.Build, s.Prod = Command{"npm", "run", "build"}, Command{"node", "dist/index.js"}
		}), npmLocked},
		{"two services share an image", withTwoServices(func(*Service, *Service) {}), npmLocked},
		{"two versions of node", twoNodes, npmLocked},
		{"no port", withWeb(func(s *Service) { s.Port = 0 }), npmLocked},
		{"no prod command", withWeb(func(s *Service) { s.Prod = nil }), npmLocked},
		{"a health path", withWeb(func(s *Service) { s.Health = "/health?full=1" }), npmLocked},
		{"an environment", withWeb(func(s *Service) {
			s.Environment = map[string]string{"GREETING": `it's $5 for "you"`, "FLAG": "yes", "EMPTY": "", "NODE_ENV": "test"}
		}), npmLocked},
		{"words of compose", withWeb(func(s *Service) {
			s.Compose = map[string]any{
				"volumes":     []any{"uploads:/data", "./config:/config:ro"},
				"environment": map[string]any{"DATABASE_URL": "postgres://${DB_HOST:-db}/chat", "LEVEL": 3},
				"networks":    []any{"back"},
			}
			s.ComposeDev = map[string]any{"command": "node --inspect=0.0.0.0 index.js", "ports": []any{"127.0.0.1:9229:9229"}, "cap_add": []any{"SYS_PTRACE"}}
			s.ComposeProd = map[string]any{"restart": "always", "deploy": map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": "256M"}}}}
		}), npmLocked},
		{"a build of its own", withTwoServices(func(web, worker *Service) {
			worker.ComposeDev = map[string]any{"build": map[string]any{"args": map[string]any{"DEBUG": "1"}}}
			web.ComposeProd = map[string]any{"image": "registry.example/chat:1"}
		}), npmLocked},
		{"yarn classic", withManager("yarn", "1.22.22"), RenderFacts{PackageJSON: true, Lock: "yarn.lock"}},
		{"pnpm with a hash", withManager("pnpm", "9.15.4"), RenderFacts{PackageJSON: true, Lock: "pnpm-lock.yaml", Pinned: "pnpm@9.15.4+sha512.b2dc20e2fc72b3e18848459b37359a32064663e5627a51e4c74b2c29dd8e8e0491483c3abb40789cfd578bf362fb6ba8261b05f0387d76792ed6e23ea3b1b6a0"}},
		{"yarn berry with a hash", withManager("yarn", "4.6.0"), RenderFacts{PackageJSON: true, Lock: "yarn.lock", Pinned: "yarn@4.6.0+sha224.953c8233f7a92884eee2de69a1b92d1f2ec1655e66d08071ba9a02fa"}},
		{"a hash of another version", withManager("pnpm", "9.15.5"), RenderFacts{PackageJSON: true, Lock: "pnpm-lock.yaml", Pinned: "pnpm@9.15.4+sha224.953c8233f7a92884eee2de69a1b92d1f2ec1655e66d08071ba9a02fa"}},
		{"yarn berry", withManager("yarn", "4.10.3"), RenderFacts{PackageJSON: true, Lock: "yarn.lock", Settings: []string{".yarnrc.yml"}}},
		{"yarn before 4", withManager("yarn", "3.8.7"), RenderFacts{
			PackageJSON: true, Lock: "yarn.lock", Members: []Member{{Dir: "packages/lib", Files: []File{{Name: "package.json"}}}},
		}},
		{"pnpm", withManager("pnpm", "10.20.0"), RenderFacts{PackageJSON: true, Lock: "pnpm-lock.yaml", Settings: []string{"pnpm-workspace.yaml"}}},
		{"bun", withManager("bun", "1.3.2"), RenderFacts{PackageJSON: true, Lock: "bun.lock"}},
		{"a workspace", withTwoServices(func(web, worker *Service) {
			web.Dir, worker.Dir = "apps/web", "apps/worker"
			web.Build, web.Prod = Command{"npm", "run", "build"}, Command{"node", "dist/index.js"}
		}), RenderFacts{PackageJSON: true, Lock: "package-lock.json", Members: members}},
		{
			"a workspace with install scripts", withTwoServices(func(web, worker *Service) { web.Dir, worker.Dir = "apps/web", "apps/worker" }),
			RenderFacts{PackageJSON: true, Lock: "package-lock.json", WholeFolder: true, Members: members},
		},
		{"packages of their own", withTwoServices(func(web, worker *Service) { web.Dir, worker.Dir = "web", "jobs/worker" }), RenderFacts{
			PackageJSON: true, Lock: "package-lock.json", Dir: "web", Services: []string{"web"}, Others: []RenderFacts{{
				PackageJSON: true, Lock: "package-lock.json", Npmrc: true, Dir: "jobs/worker", Services: []string{"worker"},
				Members: []Member{{Dir: "shared", Files: []File{{Name: "package.json"}}}},
			}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files, err := Render(test.model, test.facts)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if author(f.Data) != ours {
					t.Errorf("%s does not say that devbox made it", f.Name)
				}
				if f.Name != IgnoreFile { // which is the same for all
					golden(t, strings.ReplaceAll(test.name, " ", "-")+"/"+f.Name, string(f.Data))
				}
			}
		})
	}
}

func TestRenderIgnoreFile(t *testing.T) {
	golden(t, IgnoreFile, ignoreRules)
}

func TestRenderGivesTheSameBytesEveryTime(t *testing.T) {
	m := withWeb(func(s *Service) {
		s.Environment = map[string]string{"A": "1", "B": "2", "C": "3", "D": "4", "E": "5"}
		s.Compose = map[string]any{"environment": []any{"F=6", "A=7"}, "labels": map[string]any{"x": "1", "y": "2", "z": "3"}}
	})
	var first string
	for range 20 {
		files, err := Render(m, npmLocked)
		if err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprintf("%s", files)
		if first == "" {
			first = all
		}
		if all != first {
			t.Fatalf("one run gives\n%s\nand another\n%s", first, all)
		}
	}
}

// TestRenderLeavesTheModelAlone: merging works in place, on copies.
func TestRenderLeavesTheModelAlone(t *testing.T) {
	m := withWeb(func(s *Service) {
		s.Compose = map[string]any{"volumes": []any{"data:/data"}, "build": map[string]any{"args": map[string]any{"A": "1"}}}
	})
	before := fmt.Sprint(m.Services[0].Compose)
	if _, err := Render(m, npmLocked); err != nil {
		t.Fatal(err)
	}
	if after := fmt.Sprint(m.Services[0].Compose); after != before {
		t.Errorf("compose is %s now, and was %s", after, before)
	}
}

func TestRenderRefusesWhatAFileCannotHold(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(m *Model)
		want   string
	}{
		{"a project name with a new line", func(m *Model) { m.Name = "chat\nRUN id" }, `project name "chat\nRUN id"`},
		{"a project name with a dot", func(m *Model) { m.Name = "my.app" }, `project name "my.app"`},
		{"no services", func(m *Model) { m.Services = nil }, "has no services"},
		{"the same service twice", func(m *Model) { m.Services = append(m.Services, m.Services[0]) }, `service "web" is there twice`},
		{"a service name in capitals", func(m *Model) { m.Services[0].Name = "Web" }, `service "Web": use at most 63 lower-case letters`},
		{"services whose variables clash", func(m *Model) {
			m.Services = []Service{expressService("a-b", 1), expressService("a.b", 2)}
		}, `services "a-b" and "a.b" would share the variable DEVBOX_A_B_NODE_MODULES`},
		{"a port variable like another's production port", func(m *Model) {
			m.Services = []Service{expressService("web", 1), expressService("web-prod", 2)}
		}, `would share the variable DEVBOX_WEB_PROD_PORT`},
		{"a range of node versions", func(m *Model) { m.Services[0].Node = "^26" }, `node "^26": use an exact version`},
		{"a node version with an instruction", func(m *Model) { m.Services[0].Node = "26.10.0\nRUN id" }, "use an exact version"},
		{"a package manager without its exact version", func(m *Model) { m.Services[0].PackageManager.Version = "latest" }, `package manager "npm@latest"`},
		{"an unknown package manager", func(m *Model) { m.Services[0].PackageManager.Name = "ied" }, `unknown package manager "ied"`},
		{"a port that does not exist", func(m *Model) { m.Services[0].Port = 70000 }, "port 70000"},
		{"a health path with a space", func(m *Model) { m.Services[0].Health = "/a b" }, `health "/a b"`},
		{"a health path that is an option", func(m *Model) { m.Services[0].Health = "--eval" }, `health "--eval"`},
		{"no dev command", func(m *Model) { m.Services[0].Dev = nil }, "it has no dev command"},
		{"a zero byte in a command", func(m *Model) { m.Services[0].Prod = Command{"a\x00b"} }, `command word "a\x00b" cannot be an argument`},
		{"bytes that are no text", func(m *Model) { m.Services[0].Environment = map[string]string{"A": "\xff"} }, `environment variable "A"="\xff" cannot be set`},
		{"an equals sign in the name of a variable", func(m *Model) { m.Services[0].Environment = map[string]string{"A=B": "c"} }, `environment variable "A=B"`},
		{"an unknown word of Compose", func(m *Model) { m.Services[0].ComposeDev = map[string]any{"prots": []any{"1:1"}} }, `"compose-dev" of service "web" in devbox.yaml`},
		{"a variable that is not closed", func(m *Model) { m.Services[0].Compose = map[string]any{"labels": map[string]any{"a": "${"}} }, "invalid interpolation format"},
		{"a service that is not there", func(m *Model) { m.Services[0].Compose = map[string]any{"depends_on": []any{"db"}} }, `depends on undefined service "db"`},
		{"a wrong type for Compose", func(m *Model) { m.Services[0].ComposeProd = map[string]any{"ports": "3000"} }, `render compose.prod.yaml`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := expressModel()
			test.change(m)
			_, err := Render(m, npmLocked)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestRenderDoesNotNeedTheVariables: they are set when the files are used.
func TestRenderDoesNotNeedTheVariables(t *testing.T) {
	for name, words := range map[string]map[string]any{
		"a variable that must be set": {"environment": map[string]any{"PASSWORD": "${PASSWORD:?set it in .env}"}},
		"a number":                    {"deploy": map[string]any{"replicas": "${REPLICAS}"}},
		"one with and without":        {"environment": []any{"A=${A:-1}", "B=${A}"}},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := Render(withWeb(func(s *Service) { s.Compose = words }), npmLocked)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files[2:] {
				if !bytes.Contains(f.Data, []byte("${")) {
					t.Errorf("%s has no variable:\n%s", f.Name, f.Data)
				}
			}
		})
	}
}

// TestRenderPassesOverUnknownSettings: a fact cannot put a name into the Dockerfile.
func TestRenderPassesOverUnknownSettings(t *testing.T) {
	facts := npmLocked
	facts.Settings = []string{"evil\nRUN id", "bunfig.toml"}
	facts.Lock = "package-lock.json\nRUN id"
	files, err := Render(expressModel(), facts)
	if err != nil {
		t.Fatal(err)
	}
	if d := files[0].Data; bytes.Contains(d, []byte("RUN id")) || !bytes.Contains(d, []byte("package.json bunfig.toml ./")) {
		t.Errorf("the Dockerfile is\n%s", d)
	}
}

func TestVariablesOfAService(t *testing.T) {
	got := []string{VolumeVar("my-web.2"), PortVar("my-web.2"), ProdPortVar("web")}
	want := []string{"DEVBOX_MY_WEB_2_NODE_MODULES", "DEVBOX_MY_WEB_2_PORT", "DEVBOX_WEB_PROD_PORT"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEveryManagerHasACommandForEveryPolicy(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(managers)) {
		for _, policy := range []LockPolicy{Frozen, Update, Ignore} {
			dev, prod := managers[name].install(policy, false, false), managers[name].install(policy, true, false)
			if dev == "" || dev == prod {
				t.Errorf("%s, %s: installs by %q for development and %q for production", name, policy, dev, prod)
			}
		}
	}
}

func TestComposeLooksOnlyAtRenderedFilesThatAreNew(t *testing.T) {
	m := withWeb(func(s *Service) { s.Compose = map[string]any{"depends_on": []any{"db"}} })
	if _, err := renderUnlike(m, npmLocked, func(File) bool { return false }); err == nil {
		t.Error("a new file that Compose does not take was not looked at")
	}
	if _, err := renderUnlike(m, npmLocked, func(File) bool { return true }); err != nil {
		t.Errorf("a known file was looked at: %v", err)
	}
}

func TestAProjectWithoutProductionSaysSo(t *testing.T) {
	p := projectOf(t, map[string]string{ModelFile: strings.Replace(serviceIn("."), "node index.js", "vite", 1), "package.json": "{}"})
	for _, load := range []func(context.Context, Mode, map[string]string) (*Compose, error){p.LoadCompose, p.LoadComposeBare} {
		if _, err := load(t.Context(), Prod, nil); err == nil || !strings.Contains(err.Error(), "no service has a `prod` command") {
			t.Errorf("got %v", err)
		}
	}
}
