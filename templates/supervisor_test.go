package templates_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/devbox-node/devbox/templates"
)

func TestSupervisorIsCompact(t *testing.T) {
	script := templates.Supervisor()
	for line := range strings.Lines(script) {
		if text := strings.TrimSpace(line); text == "" || text[0] == '#' || text+"\n" != line {
			t.Errorf("a line to leave out: %q", line)
		}
	}
	if len(script) > 32<<10 {
		t.Errorf("it has %d bytes; it goes into every container's command line", len(script))
	}
}

func TestSupervisorTellsHowAnAppEnded(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		code    int
		signal  string
	}{
		{"an exit with 0", app("exit", "0"), 0, ""},
		{"a crash", app("exit", "3"), 3, ""},
		{"a command that is not there", []string{"devbox-no-such-command"}, 127, ""},
		{"a command that cannot be run", []string{"/dev/null"}, 126, ""},
		{"an end by SIGKILL", app("die", "9"), 137, "SIGKILL"},
		{"an end by SIGTERM", app("die", "15"), 143, "SIGTERM"},
		{"a status that is no signal's", app("exit", "255"), 255, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				s := start(t, shell, options{}, test.command...)
				if r := s.next("started"); r.ID != "" || r.PID == 0 {
					t.Errorf("first start: got %+v, want no id and a pid", r)
				}
				r := s.next("exited")
				if r.ID != "" || r.Code == nil || *r.Code != test.code || r.Signal != test.signal || r.Expected {
					t.Errorf("got %+v (code %v), want code %d, signal %q, unexpected", r, r.Code, test.code, test.signal)
				}
				// It waits for a word, however the app ended, and can be stopped with the app's status.
				s.say("restart again")
				s.started("again")
				s.next("exited")
				s.signal(syscall.SIGTERM)
				if code := s.exitCode(); code != test.code {
					t.Errorf("supervisor's own status: got %d, want %d", code, test.code)
				}
			})
		})
	}
}

func TestSupervisorRestartsOnAWord(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
			app("listen", fmt.Sprint(":", port))...)
		for i := range 20 {
			id := strconv.Itoa(i)
			if i == 0 {
				id = ""
			} else {
				s.say("restart " + id)
				if r := s.next("exited"); !r.Expected || r.Signal != "SIGTERM" {
					t.Fatalf("restart %s: got %+v, want an expected end by SIGTERM", id, r)
				}
			}
			if r := s.next("started"); r.ID != id {
				t.Fatalf("got start %q, want %q", r.ID, id)
			}
			if r := s.next("listening"); r.ID != id || r.Port != port || r.Loopback || r.Restarts != i {
				t.Fatalf("got %+v, want id %q, port %d and %d restarts", r, id, port, i)
			}
		}
		if apps := s.apps(); len(apps) != 1 {
			t.Errorf("got apps %v, want one", apps)
		}
	})
}

func TestSupervisorRestartsOnHangup(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("wait")...)
		first := s.next("started")
		s.signal(syscall.SIGHUP)
		if second := s.next("started"); second.ID != "" || second.PID == first.PID {
			t.Errorf("got %+v after %+v, want a new process and no id", second, first)
		}
	})
}

func TestSupervisorStopsAndStartsOnAWord(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("wait")...)
		s.next("started")
		s.say("stop 1")
		s.next("stopping")
		if r := s.next("exited"); !r.Expected {
			t.Errorf("got %+v, want an expected end", r)
		}
		if r := s.next("stopped"); r.ID != "1" {
			t.Errorf("got %+v, want id 1", r)
		}
		if apps := s.apps(); len(apps) != 0 {
			t.Errorf("still there after a stop: %v", apps)
		}
		s.say("stop 2")
		if r := s.next("stopped"); r.ID != "2" {
			t.Errorf("a stop of what is stopped: got %+v, want id 2", r)
		}
		s.say("start 3")
		first := s.started("3")
		s.say("start 4")
		if r := s.started("4"); r.PID != first.PID || !r.Already {
			t.Errorf("a start of what runs: got %+v, want the same process %d", r, first.PID)
		}
		s.say("stop 5", "restart 6")
		s.started("6")
	})
}

