package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// use is what processes have taken since they started.
type use struct {
	cpu time.Duration
	// peak is the sum of the most memory that each of them had at a time, in bytes.
	peak int64
}

func (u use) peakMB() float64 { return float64(u.peak) / 1e6 }

// useOf adds up what a process and those that it started have taken, as far as
// they are still there.
func useOf(pid int) use {
	u := use{cpuOf(pid), peakOf(pid)}
	for _, child := range childrenOf(pid) {
		more := useOf(child)
		u.cpu, u.peak = u.cpu+more.cpu, u.peak+more.peak
	}
	return u
}

// The fields of /proc/PID/stat behind the name, which may have blanks in it; see
// proc_pid_stat(5). Times are in ticks of a hundredth of a second.
const statParent, statUser, statSystem, tick = 1, 11, 12, 10 * time.Millisecond

func statOf(pid int) []string {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return nil
	}
	if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > statSystem {
		return fields
	}
	return nil
}

func cpuOf(pid int) time.Duration {
	fields := statOf(pid)
	if fields == nil {
		return 0
	}
	user, _ := strconv.Atoi(fields[statUser])
	system, _ := strconv.Atoi(fields[statSystem])
	return time.Duration(user+system) * tick
}

func peakOf(pid int) int64 {
	words := strings.Fields(field(filepath.Join("/proc", strconv.Itoa(pid), "status"), "VmHWM"))
	if len(words) == 0 {
		return 0
	}
	kb, _ := strconv.ParseInt(words[0], 10, 64)
	return kb << 10
}

func childrenOf(pid int) (children []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if fields := statOf(child); fields != nil && fields[statParent] == strconv.Itoa(pid) {
			children = append(children, child)
		}
	}
	return children
}
