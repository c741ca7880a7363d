//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestADetachedEnvironmentSaysThatItPolls(t *testing.T) {
	w, _ := newApp(t, "minimal")
	w.write("devbox.yaml", strings.TrimRight(w.read("devbox.yaml"), "\n")+"\nwatch: {poll: true}\n")
	if said := w.ok("up", "--detach").stderr; !strings.Contains(said, "polling") {
		t.Errorf("up says\n%s", said)
	}
	if said := w.ok("status").stderr; !strings.Contains(said, "polling") {
		t.Errorf("status says\n%s", said)
	}
	var status struct {
		Watching bool
		Watch    struct{ Mode, Reason string }
	}
	if err := json.Unmarshal([]byte(w.ok("status", "--json").stdout), &status); err != nil {
		t.Fatal(err)
	}
	if !status.Watching || status.Watch.Mode != "polling" || status.Watch.Reason == "" {
		t.Errorf("status --json says %+v", status)
	}
	w.ok("down")
}
