//go:build unix

package project

import (
	"io/fs"
	"os"
	"syscall"
)

// ownerOf tells who owns a file.
func ownerOf(info fs.FileInfo) (uid, gid int, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// mustGiveAway tells whether files that this process makes have to be given to
// the owner of the folder that they are in.
func mustGiveAway(uid int) bool { return os.Geteuid() == 0 && uid != 0 }

// fileNumber is the number by which a file system tells a file from every other one
// that is there, or still held by somebody, at the same time.
func fileNumber(info fs.FileInfo) (number uint64, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return st.Ino, true
}
