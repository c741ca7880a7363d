package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkReadsBack demands that loading what is written gives the same model.
func checkReadsBack(t *testing.T, m *Model) {
	t.Helper()
	data := m.YAML()
	got, err := Load(data, "another", nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if diff := cmp.Diff(m, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("(-written +read):\n%s\n%s", diff, data)
	}
	if again := got.YAML(); string(again) != string(data) {
		t.Fatalf("a second writing differs:\n%s\n%s", data, again)
	}
}

func TestYAMLIsWhatAPersonWouldWrite(t *testing.T) {
	m := &Model{Name: "chat", Lock: LockPolicies{Frozen, Frozen}, Services: []Service{{
		Name: "web", Node: "26.10.0", PackageManager: PackageManager{"npm", "11.21.2"}, Port: 3000,
		Dev: Command{"node", "index.js"}, Prod: Command{"node", "index.js"},
	}}}
	golden(t, "minimal.yaml", string(m.YAML()))
	checkReadsBack(t, m)
	m.Lock.Dev = Update
	m.Services[0].Dev = sh("PORT=3000 exec node --enable-source-maps src/index.js")
	m.Services[0].Build = Command{"npm", "run", "build"}
	m.Services[0].Prod = Command{"node", "-e", "a\nb"}
	m.Services[0].Health = "/healthz"
	m.Services[0].Environment = map[string]string{"LOG_LEVEL": "debug", "YES": "yes", "EMPTY": "", "HOME_OF": "${HOME}", "LINES": "a\nb"}
	m.Services[0].Watch.Ignore = []string{"data/", "*.log"}
	m.Services[0].Compose = map[string]any{
		"depends_on": []any{"db"}, "empty": map[string]any{}, "none": nil,
		"deploy": map[string]any{"replicas": 2, "resources": map[string]any{"cpus": 0.5, "whole": 2.0}},
		"lists":  []any{[]any{"a", true}, map[string]any{"b": "no"}, []any{}},
	}
	m.Services[0].ComposeProd = map[string]any{"init": false}
	m.Services = append(m.Services, Service{
		Name: "worker", Node: "24.21.0", PackageManager: PackageManager{"pnpm", "10.34.8"}, Dev: Command{"node", "worker.js"},
	})
	golden(t, "full.yaml", string(m.YAML()))
	checkReadsBack(t, m)
	m.Services[1].Dir = "apps/worker"
	m.Services[1].Needs = []string{"db", "mail"}
	m.Services[1].Migrate, m.Services[1].Seed = Command{"npx", "prisma", "migrate", "deploy"}, Command{"node", "seed.js"}
	m.Services[1].EnvFiles = EnvFiles{Dev: []string{".env"}, Prod: []string{"a, b.env"}}
	m.Services[1].Required = []string{"API_KEY"}
	m.Services[1].Secrets = map[string]string{"key": "secrets/key"}
	m.Services[1].BuildPackages, m.Services[1].SystemPackages = []string{"python3", "g++"}, []string{"openssl"}
	m.Services[1].Dockerfile = OwnDockerfile{File: "docker/Dockerfile", Context: ".", Dev: "development"}
	m.Services[0].Dockerfile = OwnDockerfile{File: "docker/Dockerfile", Context: "docker"}
	m.Services[0].EnvFiles = EnvFiles{Dev: []string{".env"}, Prod: []string{".env"}}
	m.Backing = []Backing{
		{Name: "db", Use: "postgres", Version: "15", Publish: 5432, Environment: map[string]string{"TZ": "UTC"}, ComposeProd: map[string]any{"mem_limit": "1g"}},
		{Name: "mail", Compose: map[string]any{"image": "axllent/mailpit"}},
	}
	m.Files = BesideFiles
	golden(t, "several.yaml", string(m.YAML()))
	checkReadsBack(t, m)
}

func TestYAMLReadsBackWhateverIsInIt(t *testing.T) {
	for _, text := range hostileTexts() {
		t.Run(quote(text), func(t *testing.T) { checkReadsBack(t, modelOf(text)) })
	}
}

// modelOf has a text in every place that can hold any text.
func modelOf(text string) *Model {
	return &Model{Name: "x", Lock: LockPolicies{Ignore, Ignore}, Services: []Service{{
		Name: "web", Node: "26.10.0", PackageManager: PackageManager{"bun", "1.4.5"}, Port: 1,
		Dev: Command{"node", text}, Build: Command{text + "x", ""}, Prod: Command{"/bin/sh", "-c", text},
		Environment: map[string]string{"A": text, "B": "x" + text},
		Compose:     map[string]any{"a": text, "b": []any{text, map[string]any{"c": text}}, "k" + key255(text): text},
	}}}
}

func key255(text string) string { return text[:min(len(text), 200)] }

func FuzzYAMLReadsBack(f *testing.F) {
	for _, text := range hostileTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !holdable(text) || !holdable(key255(text)) {
			return
		}
		checkReadsBack(t, modelOf(text))
	})
}

// FuzzLoad demands that a file is either refused with problems that can be
// printed, or gives a model that renders and reads back.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		exampleModel, in("prot: 1"), in("compose: {a: [1, 2.5, true, null, {b: 2026-11-21}]}"), in("environment: {A: yes, B: 1e3}"),
		"services: {a: &a {dev: x}, b: *a}", "services: {web: {dev: [a, b], prod: 'A=b c'}}", "lock: {dev: update}", "a: !!binary aGk=", "? a\n: b", "---\n...\n", "%YAML 1.2\n---\na: b",
		in("health: /x"), in("watch: {ignore: [a, 'b']}"), in("watch: {paths: [api/], ignore: [c]}"), "watch: {settle: 0.5s, ceiling: 2s, poll: true}\n" + in("port: 1"), in("dev: |\n      a\n      b"), in("compose-dev: {a: 0x10, b: 1_000, c: -0.0, d: 99999999999999999999}"),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Load(data, "app", nil)
		if err != nil {
			if text := strings.ReplaceAll(err.Error(), "\n", ""); strings.ContainsAny(text, "\x00\x1b\x07\u202e") {
				t.Fatalf("not safe to print: %q", text)
			}
			return
		}
		if err := checkRenderable(m); err != nil {
			t.Fatalf("%s\nloads, and then: %v", data, err)
		}
		checkReadsBack(t, m)
	})
}
