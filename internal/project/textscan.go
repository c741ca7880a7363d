package project

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of the files that are read.
const (
	maxYAMLSize = 1 << 20 // a devbox.yaml of 1 MB was not written by a person
	maxJSONSize = 5 << 20 // some package.json hold readmes; npm itself has no limit
	maxDepth    = 100     // levels of nesting: compose-go takes 44 s and 37 GB for 18 KB that are 9,000 levels deep
)

const byteOrderMark = "\uFEFF"

// checkText finds what makes a file no text that a parser should see, whose
// own words about it would not help: UTF-16, NUL, broken UTF-8, and what git
// leaves in a file that it could not merge.
func checkText(data []byte) (Problem, bool) {
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) || looksUTF16(data) {
		return Problem{Text: "this is UTF-16", Suggestion: "save the file as UTF-8"}, true
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return problemAt(data, i, "a NUL byte", "this is no text file"), true
	}
	if i := invalidUTF8(data); i >= 0 {
		return problemAt(data, i, fmt.Sprintf("the byte 0x%02X is not UTF-8", data[i]), "save the file as UTF-8"), true
	}
	return mergeMarker(data)
}

// looksUTF16 sees UTF-16 without a byte order mark by the zero half of its
// first two letters, which are ASCII in JSON and in a devbox.yaml.
func looksUTF16(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	little := data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0
	big := data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0
	return little || big
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// mergeMarker finds the first line that git wrote around a conflict. A line
// of ======= alone is only one when <<<<<<< or ||||||| came before it.
func mergeMarker(data []byte) (Problem, bool) {
	if !bytes.Contains(data, []byte("<<<<<<<")) && !bytes.Contains(data, []byte(">>>>>>>")) {
		return Problem{}, false
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		for _, marker := range []string{"<<<<<<<", "|||||||", ">>>>>>>"} {
			rest, found := strings.CutPrefix(string(line[:min(len(line), 80)]), marker)
			if found && (rest == "" || strings.ContainsAny(rest[:1], " \r\n")) {
				return Problem{
					Line: number, Column: 1, Text: fmt.Sprintf("%s is left from a merge conflict", marker),
					Suggestion: "resolve the conflict first",
				}, true
			}
		}
	}
	return Problem{}, false
}

// position is the line and column, counted from 1 and in letters, of a byte.
func position(data []byte, offset int) (line, column int) {
	offset = max(0, min(offset, len(data)))
	before := data[:offset]
	line = bytes.Count(before, []byte{'\n'}) + 1
	start := bytes.LastIndexByte(before, '\n') + 1
	return line, utf8.RuneCount(before[start:]) + 1
}

func problemAt(data []byte, offset int, text, suggestion string) Problem {
	line, column := position(data, offset)
	return Problem{Line: line, Column: column, Text: text, Suggestion: suggestion}
}

// tooLarge is the problem of a file that is over its limit.
func tooLarge(limit int) Problem {
	return Problem{Text: fmt.Sprintf("larger than the %d MB that devbox reads", limit>>20)}
}
