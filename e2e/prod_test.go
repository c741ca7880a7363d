//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// newMigrated is an app with PostgreSQL whose migrations are those of a tool that
// only development installs.
func newMigrated(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	port := w.ownPort()
	w.write("package.json", `{
  "name": "migrated",
  "private": true,
  "scripts": {"migrate": "node-pg-migrate up"},
  "dependencies": {"pg": "8.16.3"},
  "devDependencies": {"node-pg-migrate": "8.0.3"}
}
`)
	w.write("migrations/1700000000000_notes.js", "exports.up = (pgm) => { pgm.createTable('notes', { id: 'id', text: 'text' }); pgm.sql(\"insert into notes (text) values ('one')\"); };\n")
	w.write("index.js", `const http = require('node:http');
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
http.createServer((req, res) => {
  pool.query('select count(*)::int as n from notes').then(({ rows }) => res.end('notes=' + rows[0].n), (error) => res.end(String(error)));
}).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));
`)
	w.write("devbox.yaml", fmt.Sprintf(`name: %s
services:
  web:
    node: 24.21.0
    package-manager: npm@11.21.2
    port: 3000
    dev: node index.js
    prod: node index.js
    needs: [db]
    migrate: npm run migrate
  db:
    use: postgres@15
lock: {dev: frozen, prod: frozen}
`, w.name))
	return w, fmt.Sprintf("http://127.0.0.1:%d", port)
}

// The tool of a migration is a development dependency: production migrates in an
// image that has it, and the app runs in one that has not.
func TestProductionMigratesByAToolOfDevelopment(t *testing.T) {
	w, url := newMigrated(t)
	w.ok("update")

	w.step("devbox builds both images and migrates")
	r := w.ok("prod", "up")
	if !strings.Contains(r.stderr, "migrated in") {
		t.Errorf("it does not say that it migrated:\n%s", r.stderr)
	}
	w.answers(url, "notes=1")
	app, step := w.container(w.name+"-prod", "web"), w.container(w.name+"-prod", "web-migrate")
	if step.Config.Image == app.Config.Image || step.Config.User != "node" || !step.HostConfig.ReadonlyRootfs {
		t.Errorf("the migration ran in %s as %q, read-only %v", step.Config.Image, step.Config.User, step.HostConfig.ReadonlyRootfs)
	}
	for image, want := range map[string]string{app.Config.Image: "no", step.Config.Image: "yes"} {
		if got := w.hasTool(image); got != want {
			t.Errorf("does %s have the tool: %s, want %s", image, got, want)
		}
	}

	w.step("a start with nothing to do does not migrate again; a new migration does")
	if r := w.ok("prod", "up"); strings.Contains(r.stderr, "migrated in") {
		t.Errorf("it migrated again:\n%s", r.stderr)
	}
	w.write("migrations/1700000000001_more.js", "exports.up = (pgm) => pgm.sql(\"insert into notes (text) values ('two')\");\n")
	w.ok("prod", "up")
	w.answers(url, "notes=2")
	password := "DEVBOX_DB_PASSWORD=" + w.password("prod", "db")
	w.ok("prod", "down", "--volumes")

	w.step("plain Compose does the same, from nothing")
	if err := exec.Command("docker", "compose", "version").Run(); err != nil {
		t.Skip("no Compose plugin here")
	}
	w.removeImages()
	compose := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "docker", append([]string{"compose", "-f", "compose.prod.yaml"}, args...)...)
		cmd.Dir, cmd.Env = w.dir, append(append(os.Environ(), w.env...), password)
		out, err := cmd.CombinedOutput()
		w.note(fmt.Sprintf("$ docker compose %s\n%s", strings.Join(args, " "), out))
		if err != nil {
			t.Fatalf("docker compose %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	compose("up", "--detach")
	w.answers(url, "notes=2")
	compose("down", "--volumes")
}

// hasTool says yes or no: whether an image has the tool of the migration.
func (w *world) hasTool(image string) string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "docker", "run", "--rm", "--network", "none", image,
		"sh", "-c", "command -v node-pg-migrate >/dev/null && echo yes || echo no").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// What keeps production from starting is said before minutes go into a build.
