//go:build e2e

package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// storeApp is an app that adds rows to what backs it and counts them, by the
// functions add and count of a kind's store.js.
const storeApp = `const http = require('node:http');
const store = require('./store.js');
const server = http.createServer(async (req, res) => {
  try {
    if (req.url === '/add') await store.add();
    res.end('rows=' + await store.count());
  } catch (error) { res.statusCode = 500; res.end(String(error)); }
});
server.listen(process.env.PORT || 3000, () => console.log('listening'));
process.on('SIGTERM', () => { process.exit(0); });
`

const sqlStore = `const mysql = require('%s');
const pool = mysql.createPool(process.env.DATABASE_URL);
exports.add = async () => {
  await pool.query('create table if not exists notes (id int primary key auto_increment, text varchar(100) character set utf8mb4)');
  await pool.query("insert into notes (text) values ('grüße 🙂')");
};
exports.count = async () => {
  try {
    const [rows] = await pool.query("select count(*) as n from notes where text = 'grüße 🙂'");
    return Number((rows[0] || rows).n);
  } catch (error) { if (error.code !== 'ER_NO_SUCH_TABLE') throw error; return 0; }
};
`

// stores are the kinds of backing services beside PostgreSQL and Redis, which
// have scenarios of their own.
var stores = []struct {
	name string
	// use is the kind and version, image what that is, made how messages call the
	// maker of its data, other a version that must not get them.
	use, image, made, other string
	// drivers are dependencies, by the first of which init finds the kind; store is
	// the app's module that uses it.
	drivers, store string
	// standIn is the version of use whose image holds another server, for where image
	// cannot be had.
	standIn string
	// talks says that the server logs each connection, so those of the checks too.
	talks bool
	// soak leaves it to long runs, and to machines that have its image.
	soak bool
}{
	{
		name: "mariadb", use: "mariadb@11.8", image: "mariadb:11.8", made: "mariadb 11.8", other: "mariadb@10.11",
		drivers: `"mariadb": "3.4.5"`,
		store: strings.NewReplacer("mysql.createPool(process.env.DATABASE_URL)", "mysql.createPool(process.env.DATABASE_URL.replace('mysql:', 'mariadb:'))").
			Replace(fmt.Sprintf(sqlStore, "mariadb")),
	},
	{
		name: "rabbitmq", use: "rabbitmq@4.0", image: "rabbitmq:4.0-management", made: "rabbitmq 4.0", other: "rabbitmq@3", soak: true,
		drivers: `"amqplib": "0.10.9"`,
		store: `const amqp = require('amqplib');
const open = amqp.connect(process.env.AMQP_URL).then((c) => c.createChannel());
const queue = async () => { const c = await open; return [c, await c.assertQueue('notes', { durable: true })]; };
exports.add = async () => {
  const [c] = await queue();
  c.sendToQueue('notes', Buffer.from('note'), { persistent: true });
  for (let i = 0; i < 100 && !await exports.count(); i++) await new Promise((r) => setTimeout(r, 50));
};
exports.count = async () => (await queue())[1].messageCount;
`,
	},
	{
		name: "mysql", use: "mysql@9.7", image: "mysql:9.7", made: "mysql 9.7", other: "mysql@8.4", soak: true,
		drivers: `"mysql2": "3.15.0"`,
		store:   fmt.Sprintf(sqlStore, "mysql2/promise"),
	},
	{
		// Where MongoDB's image cannot be had, FerretDB stands in for the server. MongoDB's
		// own are mongosh in the health check, the driver and the protocol between them,
		// with SCRAM for passwords. What MongoDB does with its files is not shown then.
		name: "mongo", use: "mongo@8.0", image: "mongo:8.0", made: "mongo 8.0", other: "mongo@7.0", standIn: "8.0-ferretdb", talks: true, soak: true,
		drivers: `"mongoose": "8.18.1"`,
		store: `const mongoose = require('mongoose');
const Note = mongoose.model('Note', new mongoose.Schema({ text: String }));
const open = mongoose.connect(process.env.MONGODB_URL);
exports.add = async () => { await open; await Note.create({ text: 'grüße 🙂' }); };
exports.count = async () => { await open; return Note.countDocuments({ text: 'grüße 🙂' }); };
`,
	},
	{
		name: "minio", use: "minio@RELEASE.2025-09-07T16-13-09Z", image: "minio/minio:RELEASE.2025-09-07T16-13-09Z", soak: true,
		drivers: `"@aws-sdk/client-s3": "3.884.0"`,
		store: `const { S3Client, CreateBucketCommand, PutObjectCommand, ListObjectsV2Command } = require('@aws-sdk/client-s3');
const s3 = new S3Client({ forcePathStyle: true });
exports.add = async () => {
  try { await s3.send(new CreateBucketCommand({ Bucket: 'notes' })); } catch (error) { if (error.name !== 'BucketAlreadyOwnedByYou') throw error; }
  await s3.send(new PutObjectCommand({ Bucket: 'notes', Key: 'note-' + Date.now() + '.txt', Body: 'note' }));
};
exports.count = async () => {
  try { return (await s3.send(new ListObjectsV2Command({ Bucket: 'notes' }))).KeyCount; } catch (error) { if (error.name !== 'NoSuchBucket') throw error; return 0; }
};
`,
	},
}

