package session

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

func TestAnOwnerIsGoneWhenItsProcessIs(t *testing.T) {
	self := Self("/proc")
	alive := func(int) bool { return true }
	other := self
	other.Start += "1"
	rebooted := self
	rebooted.Boot = "another"
	elsewhere := rebooted
	elsewhere.Machine = "another"
	tests := []struct {
		name, label string
		gone        bool
	}{
		{"a process that runs", self.String(), false},
		{"a pid that was given out again", other.String(), true},
		{"a process of an earlier boot", rebooted.String(), true},
		{"a process of another machine", elsewhere.String(), false},
		{"a label that makes no sense", "x:y", false},
		{"no label", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Gone("/proc", tt.label, alive); got != tt.gone {
				t.Errorf("Gone(%q) = %v, want %v", tt.label, got, tt.gone)
			}
		})
	}
}

func TestTheHolderOfAPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	if portFree(t.Context(), "127.0.0.1", port) {
		t.Error("a port that is listened on counts as free")
	}
	want := fmt.Sprintf("(pid %d)", os.Getpid())
	if got := processOnPort("/proc", port); !strings.Contains(got, want) {
		t.Errorf("holder %q, want %q in it", got, want)
	}
}

func TestTheLockHasOneHolderWhoIsNamed(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	h, held := CurrentHolder(dir)
	if !held || h.PID != os.Getpid() || !h.Background {
		t.Errorf("holder %+v, %v", h, held)
	}
	_, err = Acquire(dir, false)
	var busy *BusyError
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
		t.Errorf("second lock: %v (%T)", err, busy)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if _, held := CurrentHolder(dir); held {
		t.Error("the lock is held after its release")
	}
}

func TestTheLockOutlivesTheStateFolder(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{project.StateDir, filepath.Join(project.StateDir, lockName)} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		var busy *BusyError
		if second, err := Acquire(dir, false); !errors.As(err, &busy) {
			t.Fatalf("without %s a second lock: %v, %v", name, second, err)
		}
		if h, held := CurrentHolder(dir); !held || h.PID != os.Getpid() || !h.Background {
			t.Errorf("holder %+v, %v", h, held)
		}
		if _, err = Acquire(dir, false); !errors.As(err, &busy) || busy.PID != os.Getpid() {
			t.Errorf("third lock: %v", err)
		}
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if _, held := CurrentHolder(dir); held {
		t.Error("the lock is held after its release")
	}
	next, err := Acquire(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Release(); err != nil {
		t.Error(err)
	}
}

func TestTheQueueKeepsOrderAndOnlyLogLinesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var mu sync.Mutex
		var got []Event
		q := newQueue(time.Now, func(events ...Event) {
			<-release
			mu.Lock()
			defer mu.Unlock()
			got = append(got, events...)
		})
		const lines = 2*maxQueuedLogs + 1 // one more than the listener and the queue hold
		filled := make(chan struct{})
		go func() {
			defer close(filled)
			for i := range lines {
				q.emit(Event{Kind: Log, Count: i})
			}
		}()
		synctest.Wait()
		select {
		case <-filled:
			t.Error("log lines do not wait for a listener that is stuck")
		default:
		}
		q.emit(Event{Kind: Restarting})
		close(release)
		<-filled
		q.close()
		next := 0
		for _, e := range got {
			if e.Kind == Log {
				if e.Count != next {
					t.Fatalf("line %d came in place of %d", e.Count, next)
				}
				next++
			}
		}
		if next != lines || len(got) != lines+1 {
			t.Errorf("%d lines of %d events, want %d", next, len(got), lines)
		}
	})
}

func TestTheQueueHoldsSoMuchTextAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		q := newQueue(time.Now, func(...Event) { <-release })
		line := strings.Repeat("x", 64<<10)
		// A line more than the listener and the queue hold, where each holds all it may.
		const lines = 2*(maxQueuedBytes/(64<<10)) + 1
		filled := make(chan struct{})
		go func() {
			defer close(filled)
			for range lines {
				q.emit(Event{Kind: Log, Line: line})
			}
		}()
		synctest.Wait()
		select {
		case <-filled:
			t.Errorf("%d lines of 64 KiB do not wait for a listener that is stuck", lines)
		default:
		}
		close(release)
		<-filled
		q.close()
	})
}

func TestARecordIsRecognised(t *testing.T) {
	r, ok := parseRecord(`{"devbox":"exited","id":"7","code":137,"signal":"SIGKILL","expected":true}`)
	if !ok || r.Kind != recordExited || r.ID != "7" || r.Code != 137 || r.Signal != "SIGKILL" || !r.Expected {
		t.Errorf("%+v, %v", r, ok)
	}
	for _, text := range []string{"", "{}", `{"level":30}`, "not json"} {
		if _, ok := parseRecord(text); ok {
			t.Errorf("%q passes as a record", text)
		}
	}
}