func TestWhatStandsInTheWayIsSaidBeforeABuild(t *testing.T) {
	w := newWorld(t)
	w.ownPort()
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)

	w.step("an image that is nowhere, in development and in production")
	model := w.read("devbox.yaml")
	w.replace("devbox.yaml", "services:\n", "services:\n  search:\n    compose: {image: \"127.0.0.1:9/nothing:1\"}\n")
	for _, args := range [][]string{{"up", "--detach", "--no-watch"}, {"prod", "up"}} {
		if r := w.fails(6, `service "search": pull image "127.0.0.1:9/nothing:1": image not found`, args...); strings.Contains(r.stderr, "built in") {
			t.Errorf("something was built first:\n%s", r.stderr)
		}
	}
	w.write("devbox.yaml", strings.Replace(model, "node: ", "node: 99.9.9 # ", 1))
	for _, args := range [][]string{{"up", "--detach", "--no-watch"}, {"prod", "up"}} {
		w.fails(6, "base image of service", args...)
	}
	w.write("devbox.yaml", model)

	w.step("the project's own development environment has the port")
	w.ok("up", "--detach", "--no-watch")
	r := w.fails(7, "this project's development environment", "prod", "up")
	if !strings.Contains(r.stderr, "`devbox down`") || !strings.Contains(r.stderr, "DEVBOX_WEB_PROD_PORT=") || strings.Contains(r.stderr, "built in") {
		t.Errorf("it says\n%s", r.stderr)
	}
	w.ok("down")
	w.ok("prod", "up")
}

// status and logs of production are those of development, of the other side.
func TestProductionIsLookedAt(t *testing.T) {
	w := newWorld(t)
	port := w.ownPort()
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)

	w.step("what does not run is said, with how to start it")
	w.fails(5, "production is not running\nhint: start it with `devbox prod up`", "prod", "status")
	w.fails(5, "production is not running", "prod", "logs")
	w.fails(2, `there is no service "nope"`, "prod", "logs", "nope")

	w.step("status and logs, in words and as JSON")
	w.ok("prod", "up")
	if out := w.ok("prod", "status").stdout; !strings.Contains(out, "running") || !strings.Contains(out, fmt.Sprintf("http://127.0.0.1:%d", port)) {
		t.Errorf("status shows\n%s", out)
	}
	var st struct {
		Project  string
		Watching bool
		Services []struct{ Name, State, URL, Container string }
	}
	if err := json.Unmarshal([]byte(w.ok("prod", "status", "--json").stdout), &st); err != nil {
		t.Fatal(err)
	}
	if st.Project != w.name+"-prod" || st.Watching || len(st.Services) != 1 || st.Services[0].State != "running" {
		t.Errorf("status is %+v", st)
	}
	if out := w.ok("prod", "logs", "--tail", "5", "web").stdout; !strings.Contains(out, "listening on port 3000") {
		t.Errorf("logs are\n%s", out)
	}
	if out := w.ok("prod", "logs", "--json").stdout; !strings.Contains(out, `"event":"log"`) {
		t.Errorf("logs are\n%s", out)
	}
	if r := w.run("status"); r.code != 5 {
		t.Errorf("development runs: %d\n%s", r.code, r.stdout)
	}

	w.step("an app that ends again and again")
	w.ok("prod", "down")
	w.replace("index.js", "const port", "console.error('no licence'); process.exit(3);\nconst port")
	w.fails(9, "ended with exit status 3", "prod", "up")
	w.eventually("status shows it", 30*time.Second, func() error {
		if out := w.run("prod", "status").stdout; !strings.Contains(out, "restarting (3)") {
			return errors.New(out)
		}
		return nil
	})
	if out := w.ok("prod", "logs").stdout; !strings.Contains(out, "no licence") {
		t.Errorf("logs are\n%s", out)
	}

	w.step("a broken devbox.yaml keeps nobody from looking, or from taking it down")
	w.write("package.json", "{")
	if r := w.run("prod", "status"); !strings.Contains(r.stdout, "web") {
		t.Errorf("status shows\n%s%s", r.stdout, r.stderr)
	}
	w.ok("prod", "logs")
	w.ok("prod", "down")
	if n := len(w.containers(w.name + "-prod")); n != 0 {
		t.Errorf("%d containers are left", n)
	}
}

func TestAContextThatIsNotThereIsOneMessage(t *testing.T) {
	w := newWorld(t)
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)
	for _, args := range [][]string{{"status"}, {"up", "--detach"}, {"prod", "logs"}} {
		r := w.fails(4, `there is no docker context "nope" (--context)`, append([]string{"--context", "nope"}, args...)...)
		if !strings.Contains(r.stderr, "hint: known are default") || strings.Count(r.stderr, "\n") != 2 {
			t.Errorf("it says\n%s", r.stderr)
		}
	}
}
