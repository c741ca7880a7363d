package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/devbox-node/devbox/internal/project"
)

// Holder is who watches over a project at present.
type Holder struct {
	PID int `json:"pid"`
	// Background is true for the watcher of a detached environment.
	Background bool `json:"background"`
	// Dir is the folder that it watches: a moved one still has its lock.
	Dir string `json:"dir"`
	// Owner tells the process from a later one with its pid.
	Owner string `json:"owner"`
}

// procfs is where processes are looked up for locks.
const procfs = "/proc"

// alive tells whether the holder is still the process that took the lock: what
// is written in the file may be older than the lock.
func (h Holder) alive() bool {
	return h.PID > 0 && h.Owner != "" && !Gone(procfs, h.Owner, processAlive)
}

// End asks the holder to end, if it is still there.
func (h Holder) End() {
	if h.alive() {
		_ = unix.Kill(h.PID, unix.SIGTERM)
	}
}

// BusyError says that another devbox watches over the project.
type BusyError struct{ Holder }

func (e *BusyError) Error() string {
	if e.PID == 0 {
		return "devbox up is running for this project already"
	}
	return fmt.Sprintf("devbox up is running for this project already (pid %d)", e.PID)
}

// Hint says what to do about it.
func (e *BusyError) Hint() string {
	return "use that terminal, or stop it with Ctrl-C there or `devbox down` here"
}

// Lock is a project's lock while it is held. The kernel gives it up with the
// process, however that ends.
type Lock struct {
	file *os.File
	// keeper is there for the session's lock alone.
	keeper *keeper
}

const lockName = "lock"

// Acquire takes the project's lock. BusyError says who has it.
func Acquire(dir string, background bool) (*Lock, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	folder, busy := lockFolder(root, unix.LOCK_EX)
	if busy {
		defer root.Close()
		return nil, &BusyError{writtenHolder(root)}
	}
	k := &keeper{root: root, folder: folder, holder: Holder{PID: os.Getpid(), Background: background, Dir: dir, Owner: Self(procfs).String()}}
	f, err := k.lock()
	if err != nil {
		return nil, errors.Join(err, k.close())
	}
	l := &Lock{f, k}
	k.start(l)
	return l, nil
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
		if busy.alive() && !busy.Background || time.Now().After(deadline) {
			return nil, err
		}
		if busy.PID != asked {
			asked = busy.PID
			busy.End()
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(interval):
		}
	}
}

// CurrentHolder tells who has the lock; false where nobody has. Who it is may
// take a moment to find out, when the state folder was deleted.
func CurrentHolder(dir string) (Holder, bool) {
	const (
		patience = 2 * restoreEvery
		interval = 20 * time.Millisecond
	)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Holder{}, false
	}
	defer root.Close()
	for late := time.Now().Add(patience); ; time.Sleep(interval) {
		h, held := probe(root)
		if !held || h.alive() || time.Now().After(late) {
			return h, held && h.alive()
		}
	}
}

// Release gives the lock up.
func (l *Lock) Release() error {
	if l.keeper == nil {
		return errors.Join(l.file.Truncate(0), l.file.Close())
	}
	l.keeper.end()
	return errors.Join(l.file.Truncate(0), l.file.Close(), l.keeper.close())
}

// setupLock is held while a plan is made and applied, so that two commands at
// once do the work once: the second finds it done.
const setupLock = "setup.lock"

// lockSetup waits for that lock, and says so where it takes long.
func (e *Environment) lockSetup(ctx context.Context) (*Lock, error) {
	return lockFile(ctx, e.Dir, setupLock, func() {
		e.Emit(Event{Kind: Warned, Text: "another devbox is setting this project up; waiting for it"})
	})
}

// lockFile waits for one of the locks in the state folder until ctx ends; waiting is
// called when that takes long enough for a person to wonder.
func lockFile(ctx context.Context, dir, name string, waiting func()) (*Lock, error) {
	const (
		interval = 20 * time.Millisecond
		long     = time.Second
	)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	f, err := project.OpenState(root, name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	for began, said := time.Now(), false; ; {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return &Lock{file: f}, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock project: %w", err), f.Close())
		}
		if !said && time.Since(began) > long {
			said = true
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), f.Close())
		case <-time.After(interval):
		}
	}
}

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
