package project

import (
	"slices"
	"strings"
	"testing"
)

func TestServicesThatTestAreNoApps(t *testing.T) {
	for _, c := range []struct {
		name    string
		words   map[string]any
		service string
		want    bool
	}{
		{"a script", map[string]any{"command": "yarn test"}, "x", true},
		{"a script with a flag", map[string]any{"command": []any{"npm", "run", "--silent", "test:e2e"}}, "x", true},
		{"a runner", map[string]any{"command": []any{"npx", "playwright", "test"}}, "web", true},
		{"by a shell", map[string]any{"command": []any{"sh", "-c", "npm ci && npm test"}}, "web", true},
		{"node's own", map[string]any{"command": "node --test src"}, "web", true},
		{"a runner's own port", map[string]any{"command": "vitest --ui", "ports": []any{"51204:51204"}}, "web", false},
		{"a server for tests", map[string]any{"command": "npm run test:serve"}, "web", false},
		{"an app of that name", map[string]any{"command": "npm start"}, "test", false},
		{"a name, no command", map[string]any{"build": map[string]any{"context": "."}}, "api-e2e", true},
		{"a runner by its name", map[string]any{"build": map[string]any{"context": "."}}, "test-runner", true},
		{"an app that integrates", map[string]any{"build": map[string]any{"context": "."}}, "integration-api", false},
		{"a database for tests", map[string]any{"image": "postgres:15"}, "test", false},
		{"an image", map[string]any{"image": "cypress/included:13"}, "browser", true},
		{"a name with a port", map[string]any{"ports": []any{"80:80"}}, "test", false},
		{"an app", map[string]any{"command": "node server.js"}, "latest", false},
		{"nothing said", map[string]any{}, "contest", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (UserService{Name: c.service, Words: c.words}).tests(); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	got, findings, err := adopted(t, map[string]string{
		"package.json": importedPackage, "server.js": "require('http').createServer().listen(4000)",
		"docker-compose.yml": "services:\n  test: {image: node:24, command: npm test, working_dir: /app, volumes: ['.:/app'], depends_on: [db]}\n" +
			"  db: {image: postgres:15, environment: {POSTGRES_PASSWORD: x}}\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const (
		want = "  web:\n    node: 24.21.0"
		said = "docker-compose.yml:2: it tests and ends, so it is left out; `devbox run` runs tests"
	)
	if !strings.Contains(got, want) || strings.Contains(got, "\n  test:") || !slices.ContainsFunc(findings, func(f Finding) bool { return f.What == "test" && f.Source == said }) {
		t.Errorf("%v\n%s", findings, got)
	}
	if offers := Offers(&Facts{Imports: &Imports{Compose: &UserCompose{Services: []UserService{{Name: "db"}}}}, Package: &PackageJSON{Dependencies: map[string]string{"redis": "5"}}}, nothing); len(offers) > 0 {
		t.Errorf("where a Compose file says what there is, it asks for %v", offers)
	}
}
