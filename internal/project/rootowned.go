package project

import "os"

// OwnerOf tells who owns a file or folder, on systems where that says who can
// write it.
func OwnerOf(name string) (uid int, known bool) {
	info, err := os.Lstat(name)
	if err != nil {
		return 0, false
	}
	uid, _, known = ownerOf(info)
	return uid, known
}

// IsRootOwned tells whether root owns a folder.
func IsRootOwned(dir string) bool {
	uid, known := OwnerOf(dir)
	return known && uid == 0
}
