package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/uitest"
)

// helperVar makes this test program a dashboard of a session without an engine.
const helperVar = "DEVBOX_UI_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVar) != "" {
		os.Exit(helper())
	}
	os.Exit(m.Run())
}

// helper runs the dashboard as cmd does and says how it ended.
func helper() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var away atomic.Bool
	go stopOnInterrupt(&away, stop)
	killed := make(chan struct{})
	res := Run(ctx, Options{
		In: os.Stdin, Out: os.Stdout, Env: os.Environ(), Project: "chat", panicOn: "!",
		CrashNote: "it has died", Kill: func() { close(killed) },
		Session: func(ctx context.Context, l Link) error { return fakeSession(ctx, l, killed) },
		Aside: func(args ...string) *exec.Cmd {
			script := "echo aside: " + strings.Join(args, " ") + "; read -r line; echo heard $line"
			if args[0] == "run" {
				script = "echo ran"
			}
			return exec.Command("/bin/sh", "-c", script)
		},
		SteppedAside: away.Store,
		Scripts:      func(string) ([]Script, error) { return []Script{{"test", "node --test", nil}}, nil },
	})
	fmt.Printf("ended: err=%v left=%t interrupted=%t\n", res.Err != nil, res.Left, res.Interrupted)
	return 0
}

// stopOnInterrupt stops for a SIGINT that came while nobody else had the
// terminal, and says of others that they came.
func stopOnInterrupt(away *atomic.Bool, stop func()) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, syscall.SIGINT)
	for range interrupts {
		if !away.Load() {
			stop()
			return
		}
		fmt.Print("not for devbox")
	}
}

// fakeSession is up at once, and dies as it is asked to.
func fakeSession(ctx context.Context, l Link, killed <-chan struct{}) error {
	l.Overview(overview(session.AppListening))
	l.Listen(session.Event{Kind: session.Ready, Service: "web", Port: 3000, Time: time.Now()})
	if os.Getenv(helperVar) == "flood" {
		flooding, stop := context.WithCancel(ctx)
		defer stop()
		go flood(flooding, l)
	}
	for {
		select {
		case <-ctx.Done():
			l.Listen(session.Event{Kind: session.Stopping, Time: time.Now()})
			if os.Getenv(helperVar) == "stubborn" {
				<-killed
			}
			return nil
		case in := <-l.Intents:
			switch in.Wish {
			case session.WishLeave:
				return nil
			case session.WishRebuild:
				return errors.New("it broke")
			case session.WishRestart:
				go func() { panic("in a goroutine") }()
			case session.WishStart:
				panic("in the session")
			}
		}
	}
}

func startHelper(t *testing.T, mode string) (*uitest.Terminal, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVar+"="+mode, "TERM=xterm-256color", "LANG=C.UTF-8")
	// All new terminals have the same modes; those of this one may be changed
	// already when it can be asked.
	before := uitest.Start(t, exec.Command("/bin/sh", "-c", "read -r x"), 100, 30).Modes()
	return uitest.Start(t, cmd, 100, 30), before
}

func TestTheTerminalIsRestoredOnEveryWayOut(t *testing.T) {
	for _, test := range []struct {
		name, mode string
		leave      func(*uitest.Terminal)
		want       string
	}{
		{"q and stop", "plain", func(x *uitest.Terminal) { x.Send("q"); x.See("What should q do?"); x.Send("s") }, "ended: err=false left=false interrupted=false"},
		{"detach", "plain", func(x *uitest.Terminal) { x.Send("D") }, "ended: err=false left=true interrupted=false"},
		{"Ctrl-C", "plain", func(x *uitest.Terminal) { x.Send("\x03") }, "ended: err=false left=false interrupted=true"},
		{"Ctrl-C twice", "stubborn", func(x *uitest.Terminal) { x.Send("\x03"); x.See("stopping…"); x.Send("\x03") }, "interrupted=true"},
		{"SIGTERM", "plain", func(x *uitest.Terminal) { x.Signal(syscall.SIGTERM) }, "ended: err=false"},
		{"SIGHUP", "plain", func(x *uitest.Terminal) { x.Signal(syscall.SIGHUP) }, "ended: err=false"},
		{"an error of the session", "plain", func(x *uitest.Terminal) { x.Send("b") }, "ended: err=true"},
		{"a panic in Update", "plain", func(x *uitest.Terminal) { x.Send("!") }, "ended: err=true"},
		{"a panic of the session", "plain", func(x *uitest.Terminal) { x.Send("u") }, "ended: err=true"},
		{"a panic in a goroutine", "plain", func(x *uitest.Terminal) { x.Send("r") }, "it has died"},
		{"SIGKILL", "plain", func(x *uitest.Terminal) { x.Signal(syscall.SIGKILL) }, "it has died"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, before := startHelper(t, test.mode)
			x.See("Services", "listening")
			if !x.AltScreen() {
				t.Fatal("the dashboard is not on a screen of its own")
			}
			test.leave(x)
			x.Wait()
			x.See(test.want)
			x.AwaitModes(before)
			if x.AltScreen() {
				t.Error("the dashboard's screen was not left")
			}
			raw := x.Raw()
			for on, off := range map[string]string{"\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?2004h": "\x1b[?2004l"} {
				if strings.LastIndex(raw, on) > strings.LastIndex(raw, off) {
					t.Errorf("%q is left on", on)
				}
			}
		})
	}
}

