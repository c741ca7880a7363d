//go:build !linux

package ui

import "os"

// sttyModes leaves it to stty: what it takes differs from system to system.
func sttyModes(*os.File) string { return "" }
