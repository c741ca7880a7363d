package logs

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkFlood feeds 6,000,000 lines, each a string of its own as the session
// makes them, and draws a frame every 3,000: what 60 seconds of 100,000 lines a
// second are. MB-RSS is the most memory that the process had. Run it alone, with GOGC=20 as the
// dashboard does.
func BenchmarkFlood(b *testing.B) {
	const lines, batch = 6_000_000, 1000
	for b.Loop() {
		start := time.Now()
		s := NewStore(Limits{})
		v := NewView(s)
		v.SetSize(200, 60)
		_ = v.Search("econnrefused", false)
		entries := make([]Entry, batch)
		var slowest time.Duration
		for n := 0; n < lines; n += batch {
			for i := range entries {
				entries[i] = Entry{Time: noon.Add(time.Duration(n) * 10 * time.Microsecond), Service: "web", Text: strings.Clone(benchLine(n + i))}
			}
			s.Append(entries...)
			if n%(3*batch) == 0 {
				begin := time.Now()
				v.Rows()
				v.Status()
				slowest = max(slowest, time.Since(begin))
			}
		}
		b.ReportMetric(float64(lines)/time.Since(start).Seconds(), "lines/s")
		b.ReportMetric(float64(slowest.Microseconds())/1000, "ms-slowest-frame")
		b.ReportMetric(peakRSS(b), "MB-RSS")
		runtime.KeepAlive(s)
	}
}

// peakRSS is the most memory that the process had, in MB; 0 where the system
// does not tell.
func peakRSS(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) * 1024 / 1e6
}
