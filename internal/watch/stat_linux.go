package watch

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// identity returns what tells a file from another of the same name, and when
// its inode last changed, which no tool can set.
func identity(info fs.FileInfo) (id fileID, ctime int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, info.ModTime().UnixNano()
	}
	return fileID{dev: st.Dev, ino: st.Ino}, st.Ctim.Nano()
}

// openFile opens a regular file for reading. If it was replaced meanwhile it
// neither follows a symlink nor waits for the other end of a pipe.
func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
}

// openDir opens a folder for listing, and nothing else.
func openDir(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_DIRECTORY, 0)
}
