//go:build e2e

package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const importedServer = `const http = require('http'), net = require('net');
const reach = (host, port) => new Promise((done) => {
  const s = net.connect(port, host, () => { s.destroy(); done(host + ' answers'); });
  s.on('error', (e) => done(host + ': ' + e.message));
});
http.createServer(async (q, r) => {
  r.end(['one', process.env.MODE, await reach('db', 5432), await reach('cache', 6379)].join(', '));
}).listen(process.env.PORT);
`

// A project with a Dockerfile and a Compose file of its own is adopted without
// an edit; its files stay as they are.
func TestAProjectWithAComposeFileIsAdopted(t *testing.T) {
	w := newWorld(t)
	port := freePort(t)
	own := map[string]string{
		"package.json": `{"name": "shop", "version": "1.0.0", "main": "server.js", "scripts": {"start": "node server.js", "dev": "nodemon server.js"}}`,
		"Dockerfile":   "FROM node:24-alpine\nWORKDIR /usr/src/app\nENV MODE=imported\nCOPY package.json ./\nRUN npm install\nCOPY . .\nEXPOSE 8080\nCMD [\"npm\", \"start\"]\n",
		"docker-compose.yml": fmt.Sprintf(`services:
  web:
    build: .
    command: npm run dev
    ports: ["%d:8080"]
    volumes: [".:/usr/src/app", /usr/src/app/node_modules]
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started}
  cache:
    image: redis:7-bookworm
  db:
    image: postgres:15-bookworm
    environment: {POSTGRES_PASSWORD: own}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready, -U, postgres, -h, 127.0.0.1], interval: 1s, retries: 60}
volumes: {data: }
`, port),
		"server.js": importedServer,
	}
	for name, content := range own {
		w.write(name, content)
	}
	w.ok("init", "--yes", "--node", "24", "--name", w.name)
	w.ok("up", "--detach")
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	w.answers(url, "one, imported, db answers, cache answers")
	w.replace("server.js", "'one'", "'two'")
	w.answers(url, "two, imported")
	w.replace("server.js", "'two'", "'one'")
	for name, content := range own {
		if w.read(name) != content {
			t.Errorf("%s has changed:\n%s", name, w.read(name))
		}
	}
	w.ok("down", "--volumes")
	w.step("plain Compose runs the rendered file")
	compose := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "docker", append([]string{"compose", "-f", "devbox.compose.yaml"}, args...)...)
		cmd.Dir = w.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("docker compose %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	defer compose("down", "--volumes", "--rmi", "local")
	compose("up", "--detach", "--build")
	w.answers(url, "one, imported, db answers")
}

// A Dockerfile that does not fit into the model makes the images itself.
func TestAnOwnDockerfileMakesTheImages(t *testing.T) {
	w := newWorld(t)
	w.write("package.json", `{"name": "own", "version": "1.0.0", "main": "server.js", "scripts": {"start": "node server.js"}, "dependencies": {"is-number": "7.0.0"}}`)
	w.write("server.js", "const n = require('is-number'); require('http').createServer((q, r) => r.end(['one', n(5), process.env.TOOL].join(' '))).listen(process.env.PORT || 3000)\n")
	w.write("tool.sh", "echo tool > /tool\n")
	w.write("entry.sh", "#!/bin/sh\nTOOL=$(cat /tool) exec \"$@\"\n")
	w.write("Dockerfile", "FROM node:24.21.0-bookworm-slim AS dev\nCOPY tool.sh entry.sh /opt/\nRUN sh /opt/tool.sh && chmod 755 /opt/entry.sh\nENTRYPOINT [\"/opt/entry.sh\"]\nCMD [\"node\", \"server.js\"]\nFROM dev AS prod\nWORKDIR /srv\nCOPY . .\nRUN npm install\n")
	w.ok("init", "--yes", "--node", "24", "--name", w.name, "--port", fmt.Sprint(freePort(t)))
	if !strings.Contains(w.read("devbox.yaml"), "dockerfile:") {
		t.Fatalf("it is not used:\n%s", w.read("devbox.yaml"))
	}
	w.ok("up", "--detach")
	url := strings.TrimSpace(w.ok("url").stdout)
	w.answers(url, "one true tool")
	w.replace("server.js", "'one'", "'two'")
	w.eventually("the edit is seen", 20*time.Second, func() error {
		w.answers(url, "two true tool")
		return nil
	})
}

// What init says of a secret in clear works, when it is followed to the letter.
func TestASecretOfAComposeFileMovesIntoDotEnv(t *testing.T) {
	w := newWorld(t)
	port := freePort(t)
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	w.write("package.json", `{"name":"shop","private":true,"scripts":{"start":"node server.js"}}`)
	w.write("server.js", "require('http').createServer((q, r) => r.end(q.url + process.env.API_TOKEN)).listen(4000)")
	w.write("Dockerfile", "FROM node:26\nWORKDIR /app\nCOPY . .\nCMD node server.js\n")
	w.write("docker-compose.yml", fmt.Sprintf("services:\n  web:\n    build: .\n    ports: [\"%d:4000\"]\n    environment:\n      API_TOKEN: to$$ken\n", port))
	r := w.ok("init", "--yes", "--node", "26.10.0", "--name", w.name)
	if said := strings.Join(strings.Fields(r.stderr+r.stdout), " "); !strings.Contains(said, "docker-compose.yml:6: API_TOKEN stands in clear there") || !strings.Contains(said, "write ${API_TOKEN} in place of the value in both files") {
		t.Fatalf("init says %s", said)
	}
	w.ok("up", "--detach")
	w.answers(url, "/to$ken")
	for _, file := range []string{"docker-compose.yml", "devbox.yaml"} {
		w.replace(file, "to$$ken", "${API_TOKEN}")
	}
	w.write(".env", "API_TOKEN='to$ken'\n")
	w.ok("up", "--detach")
	w.answersNow(url+"/x", "/xto$ken")
	if strings.Contains(w.read("devbox.compose.yaml"), "ken") {
		t.Error("it is in the rendered file")
	}
}
