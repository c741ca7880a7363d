package ui

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/uitest"
)

var floodTime = flag.Duration("flood", 5*time.Second, "how long BenchmarkFlood feeds 100,000 lines a second")

// floodRate is in lines a second, floodBatch how many come at once.
const (
	floodRate  = 100_000
	floodBatch = 1000
)

// flood prints at the rate for as long as the session runs.
func flood(ctx context.Context, l Link) {
	n := 0
	tick := time.NewTicker(time.Second * floodBatch / floodRate)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A tick that came late is made up for.
		for due := int(time.Since(began).Seconds() * floodRate); n+floodBatch <= due; n += floodBatch {
			events := make([]session.Event, floodBatch)
			for i := range events {
				events[i] = session.Event{
					Kind: session.Log, Service: "web", Stream: "stdout", Time: began,
					Line: `{"level":30,"time":1772625600000,"msg":"request completed","url":"/api/items/` + strconv.Itoa(n+i) + `","status":200}`,
				}
			}
			l.Listen(events...)
		}
	}
}

// BenchmarkFlood feeds the whole program, in a terminal, and presses keys
// meanwhile: what it takes at most, and how long a key takes to show.
func BenchmarkFlood(b *testing.B) {
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helperVar+"=flood", "TERM=xterm-256color", "LANG=C.UTF-8")
		x := uitest.Start(b, cmd, 120, 40)
		x.See("following", "lines")
		var took []time.Duration
		for until := time.Now().Add(*floodTime); time.Now().Before(until); {
			began := time.Now()
			x.Send("?")
			x.See("restart the selected service")
			took = append(took, time.Since(began))
			began = time.Now()
			x.Send("?")
			x.Gone("restart the selected service")
			took = append(took, time.Since(began))
			const pause = 100 * time.Millisecond
			time.Sleep(pause)
		}
		slices.Sort(took)
		const p99, whole = 99, 100
		b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-key-median")
		b.ReportMetric(float64(took[len(took)*p99/whole].Milliseconds()), "ms-key-p99")
		b.ReportMetric(peak(b, cmd.Process.Pid), "MB-peak")
		screen := x.Screen()
		b.Logf("%d keys; %s", len(took), strings.TrimSpace(strings.SplitN(screen, "\n", 3)[1]))
		x.Send("D")
		x.Wait()
	}
}

// peak is the most memory that a process had, in MB.
func peak(tb testing.TB, pid int) float64 {
	tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Skip("no /proc here")
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb * 1024 / 1e6
		}
	}
	return 0
}

// BenchmarkFrame draws a whole screen of 120x40.
func BenchmarkFrame(b *testing.B) {
	f := running(&testing.T{}, 120, 40)
	for i := range 100 {
		f.print("web", "line "+itoa(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = f.m.View()
	}
}
