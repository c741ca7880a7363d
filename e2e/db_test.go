//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// note adds a note by the app of the template.
func (w *world) addNote(url, text string) {
	w.t.Helper()
	w.eventually("a note is taken", time.Minute, func() error {
		r, err := http.Post(url+"/notes", "application/json", strings.NewReader(`{"text":"`+text+`"}`))
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusCreated {
			return fmt.Errorf("status %d", r.StatusCode)
		}
		return nil
	})
}

// notes are the texts that the app has.
func (w *world) notes(url string) string {
	w.t.Helper()
	var texts []string
	w.eventually("the notes are there", time.Minute, func() error {
		body, err := get(url + "/notes")
		if err != nil {
			return err
		}
		var list []struct{ Text string }
		texts = nil
		err = json.Unmarshal([]byte(body), &list)
		for _, n := range list {
			texts = append(texts, n.Text)
		}
		return err
	})
	return strings.Join(texts, "|")
}

// inside runs a command in a service's container.
func (w *world) inside(service string, args ...string) string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "docker", append([]string{"exec", w.name + "-" + service + "-1"}, args...)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("in %s: %v: %v\n%s", service, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// forgetSnapshots removes what a scenario leaves of them on purpose.
func (w *world) forgetSnapshots() {
	w.t.Cleanup(func() {
		ctx := context.WithoutCancel(w.t.Context())
		r, err := w.api.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("label", "dev.devbox.data="+w.name)})
		if err != nil {
			w.t.Error(err)
		}
		for _, v := range r.Items {
			_, _ = w.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{})
		}
	})
}

const seeded = "Take a snapshot of the data|Run the tests|Write a migration"

