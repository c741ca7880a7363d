// Command bench measures devbox beside its peers, in one run on one machine: the
// peers take turns round by round, so that a machine that gets slower gets
// slower for all. It prints medians and ratios; single times mean little.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	rounds := flag.Int("rounds", 9, "how often each thing is measured")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	bin := os.Getenv("DEVBOX_BIN")
	if bin == "" {
		bin = filepath.Join("bin", "devbox")
	}
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "devbox-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{bin: bin, dir: dir, rounds: rounds}
	defer b.cleanUp()
	for _, part := range []func() error{b.editToAnswer, b.commands} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}
