//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// apps are the services of a scenario and where they answer.
type apps map[string]string

// newApps writes a devbox.yaml with services in folders.
func newApps(t *testing.T, manager string, folders map[string]string) (*world, apps) {
	t.Helper()
	w := newWorld(t)
	urls := apps{}
	model := "name: " + w.name + "\nservices:\n"
	for name, folder := range folders {
		port := freePort(t)
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d", port)
		model += fmt.Sprintf("  %s: {dir: %s, node: 26.10.0, package-manager: %s, port: %d, dev: node index.js}\n", name, folder, manager, port)
	}
	w.write("devbox.yaml", model+"lock: {dev: update}\n")
	return w, urls
}

// showsVersion is an app that answers with its folder, the version of ms that it
// finds, and what the shared package says.
func showsVersion(shared string) string {
	code := "const http = require('node:http');\nconst ms = require('ms/package.json').version;\nconst shared = "
	if shared == "" {
		code += "'nothing shared';\n"
	} else {
		code += "require('" + shared + "').text;\n"
	}
	return code + `const server = http.createServer((req, res) => res.end([process.cwd(), 'ms ' + ms, shared].join(', ')));
server.listen(process.env.PORT);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`
}

// writeWorkspace writes two apps that want different versions of ms, and a
// package that both use and that wants a third.
func (w *world) writeWorkspace(manager, local string) {
	const workspaces = `"workspaces": ["apps/*", "packages/*"]`
	if manager == "pnpm" {
		w.write("package.json", `{"name": "root", "private": true}`)
		w.write("pnpm-workspace.yaml", "packages: ['apps/*', 'packages/*']\n")
	} else {
		w.write("package.json", `{"name": "root", "private": true, `+workspaces+`}`)
	}
	w.write("apps/api/package.json", `{"name": "api", "version": "1.0.0", "dependencies": {"ms": "2.0.0", "@x/shared": "`+local+`"}}`)
	w.write("apps/web/package.json", `{"name": "web", "version": "1.0.0", "dependencies": {"ms": "2.1.3", "@x/shared": "`+local+`"}, "devDependencies": {"is-number": "7.0.0"}}`)
	w.write("packages/shared/package.json", `{"name": "@x/shared", "version": "1.0.0", "dependencies": {"ms": "1.0.0"}}`)
	w.write("packages/shared/index.js", "exports.text = 'one with ms ' + require('ms/package.json').version;\n")
	w.write("apps/api/index.js", showsVersion("@x/shared"))
	w.write("apps/web/index.js", showsVersion("@x/shared"))
}

// answersAll waits until both apps of a workspace answer with their own packages.
func (w *world) answersAll(urls apps, shared string) {
	w.t.Helper()
	w.answers(urls["api"], "/app/apps/api, ms 2.0.0, "+shared)
	w.answers(urls["web"], "/app/apps/web, ms 2.1.3, "+shared)
}

var workspaceApps = map[string]string{"api": "apps/api", "web": "apps/web"}

// An edit in a shared package restarts the apps that use it, one in an app that
// app alone; each package has the versions that it asked for, in development, by
// plain Compose and in production.
func TestNPMWorkspace(t *testing.T) {
	w, urls := newApps(t, "npm@11.21.2", workspaceApps)
	w.writeWorkspace("npm", "*")
	w.ok("up", "--detach") // an install may take a while
	up := w.start("up", "--json")
	up.has(2, "ready")
	w.answersAll(urls, "one with ms 1.0.0")
	if text := w.read("package-lock.json"); !strings.Contains(text, `"packages/shared/node_modules/ms"`) {
		t.Errorf("no version of ms is nested:\n%s", text)
	}

	w.step("an edit in the shared package restarts both")
	w.replace("packages/shared/index.js", "'one", "'two")
	w.answersAll(urls, "two with ms 1.0.0")
	up.has(2, "restarted")

	w.step("an edit in one app restarts that one")
	w.replace("apps/web/index.js", "'ms '", "'MS '")
	w.answers(urls["web"], "MS 2.1.3")
	w.replace("apps/api/index.js", "'ms '", "'Ms '")
	w.answers(urls["api"], "Ms 2.0.0")
	for i, e := range up.has(4, "restarted")[2:] {
		if want := []string{"web", "api"}[i]; e.Service != want {
			t.Errorf("restart %d is of %s, want %s", i+3, e.Service, want)
		}
	}

	w.step("a package for one member")
	w.ok("add", "is-odd@3.0.1", "--service", "api")
	if !strings.Contains(w.read("apps/api/package.json"), "is-odd") || strings.Contains(w.read("package.json"), "is-odd") {
		t.Errorf("it is not the member's:\n%s\n%s", w.read("apps/api/package.json"), w.read("package.json"))
	}
	w.fails(2, "several services", "add", "is-odd")
	w.ok("run", "api", "--", "node", "-e", "require('is-odd')")

	w.step("a volume of a member that was removed by hand")
	up.interrupt()
	up.wait(30 * time.Second)
	w.ok("down")
	var gone string
	for _, v := range w.volumes() {
		if strings.HasSuffix(v, "_apps_web") {
			gone = v
			w.removeVolume(v)
		}
	}
	if gone == "" {
		t.Fatalf("no volume is apps/web's: %q", w.volumes())
	}
	w.ok("up", "--detach")
	w.answers(urls["web"], "MS 2.1.3")
	w.ok("lock", "verify", "--no-prod")
	w.ok("down")

	w.step("nothing that devbox made in the folder is root's, where the folder is not")
	w.checkOwner()

	w.step("plain Compose")
	w.compose("up", "--detach")
	w.answers(urls["api"], "Ms 2.0.0, two with ms 1.0.0")
	w.answers(urls["web"], "MS 2.1.3, two with ms 1.0.0")
	w.compose("down", "--volumes")

	w.step("production")
	w.ok("prod", "up")
	w.answers(urls["api"], "/app/apps/api, Ms 2.0.0, two with ms 1.0.0")
	w.answers(urls["web"], "/app/apps/web, MS 2.1.3, two with ms 1.0.0")
	w.ok("prod", "down")
	w.ok("lock", "verify")
}

