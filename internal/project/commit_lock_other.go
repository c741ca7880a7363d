//go:build !unix

package project

import "os"

// lockCommit has no lock to take here.
func lockCommit(root *os.Root) (*os.File, error) { return OpenState(root, commitLock, os.O_RDWR) }
