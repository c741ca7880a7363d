//go:build e2e

package e2e

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// An app that writes a watched file whenever it starts is slowed down, and the
// file is named; an edit of its source is acted on as ever.
func TestARestartLoopIsNamed(t *testing.T) {
	w, url := newApp(t, "minimal")
	writes := "import fs from 'node:fs';\nfs.writeFileSync('data.json', String(Date.now()));\n"
	w.write("data.json", "{}")
	// The folder is root's here, and the app runs as the plain user.
	if err := os.Chmod(w.path("data.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	w.write("index.js", writes+server("zero"))
	up := w.start("up", "--json")
	w.eventually("the file is named", 30*time.Second, func() error {
		for _, e := range up.events("warning") {
			if slices.Contains(e.Files, "data.json") && strings.Contains(e.Text, "restart loop") {
				return nil
			}
		}
		return errors.New("not yet")
	})
	if n := len(up.events("restarting")); n > 6 {
		t.Errorf("%d restarts before that, want 5", n)
	}
	w.write("index.js", server("one"))
	w.answers(url, "one")
	up.interrupt()
	up.wait(15 * time.Second)
}
