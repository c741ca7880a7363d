package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

func TestStatusSaysThatNothingWatches(t *testing.T) {
	running := []session.ServiceStatus{{Name: "web", Container: "chat-web-1", State: "listening"}}
	tests := map[string]struct {
		st   session.Status
		says bool
	}{
		"watched":     {session.Status{Services: running, Watching: true}, false},
		"unwatched":   {session.Status{Services: running}, true},
		"not running": {session.Status{}, false},
	}
	for name, test := range tests {
		var out bytes.Buffer
		d := &deps{err: &out, out: &out, now: time.Now}
		d.sayUnwatched(test.st)
		if strings.Contains(out.String(), "devbox up -d") != test.says {
			t.Errorf("%s: %q", name, out.String())
		}
	}
}

func TestAFolderThatIsNotThereIsAUsageError(t *testing.T) {
	d := &deps{dir: filepath.Join(t.TempDir(), "none")}
	_, err := d.projectDir()
	if codeOf(err) != exitUsage || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("error %v", err)
	}
}

func TestAServiceThatIsNotThereIsNamedWithThoseThatAre(t *testing.T) {
	err := noService("nope", []string{"web", "db"})
	var usage *usageError
	if !errors.As(err, &usage) || codeOf(err) != exitUsage || err.Error() != `there is no service "nope"` || usage.Hint() != "services: web, db" {
		t.Errorf("error %v", err)
	}
}

func TestASlowEngineIsSaidOnStderr(t *testing.T) {
	var out, talk bytes.Buffer
	d := &deps{out: &out, err: &talk, now: time.Now, vars: map[string]string{}}
	d.engineOptions(d.talk()).Slow(20 * time.Second)
	if text := talk.String(); !strings.Contains(text, "Docker is slow to answer; it is waited for up to 20s") || !strings.Contains(text, "docker version") || out.Len() > 0 {
		t.Errorf("stderr %q, stdout %q", text, out.String())
	}
}
