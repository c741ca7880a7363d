//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// containers lists the containers of the scenario's project, and of its
// production side with prod.
func (w *world) containers(project string) []container.Summary {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), 10*time.Second)
	defer cancel()
	r, err := w.api.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", "com.docker.compose.project="+project),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Items
}

// container is the one container of a service, with all that the engine shows.
func (w *world) container(project, service string) container.InspectResponse {
	w.t.Helper()
	for _, c := range w.containers(project) {
		if c.Labels["com.docker.compose.service"] == service && c.Labels["com.docker.compose.oneoff"] != "True" {
			r, err := w.api.ContainerInspect(w.t.Context(), c.ID, client.ContainerInspectOptions{})
			if err != nil {
				w.t.Fatal(err)
			}
			return r.Container
		}
	}
	w.t.Fatalf("project %s has no container of service %s", project, service)
	return container.InspectResponse{}
}

// finish takes everything down, and fails the scenario for what is left.
func (w *world) finish() {
	if w.t.Failed() {
		w.keepArtifacts()
	}
	if _, err := os.Stat(w.path("devbox.yaml")); err == nil {
		w.run("down", "--volumes")
		w.run("prod", "down", "--volumes")
	}
	for _, left := range w.leftovers() {
		w.t.Errorf("left behind: %s", left)
	}
	w.removeImages()
	_ = w.api.Close()
}

// leftovers lists what of the scenario is still in the engine.
func (w *world) leftovers() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var left []string
	if r, err := w.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", "dev.devbox.owner")}); err == nil {
		for _, c := range r.Items {
			if !w.mounts(c) {
				continue
			}
			left = append(left, "task "+strings.Join(c.Names, " "))
			_, _ = w.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true})
		}
	}
	for _, project := range []string{w.name, w.name + "-prod"} {
		filter := make(client.Filters).Add("label", "com.docker.compose.project="+project)
		if r, err := w.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter}); err == nil {
			for _, c := range r.Items {
				left = append(left, "container "+strings.Join(c.Names, " "))
				_, _ = w.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true})
			}
		}
		if r, err := w.api.NetworkList(ctx, client.NetworkListOptions{Filters: filter}); err == nil {
			for _, n := range r.Items {
				left = append(left, "network "+n.Name)
				_, _ = w.api.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			}
		}
		if r, err := w.api.VolumeList(ctx, client.VolumeListOptions{}); err == nil {
			for _, v := range r.Items {
				if strings.HasPrefix(v.Name, project+"_") || v.Name == "devbox.checkout."+project {
					left = append(left, "volume "+v.Name)
					_, _ = w.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
				}
			}
		}
	}
	return left
}

// mounts tells whether a container has a volume of the scenario's project.
func (w *world) mounts(c container.Summary) bool {
	for _, m := range c.Mounts {
		if strings.HasPrefix(m.Name, w.name+"_") {
			return true
		}
	}
	return false
}

func (w *world) removeImages() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, service := range []string{"web", "worker", "web-migrate"} {
		for _, image := range []string{w.name + "-" + service + ":dev", w.name + "-" + service + ":dev-base", w.name + "-" + service + ":prod"} {
			_, _ = w.api.ImageRemove(ctx, image, client.ImageRemoveOptions{})
		}
	}
}

// strangers lists files of the project that its owner does not own.
func (w *world) strangers() []string {
	w.t.Helper()
	var list []string
	err := filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != w.uid {
			list = append(list, fmt.Sprintf("%s is owned by %d", path, owner))
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// keepArtifacts writes all that helps to understand a failure.
func (w *world) keepArtifacts() {
	var b strings.Builder
	w.mu.Lock()
	b.WriteString(w.transcript.String())
	w.mu.Unlock()
	for _, project := range []string{w.name, w.name + "-prod"} {
		for _, c := range w.containers(project) {
			fmt.Fprintf(&b, "\n# container %s: %s\n", strings.Join(c.Names, " "), c.Status)
			logs, err := w.api.ContainerLogs(context.Background(), c.ID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: "50"})
			if err == nil {
				const most = 16 << 10
				buf := make([]byte, most)
				n, _ := logs.Read(buf)
				b.Write(buf[:n])
				_ = logs.Close()
			}
		}
	}
	dir := os.Getenv("E2E_ARTIFACTS")
	if dir == "" {
		w.t.Log(b.String())
		return
	}
	const open = 0o755
	_ = os.MkdirAll(dir, open)
	path := filepath.Join(dir, w.name+".txt")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err == nil {
		w.t.Logf("artifacts: %s", path)
	}
}
