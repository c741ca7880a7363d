package lockfile

import (
	"fmt"
	"strings"
)

// Parse reads a lock file. Its name tells the package manager; where one name
// stands for several formats, the content tells them apart. A byte order mark
// and any line endings are accepted. Every error is an *Error.
func Parse(file string, data []byte) (*Lock, error) {
	base := file[strings.LastIndexByte(file, '/')+1:]
	if base == "bun.lockb" {
		return nil, &Error{
			File: file, Text: "bun.lockb is binary and cannot be read", Kind: ErrBinary,
			Remedy: textLock + " turns it into bun.lock; then remove bun.lockb",
		}
	}
	text, bad := readable(file, data)
	if bad != nil {
		return nil, bad
	}
	switch Manager(file) {
	case "npm":
		return parseNPM(file, text)
	case "yarn":
		if isBerry(text) {
			return parseBerry(file, text)
		}
		return parseClassic(file, text)
	case "pnpm":
		return parsePNPM(file, text)
	case "bun":
		return parseBun(file, text)
	}
	return nil, &Error{
		File: file, Kind: ErrUnknown,
		Text: fmt.Sprintf("%s is no lock file that devbox knows: %s", show(base), strings.Join(Names(), ", ")),
	}
}

// isBerry tells yarn's two formats apart by the entry that only one has.
func isBerry(text string) bool {
	return strings.HasPrefix(text, "__metadata:") || strings.Contains(text, "\n__metadata:")
}