// TestAGuardThatIsLateHasTheRightModes makes the guard slow: what it has to give
// back is what was there before the dashboard.
func TestAGuardThatIsLateHasTheRightModes(t *testing.T) {
	real, err := exec.LookPath("stty")
	if err != nil {
		t.Skip("no stty")
	}
	slow := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = -g ] && sleep 1\nexec " + real + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(slow, "stty"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", slow+string(os.PathListSeparator)+os.Getenv("PATH"))
	x, before := startHelper(t, "plain")
	x.See("Services", "listening")
	x.Signal(syscall.SIGKILL)
	x.Wait()
	x.See("it has died")
	x.AwaitModes(before)
}

func TestTheDashboardStepsAsideAndComesBack(t *testing.T) {
	x, _ := startHelper(t, "plain")
	x.See("listening")
	x.Send("s")
	x.See("aside: shell web")
	if x.AltScreen() {
		t.Error("the dashboard has not stepped aside")
	}
	x.Send("something\r")
	x.See("Services", "shell of web ended")
	x.Send("D")
	x.Wait()
}

func TestWhatHasTheTerminalGetsCtrlC(t *testing.T) {
	x, _ := startHelper(t, "plain")
	x.See("listening")
	x.Send("p")
	x.See("Run a script")
	x.Send("\r")
	x.See("ran", "Enter goes back")
	x.Send("\x03")
	x.See("not for devbox")
	x.Send("\r")
	x.See("Services", "script test ended")
	x.Send("\x03")
	x.Wait()
	x.See("ended: err=false left=false interrupted=true")
}

func TestSignalsEndWhatHasTheTerminal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		for name, step := range map[string]func(*uitest.Terminal){
			"a shell":           func(x *uitest.Terminal) { x.Send("s"); x.See("aside: shell web") },
			"a script that ran": func(x *uitest.Terminal) { x.Send("p"); x.See("Run a script"); x.Send("\r"); x.See("Enter goes back") },
		} {
			t.Run(sig.String()+" with "+name, func(t *testing.T) {
				x, before := startHelper(t, "plain")
				x.See("listening")
				step(x)
				x.Signal(sig)
				x.Wait()
				x.See("ended: err=false left=false")
				x.AwaitModes(before)
				if x.AltScreen() {
					t.Error("the dashboard's screen was not left")
				}
			})
		}
	}
}

func TestNoColourIsLeftOfTheProgramWhereNobodyWantsAny(t *testing.T) {
	colour := regexp.MustCompile(`\x1b\[(?:[0-9;:]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m`)
	for _, value := range []string{"", "1"} {
		t.Setenv("NO_COLOR", value)
		x, _ := startHelper(t, "plain")
		x.See("Services", "listening")
		x.Send("D")
		x.Wait()
		if found := colour.FindString(x.Raw()); (found != "") != (value == "") {
			t.Errorf("with NO_COLOR=%q the first colour is %q", value, found)
		}
	}
}

func TestCtrlZGivesTheTerminalToTheShellAndFgTakesItBack(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no shell with job control")
	}
	cmd := exec.Command(bash, "--norc", "-i")
	cmd.Env = append(os.Environ(), helperVar+"=plain", "TERM=xterm-256color", "LANG=C.UTF-8", "PS1=prompt> ")
	x := uitest.Start(t, cmd, 100, 30)
	x.See("prompt>")
	x.Send(os.Args[0] + "\r")
	x.See("Services", "listening")
	x.Send("\x1a")
	x.See("prompt>", "Stopped")
	if x.AltScreen() {
		t.Error("the dashboard's screen was not left")
	}
	x.Send("echo it is $((40+2)) o clock\r")
	x.See("it is 42 o clock")
	x.Send("fg\r")
	x.See("Services", "listening")
	x.Send("\x1a")
	x.See("prompt>")
	x.Send("clear; fg\r")
	x.See("Services")
	x.Send("D")
	x.See("ended: err=false left=true")
	x.Send("exit\r")
	x.Wait()
}

func TestAResizeStormLeavesARightFrame(t *testing.T) {
	x, _ := startHelper(t, "plain")
	x.See("Services", "listening")
	for i := range 300 {
		x.Resize(1+i*7%180, 1+i*5%60)
	}
	x.Resize(0, 0)
	x.Resize(100, 30)
	x.Await("a frame of the last size", func(screen string) bool {
		lines := strings.Split(screen, "\n")
		return len(lines) == 30 && strings.Contains(lines[0], "devbox  chat") && strings.Contains(lines[29], "? help") && strings.Contains(screen, "╰")
	})
	x.Send("D")
	x.Wait()
}
