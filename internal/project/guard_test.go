package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a hostile or careless folder must not lead to.

func TestProgramsOfMembersAreOnlyPaths(t *testing.T) {
	const pkg = `{"name": "web", "bin": {"a": "my cli.js", "b": "x\nRUN evil", "c": "--from=image", "d": "$(id)", "e": "./dist/cli.js", "f": "../../out.js"}}`
	files := map[string]string{
		ModelFile: serviceIn("apps/web"), "package.json": `{"workspaces": ["apps/*"]}`, "package-lock.json": `{"lockfileVersion": 3, "packages": {"": {}}}`,
		"apps/web/package.json": pkg, "apps/web/x\nRUN evil": "", "apps/web/my cli.js": "", "apps/web/index.js": "",
	}
	before := dockerfileOf(t, projectOf(t, files))
	for _, words := range []string{"evil", "my cli", "--from=image", "id)", "out.js"} {
		if strings.Contains(before, words) {
			t.Errorf("%q is in the Dockerfile:\n%s", words, before)
		}
	}
	if !strings.Contains(before, "/app/apps/web/dist/cli.js") {
		t.Errorf("no stub for a program that is built later:\n%s", before)
	}
	files["apps/web/dist/cli.js"] = "#!/usr/bin/env node\n"
	if after := dockerfileOf(t, projectOf(t, files)); after != before {
		t.Errorf("a build changes the Dockerfile:\n%s", after)
	}
}

func dockerfileOf(t *testing.T, p *Project) string {
	t.Helper()
	files, err := p.Render()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name == DockerFile {
			return string(f.Data)
		}
	}
	t.Fatal("no Dockerfile is rendered")
	return ""
}

func TestVariablesOfADockerfileStayShort(t *testing.T) {
	text := "FROM node:24\nENV A=0123456789\n"
	for range 60 {
		text += "ENV A=$A$A\n"
	}
	text += "ENV B=" + strings.Repeat("$A", 10_000) + "\n"
	d, err := ParseDockerfile(DockerFile, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range d.Stages[0].Env {
		if size := len(e.Value[1]); size > 2*mostExpanded {
			t.Fatalf("line %d: a value of %d bytes", e.Line, size)
		}
	}
}

func TestSecretsOfADockerfileAreNotImported(t *testing.T) {
	text, findings, err := adopted(t, map[string]string{
		"package.json": importedPackage, "server.js": "require('http').createServer().listen(3000)",
		DockerFile: "FROM node:24\nWORKDIR /app\nENV DATABASE_URL=postgres://me:hush@host/db DB_PASS=hush MODE=fast\nCOPY . .\nRUN npm install\nCMD [\"node\", \"server.js\"]\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprint(findings); strings.Contains(text+said, "hush") || !strings.Contains(text, "MODE: fast") {
		t.Errorf("devbox.yaml:\n%s\nfindings: %s", text, said)
	}
}

func TestSecretsInComposesWordsAreMasked(t *testing.T) {
	m := mustLoad(t, `services:
  web:
    dev: node x
    compose: {environment: {API_TOKEN: hush, MODE: fast, URL: "${URL}"}, command: [a, --url=postgres://me:hush@db/x]}
  db:
    compose: {image: postgres, environment: [POSTGRES_PASSWORD=hush, TZ=UTC]}
compose: {x-auth: {SESSION_SECRET: hush}}
`, nil)
	text := string(m.Masked().YAML())
	if strings.Contains(text, "hush") || !strings.Contains(text, "MODE: fast") || !strings.Contains(text, "TZ=UTC") || !strings.Contains(text, "${URL}") {
		t.Errorf("masked:\n%s", text)
	}
	if !strings.Contains(string(m.YAML()), "POSTGRES_PASSWORD=hush") {
		t.Error("the model itself was changed")
	}
}

func TestNoImageIsMadeWithPasswords(t *testing.T) {
	p := projectOf(t, map[string]string{
		ModelFile: "services:\n  web:\n    dev: node x\n    secrets: {key: web/se*cret}\n", "web/se*cret": "",
	})
	if got, want := p.KeptOut(p.Dir), []string{".devbox", `web/se\*cret`}; !slices.Equal(got, want) {
		t.Errorf("of the folder: %q, want %q", got, want)
	}
	if got, want := p.KeptOut(filepath.Join(p.Dir, "web")), []string{`se\*cret`}; !slices.Equal(got, want) {
		t.Errorf("of a folder in it: %q, want %q", got, want)
	}
}

func TestAnEnvFileIsOneOfTheProject(t *testing.T) {
	p := openFolder(t, map[string]string{"private/tls": "x"})
	outside := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(outside, []byte("KEY=hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(p.Dir, ".env.dev")); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckEnvironment(Dev, nil, os.Getuid(), os.Getgid()); err == nil || !strings.Contains(err.Error(), "leads out of the project") {
		t.Errorf("a link out of the project: %v", err)
	}
}
