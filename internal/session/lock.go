package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/devbox-node/devbox/internal/project"
)

// Holder is who watches over a project at present.
type Holder struct {
	PID int `json:"pid"`
	// Background is true for the watcher of a detached environment.
	Background bool `json:"background"`
}

// BusyError says that another devbox watches over the project.
type BusyError struct{ Holder }

func (e *BusyError) Error() string {
	return fmt.Sprintf("devbox up is running for this project already (pid %d)", e.PID)
}

// Hint says what to do about it.
func (e *BusyError) Hint() string {
	return "use that terminal, or stop it with Ctrl-C there or `devbox down` here"
}

// Lock is a project's lock while it is held. The kernel gives it up with the
// process, however that ends.
type Lock struct{ file *os.File }

const lockName = "lock"

// Acquire takes the project's lock. BusyError says who has it.
func Acquire(dir string, background bool) (*Lock, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	f, err := project.OpenState(root, lockName, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := readHolder(f)
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &BusyError{holder}
		}
		return nil, fmt.Errorf("lock project: %w", err)
	}
	if err := writeHolder(f, Holder{PID: os.Getpid(), Background: background}); err != nil {
		f.Close()
		return nil, err
	}
	return &Lock{f}, nil
}

// TakeOver takes the lock, and asks a background watcher that has it to end.
func TakeOver(ctx context.Context, dir string, background bool) (*Lock, error) {
	const (
		patience = 5 * time.Second
		interval = 20 * time.Millisecond
	)
	deadline := time.Now().Add(patience)
	asked := 0
	for {
		l, err := Acquire(dir, background)
		var busy *BusyError
		if !errors.As(err, &busy) {
			return l, err
		}
		if !busy.Background && busy.PID != 0 || time.Now().After(deadline) {
			return nil, err
		}
		if busy.PID != 0 && busy.PID != asked {
			asked = busy.PID
			_ = unix.Kill(busy.PID, unix.SIGTERM)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(interval):
		}
	}
}

// CurrentHolder tells who has the lock; false where nobody has.
func CurrentHolder(dir string) (Holder, bool) {
	f, err := os.OpenFile(filepath.Join(dir, project.StateDir, lockName), os.O_RDWR, 0)
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		return Holder{}, false
	}
	return readHolder(f), true
}

// Release gives the lock up.
func (l *Lock) Release() error { return l.file.Close() }

func readHolder(f *os.File) Holder {
	var h Holder
	const limit = 4 << 10
	data, err := io.ReadAll(io.NewSectionReader(f, 0, limit))
	if err == nil {
		_ = json.Unmarshal(data, &h)
	}
	return h
}

func writeHolder(f *os.File, h Holder) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	if _, err := f.WriteAt(append(data, '\n'), 0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}