func TestSupervisorTakesNoWordThatIsNone(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("wait")...)
		s.next("started")
		s.say("", "   ", "quit", "exited 1 0", "pass KILL", "listening 1 80 any", `\`, "*", "restart\x00",
			strings.Repeat("x", 100_000), `restart "},{"`, "restart "+strings.Repeat("9", 65))
		s.say("restart " + strings.Repeat("9", 64))
		s.started(strings.Repeat("9", 64))
		for _, r := range s.all() {
			if r.ID != "" && r.ID != strings.Repeat("9", 64) {
				t.Errorf("an id that should have been dropped: %q", r.ID)
			}
		}
	})
}

func TestSupervisorEndsAtSIGTERMWithTheAppsStatus(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		signal  syscall.Signal
		ready   bool
		want    int
	}{
		{"an app that exits with 0", app("polite", "0"), syscall.SIGTERM, true, 0},
		{"an app that exits with 7", app("polite", "7"), syscall.SIGINT, true, 7},
		{"an app that exits with 127", app("polite", "127"), syscall.SIGTERM, true, 127},
		{"an app without a handler", app("wait"), syscall.SIGTERM, false, 143},
		{"an app that ignores it", app("stubborn", "127.0.0.1:0"), syscall.SIGTERM, false, 137},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				s := start(t, shell, options{env: []string{"DEVBOX_SUPERVISOR_GRACE=1"}}, test.command...)
				s.next("started")
				if test.ready {
					s.output("ready")
				}
				if test.want == 137 {
					s.output("serving")
				}
				s.signal(test.signal)
				if got := s.exitCode(); got != test.want {
					t.Errorf("got status %d, want %d", got, test.want)
				}
				s.next("stopped")
				if apps := s.apps(); len(apps) != 0 {
					t.Errorf("left behind: %v", apps)
				}
			})
		})
	}
}

func TestSupervisorUsesTheStopSignalItIsTold(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{env: []string{"DEVBOX_SUPERVISOR_SIGNAL=SIGUSR2", "DEVBOX_SUPERVISOR_GRACE=0"}}, app("say-signal")...)
		s.output("ready")
		s.say("restart 1")
		s.next("stopping")
		s.output("got user defined signal 2")
	})
}

func TestSupervisorPassesOtherSignalsOn(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("say-signal")...)
		s.output("ready")
		s.signal(syscall.SIGUSR2)
		s.output("got user defined signal 2")
	})
}

// A command that stays when the app in it has crashed is no app that listens.
func TestSupervisorTellsThatAPortWasClosed(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		port := freePort(t)
		s := start(t, shell, options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}}, app("moody", fmt.Sprint("127.0.0.1:", port))...)
		for range 2 {
			if r := s.next("listening"); r.Port != port {
				t.Errorf("listening: %+v", r)
			}
			s.signal(syscall.SIGUSR2)
			if r := s.next("closed"); r.Port != port || r.ID != "" {
				t.Errorf("closed: %+v", r)
			}
			s.signal(syscall.SIGUSR2)
		}
		s.next("listening")
		s.say("restart again")
		s.started("again")
		if r := s.next("listening"); r.ID != "again" || r.Restarts != 1 {
			t.Errorf("after a restart: %+v", r)
		}
	})
}

func TestSupervisorOutlivesSignalsToItsGroup(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("polite", "5")...)
		s.output("ready")
		if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		s.next("exited")
		s.next("started")
		s.await("a second ready", func() bool { return strings.Count(s.stdout.String(), "ready") == 2 })
		if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if got := s.exitCode(); got != 5 {
			t.Errorf("got status %d, want the app's own 5", got)
		}
	})
}

func TestSupervisorLivesWithoutStdin(t *testing.T) {
	tests := []struct {
		name   string
		prefix []string
	}{
		{"closed later", nil},
		{"never open", []string{"sh", "-c", `exec "$@" <&-`, "sh"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			forEachShell(t, func(t *testing.T, shell []string) {
				port := freePort(t)
				s := start(t, slices.Concat(test.prefix, shell), options{env: []string{fmt.Sprint("DEVBOX_SUPERVISOR_PORT=", port)}},
					app("listen", fmt.Sprint(":", port))...)
				s.next("listening")
				if err := s.stdin.Close(); err != nil {
					t.Fatal(err)
				}
				s.signal(syscall.SIGHUP)
				s.next("started")
				s.next("listening")
				s.expectIdle()
			})
		})
	}
}

func TestSupervisorShowsTheAppNothingOfItself(t *testing.T) {
	given := []string{"id=mine", "port=mine", "state=mine", "x=a b\nc 'd' \"e\" \\f $g"}
	bare := exec.Command(os.Args[0], appWord, "tell")
	bare.Env = slices.Concat(os.Environ(), given, []string{"DEVBOX_APP=mark", "PWD=here", "GORACE=atexit_sleep_ms=0"}) // as every shell exports
	bare.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := bare.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := surroundings(string(out))
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{env: slices.Concat(given, []string{
			"DEVBOX_SUPERVISOR_PORT=1",
			"DEVBOX_SUPERVISOR_GRACE=1", "DEVBOX_SUPERVISOR_SIGNAL=TERM",
		})}, app("tell")...)
		s.output("told\n")
		got := surroundings(s.out())
		reset := syscall.Signal(0)
		if shell[0] == "busybox" { // its env is a builtin that cannot reset signals; Node does that by itself
			reset = syscall.SIGINT
		}
		if got, want := withIgnored(t, got, reset), withIgnored(t, want, reset); got != want {
			t.Errorf("under the supervisor:\n%s\nwithout it:\n%s", got, want)
		}
	})
}

func TestSupervisorShowsTheSameAtEachStart(t *testing.T) {
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

// withIgnored names, in what surroundings tells, the ignored ones of the signals that a shell ignores by
// itself or that the supervisor traps. What else is ignored comes from whoever started the tests. One signal
// is left out.
func withIgnored(t *testing.T, surroundings string, except syscall.Signal) string {
	t.Helper()
	before, rest, ok := strings.Cut(surroundings, "ignored ")
	digits, after, _ := strings.Cut(rest, "\n")
	mask, err := strconv.ParseUint(digits, 16, 64)
	if !ok || err != nil {
		t.Fatalf("no mask of ignored signals in\n%s", surroundings)
	}
	var ignored []string
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM} {
		if s != except && mask&(1<<(s-1)) != 0 {
			ignored = append(ignored, s.String())
		}
	}
	return fmt.Sprintf("%signored %q\n%s", before, ignored, after)
}

// surroundings keeps of what an app told that which must not differ.
func surroundings(told string) string {
	var kept []string
	for line := range strings.Lines(told) {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "env DEVBOX_APP", "env PWD":
			kept = append(kept, name+"\n")
		case "env SHLVL", "env _", "env GORACE", "env " + testMark:
		default:
			// Some busybox shells leave the app a handle on /dev/null.
			if !strings.Contains(line, "pipe:") && line != "fd 10 /dev/null\n" {
				kept = append(kept, line)
			}
		}
	}
	return strings.Join(kept, "")
}

func TestSupervisorKeepsTheCommandsWords(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		words := []string{"", "a b", "*", "$HOME", `\n`, "'", `"`, "-e", "new\nline"}
		s := start(t, shell, options{}, append([]string{"printf", "<%s>"}, words...)...)
		s.next("exited")
		s.output("<" + strings.Join(words, "><") + ">")
	})
}

