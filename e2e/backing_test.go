//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// The app of these scenarios keeps rows in PostgreSQL and a counter in Redis. It
// speaks Redis's protocol itself, and PostgreSQL's by the package pg.
const (
	backedManifest = `{"name": "backed", "private": true, "dependencies": {"pg": "8.16.3"}}`

	backedApp = `const http = require('node:http');
const net = require('node:net');
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const { password, hostname } = new URL(process.env.REDIS_URL);
const redis = (command) => new Promise((done, failed) => {
  const socket = net.connect(6379, hostname, () => socket.write('AUTH ' + password + '\r\n' + command + '\r\n'));
  let text = '';
  socket.on('data', (d) => { text += d; if (text.split('\r\n').length > 2) { socket.end(); done(text.split('\r\n')[1].slice(1)); } });
  socket.on('error', failed);
});
const server = http.createServer(async (req, res) => {
  try {
    if (req.url === '/add') await pool.query("insert into notes (text) values ('one')");
    const { rows } = await pool.query('select count(*)::int as n, max(kind) as kind from notes');
    res.end('rows=' + rows[0].n + ' kind=' + rows[0].kind + ' hits=' + await redis(req.url === '/add' ? 'INCR hits' : 'EXISTS hits'));
  } catch (error) { res.end(String(error)); }
});
server.listen(process.env.PORT, () => console.log('listening'));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`

	backedMigration = `const { Client } = require('pg');
(async () => {
  const db = new Client();
  await db.connect();
  await db.query("create table if not exists notes (id serial, text text, kind text default 'first')");
  await db.end();
  console.log('the table is there');
})().catch((error) => { console.error(error.message); process.exit(7); });
`

	backedSeed = `const { Client } = require('pg');
(async () => {
  const db = new Client({ connectionString: process.env.DATABASE_URL });
  await db.connect();
  await db.query("insert into notes (text) select 'seed' from generate_series(1, 10)");
  await db.end();
})();
`
)

// newBacked is the app with its files, and its address.
func newBacked(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	port := w.ownPort()
	w.write("package.json", backedManifest)
	w.write("index.js", backedApp)
	w.write("migrate.js", backedMigration)
	w.write("seed.js", backedSeed)
	w.write("devbox.yaml", fmt.Sprintf(`name: %s
services:
  web:
    node: 24.21.0
    package-manager: npm@11.21.2
    port: 3000
    dev: node index.js
    needs: [db, cache]
    migrate: node migrate.js
    seed: node seed.js
  db:
    use: postgres@15
  cache:
    use: redis@7
lock: {dev: update, prod: frozen}
`, w.name))
	return w, fmt.Sprintf("http://127.0.0.1:%d", port)
}

func (w *world) password(mode, service string) string {
	w.t.Helper()
	return strings.TrimSpace(w.read(".devbox/secrets/" + mode + "/" + service))
}

// withoutPasswords fails where one of the passwords is in a text.
func (w *world) withoutPasswords(what, text string) {
	w.t.Helper()
	for _, service := range []string{"db", "cache"} {
		if strings.Contains(text, w.password("dev", service)) {
			w.t.Errorf("the password of %s is in %s:\n%s", service, what, text)
		}
	}
}

