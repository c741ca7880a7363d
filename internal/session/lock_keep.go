package session

import (
	"errors"
	"fmt"
	"os"
	"path"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/devbox-node/devbox/internal/project"
)

// restoreEvery is how often a holder looks whether it is still written down.
const restoreEvery = time.Second

// keeper is what holds the session's lock whatever becomes of the state folder:
// a lock on a file ceases to matter when the file is deleted, and another file of
// that name can be locked again.
type keeper struct {
	root *os.Root
	// folder is the project folder, locked; nil where that is not possible.
	folder *os.File
	holder Holder

	stop    chan struct{}
	stopped sync.WaitGroup
}

// lockFolder locks the project folder itself. Some file systems, such as NFS,
// lock no folders: then there is only the file.
func lockFolder(root *os.Root, how int) (folder *os.File, busy bool) {
	f, err := root.Open(".")
	if err != nil {
		return nil, false
	}
	if err = unix.Flock(int(f.Fd()), how|unix.LOCK_NB); err == nil {
		return f, false
	}
	f.Close()
	return nil, errors.Is(err, unix.EWOULDBLOCK)
}

// lock locks the file in the state folder and writes the holder down.
func (k *keeper) lock() (*os.File, error) {
	f, err := project.OpenState(k.root, lockName, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		err = &BusyError{readHolder(f)}
	case err != nil:
		err = fmt.Errorf("lock project: %w", err)
	default:
		err = writeHolder(f, k.holder)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// start looks after the lock's file until end.
func (k *keeper) start(l *Lock) {
	k.stop = make(chan struct{})
	k.stopped.Go(func() {
		tick := time.NewTicker(restoreEvery)
		defer tick.Stop()
		for {
			select {
			case <-k.stop:
				return
			case <-tick.C:
				k.restore(l)
			}
		}
	})
}

// restore makes the lock's file again where it is not there any more. What
// fails is tried again: the folder is locked all the same.
func (k *keeper) restore(l *Lock) {
	own, err := l.file.Stat()
	if err != nil {
		return
	}
	there, err := k.root.Lstat(path.Join(project.StateDir, lockName))
	if err == nil && os.SameFile(own, there) {
		return
	}
	if f, err := k.lock(); err == nil {
		l.file.Close()
		l.file = f
	}
}

func (k *keeper) end() {
	close(k.stop)
	k.stopped.Wait()
}

func (k *keeper) close() error {
	err := k.root.Close()
	if k.folder != nil {
		err = errors.Join(err, k.folder.Close())
	}
	return err
}

// probe tells whether somebody has the lock, and who is written down.
func probe(root *os.Root) (h Holder, held bool) {
	folder, busy := lockFolder(root, unix.LOCK_SH)
	if folder != nil {
		defer folder.Close()
	}
	if busy {
		return writtenHolder(root), true
	}
	f, err := root.OpenFile(path.Join(project.StateDir, lockName), os.O_RDWR, 0)
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		return Holder{}, false
	}
	return readHolder(f), true
}

// writtenHolder reads who is written down; nobody, where nothing is.
func writtenHolder(root *os.Root) Holder {
	f, err := root.Open(path.Join(project.StateDir, lockName))
	if err != nil {
		return Holder{}
	}
	defer f.Close()
	return readHolder(f)
}
