//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// The source article, step by step: from an empty folder to a chat app that
// restarts on edits, and on to production, with Docker alone.
func TestArticleSmoke(t *testing.T) {
	for _, uid := range []int{0, 1000} {
		t.Run(fmt.Sprintf("uid %d", uid), func(t *testing.T) { article(t, uid) })
	}
}

func article(t *testing.T, uid int) {
	w := newWorld(t)
	w.uid = uid
	if uid != 0 {
		if err := os.Chown(filepath.Dir(w.dir), uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	// Without Node on the host: nothing but the program and the engine is on PATH.
	w.env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	url := fmt.Sprintf("http://127.0.0.1:%d", w.ownPort())

	w.step("an empty folder becomes a project")
	w.ok("init", "--template", "minimal", "--name", w.name, "--yes", w.dir)

	w.step("packages are added from a one-off container")
	w.ok("run", "npm", "install", "--save", "express", "socket.io")
	w.ok("run", "npm", "install", "--save-dev", "socket.io-client")
	var pkg struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(w.read("package.json")), &pkg); err != nil {
		t.Fatal(err)
	}
	if pkg.Dependencies["express"] == "" || pkg.Dependencies["socket.io"] == "" || pkg.DevDependencies["socket.io-client"] == "" {
		t.Fatalf("package.json has not the packages: %+v", pkg)
	}
	if !strings.Contains(w.read("package-lock.json"), "node_modules/express") {
		t.Fatal("the lock has not express")
	}

	w.step("the chat app is written and comes up")
	w.writeChat()
	up := w.start("up", "--plain")
	at := up.says("http://127.0.0.1:", 0)
	w.answers(url, "hello from the chat")
	w.chats()

	w.step("an edit restarts the process, not the container, and names the file")
	before := w.container(w.name, "web")
	w.replace("index.js", "hello from the chat", "a new greeting")
	w.answers(url, "a new greeting")
	up.says("index.js", at)
	after := w.container(w.name, "web")
	if before.ID != after.ID || before.State.StartedAt != after.State.StartedAt {
		t.Error("the container was restarted for an edit")
	}

	w.step("the app runs as a plain user with no capabilities, on 127.0.0.1")
	w.exposesLittle(after)

	w.step("tests run in a one-off container")
	if r := w.ok("run", "npm", "test"); !strings.Contains(r.stdout, "pass 1") {
		t.Errorf("npm test says:\n%s", r.stdout)
	}

	w.step("Ctrl-C stops the environment")
	up.interrupt()
	if code := up.wait(15 * time.Second); code != 130 {
		t.Errorf("exit code %d after Ctrl-C, want 130", code)
	}
	if _, err := get(url); err == nil {
		t.Error("the app still answers after Ctrl-C")
	}

	w.step("the same app runs in production")
	if r := w.ok("prod", "up"); !strings.Contains(r.stdout, url) {
		t.Errorf("prod up prints %q, want %s", r.stdout, url)
	}
	w.answers(url, "a new greeting")
	w.production()

	w.step("production stops on SIGTERM within a second")
	w.stopsFast(w.container(w.name+"-prod", "web"))
	w.ok("prod", "down")
	w.ok("down")

	w.step("every file belongs to the folder's owner")
	if list := w.strangers(); len(list) > 0 {
		t.Errorf("files that their owner does not own:\n%s", strings.Join(list, "\n"))
	}
}

// writeChat writes the article's app: a page, and messages for everybody.
func (w *world) writeChat() {
	w.write("index.js", `import express from 'express';
import http from 'node:http';
import { Server } from 'socket.io';

const app = express();
const server = http.createServer(app);
const io = new Server(server);

app.get('/', (req, res) => res.send('hello from the chat'));
io.on('connection', (socket) => socket.on('chat message', (text) => io.emit('chat message', text)));
server.listen(process.env.PORT, () => console.log('listening on *:' + process.env.PORT));
process.on('SIGTERM', () => { io.close(); server.close(() => process.exit(0)); server.closeAllConnections(); });
`)
	w.write("say.js", `import { io } from 'socket.io-client';
const socket = io(process.argv[2]);
const late = setTimeout(() => process.exit(1), 10000);
socket.on('chat message', (text) => { console.log('heard ' + text); clearTimeout(late); socket.close(); });
socket.on('connect', () => socket.emit('chat message', 'ahoy'));
`)
	_ = os.RemoveAll(w.path("test"))
	w.write("test/sum.test.js", `import test from 'node:test';
import assert from 'node:assert/strict';
test('adds', () => assert.equal(1 + 1, 2));
`)
}

// chats sends a message through the running app and hears it back.
func (w *world) chats() {
	w.t.Helper()
	if r := w.ok("run", "node", "say.js", "http://web:3000"); !strings.Contains(r.stdout, "heard ahoy") {
		w.t.Fatalf("no message came back:\n%s%s", r.stdout, r.stderr)
	}
}

func (w *world) exposesLittle(c container.InspectResponse) {
	w.t.Helper()
	uid := strings.Split(c.Config.User, ":")[0]
	if uid == "" || uid == "0" || uid == "root" {
		w.t.Errorf("the app runs as %q", c.Config.User)
	}
	if c.HostConfig.Privileged || len(c.HostConfig.CapAdd) > 0 || strings.Join(c.HostConfig.CapDrop, ",") != "ALL" {
		w.t.Errorf("capabilities: privileged %v, added %v, dropped %v", c.HostConfig.Privileged, c.HostConfig.CapAdd, c.HostConfig.CapDrop)
	}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			if b.HostIP.String() != "127.0.0.1" {
				w.t.Errorf("port %s is published on %s", port, b.HostIP)
			}
		}
	}
	for _, m := range c.Mounts {
		if strings.Contains(m.Source, "docker.sock") {
			w.t.Error("the engine's socket is in the container")
		}
	}
}

