package templates_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/devbox-node/devbox/templates"
)

// testMark is in the environment of everything that one test starts, so that it can be found, and so that
// no test ever signals a process of somebody else.
const testMark = "DEVBOX_SUPERVISOR_TEST"

// patience is long, because machines that test are busy; no test waits for it unless it fails.
const patience = 20 * time.Second

// record is one line of the supervisor.
type record struct {
	Kind     string `json:"devbox"`
	ID       string `json:"id"`
	PID      int    `json:"pid"`
	Port     int    `json:"port"`
	Loopback bool   `json:"loopback"`
	Code     *int   `json:"code"`
	Signal   string `json:"signal"`
	Expected bool   `json:"expected"`
	Already  bool   `json:"already"`
	Grace    int    `json:"grace"`
	Restarts int    `json:"restarts"`
}

// forEachShell runs a test under each POSIX shell of this machine.
func forEachShell(t *testing.T, test func(t *testing.T, shell []string)) {
	t.Helper()
	for _, shell := range [][]string{{"dash"}, {"bash", "--posix"}, {"busybox", "sh"}} {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("NOT TESTED: %s is not on this machine", shell[0])
			}
			t.Parallel()
			test(t, shell)
		})
	}
}

// supervised is a supervisor that runs, and all that it has said.
type supervised struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	state string // its state file
	mark  string
	done  chan struct{} // closed when it has ended

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each news
	records []record
	read    int // records that a test has taken
	stdout  bytes.Buffer
	stderr  bytes.Buffer // without records
}

type options struct {
	env   []string
	stdin *os.File // in place of a pipe
}

func start(t *testing.T, shell []string, o options, command ...string) *supervised {
	t.Helper()
	s := &supervised{
		t: t, mark: fmt.Sprintf("%d-%d", os.Getpid(), rand.Int64()), done: make(chan struct{}),
		changed: make(chan struct{}), state: filepath.Join(t.TempDir(), "state"),
	}
	args := slices.Concat(shell[1:], []string{"-c", templates.Supervisor(), "devbox-supervisor"}, command)
	s.cmd = exec.Command(shell[0], args...)
	s.cmd.Env = slices.Concat(os.Environ(), []string{
		testMark + "=" + s.mark,
		"DEVBOX_SUPERVISOR_STATE=" + s.state, "GORACE=atexit_sleep_ms=0",
	}, o.env)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var err error
	if o.stdin != nil {
		s.cmd.Stdin = o.stdin
	} else if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	// Pipes of our own: Wait must not wait for an app that still holds one.
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = outW, errW
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = outW.Close()
	_ = errW.Close()
	var readers sync.WaitGroup
	readers.Go(func() { s.readOutput(outR) })
	readers.Go(func() { s.readRecords(errR) })
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	t.Cleanup(func() {
		s.cleanUp()
		_ = outR.SetReadDeadline(time.Now().Add(time.Second))
		_ = errR.SetReadDeadline(time.Now().Add(time.Second))
		readers.Wait()
		_ = outR.Close()
		_ = errR.Close()
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s\nrecords: %s", &s.stdout, &s.stderr, s.story())
		}
	})
	return s
}

// news changes what is known and wakes those who wait for it.
func (s *supervised) news(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *supervised) readOutput(r io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		s.news(func() { s.stdout.Write(buf[:n]) })
		if err != nil {
			return
		}
	}
}

func (s *supervised) readRecords(r io.Reader) {
	in := bufio.NewReader(r)
	for {
		c, err := in.ReadByte()
		if err != nil {
			return
		}
		if c != '\x1e' {
			s.news(func() { s.stderr.WriteByte(c) })
			continue
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		var rec record
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			s.t.Errorf("a record that is no JSON: %q", line)
			continue
		}
		s.news(func() { s.records = append(s.records, rec) })
	}
}

// await waits until ok, called with the lock held, is true.
func (s *supervised) await(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		yes, changed := ok(), s.changed
		s.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.t.Fatalf("waited in vain for %s; so far: %s", what, s.story())
		}
	}
}

