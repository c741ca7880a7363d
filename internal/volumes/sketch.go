package volumes

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// sketchSize is how many hashes a sketch has: enough to tell near from far, and
// short enough for a label.
const sketchSize = 32

// Sketch is a short digest of a lock by which similar locks are found: the
// smallest hashes of its different lines (a bottom-k sketch, Broder 1997). It
// needs no parser, since in every format a package has lines of its own.
func Sketch(lock []byte) string {
	var hashes []uint32
	for line := range bytes.Lines(lock) {
		h := fnv.New32a()
		h.Write(bytes.TrimSpace(line))
		hashes = append(hashes, h.Sum32())
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	var b strings.Builder
	for _, h := range hashes[:min(len(hashes), sketchSize)] {
		fmt.Fprintf(&b, "%08x", h)
	}
	return b.String()
}

// Similarity is how alike two sketched locks are: how many of the smallest
// hashes of both are in each, from 0 to 32.
func Similarity(a, b string) int {
	inA, inB := words(a), words(b)
	union := slices.Concat(inA, inB)
	slices.Sort(union)
	union = slices.Compact(union)
	n := 0
	for _, w := range union[:min(len(union), sketchSize)] {
		if slices.Contains(inA, w) && slices.Contains(inB, w) {
			n++
		}
	}
	return n
}

func words(sketch string) []string {
	const digits = 8
	var list []string
	for part := range slices.Chunk([]byte(sketch), digits) {
		list = append(list, string(part))
	}
	return list
}
