//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/ui/uitest"
)

// dashboard runs `devbox up` at a terminal. Its configuration folder is the
// scenario's own.
func (w *world) dashboard(width, height int, env ...string) *uitest.Terminal {
	w.t.Helper()
	cmd := w.plainCommand(w.bin, "up")
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), w.env...)
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "XDG_CONFIG_HOME="+filepath.Join(filepath.Dir(w.dir), "config"))
	cmd.Env = append(cmd.Env, env...)
	w.note("$ devbox up, at a terminal")
	x := uitest.Start(w.t, cmd, width, height)
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.note("the screen:\n" + x.Screen())
		}
	})
	return x
}

func TestTheDashboardIsAllThatADayNeeds(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", server("one"))
	w.write("package.json", strings.Replace(w.read("package.json"), `"scripts": {`, `"scripts": {"greet": "echo hello from a script",`, 1))

	w.step("the services come up")
	x := w.dashboard(120, 36)
	x.See("devbox", w.name, "Services")
	x.See("web  listening", "following", "watching")
	w.answers(url, "one")
	before := x.Screen()

	w.step("an edit restarts the app, and the screen names the file and the time")
	w.write("index.js", server("two"))
	x.See("↻ index.js", " ms")
	w.answers(url, "two")
	if !strings.Contains(before, "Timeline") {
		t.Errorf("there was no time line:\n%s", before)
	}

	w.step("a search counts and marks, a filter hides")
	x.Send("/")
	x.See("text, or /expression/")
	x.Send("listening\r")
	x.See("/listening", "matches")
	x.Send("\x1b")
	x.Gone("/listening")
	x.Send("fno-such-text\r")
	x.See("filter no-such-text", " 0 of ")
	x.Send("F")
	x.Gone("filter no-such-text")

	w.step("the dashboard steps aside for a shell and comes back")
	x.Send("s")
	x.See(":/app")
	x.Await("the shell's own screen", func(s string) bool { return !strings.Contains(s, "Timeline") })
	x.Send("echo in-a-container-$((40+2))\r")
	x.See("in-a-container-42")
	x.Send("exit\r")
	x.See("Timeline", "web  listening")

	w.step("a script of package.json is picked and run")
	x.Send("p")
	x.See("Run a script in web")
	x.Send("greet\r")
	x.See("hello from a script", "Enter goes back")
	x.Send("\r")
	x.See("Timeline")

	w.step("a crash says why, and the next good save recovers")
	w.write("index.js", "const broken = ;\n")
	x.See("Problem", "SyntaxError", "index.js:1", "crashed")
	w.write("index.js", server("three"))
	x.See("web  listening")
	x.Gone("Problem")
	w.answers(url, "three")

	w.step("the lock's state is shown")
	x.Send("l")
	x.See("lock status", "package-lock.json")
	x.Send("\x1b")
	x.Gone("lock status")

	w.step("a service is stopped and started, and an edit does not start what was stopped")
	x.Send("x")
	x.See("web  stopped")
	w.write("index.js", server("four"))
	x.Send("u")
	x.See("web  listening")
	w.answers(url, "four")

	w.step("a storm of sizes leaves a right frame")
	for i := range 200 {
		x.Resize(1+i*7%180, 1+i*5%60)
	}
	x.Resize(100, 30)
	x.Await("a frame of the last size", func(s string) bool {
		lines := strings.Split(s, "\n")
		return len(lines) == 30 && strings.Contains(lines[0], w.name) && strings.Contains(lines[29], "? help")
	})

	w.step("q asks once, stops, and gives the terminal back")
	x.Send("q")
	x.See("What should q do?")
	x.Send("s")
	if code := x.Wait(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, x.Screen())
	}
	if x.AltScreen() {
		t.Error("the dashboard's screen was not left")
	}
	if c := w.container(w.name, "web"); c.State.Running {
		t.Error("the app still runs")
	}
}