// TestTheDatabaseTemplate takes the template with PostgreSQL and Redis through its
// life: up, its own tests, snapshots of its data, and production.
func TestTheDatabaseTemplate(t *testing.T) {
	w, url := newApp(t, "api-postgres")
	w.forgetSnapshots()

	w.step("it starts with tables and first notes")
	w.ok("up", "--detach")
	w.answers(url+"/healthz", `"ok":true`)
	if got := w.notes(url); got != seeded {
		t.Fatalf("notes: %s", got)
	}

	w.step("its tests run on the real services")
	w.ok("run", "npm", "test")

	w.step("a snapshot is listed with what is in it")
	w.ok("db", "snapshot", "before")
	var list []struct {
		Name string
		Size int64
		Data []struct{ Service, Kind, Version string }
	}
	if err := json.Unmarshal([]byte(w.ok("db", "ls", "--json").stdout), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name != "before" || list[0].Size < 1<<20 || len(list[0].Data) != 2 || list[0].Data[0].Kind != "postgres" || list[0].Data[0].Version != "15" {
		t.Errorf("snapshots: %+v", list)
	}
	if w.fails(2, "already", "db", "snapshot", "before"); strings.Contains(w.ok("db", "ls", "--json").stdout, strings.TrimSpace(w.read(".devbox/secrets/dev/db"))) {
		t.Error("the list shows a password")
	}

	w.step("a restore brings the data back, and the app sees them")
	w.addNote(url, "too many")
	w.inside("cache", "sh", "-c", `redis-cli set mark new`)
	w.fails(2, "will be lost", "db", "restore", "before")
	w.fails(2, "before", "db", "restore", "none")
	w.ok("db", "restore", "before", "--yes")
	if got := w.notes(url); got != seeded {
		t.Errorf("notes after the restore: %s", got)
	}
	if got := w.inside("cache", "redis-cli", "get", "mark"); got != "" {
		t.Errorf("Redis still has %q", got)
	}

	w.step("a reset begins anew, with migrations and seed")
	w.addNote(url, "gone soon")
	w.fails(2, "web", "db", "reset", "web", "--yes")
	w.ok("db", "reset", "--yes")
	if got := w.notes(url); got != seeded {
		t.Errorf("notes after the reset: %s", got)
	}

	w.step("a snapshot outlives the data and their password")
	w.addNote(url, "kept")
	w.ok("db", "snapshot", "kept")
	w.ok("down", "--volumes")
	if err := os.RemoveAll(w.path(".devbox")); err != nil {
		t.Fatal(err)
	}
	w.ok("db", "restore", "kept", "--yes")
	w.ok("up", "--detach")
	if got := w.notes(url); got != "kept|"+seeded {
		t.Errorf("notes: %s", got)
	}

	w.step("a snapshot of another version is refused")
	w.ok("down")
	w.replace("devbox.yaml", "postgres@15", "postgres@16")
	w.fails(11, "postgres 15", "db", "restore", "kept", "--yes")
	w.replace("devbox.yaml", "postgres@16", "postgres@15")

	w.step("snapshots are removed by name")
	w.ok("db", "rm", "before", "--yes")
	w.fails(2, "kept", "db", "rm", "before", "--yes")

	w.step("the same app runs in production, on data of its own")
	w.ok("down")
	w.ok("prod", "up")
	w.answers(url+"/healthz", `"ok":true`)
	if got := w.notes(url); got != "" {
		t.Errorf("production has notes: %s", got)
	}
}

// upAgain starts the environment after a kill. The engine carries a stop out that
// the killed devbox had asked for, and may do so in the middle of the next start.
func (w *world) upAgain() {
	w.t.Helper()
	w.eventually("it starts", time.Minute, func() error {
		if r := w.run("up", "--detach"); r.code != 0 {
			return fmt.Errorf("exit code %d", r.code)
		}
		return nil
	})
}

// TestAKilledRestoreLeavesAllOrNothing kills restores and snapshots at seeded
// moments. The next up finds all data as they were or all of the snapshot's.
func TestAKilledRestoreLeavesAllOrNothing(t *testing.T) {
	const kills = 3
	w, url := newApp(t, "api-postgres")
	w.forgetSnapshots()
	w.ok("up", "--detach")
	mark := func(name string) {
		w.inside("db", "psql", "-qU", "app", "-c", "drop table if exists mark; create table mark as select '"+name+"' as name, repeat('x', 100) from generate_series(1, 100000)")
		w.inside("cache", "redis-cli", "set", "mark", name)
	}
	read := func() string {
		return w.inside("db", "psql", "-qAtU", "app", "-c", "select distinct name from mark") + " " + w.inside("cache", "redis-cli", "get", "mark")
	}
	mark("old")
	w.ok("db", "snapshot", "old")
	mark("new")
	began := time.Now()
	w.ok("db", "snapshot", "new")
	whole := time.Since(began)

	random := rand.New(rand.NewPCG(6, 5))
	seen := map[string]int{}
	for i := range kills {
		from, to := "new", "old"
		w.ok("db", "restore", from, "--yes")
		args := []string{"db", "restore", to, "--yes"}
		if i == kills-1 {
			args = []string{"db", "snapshot", "third"}
		}
		wait := time.Duration(random.Int64N(int64(whole)))
		w.step(fmt.Sprintf("devbox %s is killed after %s", strings.Join(args, " "), wait))
		p := w.start(args...)
		select {
		case <-p.done:
		case <-time.After(wait):
			p.kill()
		}
		w.upAgain()
		w.answers(url+"/healthz", `"ok":true`)
		got := read()
		if got != "old old" && got != "new new" {
			t.Fatalf("after %s the data are %q", wait, got)
		}
		seen[got]++
	}
	t.Log(seen)

	w.step("a restore that is killed when it is decided is finished by who comes next")
	w.ok("db", "restore", "new", "--yes")
	p := w.start("db", "restore", "old", "--yes")
	w.eventually("the restore is decided", time.Minute, func() error {
		_, err := w.api.VolumeInspect(t.Context(), "devbox.commit."+w.name, client.VolumeInspectOptions{})
		return err
	})
	p.kill()
	w.upAgain()
	w.answers(url+"/healthz", `"ok":true`)
	if got := read(); got != "old old" {
		t.Errorf("the data are %q", got)
	}
	r, err := w.api.VolumeList(t.Context(), client.VolumeListOptions{Filters: make(client.Filters).Add("label", "dev.devbox.data="+w.name)})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Items {
		if kind := v.Labels["dev.devbox.data.kind"]; kind == "restore" || kind == "commit" {
			t.Errorf("left behind: %s", v.Name)
		}
	}
}

// TestWhatServicesNeedIsCheckedBeforeTheStart has a service with env files, required
// variables and secrets.
func TestWhatServicesNeedIsCheckedBeforeTheStart(t *testing.T) {
	w, url := newApp(t, "minimal")
	w.replace("devbox.yaml", "    port: 3000\n", "    port: 3000\n    env-file: {dev: [config/dev.env], prod: [config/prod.env]}\n"+
		"    required: [API_KEY, FROM_SHELL]\n    secrets: {stripe_key: private/stripe_key}\n")
	w.write("index.js", `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
createServer((q, r) => r.end([process.env.API_KEY, process.env.FROM_SHELL, readFileSync('/run/secrets/stripe_key', 'utf8').trim()].join(' ')))
  .listen(process.env.PORT);
`)
	w.write("config/dev.env.example", "API_KEY=\n")

	w.step("all that is missing is said at once")
	for _, args := range [][]string{{"up", "--detach"}, {"run", "true"}, {"prod", "up"}} {
		r := w.fails(3, "private/stripe_key is not there", args...)
		for _, words := range []string{"config/", "API_KEY", "FROM_SHELL"} {
			if !strings.Contains(r.stderr, words) {
				t.Errorf("devbox %v does not name %s:\n%s", args, words, r.stderr)
			}
		}
	}
	if r := w.run("up", "--detach"); !strings.Contains(r.stderr, "cp config/dev.env.example config/dev.env") {
		t.Errorf("no word of the example:\n%s", r.stderr)
	}

	w.step("a line that is wrong is named, and not shown")
	w.write("config/dev.env", "API_KEY='hush-hush\n")
	if r := w.fails(3, "config/dev.env", "up", "--detach"); strings.Contains(r.stderr, "hush") {
		t.Errorf("a secret is shown:\n%s", r.stderr)
	}

	w.step("with everything there it starts")
	w.write("config/dev.env", "API_KEY=one\nFROM_SHELL\n")
	w.write("config/prod.env", "API_KEY=production\nFROM_SHELL\n")
	w.write("private/stripe_key", "hush-hush\n")
	w.env = append(w.env, "FROM_SHELL=shell")
	w.ok("up", "--detach")
	w.answers(url, "one shell hush-hush")

	w.step("an edit of the file or the secret gives the app the new value")
	w.write("config/dev.env", "API_KEY=two\nFROM_SHELL\n")
	w.answers(url, "two shell hush-hush")
	w.write("private/stripe_key", "other-hush\n")
	w.answers(url, "two shell other-hush")

	w.step("no secret is in a rendered file, in output or in the image")
	w.ok("down")
	w.ok("prod", "up")
	w.answers(url, "production shell other-hush")
	for _, name := range []string{"compose.yaml", "compose.prod.yaml", "Dockerfile", ".dockerignore"} {
		if text := w.read(name); strings.Contains(text, "hush") || strings.Contains(text, "API_KEY: production") {
			t.Errorf("%s holds a secret:\n%s", name, text)
		}
	}
	c := w.container(w.name+"-prod", "web")
	out, err := exec.CommandContext(t.Context(), "docker", "run", "--rm", "--entrypoint", "find", c.Config.Image, ".", "-name", "stripe_key", "-o", "-name", "*.env").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("the image has the secrets' files: %v\n%s", err, out)
	}
}
