package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestNoPackageTakesLongToBegin looks at what the runtime says of the packages'
// init functions. Each of them is paid at every start, before a command or the
// dashboard's first frame: a version of go-runewidth filled a table of two
// megabytes there, which was half of the whole start.
func TestNoPackageTakesLongToBegin(t *testing.T) {
	// The least of several runs: other programs may have the processor meanwhile.
	const runs, most = 5, 15.0
	least := map[string]float64{}
	for range runs {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for name, ms := range initTimes(string(out)) {
			if was, known := least[name]; !known || ms < was {
				least[name] = ms
			}
		}
	}
	if len(least) == 0 {
		t.Fatal("the runtime tells of no init function")
	}
	for name, ms := range least {
		if ms > most {
			t.Errorf("package %s takes %.1f ms at every start", name, ms)
		}
	}
}

// initTimes reads lines such as `init runtime @0.05 ms, 0.02 ms clock, 0 bytes, 0 allocs`.
func initTimes(trace string) map[string]float64 {
	times := map[string]float64{}
	for line := range strings.Lines(trace) {
		fields := strings.Fields(line)
		const name, clock = 1, 4
		if len(fields) <= clock || fields[0] != "init" {
			continue
		}
		if ms, err := strconv.ParseFloat(fields[clock], 64); err == nil {
			times[fields[name]] = ms
		}
	}
	return times
}
