package checkout

import (
	"crypto/sha256"
	"encoding/binary"
)

// The ports that checkouts get by themselves: above what programs have by
// convention, below what kernels give to outgoing connections (32768 on Linux).
const (
	firstPort = 20000
	portCount = 12000
)

// Port is the port that a variable of a checkout stands for: always the same one,
// unless it is taken, then the next that is not. It is 0 where all are taken.
func Port(name, variable string, taken func(port int) bool) int {
	sum := sha256.Sum256([]byte(name + " " + variable))
	return search(int(binary.BigEndian.Uint32(sum[:])%portCount), taken)
}

// NextPort is the next port after one that turned out to be taken.
func NextPort(port int, taken func(port int) bool) int { return search(port+1-firstPort, taken) }

func search(start int, taken func(port int) bool) int {
	for i := range portCount {
		if port := firstPort + (start+i)%portCount; !taken(port) {
			return port
		}
	}
	return 0
}