// The other package managers make other trees of the same workspace.
func TestWorkspacesOfOtherManagers(t *testing.T) {
	for _, tt := range []struct{ name, manager, local string }{
		{"pnpm", "pnpm@10.34.8", "workspace:*"},
		{"berry", "yarn@4.18.1", "workspace:*"},
		{"classic", "yarn@1.22.22", "1.0.0"},
		{"bun", "bun@1.4.5", "workspace:*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, urls := newApps(t, tt.manager, workspaceApps)
			w.writeWorkspace(strings.Split(tt.manager, "@")[0], tt.local)
			w.ok("up", "--detach") // an install may take a while
			up := w.start("up", "--json")
			up.has(2, "ready")
			w.answersAll(urls, "one with ms 1.0.0")
			w.replace("packages/shared/index.js", "'one", "'two")
			w.answersAll(urls, "two with ms 1.0.0")
			up.has(2, "restarted")
			up.interrupt()
			up.wait(30 * time.Second)
			w.ok("down")
			w.ok("prod", "up")
			w.answersAll(urls, "two with ms 1.0.0")
			w.ok("prod", "down")
		})
	}
}

// Apps with locks of their own share nothing but the project.
func TestAppsWithLocksOfTheirOwn(t *testing.T) {
	w, urls := newApps(t, "npm@11.21.2", map[string]string{"api": "api", "web": "web"})
	for name, version := range map[string]string{"api": "2.0.0", "web": "2.1.3"} {
		w.write(name+"/package.json", `{"name": "`+name+`", "private": true, "dependencies": {"ms": "`+version+`"}}`)
		w.write(name+"/index.js", showsVersion(""))
	}
	w.ok("up", "--detach") // an install may take a while
	up := w.start("up", "--json")
	up.has(2, "ready")
	w.answers(urls["api"], "/app/api, ms 2.0.0")
	w.answers(urls["web"], "/app/web, ms 2.1.3")
	api, web := w.container(w.name, "api").ID, w.container(w.name, "web").ID

	w.step("another lock of one is nothing to the other")
	w.ok("add", "ms@2.1.2", "--service", "api")
	w.answers(urls["api"], "/app/api, ms 2.1.2")
	if w.container(w.name, "api").ID == api || w.container(w.name, "web").ID != web {
		t.Error("it is not the api alone that has a new container")
	}
	if strings.Contains(w.read("web/package-lock.json"), "2.1.2") || !strings.Contains(w.read("api/package-lock.json"), "2.1.2") {
		t.Error("the wrong lock has changed")
	}
	w.ok("lock", "status", "--service", "api")
	up.interrupt()
	up.wait(30 * time.Second)
	w.ok("down")

	w.step("production")
	w.ok("prod", "up")
	w.answers(urls["api"], "/app/api, ms 2.1.2")
	w.answers(urls["web"], "/app/web, ms 2.1.3")
	w.ok("prod", "down")
}

// Workspaces that make no sense are said before anything is done.
func TestWorkspacesThatMakeNoSense(t *testing.T) {
	w, _ := newApps(t, "npm@11.21.2", map[string]string{"api": "apps/api"})
	w.fails(3, "no such folder", "up", "--detach")
	w.write("apps/api/package.json", `{"name": "api"}`)
	w.write("package.json", `{"workspaces": ["../*", "apps/*"]}`)
	w.fails(3, "leads out of the folder", "up", "--detach")
	w.write("package.json", `{"workspaces": ["libs/*"]}`)
	w.write("apps/api/package.json", `{"name": "api", "workspaces": ["libs/*"]}`)
	w.fails(3, "no folder with a package.json matches", "up", "--detach")
}

// compose runs plain docker compose in the folder.
func (w *world) compose(args ...string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "docker", append([]string{"compose"}, args...)...)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	w.note("$ docker compose " + strings.Join(args, " ") + "\n" + string(out))
	if err != nil {
		w.t.Fatalf("docker compose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// checkOwner looks for files of another owner than the folder's.
func (w *world) checkOwner() {
	w.t.Helper()
	owner := func(path string) uint32 {
		info, err := os.Lstat(path)
		if err != nil {
			w.t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	err := filepath.WalkDir(w.dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil && owner(path) != owner(w.dir) {
			w.t.Errorf("%s is of user %d, want %d", path, owner(path), owner(w.dir))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, dir := range []string{"node_modules", "apps/web/node_modules", "packages/shared/node_modules"} {
		if entries, err := os.ReadDir(w.path(dir)); err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != ".cache" }) {
			w.t.Errorf("%s on the host is no empty folder: %v", dir, err)
		}
	}
}

// volumes are the node_modules volumes of the project.
func (w *world) volumes() []string { return w.labelled("dev.devbox.project=" + w.name) }

// labelled are the volumes that carry a label.
func (w *world) labelled(label string) []string {
	w.t.Helper()
	r, err := w.api.VolumeList(w.t.Context(), client.VolumeListOptions{Filters: make(client.Filters).Add("label", label)})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, v := range r.Items {
		names = append(names, v.Name)
	}
	return names
}

func (w *world) removeVolume(name string) {
	w.t.Helper()
	if _, err := w.api.VolumeRemove(w.t.Context(), name, client.VolumeRemoveOptions{}); err != nil {
		w.t.Fatal(err)
	}
}
