//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// newMigrated is an app with PostgreSQL whose migrations are those of a tool that
// only development installs.
func newMigrated(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	port := freePort(t)
	w.env = []string{fmt.Sprintf("DEVBOX_WEB_PORT=%d", port), fmt.Sprintf("DEVBOX_WEB_PROD_PORT=%d", port)}
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
