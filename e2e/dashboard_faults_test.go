//go:build e2e

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAnErrorIsSaidAfterTheScreen(t *testing.T) {
	w, _ := newApp(t, "express")
	w.write("devbox.yaml", "services: 3\n")
	x := w.dashboard(100, 30)
	if code := x.Wait(); code != 3 {
		t.Errorf("exit code %d:\n%s", code, x.Screen())
	}
	x.See("devbox: ", "devbox.yaml")
	if x.AltScreen() {
		t.Error("the dashboard's screen was not left")
	}
}

func TestADumbTerminalGetsLines(t *testing.T) {
	w, _ := newApp(t, "express")
	x := w.dashboard(100, 30, "TERM=dumb")
	x.See("listening on http://")
	if strings.Contains(x.Raw(), "\x1b") {
		t.Errorf("a dumb terminal gets escape sequences: %q", x.Raw())
	}
	x.Signal(syscall.SIGINT)
	x.Wait()
}

// TestAFrozenEngineIsNoticed has a proxy in front of the engine's socket that
// stops passing anything on, and later goes on or cuts every connection.
func TestAFrozenEngineIsNoticed(t *testing.T) {
	for _, cut := range []bool{false, true} {
		name := map[bool]string{false: "thaws", true: "cuts"}[cut]
		t.Run(name, func(t *testing.T) {
			w, url := newApp(t, "express")
			w.write("index.js", "let n = 0; setInterval(() => console.log(`line-${n++}.`), 50);\n"+server("one"))
			p := newProxy(t)
			x := w.dashboard(120, 40, "DOCKER_HOST=unix://"+p.path)
			x.See("web  listening")
			awaitLine(x, 20)
			w.answers(url, "one")

			p.freeze()
			began := time.Now()
			x.See("Docker does not answer")
			noticed := time.Since(began)
			if noticed > 2200*time.Millisecond {
				t.Errorf("the freeze was noticed after %s", noticed)
			}

			if cut {
				p.cut()
			}
			p.thaw()
			began = time.Now()
			x.Gone("Docker does not answer")
			back := time.Since(began)
			if back > 3*time.Second {
				t.Errorf("the engine's return was noticed after %s", back)
			}
			t.Logf("noticed after %s, back after %s", noticed.Round(10*time.Millisecond), back.Round(10*time.Millisecond))

			w.step("lines go on, none lost and none twice")
			last := awaitLine(x, 0)
			awaitLine(x, last+1)
			if again := time.Since(began); again > 3*time.Second {
				t.Errorf("new lines came %s after the engine's return", again)
			}
			awaitLine(x, 150)
			x.Send("E")
			x.See("wrote")
			x.Send("D")
			x.Wait()
			checkLines(t, w)
		})
	}
}

// TestTheFirstFrameDoesNotWaitForTheEngine has an engine that never answers.
func TestTheFirstFrameDoesNotWaitForTheEngine(t *testing.T) {
	w, _ := newApp(t, "express")
	p := newProxy(t)
	p.freeze()
	began := time.Now()
	x := w.dashboard(120, 36, "DOCKER_HOST=unix://"+p.path)
	x.See("Services", w.name)
	first := time.Since(began)
	t.Logf("the first frame was there after %s", first.Round(time.Millisecond))
	if first > time.Second { // 100 ms where nothing else runs
		t.Errorf("the first frame was there after %s", first)
	}
	if code := x.Wait(); code != 4 {
		t.Errorf("exit code %d:\n%s", code, x.Screen())
	}
	x.See("devbox: ", "hint: ")
	if x.AltScreen() {
		t.Error("the dashboard's screen was not left")
	}
}
