package session

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestVersionsOfImages(t *testing.T) {
	for image, want := range map[string]string{
		"postgres:15-bookworm": "15", "postgres:15.4": "15.4", "redis": "", "registry.example:5000/redis:7.2-alpine": "7.2",
		"registry.example:5000/redis": "", "mysql:latest": "", "postgres:16@sha256:abc": "16",
	} {
		if got := imageVersion(image); got != want {
			t.Errorf("%s: got %q, want %q", image, got, want)
		}
	}
}

func TestWhatDataFits(t *testing.T) {
	image := func(name string) DataVolume { return DataVolume{Image: name, Version: imageVersion(name)} }
	kind := func(name, version string) DataVolume { return DataVolume{Kind: name, Version: version, Image: name} }
	tests := []struct {
		name     string
		was, now DataVolume
		want     bool
	}{
		{"the same", image("postgres:15"), image("postgres:15"), true},
		{"a minor version of PostgreSQL", image("postgres:15.1"), image("docker.io/library/postgres:15.4-alpine"), true},
		{"another major version", image("postgres:15"), image("postgres:16"), false},
		{"another program", image("postgres:15"), image("mysql:15"), false},
		{"a minor version of MySQL", image("mysql:8.0.36"), image("mysql:8.4"), false},
		{"a version that says less", image("mysql:8"), image("mysql:8.4"), true},
		{"images without a version, the same", image("nats"), image("nats"), true},
		{"images without a version, others", image("nats:edge"), image("nats:main"), false},
		{"a known kind", kind("postgres", "15"), kind("postgres", "15"), true},
		{"a known kind, another version", kind("postgres", "15"), kind("postgres", "16"), false},
		{"another kind", kind("mysql", "8.4"), kind("mariadb", "8.4"), false},
	}
	for _, tt := range tests {
		if got := fits(tt.was, tt.now); got != tt.want {
			t.Errorf("%s: got %t", tt.name, got)
		}
	}
}

func TestWhereASnapshotsDataGo(t *testing.T) {
	db := DataVolume{Service: "db", Key: "db_data", Kind: "postgres", Version: "15"}
	cache := DataVolume{Service: "cache", Key: "cache_data", Kind: "redis", Version: "7"}
	into, left, err := matchData(Snapshot{Name: "s", Data: []DataVolume{db, cache}}, []DataVolume{db})
	if err != nil || !slices.Equal(servicesOf(into), []string{"db"}) || !slices.Equal(left, []string{"cache"}) {
		t.Errorf("into %v, left %v, %v", into, left, err)
	}
	now := db
	now.Version = "16"
	_, _, err = matchData(Snapshot{Name: "s", Data: []DataVolume{db}}, []DataVolume{now})
	if want := `snapshot "s" has data of postgres 15 for db, which is postgres 16 now`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWhatAnInterruptedChangeLeaves(t *testing.T) {
	volume := func(name, kind string, record any) engine.Volume {
		data, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		return engine.Volume{Name: name, Labels: map[string]string{engine.LabelDataKind: kind, engine.LabelDataRecord: string(data)}}
	}
	head := volume("devbox.snapshot.p.a", dataHead, snapshotRecord{Snapshot: Snapshot{Name: "a"}, Content: "devbox.content.p.a"})
	content := volume("devbox.content.p.a", dataContent, nil)
	intent := volume("devbox.restore.p", dataIntent, restoreRecord{Snapshot: "a"})
	commit := volume("devbox.commit.p", dataCommit, restoreRecord{Snapshot: "a"})
	tests := []struct {
		name      string
		list      []engine.Volume
		want      string
		snapshots int
	}{
		{"nothing", nil, "nothing to do", 0},
		{"a snapshot", []engine.Volume{head, content}, "nothing to do", 1},
		{"a copy that did not end", []engine.Volume{content}, "remove devbox.content.p.a", 0},
		{"a snapshot that is half removed", []engine.Volume{head}, "nothing to do", 0},
		{"a restore before it was decided", []engine.Volume{head, content, intent}, `take back restoring snapshot "a"`, 1},
		{"a restore that was decided", []engine.Volume{head, content, intent, commit}, `finish restoring snapshot "a"`, 1},
		{"a restore that is nearly forgotten", []engine.Volume{commit}, `finish restoring snapshot "a"`, 0},
	}
	for _, tt := range tests {
		if got := unfinishedIn(tt.list).String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if got := len(snapshotsIn(tt.list)); got != tt.snapshots {
			t.Errorf("%s: %d snapshots", tt.name, got)
		}
	}
}

// TestAnExchangeCanEndAnywhere ends the script at each of its commands, runs it
// again, and wants all of the new content and nothing else.
func TestAnExchangeCanEndAnywhere(t *testing.T) {
	commands := []string{"mv", "sync", "rm", "rmdir", "mkdir", "chown", "chmod"}
	for end := 1; ; end++ {
		dir := t.TempDir()
		bin := filepath.Join(dir, "bin")
		for _, name := range commands {
			does := name
			if name == "sync" {
				does = "true" // the whole machine's disks are no part of this
			}
			real, err := exec.LookPath(does)
			if err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(bin, name), fmt.Sprintf("#!/bin/sh\necho >> %s/count\n[ $(wc -l < %s/count) -ne \"$END\" ] || exit 9\nexec %s \"$@\"\n", dir, dir, real))
		}
		var folders []string
		for _, volume := range []string{"db", "cache"} {
			at := filepath.Join(dir, volume)
			put(t, filepath.Join(at, "both"), "old")
			put(t, filepath.Join(at, "old only"), "old")
			put(t, filepath.Join(at, ".hidden"), "old")
			put(t, filepath.Join(at, ".devbox-new", "both"), "new")
			put(t, filepath.Join(at, ".devbox-new", "base", "1"), "new")
			put(t, filepath.Join(at, ".devbox-new", "..odd"), "new")
			folders = append(folders, at)
		}
		exchange := func(end int) error {
			cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{"-c", exchangeScript, "test"}, folders...)...)
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "END="+strconv.Itoa(end))
			return cmd.Run()
		}
		ended := exchange(end) != nil
		const never = -1
		if err := exchange(never); err != nil {
			t.Fatalf("after an end at command %d: %v", end, err)
		}
		for _, at := range folders {
			if got := tree(t, at); got != "..odd=new base/1=new both=new" {
				t.Fatalf("after an end at command %d: %s", end, got)
			}
		}
		if !ended {
			if end < len(commands) {
				t.Errorf("the script has only %d commands", end)
			}
			return
		}
	}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	const dirMode, fileMode = 0o755, 0o755
	if err := os.MkdirAll(filepath.Dir(name), dirMode); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), fileMode); err != nil {
		t.Fatal(err)
	}
}

// tree is what is below a folder, file=content in order.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		list = append(list, rel+"="+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}
