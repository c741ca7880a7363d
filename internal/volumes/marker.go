package volumes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// Marker is the file at the top of a node_modules tree that says that its
// install ended well. A volume without it is never used.
const Marker = ".devbox-complete"

// MarkerContent is what the marker holds: the digest of the witness, the file
// by which the package manager itself knows what is installed. Whoever installs
// something else into the tree later changes the witness, and it shows.
func MarkerContent(witness []byte) []byte {
	sum := sha256.Sum256(witness)
	return []byte("sha256:" + hex.EncodeToString(sum[:]) + "\n")
}

// IsComplete tells whether a tree was installed to its end and is as it was
// then. marker and witness are nil where the files are not there.
func IsComplete(marker, witness []byte) bool {
	return marker != nil && bytes.Equal(marker, MarkerContent(witness))
}
