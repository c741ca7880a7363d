package project

import "os"

// IsRootOwned tells whether root owns a folder, where that says who can write in it.
func IsRootOwned(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return false
	}
	uid, _, known := ownerOf(info)
	return known && uid == 0
}
