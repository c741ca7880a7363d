package ui

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// sttyModes are a terminal's modes as stty takes them, the same that `stty -g`
// would print; empty where f is none.
func sttyModes(f *os.File) string {
	if f == nil {
		return ""
	}
	modes, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return ""
	}
	// The C libraries have more places for control characters than the kernel.
	const places = 32
	var b strings.Builder
	fmt.Fprintf(&b, "%x:%x:%x:%x", modes.Iflag, modes.Oflag, modes.Cflag, modes.Lflag)
	for i := range places {
		c := uint8(0)
		if i < len(modes.Cc) {
			c = modes.Cc[i]
		}
		fmt.Fprintf(&b, ":%x", c)
	}
	return b.String()
}
