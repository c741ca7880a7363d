package project

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// adopted is what init makes of a folder: its devbox.yaml, and what it says.
func adopted(t *testing.T, files map[string]string, o ImportOptions) (string, []Finding, error) {
	t.Helper()
	root := folderWith(t, files)
	facts, err := DetectAll(root.FS())
	if err != nil {
		t.Fatal(err)
	}
	if facts.Imports, err = ReadImports(root, facts, o); err != nil {
		return "", nil, err
	}
	m, findings, err := InitModel(facts, Choices{Folder: "shop", Node: "24", Port: -1})
	if err != nil {
		return "", nil, err
	}
	data := m.YAML()
	if _, err := Load(data, "shop", facts); err != nil {
		t.Errorf("what init writes cannot be read: %v\n%s", err, data)
	}
	return string(data), findings, nil
}

const importedPackage = `{"name": "shop", "main": "server.js", "scripts": {"start": "node server.js"}, "dependencies": {"pg": "8.0.0"}}`

func TestAComposeFileIsImported(t *testing.T) {
	got, findings, err := adopted(t, map[string]string{
		"web/package.json": `{"name": "web", "scripts": {"start": "node server.js", "watch": "nodemon server.js"}}`,
		"web/server.js":    "require('http').createServer().listen(process.env.PORT || 4000)",
		"web/Dockerfile": "FROM node:24-alpine AS dev\nRUN apk add --no-cache openssl build-base tini\nWORKDIR /srv/app\n" +
			"ENV LOG=debug API_TOKEN=abc\nCOPY package.json .\nRUN npm ci\nENTRYPOINT [\"/sbin/tini\", \"--\"]\nCMD [\"npm\", \"start\"]\n" +
			"FROM nginx:1\nCOPY --from=dev /srv/app/public /usr/share/nginx/html\n",
		"docker-compose.yml": `version: "3"
services:
  web:
    build: {context: ./web, target: dev}
    command: npm run watch
    container_name: shop-web
    ports: ["8080:80", "9229:9229"]
    environment: {MODE: fast, TAG: "${TAG:-none}", PASSED: }
    env_file: [web/dev.env]
    depends_on: [cache]
    secrets: [key]
    volumes: [./web:/srv/app, /srv/app/node_modules, "uploads:/srv/app/uploads", "./certs:/certs:ro"]
    healthcheck: {test: [CMD, curl, "http://localhost:80/up"]}
  cache:
    image: redis:7-bookworm
    container_name: shop-cache
    volumes: [data:/data]
  tools: {image: alpine, profiles: [tools]}
volumes: {data: , uploads: {driver_opts: {type: none}}}
secrets: {key: {file: ./key.txt}}
`,
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "devbox.yaml", got)
	var lines []string
	for _, f := range findings {
		lines = append(lines, f.String())
	}
	golden(t, "findings.txt", strings.Join(lines, "\n")+"\n")
}

func TestADockerfileThatDoesNotFitIsUsedAsItIs(t *testing.T) {
	for _, test := range []struct{ name, dockerfile, want string }{
		{"another base", "FROM ubuntu:24.04\nCMD [\"node\", \"server.js\"]\n", "    dockerfile: Dockerfile\n"},
		{"a stage for development", "FROM node:24 AS base\nRUN ./install-tools.sh\nFROM base AS dev\nFROM base\n", "    dockerfile:\n      file: Dockerfile\n      context: \".\"\n      dev: dev\n"},
		{"files of another image", "FROM node:24\nCOPY --from=golang:1 /usr/local/go /go\n", "    dockerfile: Dockerfile\n"},
		{"nginx before a build", "FROM node:24 AS build\nRUN npm ci && npm run build\nFROM nginx\nCOPY --from=build /x /y\n", ""},
		{"a simple one", "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev && rm -rf /tmp/*\nUSER node\nCMD npm start\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := adopted(t, map[string]string{"package.json": importedPackage, "Dockerfile": test.dockerfile}, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" && strings.Contains(got, "dockerfile:") || !strings.Contains(got, test.want) || !strings.Contains(got, "files: beside") {
				t.Errorf("want %q in\n%s", test.want, got)
			}
		})
	}
}

