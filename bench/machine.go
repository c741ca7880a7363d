package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/moby/moby/client"
)

// describeMachine prints what the numbers were measured on.
func (b *bench) describeMachine() {
	engine := "does not say"
	if v, err := b.api.ServerVersion(context.Background(), client.ServerVersionOptions{}); err == nil {
		engine = v.Version
	}
	fmt.Fprintf(b.out, "machine: %d × %s, %s, %s %s, load %s\n",
		runtime.NumCPU(), field("/proc/cpuinfo", "model name"), field("/proc/meminfo", "MemTotal"), runtime.GOOS, firstWord("/proc/sys/kernel/osrelease"), firstWord("/proc/loadavg"))
	fmt.Fprintf(b.out, "engine: Docker %s; %d rounds\n", engine, b.rounds)
}

// field is the value of the first line `key : value` of a file.
func field(file, key string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return "unknown " + key
}

func firstWord(file string) string {
	text, _ := os.ReadFile(file)
	word, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	return word
}
