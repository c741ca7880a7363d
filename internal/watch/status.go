package watch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Mode is how changes are found.
type Mode string

// The two modes.
const (
	Events  Mode = "events"
	Polling Mode = "polling"
)

// Status is what the watcher does and why.
type Status struct {
	Mode Mode
	// Reason says why the mode is polling; Hint what would change that.
	Reason, Hint string
	// Dirs and Files are what is watched, the root included; Watches is how many
	// of the kernel's watches that takes.
	Dirs, Files, Watches int
	// Skipped are the paths that could not be looked at, with the reason.
	Skipped []string
}

// sameNews reports whether o would tell nobody anything new: counts alone are
// no news.
func (s Status) sameNews(o Status) bool {
	return s.Mode == o.Mode && s.Reason == o.Reason && s.Hint == o.Hint && slices.Equal(s.Skipped, o.Skipped)
}

// RootGoneError says that the watched folder was removed, moved, or replaced by
// another one.
type RootGoneError struct {
	Root     string
	Replaced bool
}

func (e *RootGoneError) Error() string {
	if e.Replaced {
		return fmt.Sprintf("watch %q: the folder was replaced by another one", e.Root)
	}
	return fmt.Sprintf("watch %q: the folder is gone", e.Root)
}

// Hint says how to go on.
func (e *RootGoneError) Hint() string {
	if e.Replaced {
		return "start again: `devbox up` makes the containers anew, which have the old one mounted"
	}
	return ""
}

// trouble is why events cannot be used.
type trouble struct{ reason, hint string }

// wantedWatches is what many distributions and editors recommend; the memory is
// taken only when used, about 1 KiB a watch.
const wantedWatches = 524288

// limitTrouble explains an error from the kernel's side of watching.
func limitTrouble(err error) trouble {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return limit("max_user_watches", "watches", wantedWatches)
	case errors.Is(err, syscall.EMFILE) && openFilesLeft():
		return limit("max_user_instances", "watchers", 512)
	case errors.Is(err, syscall.EMFILE):
		return trouble{
			reason: "the limit of open files is reached",
			hint:   "raise it and start again: ulimit -n 65536",
		}
	case errors.Is(err, syscall.ENOMEM):
		return trouble{reason: "the kernel has no memory left for file events"}
	default:
		return trouble{reason: "file events do not work here: " + err.Error()}
	}
}

// openFilesLeft tells the kernel's limit of watchers from that of open files,
// which has the same error.
func openFilesLeft() bool {
	if runtime.GOOS != "linux" {
		return false // there are no watchers to run out of
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func limit(name, what string, enough int) trouble {
	key := "fs.inotify." + name
	value := ""
	if text, err := os.ReadFile("/proc/sys/fs/inotify/" + name); err == nil {
		value = " = " + strings.TrimSpace(string(text))
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			enough = max(enough, 2*n)
		}
	}
	return trouble{
		reason: fmt.Sprintf("the kernel's limit of file %s is reached (%s%s)", what, key, value),
		hint:   fmt.Sprintf("raise it and start again: sudo sysctl %s=%d", key, enough),
	}
}

// fileSystemTrouble tells whether the file system at path is one without
// events.
func (sys system) fileSystemTrouble(path string) (trouble, bool) {
	magic, err := sys.fileSystem(path)
	name, silent := silentTypes[magic]
	if err != nil || !silent {
		return trouble{}, false
	}
	return trouble{
		reason: fmt.Sprintf("%q is on %s, which does not report all changes", path, name),
		hint:   "keep the project on a local disk for instant restarts",
	}, true
}