func TestAnAppFindsTheDatabaseOfTheComposeFile(t *testing.T) {
	got, _, err := adopted(t, map[string]string{
		"package.json": importedPackage,
		"server.js":    "connect(process.env.DATABASE_URL)",
		"compose.yml":  "services:\n  pg:\n    image: postgres:15-bookworm\n    environment: {POSTGRES_PASSWORD: \"${PW}\", POSTGRES_DB: shop}\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"needs: [pg]", `DATABASE_URL: "postgresql://postgres:${PW}@pg:5432/shop"`, "image: postgres:15-bookworm"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "use: ") {
		t.Errorf("a second database:\n%s", got)
	}
}

func TestThePasswordOfAnImportedDatabaseIsReferredTo(t *testing.T) {
	const secret, want = "hush4711", `DATABASE_URL: "postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@pg:5432/shop"`
	for name, words := range map[string]string{
		"by a variable":            "environment: {POSTGRES_USER: \"${POSTGRES_USER}\", POSTGRES_PASSWORD: \"${POSTGRES_PASSWORD}\", POSTGRES_DB: shop}",
		"handed through":           "environment: [POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB=shop]",
		"by the file":              "environment: {POSTGRES_DB: shop}\n    env_file: .env",
		"by the file among others": "environment: {POSTGRES_DB: shop}\n    env_file: [{path: other.env, required: false}, ./.env]",
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := adopted(t, map[string]string{
				"package.json": importedPackage,
				"server.js":    "connect(process.env.DATABASE_URL)",
				".env":         "POSTGRES_USER=shop\nPOSTGRES_PASSWORD=" + secret + "\n",
				"compose.yml":  "services:\n  pg:\n    image: postgres:15-bookworm\n    " + words + "\n",
			}, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, want) || strings.Contains(got, secret) {
				t.Errorf("want %s, and no password, in\n%s", want, got)
			}
		})
	}
}

func TestAComposeFileThatComposeRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"broken YAML", "services:\n  web: [\n", "docker-compose.yml:3"},
		{"an unknown word", "services:\n  web:\n    image: a\n    prots: []\n", "docker-compose.yml:4"},
		{"no mapping", "- a\n", "docker-compose.yml:1"},
		{"a name that devbox.yaml cannot have", "services:\n  Web:\n    image: a\n", "docker-compose.yml:2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"package.json": importedPackage, "docker-compose.yml": test.file}
			if _, _, err := adopted(t, files, ImportOptions{}); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if _, _, err := adopted(t, files, ImportOptions{IgnoreCompose: true}); err != nil {
				t.Errorf("left out of account: %v", err)
			}
		})
	}
}

func TestComposesFirstFormatIsRead(t *testing.T) {
	got, _, err := adopted(t, map[string]string{
		"package.json": importedPackage, "Dockerfile": "FROM node:24\n",
		"docker-compose.yml": "chat:\n  build: .\n  ports: ['3000:3000']\n",
	}, ImportOptions{})
	if err != nil || !strings.Contains(got, "  chat:\n") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestAProcfileHasServices(t *testing.T) {
	got, _, err := adopted(t, map[string]string{
		"package.json": importedPackage, "worker.js": "",
		"Procfile": "web: npm start\nworker: node worker.js\nrelease: node migrate.js\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  worker:\n", "dev: node worker.js", "migrate: node migrate.js"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestAnIgnoreFileThatHidesWhatABuildNeeds(t *testing.T) {
	got, _, err := adopted(t, map[string]string{"package.json": importedPackage, ".dockerignore": "*.json\n"}, ImportOptions{})
	if err != nil || !strings.Contains(got, "files: beside") {
		t.Errorf("%v\n%s", err, got)
	}
	got, _, err = adopted(t, map[string]string{"package.json": importedPackage, ".dockerignore": "docs\n"}, ImportOptions{})
	if err != nil || strings.Contains(got, "files:") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestAnOwnDockerfileLeavesNothingToBuild(t *testing.T) {
	got, findings, err := adopted(t, map[string]string{
		"package.json": `{"scripts": {"dev": "nest start --watch", "build": "nest build", "start:prod": "node dist/main"}, "dependencies": {"sqlite3": "5", "@prisma/client": "6"}}`,
		"Dockerfile":   "FROM ubuntu:24.04\nCMD [\"node\", \"dist/main\"]\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"build", "prod", "build-packages", "system-packages"} {
		if strings.Contains(got, "    "+what+":") || about(what, findings) != "" {
			t.Errorf("%s is there: %s\n%s", what, about(what, findings), got)
		}
	}
}

func TestFilesBeside(t *testing.T) {
	m := expressModel()
	m.Files = BesideFiles
	files, err := Render(m, npmLocked)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if f.Name == "devbox.compose.yaml" && !strings.Contains(string(f.Data), "dockerfile: devbox.Dockerfile") {
			t.Errorf("it is built from another file:\n%s", f.Data)
		}
	}
	want := []string{"devbox.Dockerfile", "devbox.Dockerfile.dockerignore", "devbox.compose.yaml", "devbox.compose.prod.yaml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestAnOwnDockerfileIsBuiltFrom(t *testing.T) {
	m := expressModel()
	m.Services[0].Dockerfile = OwnDockerfile{File: "docker/app.Dockerfile", Context: ".", Dev: "development"}
	m.Services[0].Prod = nil
	files, err := Render(m, npmLocked)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		golden(t, strings.TrimPrefix(f.Name, "."), string(f.Data))
	}
	if _, err := os.Stat("testdata/" + t.Name() + "/Dockerfile"); err == nil {
		t.Error("there is a Dockerfile that nothing is built from")
	}
}