// production looks at what production must be.
func (w *world) production() {
	w.t.Helper()
	c := w.container(w.name+"-prod", "web")
	w.exposesLittle(c)
	if !c.HostConfig.ReadonlyRootfs {
		w.t.Error("production's root is writable")
	}
	for _, m := range c.Mounts {
		w.t.Errorf("production has the mount %s", m.Destination)
	}
	env := strings.Join(c.Config.Env, "\n")
	if !strings.Contains(env, "NODE_ENV=production") {
		w.t.Errorf("production's environment:\n%s", env)
	}
	if c.HostConfig.RestartPolicy.Name == "" || c.HostConfig.LogConfig.Config["max-size"] == "" {
		w.t.Errorf("restart policy %q, log rotation %v", c.HostConfig.RestartPolicy.Name, c.HostConfig.LogConfig.Config)
	}
	for path, want := range map[string]bool{"node_modules/express": true, "node_modules/socket.io-client": false, ".git": false, ".env": false, "devbox.yaml": false} {
		_, err := w.api.ContainerStatPath(w.t.Context(), c.ID, client.ContainerStatPathOptions{Path: "/app/" + path})
		if there := err == nil; there != want {
			w.t.Errorf("%s is in the production image: %v, want %v", path, there, want)
		}
	}
}

// stopsFast measures how long the engine takes to stop a container politely.
func (w *world) stopsFast(c container.InspectResponse) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	began := time.Now()
	if _, err := w.api.ContainerStop(ctx, c.ID, client.ContainerStopOptions{}); err != nil {
		w.t.Fatal(err)
	}
	if took := time.Since(began); took > time.Second {
		w.t.Errorf("stopping took %s", took)
	}
}

// The rendered files are plain Compose files: they run without devbox.
func TestRenderedFilesRunUnderPlainCompose(t *testing.T) {
	if err := exec.Command("docker", "compose", "version").Run(); err != nil {
		t.Skip("the compose plugin is not on this machine")
	}
	w := newWorld(t)
	port := w.ownPort()
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	w.ok("init", "--template", "chat", "--name", w.name, "--yes", w.dir)
	compose := func(args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), runTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, "docker", append([]string{"compose"}, args...)...)
		cmd.Dir, cmd.Env = w.dir, append(os.Environ(), w.env...)
		out, err := cmd.CombinedOutput()
		w.note("$ docker compose " + strings.Join(args, " ") + "\n" + string(out))
		if err != nil {
			t.Fatalf("docker compose %v: %v\n%s", args, err, out)
		}
	}
	w.step("development")
	compose("up", "--detach", "--build")
	w.answers(url, "Chat")
	compose("down", "--volumes")
	w.step("production")
	compose("-f", "compose.prod.yaml", "up", "--detach", "--build")
	w.answers(url, "Chat")
	compose("-f", "compose.prod.yaml", "down", "--volumes")
}