// next takes records up to the next one of that kind and returns it.
func (s *supervised) next(kind string) record {
	s.t.Helper()
	var got record
	s.await("a record "+kind, func() bool {
		for s.read < len(s.records) {
			got = s.records[s.read]
			s.read++
			if got.Kind == kind {
				return true
			}
		}
		return false
	})
	return got
}

// started takes records up to the start that the word of this id caused.
func (s *supervised) started(id string) record {
	s.t.Helper()
	for {
		if r := s.next("started"); r.ID == id {
			return r
		}
	}
}

func (s *supervised) output(want string) {
	s.t.Helper()
	s.await(fmt.Sprintf("output %q", want), func() bool { return strings.Contains(s.stdout.String(), want) })
}

// out is what the app has written on stdout so far.
func (s *supervised) out() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stdout.String()
}

// err is what came on stderr so far, without records.
func (s *supervised) err() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// all is the records so far.
func (s *supervised) all() []record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

func (s *supervised) say(words ...string) {
	s.t.Helper()
	if _, err := io.WriteString(s.stdin, strings.Join(words, "\n")+"\n"); err != nil {
		s.t.Fatalf("say %q: %v", words, err)
	}
}

func (s *supervised) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("signal the supervisor: %v", err)
	}
}

// exitCode waits for the supervisor's own end.
func (s *supervised) exitCode() int {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("the supervisor did not end; so far: %s", s.story())
	}
	return s.cmd.ProcessState.ExitCode()
}

// story is the records as a line of words.
func (s *supervised) story() string {
	var words []string
	for _, r := range s.all() {
		words = append(words, strings.TrimSpace(r.Kind+" "+r.ID))
	}
	return strings.Join(words, ", ")
}

// process is one that this test started, seen in /proc.
type process struct {
	pid  int
	name string
	app  bool // the supervisor has marked it as the app's
}

// processes lists what runs of this test, the supervisor's own included; zombies do not count.
func (s *supervised) processes() []process {
	var found []process
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		env, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || !bytes.Contains(env, []byte(testMark+"="+s.mark)) {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue
		}
		open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
		if stat[end+2] == 'Z' || stat[end+2] == 'X' {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		cmdline, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		found = append(found, process{
			pid, string(stat[open+1 : end]),
			bytes.Contains(cmdline, []byte("\x00"+appWord+"\x00")) && !bytes.Contains(cmdline, []byte("devbox-supervisor")),
		})
	}
	return found
}

func (s *supervised) apps() []int {
	var pids []int
	for _, p := range s.processes() {
		if p.app {
			pids = append(pids, p.pid)
		}
	}
	return pids
}

// eventually polls, for what sends no word.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// cleanUp ends the supervisor and checks that nothing but a sleep that ends by itself is left.
func (s *supervised) cleanUp() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Error("the supervisor did not end on SIGTERM")
		_ = s.cmd.Process.Kill()
	}
	if s.stdin != nil {
		_ = s.stdin.Close()
	}
	var left []process
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left = slices.DeleteFunc(s.processes(), func(p process) bool { return p.name == "sleep" })
		if len(left) == 0 || time.Now().After(deadline) {
			break
		}
	}
	for _, p := range left {
		s.t.Errorf("left behind: %d %s", p.pid, p.name)
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
}

// freePort is a port that nobody has. It is none of those that the kernel gives to
// connections (net.ipv4.ip_local_port_range begins at 32768): one of them would hold
// it in the moment in which an app restarts.
func freePort(t *testing.T) int {
	t.Helper()
	const first, past, tries = 20000, 32768, 100
	for range tries {
		port := first + rand.IntN(past-first)
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// parent is the id of the process that has made another.
func parent(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "PPid:"); ok {
			return number(strings.TrimSpace(rest))
		}
	}
	t.Fatalf("process %d has no parent", pid)
	return 0
}
