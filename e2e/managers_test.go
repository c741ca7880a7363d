//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// matrix are the package managers that a project may have, each with the files
// that make it one.
var matrix = []struct {
	name, manager string
	files         map[string]string
}{
	{"npm10", "npm@10.9.4", nil},
	{"npm11", "npm@11.21.2", nil},
	{"yarn1", "yarn@1.22.22", nil},
	{"yarn3", "yarn@3.8.7", map[string]string{".yarnrc.yml": "nodeLinker: node-modules\n"}},
	{"yarn4modules", "yarn@4.18.1", map[string]string{".yarnrc.yml": "nodeLinker: node-modules\n"}},
	// What yarn leaves on a host names places that no container has.
	{"yarn4pnp", "yarn@4.18.1", map[string]string{".yarnrc.yml": "nodeLinker: pnp\n", ".pnp.cjs": "throw new Error('the one of the host');\n"}},
	{"pnpm9", "pnpm@9.15.4", nil},
	{"pnpm10", "pnpm@10.34.8", nil},
	{"bun1", "bun@1.4.5", nil},
}

// Every package manager, at its exact version: up, add, remove, the lock, scripts
// that call it, production, and all of it once more without a network.
func TestPackageManagers(t *testing.T) {
	for _, tt := range matrix {
		t.Run(tt.name, func(t *testing.T) {
			name, version, _ := strings.Cut(tt.manager, "@")
			w := newWorld(t)
			manifest := fmt.Sprintf(`{
  "name": "x",
  "type": "module",
  "packageManager": %q,
  "scripts": {"dev": "node index.js", "start": "node index.js", "deep": "%[2]s run own", "own": "%[2]s --version"},
  "dependencies": {
    "is-number": "^7.0.0"
  },
  "devDependencies": {
    "left-pad": "1.3.0"
  }
}
`, tt.manager, name)
			w.write("package.json", manifest)
			w.write("index.js", versionOf("is-odd"))
			for file, text := range tt.files {
				w.write(file, text)
			}
			port := w.ownPort()
			w.ok("init", "--name", w.name, "--yes", w.dir)
			w.replace("devbox.yaml", "dev: node index.js", "dev: "+name+" run dev")
			w.ok("update")
			w.ok("up", "--detach", "--no-watch")
			at := fmt.Sprintf("http://127.0.0.1:%d", port)
			w.answersNow(at, "MODULE_NOT_FOUND")

			w.step("scripts find the package manager in its version")
			if r := w.ok("run", name, "run", "deep"); !strings.Contains(r.stdout, version) {
				t.Errorf("it is not %s:\n%s%s", version, r.stdout, r.stderr)
			}

			w.step("add and remove")
			w.packages("add", "--exact", "is-odd@3.0.0")
			w.answersNow(at, "version 3.0.0")
			w.packages("remove", "is-odd")
			w.answersNow(at, "MODULE_NOT_FOUND")
			if got := w.read("package.json"); got != manifest {
				t.Errorf("package.json is\n%s\nwant\n%s", got, manifest)
			}
			w.packages("add", "--exact", "is-odd@3.0.0")
			w.ok("lock")
			w.ok("down")

			w.step("production")
			w.ok("prod", "up")
			w.answers(at, "version 3.0.0")
			if got := w.modules(w.name + "-web:prod"); !strings.Contains(got, "is-number") || strings.Contains(got, "left-pad") {
				t.Errorf("production has %s", got)
			}
			w.ok("prod", "down")

			w.step("without a network, a new tree comes from the cache")
			w.removeTrees()
			online := w.env
			w.env = append(slices.Clone(online), "DOCKER_HOST=unix://"+offlineEngine(t))
			w.ok("up", "--detach", "--no-watch")
			w.env = online
			w.answersNow(at, "version 3.0.0")
			for file, text := range tt.files {
				if w.read(file) != text {
					t.Errorf("%s has changed", file)
				}
			}
			if _, err := os.Lstat(w.path(".yarn")); err == nil {
				t.Error("something was written to .yarn")
			}
		})
	}
}

// modules lists the packages at the top of an image's node_modules.
func (w *world) modules(image string) string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "docker", "run", "--rm", "--network", "none", image, "ls", "/app/node_modules").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// removeTrees removes the volumes of packages, and none of the caches.
func (w *world) removeTrees() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), 10*time.Second)
	defer cancel()
	r, err := w.api.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("label", "dev.devbox.project="+w.name)})
	if err != nil {
		w.t.Fatal(err)
	}
	removed := 0
	for _, v := range r.Items {
		if !strings.HasPrefix(v.Name, w.name+"_node_modules_") {
			continue
		}
		if _, err := w.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{}); err != nil {
			w.t.Fatal(err)
		}
		removed++
	}
	if removed == 0 {
		w.t.Fatal("there was no tree to remove")
	}
}

// offlineEngine is a socket of the engine by which containers that install
// packages get no network.
func offlineEngine(t *testing.T) string {
	t.Helper()
	engine := "/var/run/docker.sock"
	if host, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
		engine = host
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "docker"})
	proxy.FlushInterval = -1
	proxy.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", engine)
	}}
	path := filepath.Join(tempDir(t), "docker.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/containers/create") && strings.HasPrefix(r.URL.Query().Get("name"), "devbox-install-") {
			if err := withoutNetwork(r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return path
}

// withoutNetwork changes a request for a container.
func withoutNetwork(r *http.Request) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var body map[string]any
	if err := json.Unmarshal(data, &body); err != nil {
		return err
	}
	host, ok := body["HostConfig"].(map[string]any)
	if !ok {
		return fmt.Errorf("no HostConfig in %s", data)
	}
	host["NetworkMode"] = "none"
	delete(body, "NetworkingConfig")
	if data, err = json.Marshal(body); err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	r.Header.Set("Content-Length", strconv.Itoa(len(data)))
	return nil
}
