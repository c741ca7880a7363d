//go:build darwin || freebsd || netbsd || openbsd

package uitest

import "golang.org/x/sys/unix"

const getModes = unix.TIOCGETA