// TestTheMouseAndTheClipboard has two services with many lines.
func TestTheMouseAndTheClipboard(t *testing.T) {
	w, _ := newApp(t, "express")
	w.write("index.js", "for (let n = 0; n < 200; n++) console.log(`line-${n}.`);\n"+server("one"))
	w.write("compose.override.yaml", `services:
  cache:
    image: redis:7-bookworm
    command: [redis-server, --loglevel, warning]
`)
	x := w.dashboard(120, 36)
	x.See("web    listening", "cache  running", "line-199.")

	w.step("the wheel scrolls the logs away from the newest line, and back")
	logsX, logsY := x.Find("line-199.")
	// Lines of cache may stand below it. Turned faster than a hand does, most
	// of it is left out.
	x.Await("no newest line", func(screen string) bool {
		if !strings.Contains(screen, "line-199.") {
			return true
		}
		x.Wheel(logsX, logsY-10, -1)
		return false
	})
	x.Gone("following")
	x.Await("the end again", func(screen string) bool {
		if strings.Contains(screen, "following") {
			return true
		}
		x.Wheel(logsX, logsY-10, 1)
		return false
	})
	x.See("line-199.")

	w.step("a click selects a service, and Enter shows its lines alone")
	x.Click(x.Find("cache  running"))
	x.Send("\r")
	x.See("Logs · cache")
	x.Gone("line-199.")
	x.Click(x.Find("web    listening"))
	x.Send("\r")
	x.See("Logs · web", "line-199.")

	w.step("a click gives a pane the focus: the arrows scroll the logs now")
	x.Click(x.Find("line-190."))
	x.Send("\x1b[A")
	x.Gone("following")
	x.Send("G")
	x.See("following")

	w.step("y copies what can be seen, through the terminal")
	screen := x.See("line-199.")
	x.Send("y")
	x.See("copied ")
	copied := x.Copied()
	for _, line := range numberedLine.FindAllString(screen, -1) {
		if !strings.Contains(copied, line) {
			t.Errorf("%q was not copied: %q", line, copied)
		}
	}
	if strings.ContainsAny(copied, "│╭\x1b") || !strings.Contains(copied, "line-199.") {
		t.Errorf("copied %q", copied)
	}

	w.step("m leaves the mouse to the terminal")
	x.Send("m")
	x.See("the mouse is the terminal's")
	x.Click(x.Find("cache  running"))
	x.Send("\r")
	x.See("Logs · following")
	x.Send("\x03")
	x.Wait()
}

func TestLeavingTheDashboardKeepsTheWatcher(t *testing.T) {
	w, url := newApp(t, "express")
	w.write("index.js", server("one"))
	x := w.dashboard(100, 30)
	x.See("web  listening")
	x.Send("D")
	if code := x.Wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, x.Screen())
	}
	x.See("it runs on")
	w.write("index.js", server("two"))
	w.answers(url, "two")

	w.step("the next up takes it over")
	y := w.dashboard(100, 30)
	y.See("web  listening")
	y.Send("\x03")
	if code := y.Wait(); code != 130 {
		t.Errorf("exit code %d after Ctrl-C:\n%s", code, y.Screen())
	}
}

// awaitLine waits until a line with that number or a higher one is on the
// screen, and gives the highest.
func awaitLine(x *uitest.Terminal, least int) (last int) {
	x.Await(fmt.Sprintf("line %d", least), func(screen string) bool {
		for _, m := range numberedLine.FindAllStringSubmatch(screen, -1) {
			n, _ := strconv.Atoi(m[1])
			last = max(last, n)
		}
		return last >= least
	})
	return last
}

var numberedLine = regexp.MustCompile(`line-(\d+)\.`)

// checkLines looks at the exported lines: every number once, in order.
func checkLines(t *testing.T, w *world) {
	t.Helper()
	files, err := filepath.Glob(w.path(".devbox/logs-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("exported files: %q (%v)", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		_, rest, ok := strings.Cut(line, "line-")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, ".")
		if number != itoa(n) {
			t.Fatalf("line %s follows line %d", number, n-1)
		}
		n++
	}
	if n < 150 {
		t.Errorf("only %d lines", n)
	}
}

// TestScreenshot is no test: with DEVBOX_SCREENSHOT it draws the dashboard of the
// chat example into that file. scripts/screenshot.sh runs it.
func TestScreenshot(t *testing.T) {
	file := os.Getenv("DEVBOX_SCREENSHOT")
	if file == "" {
		t.Skip("DEVBOX_SCREENSHOT names no file")
	}
	w := newWorld(t)
	w.name = "chat"
	w.dir = filepath.Join(filepath.Dir(w.dir), w.name)
	w.env = []string{"DEVBOX_WEB_PORT=" + itoa(freePort(t))}
	w.ok("init", "--template", "chat", "--name", w.name, "--yes", w.dir)
	w.write("compose.override.yaml", `services:
  cache:
    image: redis:7-bookworm
    command: [redis-server, --loglevel, warning]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}
`)
	w.write("traffic.js", `const routes = ['/', '/api/rooms', '/api/rooms/7/messages', '/socket.io/'];
let n = 0;
const say = (level, msg, more) => console.log(JSON.stringify({ level, time: Date.now(), msg, ...more }));
setInterval(() => {
  n++;
  const url = routes[n % routes.length];
  if (n % 9 === 0) say(40, 'slow request', { method: 'GET', url, status: 200, ms: 412 + n });
  else say(30, 'request completed', { method: 'GET', url, status: 200, ms: 2 + (n * 7) % 23 });
  if (n % 14 === 0) say(50, 'message was not delivered', { room: 7, err: 'peer left' });
}, 350);
`)
	index := w.read("index.js")
	w.write("index.js", "import './traffic.js';\n"+index)
	x := w.dashboard(132, 34)
	x.See("web    listening", "cache  healthy", "request completed")
	for i, edit := range []string{"index.js", "app.js", "index.js"} {
		w.write(edit, w.read(edit)+"// edited\n")
		x.See("↻ "+edit, "×"+itoa(i+1))
	}
	x.See("message was not delivered", "%")
	if err := os.WriteFile(file, []byte(x.SVG()), 0o644); err != nil {
		t.Fatal(err)
	}
	x.Send("\x03")
	x.Wait()
}