// image makes sure of an image as the set-up does: it is there, or can be pulled, or
// made here.
func (w *world) image(name string) {
	w.t.Helper()
	if out, err := w.setUp(name); err != nil {
		w.t.Skipf("%s can neither be pulled nor be made here:\n%s", name, out)
	}
}

func (w *world) setUp(image string) (string, error) {
	out, err := exec.CommandContext(w.t.Context(), filepath.Join("..", "scripts", "images.sh"), image).CombinedOutput()
	w.note(fmt.Sprintf("$ scripts/images.sh %s\n%s", image, out))
	return string(out), err
}

// orStandIn is a use and its image, or those of what stands in for it where that
// image cannot be had.
func (w *world) orStandIn(use, image, version string) (string, string) {
	w.t.Helper()
	if version == "" || w.hasImage(image) {
		return use, image
	}
	if watchtest.Soak() {
		if _, err := w.setUp(image); err == nil {
			return use, image
		}
	}
	kind, _, _ := strings.Cut(use, "@")
	name, _, _ := strings.Cut(image, ":")
	return kind + "@" + version, name + ":" + version
}

func (w *world) hasImage(name string) bool {
	_, err := w.api.ImageInspect(w.t.Context(), name)
	return err == nil
}

// TestBackingServices takes an app with each kind of backing service through its
// life, on the real server and with the driver that people use.
func TestBackingServices(t *testing.T) {
	for _, tt := range stores {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.use, tt.image = w.orStandIn(tt.use, tt.image, tt.standIn)
			if tt.soak && !watchtest.Soak() && !w.hasImage(tt.image) {
				t.Skipf("without -soak no time is taken to make %s", tt.image)
			}
			w.image(tt.image)
			w.forgetSnapshots()
			port := freePort(t)
			url := fmt.Sprintf("http://127.0.0.1:%d", port)
			w.env = []string{fmt.Sprintf("DEVBOX_WEB_PORT=%d", port), fmt.Sprintf("DEVBOX_WEB_PROD_PORT=%d", port)}
			w.write("package.json", fmt.Sprintf(`{"name": "web", "private": true, "scripts": {"start": "node index.js"}, "dependencies": {%s}}`, tt.drivers))
			w.write("index.js", storeApp)
			w.write("store.js", tt.store)

			w.step("init finds it by the driver")
			found := w.ok("init", "--yes", "--node", "24.21.0", "--name", w.name, "--use", tt.use)
			if driver, _, _ := strings.Cut(tt.drivers, `":`); !strings.Contains(found.stdout+found.stderr, "dependencies: "+driver[1:]) {
				t.Errorf("it does not say what shows it:\n%s%s", found.stdout, found.stderr)
			}
			service := w.serviceOf(tt.image, tt.use)

			w.step("the app connects, writes and reads")
			w.ok("up", "--detach")
			w.answers(url, "rows=0")
			w.answers(url+"/add", "rows=1")
			w.keepsItsPassword(service)
			if !tt.talks {
				w.isQuiet(service)
			}
			w.note(fmt.Sprintf("app and service take %.0f MB", w.memory()))

			w.step("the server ends by itself when it is stopped, and the data stay through down")
			w.endsInTime(service)
			w.ok("down")
			w.ok("up", "--detach")
			w.answers(url, "rows=1")

			w.step("a snapshot brings the data back, a reset removes them")
			w.ok("db", "snapshot", "one")
			w.answers(url+"/add", "rows=2")
			w.ok("db", "restore", "one", "--yes")
			w.answers(url, "rows=1")
			w.ok("db", "reset", "--yes")
			w.answers(url, "rows=0")

			if tt.other != "" {
				w.step("data of another version are said before anything starts")
				w.ok("down")
				w.replace("devbox.yaml", tt.use, tt.other)
				w.fails(11, "was made by "+tt.made, "up", "--detach")
				if n := len(w.containers(w.name)); n != 0 {
					t.Errorf("%d containers were made", n)
				}
				w.replace("devbox.yaml", tt.other, tt.use)
			}
			w.ok("down", "--volumes")

			w.step("it runs in production, on data of its own")
			w.ok("prod", "up")
			w.answers(url, "rows=0")
			w.answers(url+"/add", "rows=1")
		})
	}
}

