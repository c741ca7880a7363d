//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWhatRunsCanBeAskedForWhilePackageJSONIsBroken breaks package.json behind a
// running environment: the commands that only ask go on, and say that what runs
// is not what the folder asks for.
func TestWhatRunsCanBeAskedForWhilePackageJSONIsBroken(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", server("one"))
	w.ok("up", "--detach")
	w.answers(url, "one")
	good := w.read("package.json")

	w.step("package.json is broken")
	w.write("package.json", good[:len(good)/2])
	w.eventually("status says so", 20*time.Second, func() error {
		r := w.run("status")
		if r.code != 0 || !strings.Contains(r.stderr, "is not applied") {
			return fmt.Errorf("exit code %d, %s", r.code, r.stderr)
		}
		return nil
	})
	r := w.ok("status", "--json")
	var st struct {
		Services  []struct{ Name, State, URL string }
		Unapplied *struct {
			Files []string
			Text  string
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &st); err != nil {
		t.Fatal(err)
	}
	if st.Unapplied == nil || strings.Join(st.Unapplied.Files, " ") != "package.json" || !strings.Contains(st.Unapplied.Text, "package.json") {
		t.Errorf("status --json: %s", r.stdout)
	}
	if len(st.Services) != 1 || st.Services[0].State != "listening" || st.Services[0].URL != url {
		t.Errorf("services: %s", r.stdout)
	}
	if got := strings.TrimSpace(w.ok("url").stdout); got != url {
		t.Errorf("url %q, want %q", got, url)
	}
	if r := w.ok("logs", "--tail", "5"); r.stdout == "" || !strings.Contains(r.stderr, "is not applied") {
		t.Errorf("logs: %q, %q", r.stdout, r.stderr)
	}

	w.step("it is mended")
	w.write("package.json", good)
	w.eventually("status says nothing of it any more", 20*time.Second, func() error {
		if r := w.run("status"); r.code != 0 || r.stderr != "" {
			return fmt.Errorf("exit code %d, %s", r.code, r.stderr)
		}
		return nil
	})
}
