package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/devbox-node/devbox/internal/watch"
)

// seen is one line that the watching process prints: that it is ready, a batch,
// or its use of CPU when it was asked.
type seen struct {
	Ready   time.Duration `json:",omitempty"`
	Status  watch.Status
	Changes int           `json:",omitempty"`
	Rescan  bool          `json:",omitempty"`
	CPU     time.Duration `json:",omitempty"`
}

// watchAndPrint is the watching process: nothing but the watcher. A line on in
// asks for its use of CPU; the end of in ends it.
func watchAndPrint(root string, in io.Reader, out io.Writer) error {
	began := time.Now()
	w, err := watch.New(context.Background(), watch.Options{Root: root})
	if err != nil {
		return err
	}
	defer w.Close()
	print := json.NewEncoder(out)
	if err := print.Encode(seen{Ready: time.Since(began), Status: w.Status()}); err != nil {
		return err
	}
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			asked <- struct{}{}
		}
	}()
	for {
		line := seen{}
		select {
		case _, more := <-asked:
			if !more {
				return nil
			}
			line.CPU = cpuTime()
		case b, more := <-w.Batches():
			if !more {
				return w.Err()
			}
			if len(b.Changes) == 0 {
				continue // files that were touched
			}
			line.Changes, line.Rescan = len(b.Changes), b.Rescan
		}
		line.Status = w.Status()
		if err := print.Encode(line); err != nil {
			return err
		}
	}
}

func cpuTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// watchHelper is such a process, running.
type watchHelper struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *json.Decoder
	ready seen
}

// startHelper starts one on a folder and waits until it is ready.
func startHelper(root string) (*watchHelper, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &watchHelper{cmd: exec.Command(own, "-watch", root)}
	h.cmd.Stderr = os.Stderr
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.lines = json.NewDecoder(out)
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	h.ready, err = h.next()
	return h, err
}

func (h *watchHelper) next() (seen, error) {
	var line seen
	err := h.lines.Decode(&line)
	return line, err
}

// cpu asks for the CPU time that the process has used.
func (h *watchHelper) cpu() (time.Duration, error) {
	if _, err := io.WriteString(h.in, "cpu\n"); err != nil {
		return 0, err
	}
	line, err := h.next()
	return line.CPU, err
}

// memory is what the process holds in memory, as the kernel says.
func (h *watchHelper) memory() string {
	return field(filepath.Join("/proc", fmt.Sprint(h.cmd.Process.Pid), "status"), "VmRSS")
}

// kernelWatches counts the kernel's watches of the process.
func (h *watchHelper) kernelWatches() int {
	folder := filepath.Join("/proc", fmt.Sprint(h.cmd.Process.Pid), "fdinfo")
	entries, _ := os.ReadDir(folder)
	count := 0
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join(folder, e.Name()))
		count += strings.Count("\n"+string(text), "\ninotify ")
	}
	return count
}

func (h *watchHelper) stop() error {
	h.in.Close()
	return h.cmd.Wait()
}
