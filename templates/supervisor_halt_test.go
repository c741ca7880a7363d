package templates_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
)

func TestSupervisorHaltsAnAppForAStartThatIsToCome(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
			app("listen", fmt.Sprint(":", port))...)
		s.next("listening")
		for _, word := range []string{"restart", "start"} {
			s.say("halt 1-" + word)
			if r := s.next("exited"); !r.Expected {
				t.Errorf("halted: got %+v, want an expected end", r)
			}
			if apps := s.apps(); len(apps) != 0 {
				t.Errorf("still there after a halt: %v", apps)
			}
			s.say(word + " 2-" + word)
			if r := s.next("started"); r.ID != "2-"+word {
				t.Errorf("%s: got %+v, want its id", word, r)
			}
			s.next("listening")
		}
		// Words that come before the old process has ended.
		s.say("halt 3", "restart 4")
		s.started("4")
		s.next("listening")
		for _, r := range s.all() {
			if r.Kind == "stopped" || r.Kind == "exited" && !r.Expected {
				t.Errorf("a halt was reported as %+v", r)
			}
		}
		if got, want := s.count("started"), 4; got != want {
			t.Errorf("%d starts, want %d: %s", got, want, s.story())
		}
	})
}

// Whoever said that a start is to come may be gone.
func TestSupervisorStartsAHaltedAppByItself(t *testing.T) {
	for name, gone := range map[string]func(s *supervised){
		"no word comes":            func(*supervised) {},
		"standard input has ended": func(s *supervised) { _ = s.stdin.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				s := start(t, shell, options{}, app("wait")...)
				first := s.next("started")
				s.say("halt 1")
				gone(s)
				if r := s.next("started"); r.ID != "1" || r.PID == first.PID {
					t.Errorf("got %+v after %+v, want another process with the id of the halt", r, first)
				}
				eventually(t, "one app runs", func() bool { return len(s.apps()) == 1 })
			})
		})
	}
}

// A halted app that takes its time is killed, and its start comes after its end.
func TestSupervisorHaltsAnAppThatIgnoresTheSignal(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{env: []string{"DEVBOX_SUPERVISOR_GRACE=1"}}, app("stubborn", "127.0.0.1:0")...)
		s.output("serving")
		s.say("halt 1")
		s.next("stopping")
		s.say("restart 2")
		if r := s.next("exited"); !r.Expected || r.Signal != "SIGKILL" {
			t.Errorf("got %+v, want an expected end by SIGKILL", r)
		}
		s.started("2")
	})
}

func TestSupervisorTakesOtherWordsDuringAHalt(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("polite", "7")...)
		s.output("ready")
		s.say("halt 1")
		s.next("exited")
		s.say("stop 2")
		if r := s.next("stopped"); r.ID != "2" {
			t.Errorf("a stop during a halt: got %+v, want id 2", r)
		}
		// Nothing is there to halt now, and nothing starts because of it.
		s.say("halt 3", "stop 4")
		if r := s.next("stopped"); r.ID != "4" || s.count("started") != 1 {
			t.Errorf("a halt of what is stopped: %s", s.story())
		}
		// The one after the start is too early for the app to be there, or in time; either way the word that
		// follows has its start.
		s.say("start 5", "halt 6", "restart 7")
		s.started("7")
		s.say("halt 8")
		s.next("exited")
		s.signal(syscall.SIGTERM)
		s.exitCode()
		s.next("stopped")
		if apps := s.apps(); len(apps) != 0 {
			t.Errorf("left behind: %v", apps)
		}
	})
}

// count is how many records of a kind there are.
func (s *supervised) count(kind string) int {
	return len(slices.DeleteFunc(s.all(), func(r record) bool { return r.Kind != kind }))
}
