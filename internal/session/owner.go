package session

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Owner names a process so that another one can tell later whether it is still
// there: its pid, the machine and the boot that it belongs to, and when it
// started, since pids are given out again. One-off containers carry it as a label.
type Owner struct {
	PID     int
	Machine string
	Boot    string
	Start   string
}

// String is the label's value.
func (o Owner) String() string { return fmt.Sprintf("%d:%s:%s:%s", o.PID, o.Machine, o.Boot, o.Start) }

// Self is the owner that this process is. procfs is where /proc is; on systems
// that have none, only the pid counts.
func Self(procfs string) Owner { return ownerOf(procfs, os.Getpid()) }

func ownerOf(procfs string, pid int) Owner {
	boot, _ := os.ReadFile(procfs + "/sys/kernel/random/boot_id")
	machine, _ := os.Hostname()
	return Owner{PID: pid, Machine: machine, Boot: strings.TrimSpace(string(boot)), Start: startTime(procfs, pid)}
}

// startTime is the 22nd field of /proc/PID/stat, in ticks since boot; see
// proc_pid_stat(5). The second field may hold spaces and parentheses.
func startTime(procfs string, pid int) string {
	stat, err := os.ReadFile(procfs + "/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	const field = 22 - 3
	if fields := bytes.Fields(rest); len(fields) > field {
		return string(fields[field])
	}
	return ""
}

// Gone tells whether the owner that a label names has ended. A label that
// cannot be read, or one of another machine with the same engine, is not gone.
func Gone(procfs, label string, alive func(pid int) bool) bool {
	parts := strings.Split(label, ":")
	const fields = 4
	if len(parts) != fields {
		return false
	}
	pid, err := strconv.Atoi(parts[0])
	if err != nil {
		return false
	}
	was, now := Owner{pid, parts[1], parts[2], parts[3]}, ownerOf(procfs, pid)
	switch {
	case was.Machine != now.Machine:
		return false
	case was.Boot != now.Boot:
		return true
	case was.Start != "":
		return was.Start != now.Start
	}
	return !alive(pid)
}
