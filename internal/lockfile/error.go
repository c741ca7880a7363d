package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kinds of what makes a file unreadable, for errors.Is.
var (
	ErrConflict  = errors.New("left from a merge conflict")
	ErrBinary    = errors.New("a binary format")
	ErrNewer     = errors.New("a newer format")
	ErrTooLarge  = errors.New("too large")
	ErrEmpty     = errors.New("an empty file")
	ErrSyntax    = errors.New("broken syntax")
	ErrContent   = errors.New("impossible content")
	ErrUnknown   = errors.New("no lock file that is known")
	ErrEncoding  = errors.New("not UTF-8 text")
	ErrDuplicate = errors.New("a key that is there twice")
)

// Error is what is wrong in one file of a project. What it quotes from the
// file is escaped, so it is safe to print.
type Error struct {
	File string
	// Line and Column count from 1; 0 means that the whole file is meant.
	Line, Column int
	// Text says what is wrong, Remedy what to do about it. Remedy may be empty.
	Text, Remedy string
	// Kind is one of the Err values of this package.
	Kind error
}

// Error is file:line:column: text.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, max(e.Column, 1), e.Text)
}

// Unwrap is the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Hint says what the user can do.
func (e *Error) Hint() string { return e.Remedy }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *Error) ProjectInvalid() bool { return true }

// errorAt is an error at a byte of a file.
func errorAt(file, data string, offset int, kind error, text string) *Error {
	line, column := position(data, offset)
	return &Error{File: file, Line: line, Column: column, Text: text, Kind: kind}
}

// position is the line and column, counted from 1 and in letters, of a byte.
func position(data string, offset int) (line, column int) {
	before := data[:max(0, min(offset, len(data)))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

const (
	byteOrderMark = "\uFEFF"
	// maxSize is above the locks of the largest repositories.
	maxSize = 64 << 20
	// maxDepth is in levels of brackets or of indentation. A version 1 lock
	// uses two for each package within a package.
	maxDepth = 500
)

// readable is the text of a file without its byte order mark, or why no parser
// should see it.
func readable(file string, data []byte) (string, *Error) {
	if len(data) > maxSize {
		return "", &Error{File: file, Text: fmt.Sprintf("larger than the %d MB that devbox reads", maxSize>>20), Kind: ErrTooLarge}
	}
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return "", &Error{File: file, Text: "this is UTF-16", Remedy: "save the file as UTF-8", Kind: ErrEncoding}
	}
	text := strings.TrimPrefix(string(data), byteOrderMark)
	if strings.TrimSpace(text) == "" {
		return "", &Error{File: file, Text: "the file is empty", Remedy: restore(file), Kind: ErrEmpty}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		err := errorAt(file, text, i, ErrEncoding, "a NUL byte: this is no text file")
		err.Remedy = restore(file)
		return "", err
	}
	if !utf8.ValidString(text) {
		i := invalidUTF8(text)
		return "", errorAt(file, text, i, ErrEncoding, fmt.Sprintf("the byte 0x%02X is not UTF-8", text[i]))
	}
	if err := mergeMarker(file, text); err != nil {
		return "", err
	}
	return text, nil
}

func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return 0
}

// mergeMarker finds the first line that git wrote around a conflict.
func mergeMarker(file, text string) *Error {
	for _, marker := range []string{"<<<<<<<", "|||||||", ">>>>>>>"} {
		for from := 0; ; {
			i := strings.Index(text[from:], marker)
			if i < 0 {
				break
			}
			i += from
			from = i + len(marker)
			rest := text[from:]
			if (i == 0 || text[i-1] == '\n') && (rest == "" || strings.ContainsAny(rest[:1], " \r\n")) {
				err := errorAt(file, text, i, ErrConflict, marker+" is left from a merge conflict")
				err.Remedy = resolveConflict(file)
				return err
			}
		}
	}
	return nil
}

// show quotes text from a file for a message: escaped, and cut when it is long.
func show(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(text)
}

// plain is text from a file as it is where it cannot disturb a terminal, and
// quoted where it could.
func plain(text string) string {
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return show(text)
		}
	}
	return text
}
