package templates_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the app that the supervisor runs: its first argument says so.
const appWord = "supervised-app"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == appWord {
		runApp(os.Args[2], os.Args[3:])
	}
	// Under nohup or in the background these are ignored, which shells inherit for
	// good. A signal that is handled here starts out as usual in what this starts.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT)
	go func() {
		<-interrupted
		os.Exit(128 + int(syscall.SIGINT))
	}()
	os.Exit(m.Run())
}

// app is the command of an app with the given behaviour.
func app(args ...string) []string {
	return append([]string{os.Args[0], appWord}, args...)
}

// runApp behaves as told and does not return.
func runApp(kind string, args []string) {
	switch kind {
	case "exit":
		os.Exit(number(args[0]))
	case "exit-after":
		time.Sleep(time.Duration(number(args[0])) * time.Microsecond)
		os.Exit(number(args[1]))
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.Signal(number(args[0])))
	case "wait":
	case "polite":
		exitOnSignal(number(args[0]))
	case "tell":
		tellSurroundings()
		os.Exit(0)
	case "tell-on":
		tellSurroundings()
	case "unfinished-line":
		fmt.Fprint(os.Stderr, "no newline here")
	case "listen":
		listen(args[0])
	case "listen-later":
		time.Sleep(time.Duration(number(args[1])) * time.Millisecond)
		listen(args[0])
	case "listen-late-once": // the first time
		if _, err := os.Stat(args[1]); err != nil {
			time.Sleep(800 * time.Millisecond)
			if err := os.WriteFile(args[1], nil, 0o600); err != nil {
				panic(err)
			}
		}
		listen(args[0])
	case "listen-inside":
		go listen(args[2])
		time.Sleep(time.Duration(number(args[1])) * time.Millisecond)
		listen(args[0])
	case "moody":
		listenByTurns(args[0])
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		spawn(nil, "stubborn-child", args[0])
	case "stubborn-child":
		signal.Ignore(syscall.SIGTERM)
		listen(args[0])
	case "daemon", "hidden-daemon":
		// A grandchild that leaves the session; the hidden one also loses the environment.
		var env []string
		if kind == "hidden-daemon" {
			env = []string{testMark + "=" + os.Getenv(testMark)}
		}
		spawn(env, "listen", args[0])
	case "daemonize":
		spawn(nil, "listen", args[0])
		os.Exit(0)
	case "say-signal":
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGUSR2)
		fmt.Println("ready")
		fmt.Println("got", <-c)
	}
	select {}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func exitOnSignal(code int) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	fmt.Println("ready")
	<-c
	os.Exit(code)
}

// listen accepts for ever and says on stdout which process does, or that the port was taken.
func listen(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Println("listen failed:", err)
		os.Exit(1)
	}
	fmt.Println("serving", os.Getpid())
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// listenByTurns opens the port and closes it again at each SIGUSR2.
func listenByTurns(address string) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR2)
	for {
		l, err := net.Listen("tcp", address)
		if err != nil {
			panic(err)
		}
		<-c
		_ = l.Close()
		<-c
	}
}

// spawn starts another of these apps in a session of its own, except the stubborn child, which stays.
func spawn(env []string, args ...string) {
	child := app(args...)
	cmd := exec.Command(child[0], child[1:]...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: args[0] != "stubborn-child"}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	go func() { _ = cmd.Wait() }()
}

// tellSurroundings prints what an app can see of the supervisor: environment, open files, ignored signals.
func tellSurroundings() {
	env := os.Environ()
	slices.Sort(env)
	for _, e := range env {
		fmt.Printf("env %s\n", e)
	}
	for fd := range 64 {
		if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil {
			fmt.Printf("fd %d %s\n", fd, target)
		}
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "SigIgn:"); ok {
			fmt.Println("ignored", strings.TrimSpace(rest))
		}
	}
	stat, _ := os.ReadFile("/proc/self/stat")
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	fmt.Println("leads", os.Getpid() == number(fields[2]) && os.Getpid() == number(fields[3]))
	fmt.Println("told")
}
