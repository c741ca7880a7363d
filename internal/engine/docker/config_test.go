package docker

import (
	"context"
	"reflect"
	"testing"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestIsLocalOnlyWhereTheEngineSeesThisMachinesFolders(t *testing.T) {
	tests := []struct {
		name, host string
		local      bool
	}{
		{"the system's socket", "unix:///var/run/docker.sock", true},
		{"a rootless engine's socket", "unix:///run/user/1000/docker.sock", true},
		{"Docker Desktop's pipe", "npipe:////./pipe/dockerDesktopLinuxEngine", true},
		{"the default host", "", true},
		{"this machine by name", "tcp://localhost:2375", true},
		{"this machine by IPv4 address", "tcp://127.0.0.1:2375", true},
		{"this machine by IPv6 address", "tcp://[::1]:2375", true},
		{"this machine over HTTPS", "https://localhost:2376", true},
		{"another machine by name", "tcp://build.example:2376", false},
		{"another machine by address", "tcp://10.0.0.7:2376", false},
		{"a name that only begins like this machine's", "tcp://localhost.example:2376", false},
		{"another machine over SSH", "ssh://ada@build.example", false},
		{"this machine over SSH may be a tunnel", "ssh://ada@localhost", false},
		{"an address that cannot be read", "tcp://[::1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := isLocal(tt.host); got != tt.local {
				t.Errorf("isLocal(%q) = %v, want %v", tt.host, got, tt.local)
			}
		})
	}
}

func TestComposeProgressHandsEventsOnOnce(t *testing.T) {
	const web, db = "Container chat-web-1", "Container chat-db-1"
	tests := []struct {
		name   string
		events []api.Resource
		want   []engine.Progress
	}{
		{"no events", nil, nil},
		{
			"work and its end",
			[]api.Resource{{ID: web, Text: "Starting", Status: api.Working}, {ID: web, Text: "Started", Status: api.Done}},
			[]engine.Progress{{What: web, Text: "Starting"}, {What: web, Text: "Started", Done: true}},
		},
		{
			"an event that is told twice",
			[]api.Resource{{ID: web, Text: "Starting"}, {ID: web, Text: "Starting"}, {ID: web, Text: "Started", Status: api.Done}, {ID: web, Text: "Started", Status: api.Done}},
			[]engine.Progress{{What: web, Text: "Starting"}, {What: web, Text: "Started", Done: true}},
		},
		{
			"the same text about two containers",
			[]api.Resource{{ID: web, Text: "Starting"}, {ID: db, Text: "Starting"}, {ID: web, Text: "Starting"}},
			[]engine.Progress{{What: web, Text: "Starting"}, {What: db, Text: "Starting"}},
		},
		{
			"the same text again after another one",
			[]api.Resource{{ID: web, Text: "Starting"}, {ID: web, Text: "Waiting"}, {ID: web, Text: "Starting"}},
			[]engine.Progress{{What: web, Text: "Starting"}, {What: web, Text: "Waiting"}, {What: web, Text: "Starting"}},
		},
		{
			"an error carries its details in one line",
			[]api.Resource{{ID: web, Text: "Error", Details: "Bind for 0.0.0.0:3000 failed:\n  port is already allocated", Status: api.Error}},
			[]engine.Progress{{What: web, Text: "Error: Bind for 0.0.0.0:3000 failed: port is already allocated", Done: true}},
		},
		{
			"two errors with different details",
			[]api.Resource{{ID: web, Text: "Error", Details: "one", Status: api.Error}, {ID: web, Text: "Error", Details: "two", Status: api.Error}},
			[]engine.Progress{{What: web, Text: "Error: one", Done: true}, {What: web, Text: "Error: two", Done: true}},
		},
		{
			"an error without details",
			[]api.Resource{{ID: web, Text: "Error", Status: api.Error}},
			[]engine.Progress{{What: web, Text: "Error", Done: true}},
		},
		{
			"details that change during the work are no news",
			[]api.Resource{{ID: web, Text: "Pulling", Details: "1 MB"}, {ID: web, Text: "Pulling", Details: "2 MB"}},
			[]engine.Progress{{What: web, Text: "Pulling"}},
		},
		{
			"a warning ends the work too",
			[]api.Resource{{ID: web, Text: "Skipped", Details: "no container found", Status: api.Warning}},
			[]engine.Progress{{What: web, Text: "Skipped", Done: true}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var together, single []engine.Progress
			p := &composeProgress{progress: func(e engine.Progress) { together = append(together, e) }}
			p.Start(context.Background(), "up")
			p.On(tt.events...)
			p.Done("up", true)
			if !reflect.DeepEqual(together, tt.want) {
				t.Errorf("in one call\n got %+v\nwant %+v", together, tt.want)
			}
			p = &composeProgress{progress: func(e engine.Progress) { single = append(single, e) }}
			for _, e := range tt.events {
				p.On(e)
			}
			if !reflect.DeepEqual(single, tt.want) {
				t.Errorf("one by one\n got %+v\nwant %+v", single, tt.want)
			}
		})
	}
}

