package project

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
)

const headerText = "# Made by devbox from " + ModelFile + ". Edit that, not this; a change made here is kept. sha256:"

var headerLine = regexp.MustCompile(`^` + regexp.QuoteMeta(headerText) + `([0-9a-f]{64})$`)

// seal puts the header before the body of a rendered file. The header holds
// the body's digest, by which an edit shows.
func seal(body []byte) []byte {
	body = slices.Concat([]byte("\n"), body)
	return slices.Concat([]byte(headerText+bodyDigest(body)+"\n"), body)
}

// bodyDigest does not count line ends: git may change them at a checkout.
func bodyDigest(body []byte) string {
	sum := sha256.Sum256(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:])
}

// authorship is what a file's header says about who wrote it.
type authorship int

const (
	foreign authorship = iota // no header: somebody else's file
	edited                    // devbox wrote it, and somebody changed it
	ours                      // as devbox wrote it
)

// author reads the header of a file.
func author(data []byte) authorship {
	first, body, _ := bytes.Cut(data, []byte("\n"))
	m := headerLine.FindSubmatch(bytes.TrimSuffix(first, []byte("\r")))
	switch {
	case m == nil:
		return foreign
	case string(m[1]) != bodyDigest(body):
		return edited
	}
	return ours
}

// body is a file without its header.
func body(data []byte) []byte {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	if !headerLine.Match(bytes.TrimSuffix(first, []byte("\r"))) {
		return data
	}
	return rest
}
