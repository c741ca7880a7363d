//go:build unix

package project

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockCommit waits until no other process writes files that belong together.
// That takes milliseconds, so one that takes long is stuck. The kernel gives
// the lock up with the process.
func lockCommit(root *os.Root) (*os.File, error) {
	const (
		patience = 10 * time.Second
		interval = 5 * time.Millisecond
	)
	f, err := OpenState(root, commitLock, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	for began := time.Now(); ; time.Sleep(interval) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Since(began) > patience {
			return nil, errors.Join(fileError("lock", StateDir+"/"+commitLock, err), f.Close())
		}
	}
}