func TestComposeProgressWorksWithoutAListener(*testing.T) {
	p := &composeProgress{}
	p.On(api.Resource{ID: "Network chat_default", Text: "Creating"})
}

func TestTaskConfigCarriesTheTask(t *testing.T) {
	got := taskConfig(engine.Task{
		Image: "chat-web:dev", Command: []string{"npm", "ci", "--no-audit"}, User: "1000:1000", Dir: "/app",
		Env: []string{"CI=1"},
	}, "owner", nil)
	want := &container.Config{
		Image: "chat-web:dev", Entrypoint: []string{"npm"}, Cmd: []string{"ci", "--no-audit"}, User: "1000:1000", WorkingDir: "/app",
		Env: []string{"CI=1"}, Labels: map[string]string{engine.LabelOwner: "owner"}, AttachStdout: true, AttachStderr: true,
	}
	if !reflect.DeepEqual(got.Config, want) {
		t.Errorf("\n got %+v\nwant %+v", got.Config, want)
	}
}

func TestTaskConfigReplacesTheImagesCommand(t *testing.T) {
	got := taskConfig(engine.Task{Image: "chat-web:dev", Command: []string{"true"}}, "owner", nil).Config
	// An entrypoint of ours makes the engine drop the image's CMD.
	if !reflect.DeepEqual(got.Entrypoint, []string{"true"}) || len(got.Cmd) != 0 {
		t.Errorf("entrypoint %q and command %q, want [true] and nothing", got.Entrypoint, got.Cmd)
	}
}

func TestTaskConfigGivesOnlyWhatATaskAsksFor(t *testing.T) {
	tests := []struct {
		name    string
		task    engine.Task
		caps    []string
		network container.NetworkMode
	}{
		{"nothing asked for, nothing given", engine.Task{}, nil, "none"},
		{"a network", engine.Task{Network: true}, nil, ""},
		{"capabilities", engine.Task{Capabilities: []string{"CHOWN", "DAC_OVERRIDE"}}, []string{"CHOWN", "DAC_OVERRIDE"}, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.task.Command = []string{"true"}
			host := taskConfig(tt.task, "owner", []string{"HTTP_PROXY=p"}).HostConfig
			if host.NetworkMode != tt.network {
				t.Errorf("network %q, want %q", host.NetworkMode, tt.network)
			}
			if !reflect.DeepEqual(host.CapAdd, tt.caps) {
				t.Errorf("capabilities %q, want %q", host.CapAdd, tt.caps)
			}
			if want := []string{"ALL"}; !reflect.DeepEqual(host.CapDrop, want) {
				t.Errorf("dropped capabilities %q, want %q", host.CapDrop, want)
			}
			if want := []string{"no-new-privileges:true"}; !reflect.DeepEqual(host.SecurityOpt, want) {
				t.Errorf("security options %q, want %q", host.SecurityOpt, want)
			}
			if host.Init == nil || !*host.Init {
				t.Error("nothing reaps the task's children")
			}
			if host.Privileged {
				t.Error("the task is privileged")
			}
		})
	}
}

func TestTaskConfigMounts(t *testing.T) {
	tests := []struct {
		name string
		in   []engine.Mount
		want []mount.Mount
	}{
		{"none", nil, nil},
		{
			"a volume is not filled from the image",
			[]engine.Mount{{Volume: "chat_web_k1", Target: "/app/node_modules"}},
			[]mount.Mount{{Type: mount.TypeVolume, Source: "chat_web_k1", Target: "/app/node_modules", VolumeOptions: &mount.VolumeOptions{NoCopy: true}}},
		},
		{
			"a folder of the host",
			[]engine.Mount{{Bind: "/home/ada/chat", Target: "/src", ReadOnly: true}},
			[]mount.Mount{{Type: mount.TypeBind, Source: "/home/ada/chat", Target: "/src", ReadOnly: true}},
		},
		{
			"both, in the order they were given",
			[]engine.Mount{{Bind: "/home/ada/chat", Target: "/src"}, {Volume: "cache", Target: "/cache", ReadOnly: true}},
			[]mount.Mount{
				{Type: mount.TypeBind, Source: "/home/ada/chat", Target: "/src"},
				{Type: mount.TypeVolume, Source: "cache", Target: "/cache", ReadOnly: true, VolumeOptions: &mount.VolumeOptions{NoCopy: true}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := taskConfig(engine.Task{Command: []string{"true"}, Mounts: tt.in}, "owner", nil).HostConfig.Mounts
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}
