package templates_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func times(n int) int {
	if testing.Short() {
		return max(n/10, 5)
	}
	return n
}

func TestSupervisorFreesThePortBeforeTheNextStart(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port), "DEVBOX_SUPERVISOR_GRACE=0"}},
			app("stubborn", fmt.Sprint("127.0.0.1:", port))...)
		s.next("listening")
		n := times(50)
		if shell[0] == "dash" {
			n = times(200)
		}
		for i := range n {
			s.say(fmt.Sprint("restart ", i))
			if r := s.next("slow"); r.ID != strconv.Itoa(i) {
				t.Fatalf("got %+v, want id %d", r, i)
			}
			if r := s.next("listening"); r.ID != strconv.Itoa(i) || r.Port != port || !r.Loopback {
				t.Fatalf("got %+v, want id %d, port %d, loopback", r, i, port)
			}
		}
		out := s.out()
		if strings.Contains(out, "listen failed") || strings.Count(out, "serving") != n+1 {
			t.Errorf("served %d times of %d:\n%s", strings.Count(out, "serving"), n+1, out)
		}
		if apps := s.apps(); len(apps) != 2 {
			t.Errorf("got processes %v, want the app and its child", apps)
		}
	})
}

func TestSupervisorFindsProcessesThatLeftTheSession(t *testing.T) {
	tests := []struct {
		kind string
		path func(t *testing.T) string
	}{
		{"daemon", nil},
		{"hidden-daemon", nil},
		{"daemonize", nil},
		{"daemon", pathWithoutSetsid},
		{"daemonize", pathWithoutSetsid},
		{"stubborn", pathWithoutSetsid},
	}
	for _, test := range tests {
		name := test.kind
		var env []string
		if test.path != nil {
			name += " without setsid"
			env = []string{"PATH=" + test.path(t)}
		}
		t.Run(name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				if test.path != nil && shell[0] == "busybox" {
					t.Skip("this busybox has a setsid of its own")
				}
				path, err := exec.LookPath(shell[0])
				if err != nil {
					t.Fatal(err)
				}
				shell = append([]string{path}, shell[1:]...)
				port := freePort(t)
				s := start(t, shell, options{env: append([]string{"DEVBOX_SUPERVISOR_GRACE=1"}, env...)},
					app(test.kind, fmt.Sprint("127.0.0.1:", port))...)
				for i := range 3 {
					s.await("a server", func() bool { return strings.Count(s.stdout.String(), "serving") == i+1 })
					s.say(fmt.Sprint("restart ", i))
					s.started(strconv.Itoa(i))
				}
				s.await("the last server", func() bool { return strings.Count(s.stdout.String(), "serving") == 4 })
				if out := s.out(); strings.Contains(out, "listen failed") {
					t.Errorf("the port was held:\n%s", out)
				}
				s.say("stop end")
				s.next("stopped")
				if apps := s.apps(); len(apps) != 0 {
					t.Errorf("left behind: %v", apps)
				}
			})
		})
	}
}

// pathWithoutSetsid makes a folder of commands in which setsid is missing.
func pathWithoutSetsid(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"sleep", "ls", "env", "echo"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSupervisorLeavesOthersAlone(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		one := start(t, shell, options{}, app("wait")...)
		two := start(t, shell, options{}, app("wait")...)
		pid := one.next("started").PID
		two.next("started")
		other := exec.Command(os.Args[0], appWord, "wait")
		other.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
		for i := range 5 {
			two.say(fmt.Sprint("restart ", i))
			two.started(strconv.Itoa(i))
		}
		if apps := one.apps(); len(apps) != 1 || apps[0] != pid {
			t.Errorf("the other supervisor's app: got %v, want %d untouched", apps, pid)
		}
		if err := other.Process.Signal(syscall.Signal(0)); err != nil {
			t.Errorf("a process of somebody else: %v", err)
		}
	})
}

func TestSupervisorObeysTheNewestOfManyWords(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		for _, kind := range []string{"wait", "exit"} {
			s := start(t, shell, options{}, app(kind, "0")...)
			s.next("started")
			var words []string
			for i := range 100 {
				words = append(words, []string{"restart ", "stop ", "start ", "halt "}[rand.N(4)]+strconv.Itoa(i))
			}
			s.say(append(words, "restart last")...)
			s.started("last")
			if kind == "wait" {
				eventually(t, "one app runs", func() bool { return len(s.apps()) == 1 })
			}
			s.say("stop end")
			s.next("stopped")
			if apps := s.apps(); len(apps) != 0 {
				t.Errorf("left behind: %v", apps)
			}
		}
	})
}

func TestSupervisorLosesNoWordWhateverTheMoment(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		// The app ends by itself at about the moment of the word.
		s := start(t, shell, options{}, app("exit-after", "3000", "1")...)
		for i := range times(60) {
			id := strconv.Itoa(i)
			s.say("restart " + id)
			s.started(id)
			time.Sleep(rand.N(12 * time.Millisecond))
		}
		// Words between fork and exec.
		s = start(t, shell, options{}, app("wait")...)
		for i := range times(60) {
			id := strconv.Itoa(i)
			s.say("restart "+id+"-a", "restart "+id)
			s.started(id)
		}
	})
}

