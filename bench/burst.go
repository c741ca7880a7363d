package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// bursts measures how soon a burst of files is one batch: one of a branch
// switch's size, and one that overflows the kernel's queue because the watching
// process is stopped meanwhile.
func (b *bench) bursts() error {
	root, err := b.sourceTree()
	if err != nil {
		return err
	}
	h, err := startHelper(root)
	if err != nil {
		return err
	}
	for _, burst := range []struct {
		name    string
		files   int
		stopped bool
	}{
		{"a single file", 1, false},
		{"a branch switch", 10000, false},
		{"an overflow while stopped", 20000, true},
	} {
		var after series
		batches, rescans := 0, 0
		for i := range min(b.rounds, 10) {
			took, n, rescan, err := h.burst(root, burst.files, i, burst.stopped)
			if err != nil {
				return fmt.Errorf("%s: %w", burst.name, err)
			}
			after.add(took)
			batches += n
			rescans += rescan
		}
		fmt.Fprintf(b.out, "%s, %d files, %d rounds: settled %d ms after the last write (p95 %d ms), %d batches, %d rescans\n",
			burst.name, burst.files, len(after.times), after.at(middle).Milliseconds(), after.at(high).Milliseconds(), batches, rescans)
	}
	return h.stop()
}

// burst writes files with new content and counts the batches until all of them
// were reported.
func (h *watchHelper) burst(root string, files, round int, stopped bool) (took time.Duration, batches, rescans int, err error) {
	if stopped {
		if err := h.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			return 0, 0, 0, err
		}
	}
	dir := filepath.Join(root, "src", fmt.Sprintf("burst%d", files))
	for i := range files {
		folder := filepath.Join(dir, fmt.Sprint(i/100))
		if i%100 == 0 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return 0, 0, 0, err
			}
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.js", i)), fmt.Appendf(nil, "round %d", round), 0o644); err != nil {
			return 0, 0, 0, err
		}
	}
	last := time.Now()
	if stopped {
		if err := h.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			return 0, 0, 0, err
		}
	}
	for changed := 0; changed < files; {
		line, err := h.next()
		if err != nil {
			return 0, 0, 0, err
		}
		changed += line.Changes
		batches++
		if line.Rescan {
			rescans++
		}
	}
	return time.Since(last), batches, rescans, nil
}