func TestSupervisorTellsARecordFromAnUnfinishedLine(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("unfinished-line")...)
		s.next("started")
		s.await("the text", func() bool { return s.stderr.Len() > 0 })
		s.say("restart 1")
		s.started("1")
		s.await("the text twice", func() bool { return s.stderr.String() == "no newline hereno newline here" })
	})
}

func TestSupervisorKeepsItsLastRecordInAFile(t *testing.T) {
	read := func(s *supervised) (r record, size int) {
		data, err := os.ReadFile(s.state)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := json.Unmarshal(data, &r); err != nil {
			s.t.Fatalf("state %q: %v", data, err)
		}
		return r, len(data)
	}
	forEachShell(t, func(t *testing.T, shell []string) {
		s := start(t, shell, options{}, app("exit", "9")...)
		s.next("exited")
		eventually(t, "the file says exited", func() bool { r, _ := read(s); return r.Kind == "exited" && *r.Code == 9 })
		s.say("stop " + strings.Repeat("a", 64))
		s.next("stopped")
		eventually(t, "the file says stopped", func() bool { r, n := read(s); return r.Kind == "stopped" && n == 256 })
	})
}

func TestSupervisorNeedsNoPlaceToWrite(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		state := filepath.Join(t.TempDir(), "no", "such", "folder")
		s := start(t, shell, options{env: []string{"DEVBOX_SUPERVISOR_STATE=" + state, "TMPDIR=" + state}}, app("wait")...)
		s.next("started")
		s.say("restart 1")
		s.started("1")
		if text := s.err(); text != "" {
			t.Errorf("it complained: %s", text)
		}
	})
}

// Without sleep there is no clock and so no supervisor; the app runs all the same.
func TestSupervisorStepsAsideWhereItCannotWork(t *testing.T) {
	forEachShell(t, func(t *testing.T, shell []string) {
		if shell[0] == "busybox" {
			t.Skip("this busybox has a sleep of its own")
		}
		path, err := exec.LookPath(shell[0])
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, append([]string{path}, shell[1:]...), options{env: []string{"PATH=" + t.TempDir()}}, app("exit", "4")...)
		s.next("unsupported")
		if got := s.exitCode(); got != 4 {
			t.Errorf("got status %d, want the app's 4", got)
		}
	})
}