// The keeper is the app's parent; whoever runs out of memory may lose just that.
func TestSupervisorGetsOverTheLossOfAKeeper(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("polite", "0")...)
		app := s.next("started").PID
		s.output("ready")
		keeper := parent(t, app)
		if !slices.ContainsFunc(s.processes(), func(p process) bool { return p.pid == keeper && !p.app }) {
			t.Fatalf("the app's parent %d is no process of this test", keeper)
		}
		if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		s.say("restart 1")
		s.started("1")
		s.say("stop 2")
		if r := s.next("exited"); !r.Expected {
			t.Errorf("got %+v, want an expected end", r)
		}
		s.next("stopped")
	})
}

func TestSupervisorEndsWheneverItIsTold(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		for range times(30) {
			s := start(t, shell, options{}, app("wait")...)
			time.Sleep(rand.N(30 * time.Millisecond))
			s.signal(syscall.SIGTERM)
			// -1: before its first line, by the signal itself.
			if got := s.exitCode(); got != 143 && got != -1 && got != 0 {
				t.Errorf("got status %d, want 143", got)
			}
		}
	})
}

func TestSupervisorFindsThePort(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		t.Run("another one than declared", func(t *testing.T) {
			port := freePort(t)
			s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", freePort(t))}},
				app("listen", fmt.Sprint("[::1]:", port))...)
			if r := s.next("listening"); r.Port != port || !r.Loopback {
				t.Errorf("got %+v, want port %d on loopback", r, port)
			}
		})
		t.Run("none that the kernel chose", func(t *testing.T) {
			port := freePort(t)
			s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
				app("listen-inside", fmt.Sprint("127.0.0.1:", port), "2500", "127.0.0.1:0")...)
			if r := s.next("listening"); r.Port != port {
				t.Errorf("got %+v, want port %d", r, port)
			}
		})
		t.Run("none declared", func(t *testing.T) {
			port := freePort(t)
			s := start(t, shell, options{}, app("listen", fmt.Sprint("0.0.0.0:", port))...)
			if r := s.next("listening"); r.Port != port || r.Loopback {
				t.Errorf("got %+v, want port %d", r, port)
			}
		})
		t.Run("not that of somebody else", func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			declared := fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", l.Addr().(*net.TCPAddr).Port)
			port := freePort(t)
			s := start(t, shell, options{env: []string{declared}}, app("listen", fmt.Sprint(":", port))...)
			if r := s.next("listening"); r.Port != port {
				t.Errorf("got %+v, want port %d", r, port)
			}
		})
		t.Run("one that opens late", func(t *testing.T) {
			port := freePort(t)
			s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
				app("listen-later", fmt.Sprint(":", port), "2500")...)
			if r := s.next("listening"); r.Port != port {
				t.Errorf("got %+v, want port %d", r, port)
			}
		})
	})
}

// The first look for the port waits as long as the last start lets expect; a start that took long for once must
// not make the next ones look late.
func TestSupervisorLooksInTimeAfterASlowStart(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
			app("listen-late-once", fmt.Sprint(":", port), filepath.Join(t.TempDir(), "was-here"))...)
		s.next("listening")
		var late []time.Duration
		for i := range 4 {
			s.say(fmt.Sprint("restart ", i))
			s.started(fmt.Sprint(i))
			s.await("a server", func() bool { return strings.Count(s.stdout.String(), "serving") == i+2 })
			served := time.Now()
			s.next("listening")
			late = append(late, time.Since(served))
		}
		// The machine may be busy at one of them.
		if slices.Min(late[1:]) > 60*time.Millisecond {
			t.Errorf("seen %v after it listened", late)
		}
	})
}

func TestSupervisorIsIdleWhenNothingHappens(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
			app("listen", fmt.Sprint(":", port))...)
		s.next("listening")
		s.say("restart 1")
		s.started("1")
		s.next("listening")
		s.expectIdle()
		s.say("stop 2")
		s.next("stopped")
		s.expectIdle()
	})
}

// expectIdle counts how often the supervisor's own processes run in a second: a shell that waits is not
// scheduled at all. A few times are allowed for what it still had to finish.
func (s *supervised) expectIdle() {
	s.t.Helper()
	switches := func() (total int, running []string) {
		for _, p := range s.processes() {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
			if p.app || p.name == "sleep" || err != nil {
				continue
			}
			running = append(running, p.name)
			_, rest, _ := bytes.Cut(status, []byte("\nvoluntary_ctxt_switches:"))
			n, _ := strconv.Atoi(strings.TrimSpace(string(bytes.SplitN(rest, []byte("\n"), 2)[0])))
			total += n
		}
		return total, running
	}
	before, _ := switches()
	time.Sleep(time.Second) // what is measured is that time passes and nothing else
	after, running := switches()
	if len(running) < 2 {
		s.t.Errorf("found %v, want the supervisor's shells", running)
	}
	if after-before > 10 {
		s.t.Errorf("%d wake-ups in an idle second of %v", after-before, running)
	}
}