func TestABackedAppKeepsItsData(t *testing.T) {
	w, url := newBacked(t)

	w.step("the first start waits for the databases, migrates and seeds")
	first := w.ok("up", "--detach")
	w.answers(url, "rows=10 kind=first hits=0")
	if body, err := get(url + "/add"); err != nil || body != "rows=11 kind=first hits=1" {
		t.Errorf("it answers %q (%v)", body, err)
	}
	for _, words := range []string{"migrated in", "seeded in"} {
		if !strings.Contains(first.stderr, words) {
			t.Errorf("it does not say %q:\n%s", words, first.stderr)
		}
	}

	w.step("no password is where somebody could see or commit it")
	w.withoutPasswords("what up says", first.stdout+first.stderr)
	for _, name := range []string{"compose.yaml", "compose.prod.yaml", "Dockerfile", "devbox.yaml"} {
		w.withoutPasswords(name, w.read(name))
	}
	for _, args := range [][]string{{"status", "--json"}, {"config"}, {"render", "--stdout", "dev"}, {"logs"}, {"up", "--detach", "--json"}} {
		r := w.ok(args...)
		w.withoutPasswords("devbox "+strings.Join(args, " "), r.stdout+r.stderr)
	}
	info, err := os.Stat(w.path(".devbox/secrets/dev/db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy of the password: %v, %v", info.Mode(), err)
	}

	w.step("status shows what backs the app")
	var st struct {
		Services []struct{ Name, State, Health, Image string }
	}
	if err := json.Unmarshal([]byte(w.ok("status", "--json").stdout), &st); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(st.Services); !strings.Contains(got, "{db running healthy postgres:15-bookworm}") || strings.Contains(got, "web-migrate") {
		t.Errorf("status shows %s", got)
	}

	w.step("a start with nothing to do does not migrate again, also without .devbox")
	migrated := w.container(w.name, "web-migrate").State.StartedAt
	w.ok("down")
	w.ok("up", "--detach")
	if again := w.container(w.name, "web-migrate").State.StartedAt; again == migrated {
		t.Error("new containers come without a migration")
	} else {
		migrated = again
	}
	if err := os.RemoveAll(w.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	quick := w.ok("up", "--detach")
	if w.container(w.name, "web-migrate").State.StartedAt != migrated || strings.Contains(quick.stderr, "migrat") {
		t.Errorf("it migrated again:\n%s", quick.stderr)
	}
	w.answers(url, "rows=11 kind=first hits=1")

	w.step("the database ends by itself when it is stopped")
	if err := exec.CommandContext(t.Context(), "docker", "stop", w.name+"-db-1").Run(); err != nil {
		t.Fatal(err)
	}
	if state := w.container(w.name, "db").State; state.ExitCode != 0 {
		t.Errorf("it ended with exit status %d", state.ExitCode)
	}

	w.step("the data are there after down and without .devbox, and are not seeded twice")
	w.ok("down")
	if err := os.RemoveAll(w.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	w.ok("up", "--detach")
	w.answers(url, "rows=11 kind=first hits=1")

	w.step("a one-off reaches the database")
	if r := w.ok("run", "node", "migrate.js"); !strings.Contains(r.stdout, "the table is there") {
		t.Errorf("it says %q", r.stdout)
	}

	w.step("data of another version are said before anything starts")
	w.ok("down")
	w.replace("devbox.yaml", "postgres@15", "postgres@16")
	w.fails(11, "was made by postgres 15", "up", "--detach")
	if n := len(w.containers(w.name)); n != 0 {
		t.Errorf("%d containers were made", n)
	}
	w.replace("devbox.yaml", "postgres@16", "postgres@15")

	w.step("a password that cannot be part of an address is refused without being shown")
	w.env = append(w.env, "DEVBOX_DB_PASSWORD=p@ss/word")
	if r := w.fails(3, "DEVBOX_DB_PASSWORD", "up", "--detach"); strings.Contains(r.stderr, "p@ss/word") {
		t.Errorf("it shows it:\n%s", r.stderr)
	}
	w.env = w.env[:len(w.env)-1]

	w.step("plain Compose does the same, given the passwords")
	w.plainCompose(url)
}

// plainCompose starts the project by the Compose plugin, where there is one.
func (w *world) plainCompose(url string) {
	w.t.Helper()
	if err := exec.Command("docker", "compose", "version").Run(); err != nil {
		w.t.Log("no Compose plugin here")
		return
	}
	w.ok("up", "--detach") // which leaves the passwords in .devbox
	w.ok("down")
	passwords := []string{"DEVBOX_DB_PASSWORD=" + w.password("dev", "db"), "DEVBOX_CACHE_PASSWORD=" + w.password("dev", "cache")}
	compose := func(env []string, args ...string) (string, error) {
		cmd := exec.CommandContext(w.t.Context(), "docker", append([]string{"compose"}, args...)...)
		cmd.Dir, cmd.Env = w.dir, append(append(os.Environ(), w.env...), env...)
		out, err := cmd.CombinedOutput()
		w.note(fmt.Sprintf("$ docker compose %s\n%s", strings.Join(args, " "), out))
		return string(out), err
	}
	if out, err := compose(nil, "up", "--detach"); err == nil || !strings.Contains(out, "set it to the password of") {
		w.t.Errorf("without the passwords: %v\n%s", err, out)
	}
	if out, err := compose(passwords, "up", "--detach", "--build"); err != nil {
		w.t.Fatalf("docker compose up: %v\n%s", err, out)
	}
	w.answers(url, "rows=11 kind=first hits=1")
	if out, err := compose(passwords, "down"); err != nil {
		w.t.Fatalf("docker compose down: %v\n%s", err, out)
	}
	_, _ = w.api.VolumeRemove(w.t.Context(), w.name+"_web_node_modules", client.VolumeRemoveOptions{})
}

func TestAMigrationThatFailsKeepsTheAppFromStarting(t *testing.T) {
	w, url := newBacked(t)

	w.step("the first migration fails: its output, exit code 9, and no app")
	w.replace("migrate.js", "create table", "creat table")
	r := w.fails(9, "its migration failed with exit status 7", "up", "--detach", "--no-watch")
	if !strings.Contains(r.stderr, `syntax error at or near "creat"`) {
		t.Errorf("its output is not shown:\n%s", r.stderr)
	}
	for _, c := range w.containers(w.name) {
		if c.Labels["com.docker.compose.service"] == "web" {
			t.Error("the app was started")
		}
	}

	w.step("at a terminal the session waits for the mended file")
	p := w.start("up", "--plain")
	at := p.says("its migration failed", 0)
	w.replace("migrate.js", "creat table", "create table")
	at = p.says("migrated in", at)
	at = p.says("restarted in", at)
	w.answers(url, "kind=first")

	w.step("a changed migration runs, and the app restarts for it")
	w.replace("migrate.js", "console.log('the table", "throw new Error('not yet'); console.log('again, the table")
	at = p.says("its migration failed with exit status 7", at)
	w.answers(url, "kind=first") // what ran runs on
	w.replace("migrate.js", "throw new Error('not yet'); ", "")
	at = p.says("again, the table is there", at)
	at = p.says("migrated in", at)
	p.says("restarted in", at)
	w.answers(url, "kind=first")
	p.interrupt()
	if code := p.wait(30 * time.Second); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// A database that never gets healthy is named with what it printed.
func TestABackingServiceThatDoesNotGetHealthy(t *testing.T) {
	w, _ := newBacked(t)
	w.replace("devbox.yaml", "    use: redis@7\n", "    use: redis@7\n    compose:\n      command: [sh, -c, 'echo the disk is on fire; exit 4']\n")
	r := w.fails(9, `service "cache" ended with exit status 4`, "up", "--detach", "--no-watch")
	if !strings.Contains(r.stderr, "the disk is on fire") {
		t.Errorf("its output is not shown:\n%s", r.stderr)
	}
	w.replace("devbox.yaml", "      command: [sh, -c, 'echo the disk is on fire; exit 4']\n", "      healthcheck: {test: [CMD, 'false'], interval: 200ms, start_period: 0s, start_interval: 100ms, retries: 2}\n")
	r = w.fails(9, `service "cache" does not get healthy`, "up", "--detach", "--no-watch")
	if !strings.Contains(r.stderr, "Ready to accept connections") {
		t.Errorf("its output is not shown:\n%s", r.stderr)
	}
}

func TestProductionWithAMigration(t *testing.T) {
	w, url := newBacked(t)
	w.ok("prod", "up")
	if body, err := get(url + "/add"); err != nil || body != "rows=1 kind=first hits=1" {
		t.Errorf("it answers %q (%v)", body, err)
	}
	db := w.container(w.name+"-prod", "db")
	if db.HostConfig.RestartPolicy.Name != "unless-stopped" || len(db.HostConfig.PortBindings) != 0 {
		t.Errorf("the database of production: %+v", db.HostConfig.RestartPolicy)
	}
}
