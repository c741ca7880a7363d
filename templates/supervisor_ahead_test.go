package templates_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The next start waits in a shell while an app ends. The app must see no more of that than of a shell made
// for the first start.
func TestSupervisorShowsNothingOfAShellThatWaited(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{env: []string{"OLDPWD=/nowhere"}}, app("tell-on")...)
		s.output("told\n")
		first := s.out()
		for i, words := range [][]string{{"restart 1"}, {"halt 2", "restart 2"}} {
			s.say(words...)
			s.started(fmt.Sprint(i + 1))
			s.await("another account", func() bool { return strings.Count(s.stdout.String(), "told\n") == i+2 })
			if got := s.out()[len(first)*(i+1):]; got != first {
				t.Errorf("after %q:\n%s\nat the first start:\n%s", words, got, first)
			}
		}
	})
}

func TestSupervisorLetsNoShellWaitForNothing(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("stubborn", "127.0.0.1:0")...)
		loop := parent(t, parent(t, s.next("started").PID))
		s.output("serving")
		s.say("halt 1")
		eventually(t, "a shell waits", func() bool { return len(s.waiting(loop)) == 1 })
		s.say("stop 2")
		s.next("stopped")
		eventually(t, "none waits", func() bool { return len(s.waiting(loop)) == 0 })
	})
}

func TestSupervisorStartsWithoutTheShellThatWaited(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{env: []string{"DEVBOX_SUPERVISOR_GRACE=1"}}, app("stubborn", "127.0.0.1:0")...)
		loop := parent(t, parent(t, s.next("started").PID))
		s.output("serving")
		s.say("restart 1")
		var waiting []int
		eventually(t, "a shell waits", func() bool {
			waiting = s.waiting(loop)
			return len(waiting) == 1
		})
		if err := syscall.Kill(waiting[0], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		s.started("1")
		// And the next one has a shell again.
		s.await("a second server", func() bool { return strings.Count(s.stdout.String(), "serving") == 2 })
		s.say("restart 2")
		eventually(t, "a shell waits", func() bool { return len(s.waiting(loop)) == 1 })
		s.started("2")
	})
}

// waiting lists the shells that wait to be the app: children of a keeper, which the loop has made, that have
// the pipe for their word.
func (s *supervised) waiting(loop int) []int {
	var found []int
	for _, p := range s.processes() {
		pipe, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/3", p.pid))
		if strings.HasPrefix(pipe, "pipe:") && parentOf(parentOf(p.pid)) == loop {
			found = append(found, p.pid)
		}
	}
	return found
}

func parent(t *testing.T, pid int) int {
	t.Helper()
	p := parentOf(pid)
	if p == 0 {
		t.Fatalf("process %d has no parent", pid)
	}
	return p
}

// parentOf is 0 for a process that is gone.
func parentOf(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "PPid:"); ok {
			p, _ := strconv.Atoi(strings.TrimSpace(rest))
			return p
		}
	}
	return 0
}