// serviceOf is the name that init gave to a backing service.
func (w *world) serviceOf(image, use string) string {
	w.t.Helper()
	before, _, found := strings.Cut(w.read("devbox.yaml"), "use: "+use)
	if !found || !strings.Contains(w.read("compose.yaml"), "image: "+image) {
		w.t.Fatalf("devbox.yaml has no %s:\n%s", use, w.read("devbox.yaml"))
	}
	lines := strings.Split(strings.TrimSpace(before), "\n")
	return strings.Trim(lines[len(lines)-1], " :")
}

// keepsItsPassword wants the password of a service in the environment of the two
// containers that need it, and nowhere else.
func (w *world) keepsItsPassword(service string) {
	w.t.Helper()
	password := w.password("dev", service)
	for _, name := range []string{"compose.yaml", "compose.prod.yaml", "Dockerfile", "devbox.yaml"} {
		if strings.Contains(w.read(name), password) {
			w.t.Errorf("the password is in %s", name)
		}
	}
	for _, args := range [][]string{{"status", "--json"}, {"config"}, {"logs"}, {"up", "--detach"}} {
		if r := w.ok(args...); strings.Contains(r.stdout+r.stderr, password) {
			w.t.Errorf("devbox %v shows the password", args)
		}
	}
	if strings.Contains(w.logsOf(service), password) {
		w.t.Error("the service logs its password")
	}
	for _, name := range []string{service, "web"} {
		c := w.container(w.name, name)
		holds := func(text string) bool { return strings.Contains(text, password) }
		if !slices.ContainsFunc(c.Config.Env, holds) {
			w.t.Errorf("%s does not have the password", name)
		}
		c.Config.Env = nil
		if text := fmt.Sprintf("%+v %+v %+v %+v", *c.Config, *c.HostConfig, c.Args, c.Config.Healthcheck); holds(text) {
			w.t.Errorf("the password of %s is not only in the environment: %s", name, text)
		}
	}
	if processes := w.inside(service, "sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"); strings.Contains(processes, password) {
		w.t.Error("the password is among the arguments of a process")
	}
}

func (w *world) logsOf(service string) string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "docker", "logs", w.name+"-"+service+"-1").CombinedOutput()
	if err != nil {
		w.t.Fatal(err)
	}
	return string(out)
}

// isQuiet wants no word of the server about its health checks.
func (w *world) isQuiet(service string) {
	w.t.Helper()
	test := w.container(w.name, service).Config.Healthcheck.Test[1:]
	if len(test) == 1 {
		test = append([]string{"sh", "-c"}, test...)
	}
	w.inside(service, test...)
	before := w.logsOf(service)
	for range 3 {
		w.inside(service, test...)
	}
	if after := w.logsOf(service); after != before {
		w.t.Errorf("health checks are logged:\n%s", strings.TrimPrefix(after, before))
	}
}

// endsInTime wants a server to end by itself when it is stopped, in its time of grace.
func (w *world) endsInTime(service string) {
	w.t.Helper()
	began := time.Now()
	if out, err := exec.CommandContext(w.t.Context(), "docker", "stop", w.name+"-"+service+"-1").CombinedOutput(); err != nil {
		w.t.Fatalf("docker stop: %v\n%s", err, out)
	}
	took, state := time.Since(began), w.container(w.name, service).State
	if state.OOMKilled || state.ExitCode != 0 {
		w.t.Errorf("it ended after %s with exit status %d", took, state.ExitCode)
	}
	w.note(fmt.Sprintf("%s ended in %s", service, took))
}
